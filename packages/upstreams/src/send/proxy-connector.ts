import { isIP, type Socket } from 'node:net'

import { buildConnector } from 'undici'

import {
  connectError,
  type ConnectorOptions,
  createGuardedConnector,
  isConnectError,
  once,
  resolveBySystem,
  tlsError,
  trustedAuthorities,
} from './connector.ts'
import { openTunnel, type TunnelEnd } from './open-tunnel.ts'
import type { Proxy } from './proxy-url.ts'

/** What connections through a proxy are made with. */
export interface ProxyConnectorOptions extends ConnectorOptions {
  readonly proxy: Proxy
}

/**
 * A connector through a proxy. The guard decides about the proxy's address as about any other, and about the upstream's. A
 * `socks5` proxy is given the very address that was checked. The others are given the name, and it is they who choose: it is
 * looked up here as well, and refused when any of its addresses is not allowed. A name without an address here, as where
 * only the proxy may ask for names, is left to them when it can be a public one.
 */
export function createProxyConnector(options: ProxyConnectorOptions): buildConnector.connector {
  const { proxy, connectMs } = options
  const toProxy = createGuardedConnector(options)
  const secure = buildConnector({ timeout: connectMs, allowH2: false, ...trustedAuthorities(options.tlsCa) })

  async function connect(target: buildConnector.Options, socketOf: (socket: Socket) => void): Promise<Socket> {
    const end = { host: target.hostname, port: portOf(target) }
    const given = await checkEnd(options, end)
    const socket = await dial(toProxy, proxyTarget(proxy))
    socketOf(socket)
    try {
      await openTunnel(socket, proxy, { ...end, host: given })
    } catch (error) {
      socket.destroy()
      const code = isConnectError(error) ? error.failureCode : 'connect-failed'
      throw connectError(code, `no connection to ${end.host}:${end.port}: ${messageOf(error)}`)
    }
    return target.protocol === 'https:' ? dial(secure, { ...target, httpSocket: socket }) : socket
  }

  return (target, callback) => {
    const settle = once(callback)
    let socket: Socket | undefined
    const giveUp = (): void => {
      const message = `no connection to ${target.hostname} through the proxy within ${connectMs} ms`
      settle(connectError('connect-timeout', message), null)
      socket?.destroy()
    }
    const timer = connectMs === 0 ? undefined : setTimeout(giveUp, connectMs)
    const open = async (): Promise<void> => {
      try {
        const connected = await connect(target, (opened) => (socket = opened))
        if (!settle(null, connected)) connected.destroy()
      } catch (error) {
        socket?.destroy()
        settle(isConnectError(error) ? error : tlsError(target.host ?? target.hostname, asError(error)), null)
      } finally {
        clearTimeout(timer)
      }
    }
    void open()
  }
}

/** @returns what the proxy is given: the address that was checked, or the name where the proxy looks it up */
async function checkEnd(options: ProxyConnectorOptions, { host, port }: TunnelEnd): Promise<string> {
  const { guard, proxy, resolveHost = resolveBySystem } = options
  const addresses = isIP(host) === 0 ? await lookUp(resolveHost, host) : [host]
  const refusals = addresses.map((address) => guard.refusal({ host, port, address }))
  if (proxy.kind !== 'socks5') {
    const refusal =
      addresses.length === 0 ? guard.nameRefusal({ host, port }) : refusals.find((each) => each !== undefined)
    if (refusal !== undefined) throw connectError('blocked-address', refusal)
    return host
  }
  const allowed = addresses.find((_, index) => refusals[index] === undefined)
  if (allowed !== undefined) return allowed
  const [refusal] = refusals
  if (refusal !== undefined) throw connectError('blocked-address', refusal)
  throw connectError('dns-failed', `the host name ${host} has no address; a socks5h proxy would look it up itself`)
}

function lookUp(resolveHost: typeof resolveBySystem, host: string): Promise<readonly string[]> {
  return new Promise((resolve) => {
    resolveHost(host, (error, addresses) => resolve(error === null ? addresses.map(({ address }) => address) : []))
  })
}

function proxyTarget({ kind, host, port }: Proxy): buildConnector.Options {
  const protocol = kind === 'https' ? 'https:' : 'http:'
  const name = host.includes(':') ? `[${host}]` : host
  return { hostname: host, host: `${name}:${port}`, protocol, port: String(port) }
}

function dial(connector: buildConnector.connector, target: buildConnector.Options): Promise<Socket> {
  return new Promise((resolve, reject) => {
    connector(target, (...[error, socket]) => {
      if (error === null) resolve(socket)
      else reject(error)
    })
  })
}

function portOf({ port, protocol }: buildConnector.Options): number {
  return Number(port) || (protocol === 'https:' ? 443 : 80)
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error('unknown reason')
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : 'unknown reason'
}

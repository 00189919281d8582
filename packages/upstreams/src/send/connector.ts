import { lookup as systemLookup } from 'node:dns'
import type { LookupAddress } from 'node:dns'
import { isIP } from 'node:net'
import type { LookupFunction } from 'node:net'
import { getCACertificates } from 'node:tls'

import { buildConnector } from 'undici'

import type { NetworkGuard } from './network-guard.ts'
import type { TransportFailureCode } from './upstream-call.ts'

/** Resolves a host name to all its addresses; the system's resolver unless a test brings its own. */
export type ResolveHost = (
  host: string,
  callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void

/** What connections are made with. */
export interface ConnectorOptions {
  readonly guard: NetworkGuard
  /** DNS, TCP and TLS together; 0 = no limit. */
  readonly connectMs: number
  readonly resolveHost?: ResolveHost | undefined
  /** Further certificate authorities that are trusted, as PEM text. */
  readonly tlsCa?: string | undefined
}

/** Trouble while connecting, already classified. */
export interface ConnectError extends Error {
  readonly failureCode: TransportFailureCode
}

/** Whether an error comes from a guarded connector. */
export function isConnectError(error: unknown): error is ConnectError {
  return error instanceof Error && 'failureCode' in error
}

/**
 * A connector that connects only to addresses that the guard has allowed.
 *
 * The check sits inside the name lookup that feeds the connection, so the address that was checked
 * is the address that is connected to: a second DNS answer has no chance to differ.
 */
export function createGuardedConnector(options: ConnectorOptions): buildConnector.connector {
  const { guard, connectMs, resolveHost = resolveBySystem } = options
  // One for each host and port, so that TLS sessions are resumed.
  const openers = new Map<string, buildConnector.connector>()

  function openerFor(host: string, port: number): buildConnector.connector {
    const known = openers.get(`${host} ${port}`)
    if (known !== undefined) return known
    const opener = buildConnector({
      timeout: connectMs, // closes the socket of an attempt that was given up
      allowH2: false,
      ...trustedAuthorities(options.tlsCa),
      lookup: guardedLookup({ guard, host, port, resolveHost }),
    })
    openers.set(`${host} ${port}`, opener)
    return opener
  }

  return function connect(target, callback) {
    const host = target.hostname
    const port = Number(target.port) || (target.protocol === 'https:' ? 443 : 80)
    const isTls = target.protocol === 'https:'
    const settle = once(callback)
    // A literal address is never looked up, so it is checked here.
    const refusal = isIP(host) === 0 ? undefined : guard.refusal({ host, port, address: host })
    if (refusal !== undefined) {
      queueMicrotask(() => settle(connectError('blocked-address', refusal), null))
      return
    }
    const timer = connectMs === 0 ? undefined : setTimeout(giveUp, connectMs, settle, { host, port, connectMs })
    openerFor(host, port)(target, (...result) => {
      clearTimeout(timer)
      if (result[0] === null) {
        if (!settle(null, result[1])) result[1].destroy()
      } else {
        settle(classifyConnectError(result[0], { host, port, isTls }), null)
      }
    })
  }
}

/** The usual authorities and an account's own. */
export function trustedAuthorities(tlsCa: string | undefined): { readonly ca?: string[] } {
  return tlsCa === undefined ? {} : { ca: [...getCACertificates('default'), tlsCa] }
}

export type Settle = (...result: Parameters<buildConnector.Callback>) => boolean

/** @returns whether this call was the first */
export function once(callback: buildConnector.Callback): Settle {
  let isSettled = false
  return (...result) => {
    if (isSettled) return false
    isSettled = true
    callback(...result)
    return true
  }
}

function giveUp(settle: Settle, { host, port, connectMs }: { host: string; port: number; connectMs: number }): void {
  const message = `no connection to ${host}:${port} within ${connectMs} ms`
  settle(connectError('connect-timeout', message), null)
}

export function resolveBySystem(...[host, callback]: Parameters<ResolveHost>): void {
  systemLookup(host, { all: true, order: 'verbatim' }, callback)
}

interface LookupFacts {
  readonly guard: NetworkGuard
  readonly host: string
  readonly port: number
  readonly resolveHost: ResolveHost
}

function guardedLookup({ guard, host, port, resolveHost }: LookupFacts): LookupFunction {
  return function lookup(name, options, callback) {
    resolveHost(name, (error, addresses) => {
      const [first] = addresses ?? []
      if (error !== null || first === undefined) {
        const reason = error?.code ?? 'no address'
        callback(connectError('dns-failed', `the host name ${host} has no address (${reason})`), '')
        return
      }
      const allowed = addresses.filter(({ address }) => guard.refusal({ host, port, address }) === undefined)
      const [chosen] = allowed
      if (chosen === undefined) {
        const refusal = guard.refusal({ host, port, address: first.address })
        callback(connectError('blocked-address', refusal ?? host), '')
      } else if (options.all === true) {
        callback(null, allowed)
      } else {
        callback(null, chosen.address, chosen.family)
      }
    })
  }
}

/** System errors that say that TCP did not get through, whatever would have come above it. */
const TCP_CODES: ReadonlySet<string> = new Set([
  'EACCES',
  'EADDRNOTAVAIL',
  'ECONNREFUSED',
  'EHOSTDOWN',
  'EHOSTUNREACH',
  'EMFILE',
  'ENETDOWN',
  'ENETUNREACH',
  'EPERM',
])

const TIMEOUT_CODES: ReadonlySet<string> = new Set(['ETIMEDOUT', 'UND_ERR_CONNECT_TIMEOUT'])

function classifyConnectError(
  error: Error,
  { host, port, isTls }: { host: string; port: number; isTls: boolean },
): ConnectError {
  if (isConnectError(error)) return error
  const code = systemCode(error)
  const where = `${host}:${port}`
  if (TIMEOUT_CODES.has(code)) {
    return connectError('connect-timeout', `${where} did not accept the connection in time`, error)
  }
  if (isTls && !TCP_CODES.has(code)) return tlsError(where, error)
  return connectError('connect-failed', `no connection to ${where} (${code})`, error)
}

/** What OpenSSL and Node say of a certificate, as opposed to a handshake that failed on the way. */
const CERTIFICATE_CODE = /^(?!ERR_SSL_).*(?:CERT|SIGNATURE|ISSUER|INVALID_CA|INVALID_PURPOSE|HOSTNAME_MISMATCH)/

/** Trouble between TCP and HTTP. */
export function tlsError(where: string, error: Error): ConnectError {
  const code = systemCode(error)
  if (CERTIFICATE_CODE.test(code))
    return connectError('certificate-refused', `the certificate of ${where} is not trusted (${code})`, error)
  return connectError('tls-failed', `the TLS handshake with ${where} failed (${code})`, error)
}

/** Several addresses tried and failed come as one error that holds the others. */
function systemCode(error: Error): string {
  const inner: unknown = error instanceof AggregateError ? error.errors[0] : error
  const code: unknown = inner instanceof Error && 'code' in inner ? inner.code : undefined
  return typeof code === 'string' ? code : 'unknown reason'
}

export function connectError(failureCode: TransportFailureCode, message: string, cause?: Error): ConnectError {
  return Object.assign(new Error(message, cause === undefined ? undefined : { cause }), {
    failureCode,
  })
}

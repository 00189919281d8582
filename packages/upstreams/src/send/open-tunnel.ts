import { isIP, isIPv4, type Socket } from 'node:net'

import { connectError } from './connector.ts'
import type { Proxy } from './proxy-url.ts'
import { createSocketReader, type SocketReader } from './socket-reader.ts'

/** Where a tunnel leads. */
export interface TunnelEnd {
  /** A name, or an address without brackets. */
  readonly host: string
  readonly port: number
}

/**
 * Asks a proxy for a connection to an upstream, on a socket that leads to the proxy.
 *
 * @throws Error in words for the operator when the proxy says no, or nothing that can be understood; a `ConnectError` when
 *   it does not let Relay in
 */
export async function openTunnel(socket: Socket, proxy: Proxy, end: TunnelEnd): Promise<void> {
  const reader = createSocketReader(socket)
  const isSocks = proxy.kind === 'socks5' || proxy.kind === 'socks5h'
  await (isSocks ? askSocks({ socket, reader, proxy }, end) : askHttp({ socket, reader, proxy }, end))
  reader.release()
}

interface ProxyLine {
  readonly socket: Socket
  readonly reader: SocketReader
  readonly proxy: Proxy
}

async function askHttp({ socket, reader, proxy }: ProxyLine, { host, port }: TunnelEnd): Promise<void> {
  const authority = `${host.includes(':') ? `[${host}]` : host}:${port}`
  const lines = [`CONNECT ${authority} HTTP/1.1`, `host: ${authority}`]
  if (proxy.username !== '') {
    const credential = Buffer.from(`${proxy.username}:${proxy.password}`).toString('base64')
    lines.push(`proxy-authorization: Basic ${credential}`)
  }
  socket.write(`${lines.join('\r\n')}\r\n\r\n`)
  const head = (await reader.readUntil('\r\n\r\n')).toString('latin1')
  const status = /^HTTP\/1\.[01] (\d{3})/.exec(head)?.[1]
  if (status === undefined) throw new Error('the proxy did not answer in HTTP')
  if (status === '407') throw notLetIn(proxy)
  if (!status.startsWith('2')) throw new Error(`the proxy refused the connection (status ${status})`)
}

const VERSION = 5
const NO_PROOF = 0
const PASSWORD = 2
const CONNECT = 1
const BY_IPV4 = 1
const BY_NAME = 3
const BY_IPV6 = 4

/** What SOCKS 5 proxies say when they do not connect (RFC 1928, 6). */
const REFUSALS = [
  'no reason',
  'it failed',
  'its rules forbid it',
  'the network is unreachable',
  'the host is unreachable',
  'the connection was refused',
  'it took too long',
  'it does not know the command',
  'it does not know this kind of address',
]

async function askSocks(line: ProxyLine, end: TunnelEnd): Promise<void> {
  const { socket, reader } = line
  await introduce(line)
  socket.write(Buffer.from([VERSION, CONNECT, 0, ...addressBytes(end.host), end.port >> 8, end.port & 255]))
  const [, reply = 1, , kind] = await reader.readBytes(4)
  if (reply !== 0) throw new Error(`the proxy refused the connection: ${REFUSALS[reply] ?? `code ${reply}`}`)
  await skipAddress(reader, kind)
}

/** Agrees with the proxy on how Relay shows who it is. */
async function introduce(line: ProxyLine): Promise<void> {
  const { socket, reader, proxy } = line
  const methods = proxy.username === '' ? [NO_PROOF] : [NO_PROOF, PASSWORD]
  socket.write(Buffer.from([VERSION, methods.length, ...methods]))
  const [version, method] = await reader.readBytes(2)
  if (version !== VERSION) throw new Error('the proxy does not speak SOCKS 5')
  if (method === PASSWORD && proxy.username !== '') await showPassword(line)
  else if (method !== NO_PROOF) throw notLetIn(proxy)
}

/** From where the proxy connects; nobody here needs it. */
async function skipAddress(reader: SocketReader, kind: number | undefined): Promise<void> {
  const [nameBytes = 0] = kind === BY_NAME ? await reader.readBytes(1) : []
  const addressLength = kind === BY_IPV4 ? 4 : kind === BY_IPV6 ? 16 : nameBytes
  await reader.readBytes(addressLength + 2)
}

async function showPassword({ socket, reader, proxy }: ProxyLine): Promise<void> {
  const user = Buffer.from(proxy.username)
  const password = Buffer.from(proxy.password)
  if (user.length > 255 || password.length > 255)
    throw connectError('proxy-refused', 'SOCKS 5 takes no longer password than 255 bytes')
  socket.write(Buffer.concat([Buffer.from([1, user.length]), user, Buffer.from([password.length]), password]))
  const [, status] = await reader.readBytes(2)
  if (status !== 0) throw notLetIn(proxy)
}

function notLetIn({ host, port, username }: Proxy): Error {
  const wanted = username === '' ? 'a user name and password' : 'another user name or password'
  return connectError('proxy-refused', `the proxy ${host}:${port} wants ${wanted}`)
}

function addressBytes(host: string): readonly number[] {
  if (isIPv4(host)) return [BY_IPV4, ...host.split('.').map(Number)]
  if (isIP(host) !== 0) return [BY_IPV6, ...ipv6Bytes(host)]
  const name = Buffer.from(host)
  return [BY_NAME, name.length, ...name]
}

/** The URL parser writes an IPv6 address in its one canonical form, without an IPv4 part. */
function ipv6Bytes(address: string): readonly number[] {
  const canonical = new URL(`http://[${address}]`).hostname.slice(1, -1)
  const [head = '', tail] = canonical.split('::')
  const first = head === '' ? [] : head.split(':')
  const last = tail === undefined || tail === '' ? [] : tail.split(':')
  const groups = [...first, ...Array<string>(8 - first.length - last.length).fill('0'), ...last]
  return groups.flatMap((group) => {
    const value = Number.parseInt(group, 16)
    return [value >> 8, value & 255]
  })
}

import { connect as connectPlain } from 'node:net'
import type { Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'

import { EXIT_CODES, ExitError } from '../exit-error.ts'
import type { RespValue } from './resp.ts'
import { createRespReader, encodeCommand } from './resp.ts'

/** Everything that is ever sent: none of it changes anything. */
const READ_COMMANDS = ['AUTH', 'SELECT', 'SCAN', 'TYPE', 'HGETALL', 'GET', 'SMEMBERS'] as const

/** A command that only reads. */
export type ReadCommand = (typeof READ_COMMANDS)[number]

/** A connection that cannot write. */
export interface ReadOnlyRedis {
  /** Sends commands together and gives their answers in order.
   * @throws ExitError when the connection breaks or the server refuses one */
  read(commands: readonly (readonly [ReadCommand, ...string[]])[]): Promise<readonly RespValue[]>
  close(): void
}

/** Where the origin's Redis is. */
export interface OriginAddress {
  /** `redis://` or `rediss://`, with a database number as its path. */
  readonly url: URL
  /** In place of the one in the address. */
  readonly password: string | undefined
}

const TIMEOUT_MS = 10_000

/**
 * Connects with a client of its own, which knows no command that writes: a general one says more to a server than
 * it is told to.
 */
export async function openReadOnlyRedis({ url, password }: OriginAddress): Promise<ReadOnlyRedis> {
  const socket = await openSocket(url)
  const reader = createRespReader()
  const waiting: PromiseWithResolvers<RespValue>[] = []
  const fail = (why: string): void => {
    const error = new ExitError(EXIT_CODES.failed, `the Redis of the origin ${why}`)
    for (const each of waiting.splice(0)) each.reject(error)
  }
  socket.setTimeout(TIMEOUT_MS, () => socket.destroy(new Error('timeout')))
  socket.on('data', (bytes: Buffer) => {
    for (const value of reader.push(bytes)) waiting.shift()?.resolve(value)
  })
  socket.on('error', () => fail('does not answer'))
  socket.on('close', () => fail('has closed the connection'))

  async function read(commands: Parameters<ReadOnlyRedis['read']>[0]): Promise<readonly RespValue[]> {
    const bytes = commands.map((command) => encodeCommand(checkCommand(command))).join('')
    const answers = commands.map(() => Promise.withResolvers<RespValue>())
    waiting.push(...answers)
    socket.write(bytes)
    const values = await Promise.all(answers.map(async ({ promise }) => promise))
    for (const value of values) refuseError(value)
    return values
  }

  const secret = password ?? decodeURIComponent(url.password)
  const user = decodeURIComponent(url.username)
  if (secret !== '') await read([user === '' ? ['AUTH', secret] : ['AUTH', user, secret]])
  const database = url.pathname.slice(1)
  if (database !== '' && database !== '0') await read([['SELECT', database]])
  return { read, close: () => socket.destroy() }
}

function checkCommand(command: readonly [ReadCommand, ...string[]]): readonly string[] {
  // The type says so already; this holds whatever becomes of the types.
  if (READ_COMMANDS.includes(command[0])) return command
  throw new Error('this connection only reads')
}

function refuseError(value: RespValue): void {
  if (!(value instanceof Error)) return
  throw new ExitError(EXIT_CODES.failed, `the Redis of the origin says: ${value.message.slice(0, 200)}`)
}

async function openSocket(url: URL): Promise<Socket> {
  const address = { host: url.hostname.replaceAll(/^\[|\]$/g, ''), port: Number(url.port === '' ? 6379 : url.port) }
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const socket =
    url.protocol === 'rediss:'
      ? connectTls({ ...address, servername: address.host }, resolve)
      : connectPlain(address, resolve)
  socket.once('error', reject)
  try {
    await promise
  } catch (cause) {
    throw new ExitError(EXIT_CODES.failed, `no Redis answers at ${address.host}:${address.port}`, { cause })
  }
  socket.off('error', reject)
  return socket
}

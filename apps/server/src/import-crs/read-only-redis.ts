import { lookup } from 'node:dns/promises'
import { connect as connectPlain, isIP } from 'node:net'
import type { Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'

import type { NetworkGuard } from '@relay/upstreams'

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
  /** Asked before connecting; whoever runs the command on the machine itself needs none. */
  readonly guard?: NetworkGuard | undefined
}

const TIMEOUT_MS = 10_000

/**
 * Connects with a client of its own, which knows no command that writes: a general one says more to a server than
 * it is told to.
 */
export async function openReadOnlyRedis({ url, password, guard }: OriginAddress): Promise<ReadOnlyRedis> {
  const socket = await openSocket(url, guard)
  const reader = createRespReader()
  const waiting: PromiseWithResolvers<RespValue>[] = []
  const fail = (why: string): void => {
    const error = new ExitError(EXIT_CODES.failed, `the Redis of the origin ${why}`)
    for (const each of waiting.splice(0)) each.reject(error)
  }
  socket.on('data', (bytes: Buffer) => {
    try {
      for (const value of reader.push(bytes)) waiting.shift()?.resolve(value)
    } catch {
      fail('is none: what answers there speaks another language')
      socket.destroy()
    }
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

async function openSocket(url: URL, guard: NetworkGuard | undefined): Promise<Socket> {
  const place = { host: url.hostname.replaceAll(/^\[|\]$/g, ''), port: Number(url.port === '' ? 6379 : url.port) }
  const address = { host: guard === undefined ? place.host : await findAllowed(guard, place), port: place.port }
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const names = isIP(place.host) === 0 ? { servername: place.host } : {}
  const socket =
    url.protocol === 'rediss:' ? connectTls({ ...address, ...names }, resolve) : connectPlain(address, resolve)
  socket.setTimeout(TIMEOUT_MS, () => socket.destroy(new Error('timeout')))
  socket.once('error', reject)
  try {
    await promise
  } catch (cause) {
    throw new ExitError(EXIT_CODES.failed, `no Redis answers at ${place.host}:${place.port}`, { cause })
  }
  socket.off('error', reject)
  return socket
}

interface Place {
  readonly host: string
  readonly port: number
}

/** The address that was asked about is the one that is connected to: a second answer of DNS could differ. */
async function findAllowed(guard: NetworkGuard, place: Place): Promise<string> {
  const found = await lookup(place.host, { all: true }).catch((cause: unknown) => {
    throw new ExitError(EXIT_CODES.failed, `the host name ${place.host} has no address`, { cause })
  })
  const refusals = found.map(({ address }) => guard.refusal({ ...place, address }))
  const chosen = found[refusals.indexOf(undefined)]
  if (chosen !== undefined) return chosen.address
  throw new ExitError(EXIT_CODES.failed, refusals[0] ?? `the host name ${place.host} has no address`)
}

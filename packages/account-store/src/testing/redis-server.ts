import type { ChildProcess } from 'node:child_process'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'

/** A Redis server that belongs to a test. */
export interface RedisServer {
  readonly port: number
  /** Holds its data, its log and its configuration. */
  readonly folder: string
  readonly url: string
  /** Sends one command and returns the raw answer; trouble is thrown. */
  command(...parts: readonly string[]): Promise<string>
  /** Stops serving without closing anything: connections hang. */
  pause(): void
  resume(): void
  /** `kill -9`. */
  kill(): Promise<void>
  /** Starts it again after `kill`, on the same port and data. */
  restart(): Promise<void>
  /** Ends it and removes its folder. */
  stop(): Promise<void>
}

/** How a server differs from a plain one. */
export interface RedisServerOptions {
  /** Lines of a configuration file. */
  readonly config?: readonly string[]
  readonly kind?: 'server' | 'sentinel'
  /** Which program serves; Redis unless said otherwise. */
  readonly program?: RedisProgram
}

/** Servers that speak the protocol of Redis. */
export type RedisProgram = 'redis-server' | 'valkey-server'

const START_MS = 20_000
/** A Cluster node also listens on its port plus 10,000. */
const HIGHEST_PORT = 55_000
const LOWEST_PORT = 20_000

const running = new Set<ChildProcess>()
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

/** Whether this machine has the program. */
export function hasRedisServer(program: RedisProgram = 'redis-server'): boolean {
  return spawnSync(program, ['--version'], { stdio: 'ignore' }).status === 0
}

/** Starts a server and waits until it answers. */
export async function startRedisServer(options: RedisServerOptions = {}): Promise<RedisServer> {
  const folder = mkdtempSync(join(tmpdir(), 'relay-redis-'))
  const port = await freePort()
  const file = join(folder, 'redis.conf')
  const plain = ['bind 127.0.0.1', `port ${port}`, `dir ${folder}`, 'logfile redis.log', 'daemonize no']
  const server = options.kind === 'sentinel' ? [] : ['save ""', 'appendonly no', 'enable-debug-command local']
  writeFileSync(file, `${[...plain, ...server, ...(options.config ?? [])].join('\n')}\n`)
  let child = await launch(file, options)

  async function end(signal: NodeJS.Signals): Promise<void> {
    if (child.exitCode !== null || child.signalCode !== null) return
    const exit = once(child, 'exit')
    // A stopped process hears nothing but this one.
    child.kill('SIGCONT')
    child.kill(signal)
    await exit
    running.delete(child)
  }

  const started: RedisServer = {
    port,
    folder,
    url: `redis://127.0.0.1:${port}`,
    command: async (...parts) => sendCommand(port, parts),
    pause: () => void child.kill('SIGSTOP'),
    resume: () => void child.kill('SIGCONT'),
    kill: async () => end('SIGKILL'),
    restart: async () => {
      child = await launch(file, options)
      await untilReady(port)
    },
    stop: async () => {
      await end('SIGKILL')
      rmSync(folder, { recursive: true, force: true })
    },
  }
  await untilReady(port)
  return started
}

async function launch(file: string, { kind, program = 'redis-server' }: RedisServerOptions): Promise<ChildProcess> {
  const child = spawn(program, kind === 'sentinel' ? [file, '--sentinel'] : [file], { stdio: 'ignore' })
  running.add(child)
  await once(child, 'spawn')
  return child
}

async function untilReady(port: number): Promise<void> {
  const deadline = performance.now() + START_MS
  for (;;) {
    const answer = await sendCommand(port, ['PING']).catch(() => '')
    // One that asks for a password, or loads its data, is there.
    if (/PONG|NOAUTH|LOADING/.test(answer)) return
    if (performance.now() > deadline) throw new Error(`no Redis server on port ${port} within ${START_MS} ms`)
    await wait(20)
  }
}

/** A connection of its own for each command: nothing to close, and no client library whose repairs would hide what is going on. */
async function sendCommand(port: number, parts: readonly string[]): Promise<string> {
  const socket = connect({ port, host: '127.0.0.1' })
  socket.setTimeout(START_MS, () => socket.destroy(new Error('no answer')))
  const bulks = parts.map((part) => `$${Buffer.byteLength(part)}\r\n${part}\r\n`)
  socket.write(`*${parts.length}\r\n${bulks.join('')}`)
  let text = ''
  for await (const chunk of socket) {
    text += String(chunk)
    if (isWhole(text)) break
  }
  socket.destroy()
  return text
}

/** Good enough for the commands of tests: a line, or a text of a known length. */
function isWhole(text: string): boolean {
  const [, length] = /^\$(-?\d+)\r\n/.exec(text) ?? []
  if (length === undefined) return text.endsWith('\r\n')
  return Number(length) < 0 || text.length >= text.indexOf('\n') + 1 + Number(length) + 2
}

async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < 200; attempt += 1) {
    const port = LOWEST_PORT + Math.floor(Math.random() * (HIGHEST_PORT - LOWEST_PORT))
    if ((await isFree(port)) && (await isFree(port + 10_000))) return port
  }
  throw new Error('no free port')
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer()
  server.listen({ port, host: '127.0.0.1' })
  try {
    await once(server, 'listening')
  } catch {
    return false
  }
  server.close()
  await once(server, 'close')
  return true
}

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'

import type { ImageConfig } from './builder.ts'

/** An image's program at work. */
export interface RunningImage {
  readonly url: string
  /** Everything it has written so far. */
  output(): string
  /** The environment that its process was started with, `NAME=value` each. */
  environment(): readonly string[]
  /** Sends the image's own stop signal. @returns the exit code */
  stop(): Promise<number | null>
}

export interface RunInit {
  /** The image as a folder. */
  readonly root: string
  readonly config: ImageConfig
  /** What the volume is bound to; owned by the image's user. */
  readonly data: string
  readonly port: number
  readonly environment: Readonly<Record<string, string>>
}

const START_LIMIT_MS = 60_000

/**
 * Starts the image as an engine would with `--read-only --user`: its own root that cannot be written, its volume, a
 * fresh /tmp, /proc and /dev, its environment, its user.
 *
 * @throws Error with what it wrote, when it does not answer `/health` within a minute
 */
export async function runImage(init: RunInit): Promise<RunningImage> {
  const child = startInside(init, [...init.config.Entrypoint, ...init.config.Cmd])
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream?.setEncoding('utf8').on('data', (text) => (output += text))
  const url = `http://127.0.0.1:${init.port}`
  await waitForHealth(url, child, () => output)
  return {
    url,
    output: () => output,
    environment: () => readFileSync(`/proc/${child.pid}/environ`, 'utf8').split('\0'),
    stop: async () => {
      const ended = once(child, 'exit')
      child.kill(init.config.StopSignal as NodeJS.Signals) // the name of a signal, by Docker's rules
      await ended
      return child.exitCode
    },
  }
}

/** What a command in an image came to. */
export interface CommandEnd {
  readonly exitCode: number | null
  /** What it wrote, errors included, without the last line end. */
  readonly output: string
}

/** Runs one command inside the image, as its user, in its environment. */
export async function runInside(init: RunInit, words: readonly string[]): Promise<CommandEnd> {
  const child = startInside(init, words)
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream?.setEncoding('utf8').on('data', (text) => (output += text))
  await once(child, 'close')
  return { exitCode: child.exitCode, output: output.trimEnd() }
}

/** Runs the image's own health check inside it. @returns its exit code */
export async function runHealthcheck(init: RunInit): Promise<number | null> {
  const [, ...words] = init.config.Healthcheck.Test // the first word says that no shell is used
  return (await runInside(init, words)).exitCode
}

/** Tries to write beside the volume, as the image's user. @returns what it said */
export async function tryToWrite(init: RunInit): Promise<string> {
  const script =
    "try { require('fs').writeFileSync('/app/x', ''); console.log('written') } catch (e) { console.log(e.code) }"
  return (await runInside(init, ['/usr/local/bin/node', '-e', script])).output
}

const PREPARE = [
  'set -e',
  'root=$1; data=$2; user=$3; shift 3',
  'mount --bind "$root" "$root"',
  'mount -o remount,bind,ro "$root"',
  'mount --bind "$data" "$root/app/data"',
  'mount -t tmpfs tmpfs "$root/tmp"',
  'mount -t proc proc "$root/proc"',
  'mount --rbind /dev "$root/dev"',
  'exec chroot --userspec="$user" "$root" "$@"',
].join('\n')

function startInside({ root, config, data, port, environment }: RunInit, words: readonly string[]): ChildProcess {
  const own = Object.fromEntries(config.Env.map((entry) => entry.split(/=(.*)/s, 2) as [string, string])) // NAME=value, always
  return spawn('unshare', ['--mount', 'sh', '-c', PREPARE, 'sh', root, data, config.User, ...words], {
    env: { ...own, PATH: '/usr/sbin:/usr/bin:/sbin:/bin', PORT: String(port), ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
}

async function waitForHealth(url: string, child: ChildProcess, output: () => string): Promise<void> {
  const deadline = Date.now() + START_LIMIT_MS
  while (Date.now() < deadline && child.exitCode === null) {
    const answer = await fetch(`${url}/health`).catch(() => undefined) // nobody listens yet
    if (answer?.ok === true) return
    await wait(100)
  }
  child.kill('SIGKILL')
  throw new Error(`the image did not answer /health:\n${output()}`)
}

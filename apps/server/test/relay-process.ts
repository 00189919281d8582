import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

/** A real run of the `relay` command. */
export interface RelayRun {
  readonly exitCode: number | null
  readonly stdout: string
  readonly stderr: string
}

/** What a run is given beside its arguments. */
export interface RelayRunOptions {
  /** Added to an environment without any setting of Relay or any credential. */
  readonly environment?: Readonly<Record<string, string>>
  /** Standard input; empty unless said otherwise. */
  readonly input?: string | Uint8Array
  readonly folder?: string
  /** The run is killed after this time; 70 s unless said otherwise. */
  readonly limitMs?: number
  /** What people run, `dist/relay.js`, in place of its sources; in CI always so, which has just built it. */
  readonly isBuilt?: boolean
  /** Another copy of what is run. */
  readonly command?: string
}

/** A run that has not ended yet. */
export interface RunningRelay {
  /** Everything it has written so far. */
  readonly stdout: () => string
  readonly stderr: () => string
  /** Ends its standard input with this text. */
  input(text: string | Uint8Array): void
  signal(name: NodeJS.Signals): void
  /** Stops reading its standard output, as a pipe's other end does that has ended. */
  closeOutput(): void
  /** Settles when the process has ended. */
  readonly ended: Promise<RelayRun>
}

/** A server that runs in a process of its own. */
export interface RelayServer extends RunningRelay {
  /** What `relay start --json` printed. */
  readonly welcome: Readonly<Record<string, string | undefined>>
  readonly url: string
}

const COMMAND = fileURLToPath(new URL('../src/cli/relay.ts', import.meta.url))
/** What people run; there once it has been built. */
export const BUILT_COMMAND: string = fileURLToPath(new URL('../dist/relay.js', import.meta.url))
/** The sources take a second of processor time to begin, what is built takes a quarter of that. */
const IS_CI = process.env.CI === 'true'
/** Node keeps what it made of the sources: a run begins several times sooner than by reading them all again. */
const COMPILE_CACHE = fileURLToPath(new URL('../node_modules/.cache/compiled-sources/', import.meta.url))
/** Every run ends by itself; this only keeps a broken one from hanging the suite. Longer than a test, which would find it gone. */
const RUN_LIMIT_MS = 70_000

/** Makes a data folder that is removed by `remove`. */
export function makeFolder(): { readonly path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), 'relay-test-'))
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) }
}

/** Runs `relay` with these arguments to its end. */
export async function runRelay(words: readonly string[], options: RelayRunOptions = {}): Promise<RelayRun> {
  const run = launchRelay(words, options)
  run.input(options.input ?? '')
  return run.ended
}

/** Starts `relay start` on a free port and waits until it answers. */
export async function startRelay(options: RelayRunOptions = {}): Promise<RelayServer> {
  const run = launchRelay(['start', '--json', '--port', '0'], options)
  const line = await findLine(run, '"panelUrl"')
  const welcome: RelayServer['welcome'] = JSON.parse(line)
  return { ...run, welcome, url: welcome['url'] ?? '' }
}

/** Waits until a line of standard output holds a text; rejects when the run ends before. */
export async function findLine(run: RunningRelay, text: string): Promise<string> {
  const end: { run?: RelayRun } = {}
  void run.ended.then((ended) => (end.run = ended))
  for (;;) {
    const line = run
      .stdout()
      .split('\n')
      .slice(0, -1)
      .find((candidate) => candidate.includes(text))
    if (line !== undefined) return line
    if (end.run !== undefined)
      throw new Error(`relay ended with ${end.run.exitCode}: ${end.run.stderr}${end.run.stdout}`)
    await wait(20)
  }
}

/** Starts `relay` with these arguments. */
export function launchRelay(
  words: readonly string[],
  {
    environment = {},
    folder,
    limitMs = RUN_LIMIT_MS,
    isBuilt = IS_CI,
    command = isBuilt ? BUILT_COMMAND : COMMAND,
  }: RelayRunOptions = {},
): RunningRelay {
  const { PATH = '', NODE_OPTIONS = '' } = process.env
  const child = spawn(process.execPath, [command, ...words], {
    cwd: folder ?? tmpdir(),
    env: { PATH, NODE_OPTIONS, NODE_COMPILE_CACHE: COMPILE_CACHE, NO_COLOR: '1', ...environment },
    timeout: limitMs,
    killSignal: 'SIGKILL',
  })
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  child.stdin.on('error', () => undefined) // it may end without reading
  const ended = new Promise<RelayRun>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (exitCode) => resolve({ exitCode, stdout, stderr }))
  })
  return {
    stdout: () => stdout,
    stderr: () => stderr,
    input: (text) => void child.stdin.end(text),
    signal: (name) => void child.kill(name),
    closeOutput: () => void child.stdout.destroy(),
    ended,
  }
}

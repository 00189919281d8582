import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

/** A program in a process of its own that can be asked what it has used. */
export interface MeasuredProcess {
  readonly url: string
  /** CPU time of all its threads so far, in microseconds. */
  cpu(): Promise<number>
  /** Resident memory after a full collection, in bytes. */
  memory(): Promise<number>
  /** What lives after a full collection, in bytes. */
  objects(): Promise<number>
  /** Open files and connections; 0 where the system does not tell. */
  descriptors(): Promise<number>
  stop(): Promise<void>
}

export interface ProcessInit {
  /** Path of the script from this folder's parent. */
  readonly script: string
  readonly words?: readonly string[]
  /** For the engine. */
  readonly flags?: readonly string[]
  readonly environment?: Readonly<Record<string, string>>
}

const REPORTER = new URL('usage-reporter.ts', import.meta.url).href
const START_LIMIT_MS = 60_000
const MAX_OUTPUT = 64 * 1024

/**
 * Starts a program and waits until it has printed a line of JSON with its `url`.
 *
 * @throws Error when it ends or says nothing for a minute
 */
export async function startProcess({
  script,
  words = [],
  flags = [],
  environment = {},
}: ProcessInit): Promise<MeasuredProcess> {
  const child = fork(fileURLToPath(new URL(`../${script}`, import.meta.url)), words, {
    execArgv: ['--import', REPORTER, ...flags],
    env: { PATH: process.env['PATH'], NODE_OPTIONS: process.env['BENCH_NODE_OPTIONS'], ...environment },
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  })
  const ask = async (question: 'cpu' | 'memory' | 'objects' | 'descriptors'): Promise<number> => {
    child.send(question)
    const [answer] = (await once(child, 'message')) as [number] // all the reporter ever sends
    return answer
  }
  const url = await readUrl(script, child)
  return {
    url,
    cpu: () => ask('cpu'),
    memory: () => ask('memory'),
    objects: () => ask('objects'),
    descriptors: () => ask('descriptors'),
    stop: async () => {
      if (child.exitCode !== null) return
      child.kill('SIGTERM')
      await once(child, 'exit')
    },
  }
}

function readUrl(script: string, child: ChildProcess): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  let output = ''
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    if (output.length > MAX_OUTPUT) return // the access log, which nobody needs here
    output += text
    const url = /"url":"(http[^"]+)"[^\n]*\n/.exec(output)?.[1]
    if (url !== undefined) resolve(url)
  })
  child.once('exit', (code) => reject(new Error(`${script} ended with ${code}: ${output}`)))
  const timer = setTimeout(() => reject(new Error(`${script} did not start in time: ${output}`)), START_LIMIT_MS)
  return promise.finally(() => clearTimeout(timer))
}

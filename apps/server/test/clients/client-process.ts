import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'

/** How a client is started. */
export interface ClientStart {
  readonly program: readonly string[]
  readonly words: readonly string[]
  readonly folder: string
  /** The whole environment but the path. */
  readonly environment: Readonly<Record<string, string>>
  /** The first lines of its standard input; without `onLine` there are no more. */
  readonly input?: string
  /** Sees each line of standard output and says what the client is told next. */
  readonly onLine?: (line: string) => NextInput
}

/** What goes into a client's standard input, now that it has written a line. */
export type NextInput =
  | { readonly type: 'nothing' }
  | { readonly type: 'line'; readonly text: string }
  | { readonly type: 'end' }

/** How it ended. */
export interface ClientEnd {
  readonly exitCode: number | null
  readonly lines: readonly string[]
  readonly stderr: string
}

/** The most that one run may take. */
const RUN_LIMIT_MS = 120_000

/** Runs a client to its end, or stops it and all it has started at the limit. */
export function runClient({
  program,
  words,
  folder,
  environment,
  input = '',
  onLine,
}: ClientStart): Promise<ClientEnd> {
  const [command = '', ...before] = program
  const { PATH = '' } = process.env
  const child = spawn(command, [...before, ...words], {
    cwd: folder,
    env: { PATH, NO_COLOR: '1', ...environment },
    detached: true, // a group of its own, which can be stopped as a whole
  })
  const lines: string[] = []
  let stderr = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  child.stdin.on('error', () => undefined) // it may end without reading
  if (onLine === undefined) child.stdin.end(input)
  else child.stdin.write(input)
  createInterface({ input: child.stdout }).on('line', (line) => {
    lines.push(line)
    const next = onLine?.(line)
    if (next?.type === 'line') child.stdin.write(next.text)
    if (next?.type === 'end') child.stdin.end()
  })
  const limit = setTimeout(() => stopGroup(child.pid), RUN_LIMIT_MS)
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (exitCode) => {
      clearTimeout(limit)
      stopGroup(child.pid)
      resolve({ exitCode, lines, stderr })
    })
  })
}

function stopGroup(pid: number | undefined): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // the group has ended by itself
  }
}

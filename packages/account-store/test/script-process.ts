import type { ChildProcess } from 'node:child_process'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

/** A process that runs beside the test. */
export interface ScriptProcess {
  readonly child: ChildProcess
  /** The lines it has printed so far. */
  readonly facts: readonly string[]
  /** Settles after the last line. */
  readonly exit: Promise<unknown>
}

/** Node keeps here what it made of the sources: a process begins in a third of the time that reading them anew takes. */
const COMPILE_CACHE = fileURLToPath(new URL('../node_modules/.cache/compiled-sources/', import.meta.url))

/** Starts Node on one of the scripts of this folder. */
export function startScript(script: string, words: readonly string[]): ScriptProcess {
  return startProcess(process.execPath, [script, ...words])
}

export function startProcess(program: string, words: readonly string[]): ScriptProcess {
  const env = { ...process.env, NODE_COMPILE_CACHE: COMPILE_CACHE }
  const child = spawn(program, words, { stdio: ['pipe', 'pipe', 'inherit'], env })
  const facts: string[] = []
  createInterface({ input: child.stdout }).on('line', (line) => facts.push(line))
  // 'close' comes after the last line, 'exit' may come before it.
  return { child, facts, exit: once(child, 'close') }
}

import type { ChildProcess } from 'node:child_process'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { basename, join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

import { build } from 'tsup'

/** A process that runs beside the test. */
export interface ScriptProcess {
  readonly child: ChildProcess
  /** The lines it has printed so far. */
  readonly facts: readonly string[]
  /** Settles after the last line. */
  readonly exit: Promise<unknown>
}

/** Where scripts lie that were put into one file. */
const BUNDLES = fileURLToPath(new URL('../node_modules/.cache/scripts/', import.meta.url))
/** Node keeps here what it made of the sources: a process begins in a third of the time that reading them anew takes. */
const COMPILE_CACHE = fileURLToPath(new URL('../node_modules/.cache/compiled-sources/', import.meta.url))

/**
 * Puts a script of this folder and all the sources it imports into one file: a process that is started a hundred times
 * begins in half the time then.
 */
export async function bundleScript(url: string): Promise<string> {
  const name = basename(url, '.ts')
  await build({
    config: false,
    entry: { [name]: fileURLToPath(url) },
    outDir: BUNDLES,
    format: 'esm',
    target: 'node24',
    removeNodeProtocol: false, // `node:sqlite` exists only under its full name
    silent: true,
  })
  return join(BUNDLES, `${name}.js`)
}

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

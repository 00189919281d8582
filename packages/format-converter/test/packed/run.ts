/**
 * Tries the packed library in other runtimes: `node test/packed/run.ts [--record] [runtime …]`, all of them by default.
 * `--record` writes what ran into `docs/evidence/runtimes.json`.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

import { createProject } from './project.ts'
import { runBrowser } from './runtimes/browser.ts'
import { runBun } from './runtimes/bun.ts'
import { runDeno } from './runtimes/deno.ts'
import { runNode } from './runtimes/node.ts'
import type { RunRuntime, RuntimeResult } from './runtimes/runtime.ts'
import { checkTypes } from './runtimes/types.ts'
import { runWorker } from './runtimes/worker.ts'
import { runWorkerd } from './runtimes/workerd.ts'

const RUNTIMES: ReadonlyMap<string, RunRuntime> = new Map([
  ['types', checkTypes],
  ['node', runNode],
  ['worker', runWorker],
  ['browser', runBrowser],
  ['workerd', runWorkerd],
  ['bun', runBun],
  ['deno', runDeno],
])

const EVIDENCE = fileURLToPath(new URL('../../../../docs/evidence/', import.meta.url))

const given = process.argv.slice(2)
const isRecorded = given.includes('--record')
const wanted = given.filter((name) => name !== '--record')
const results: Record<string, RuntimeResult> = {}

const project = createProject()
try {
  for (const name of wanted.length > 0 ? wanted : RUNTIMES.keys()) await tryRuntime(name)
} finally {
  project.remove()
}
if (isRecorded && process.exitCode === undefined) record()

async function tryRuntime(name: string): Promise<void> {
  const runtime = RUNTIMES.get(name)
  if (runtime === undefined) throw new Error(`no runtime ${name}; known: ${[...RUNTIMES.keys()].join(', ')}`)
  try {
    const result = await runtime(project)
    results[name] = result
    say(`${name} (${result.version}): ${result.checks.length} checks passed`)
  } catch (error) {
    say(`${name}: ${error instanceof Error ? error.message : String(error)}`)
    process.exitCode = 1
  }
}

function record(): void {
  const manifest = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
    version: string
  }
  const evidence = {
    command: 'pnpm test:runtimes',
    package: `@relay/format-converter ${manifest.version}, packed and installed from its tarball`,
    date: new Date().toISOString().slice(0, 10),
    runtimes: results,
  }
  mkdirSync(EVIDENCE, { recursive: true })
  writeFileSync(`${EVIDENCE}runtimes.json`, `${JSON.stringify(evidence, undefined, 2)}\n`)
}

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}

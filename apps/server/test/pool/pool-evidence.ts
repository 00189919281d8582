import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

import { CLIENT_VERSIONS } from '../clients/install-clients.ts'
import type { CompactionRun } from './compaction.ts'
import { POOL_TASK } from './pool-task.ts'

const FILE = fileURLToPath(new URL('../../../../docs/evidence/pool.json', import.meta.url))

/** What one client did against upstreams of one format. */
export interface PoolRun {
  readonly client: string
  readonly clientFormat: string
  readonly upstreamFormat: string
  readonly seed: number
  readonly tasks: number
  readonly completed: number
  /** Requests of the client that Relay has a record of. */
  readonly requests: number
  /** Of them, those that another account answered after a failed try. */
  readonly failedOver: number
  /** Of them, those that ended in an error of the client's own format. */
  readonly ended: Readonly<Record<string, number>>
  /** Faults of the upstreams, by kind. */
  readonly faults: Readonly<Record<string, number>>
  /** Tries of a turn that broke at the client, after its SDK's own retries. */
  readonly brokenAnswers: number
}

/** What is written down. */
export interface PoolEvidence {
  readonly runs: readonly PoolRun[]
  readonly compaction?: CompactionRun | undefined
}

/** Writes what was seen; what did not run this time stays. */
export function writePoolEvidence({ runs, compaction }: PoolEvidence): string {
  const before = existsSync(FILE) ? (JSON.parse(readFileSync(FILE, 'utf8')) as PoolEvidence) : { runs: [] }
  const earlier = before.runs
  const isNew = (run: PoolRun): boolean => runs.some((other) => nameOf(other) === nameOf(run))
  const all = [...earlier.filter((run) => !isNew(run)), ...runs].toSorted((left, right) =>
    nameOf(left).localeCompare(nameOf(right)),
  )
  const { 'claude-code': claudeCode, codex } = CLIENT_VERSIONS
  const versions = { 'claude-code': claudeCode, codex, ...sdkVersions() }
  const pool = 'three accounts, of which one is bad at any time; streams of the others are cut now and then'
  const evidence = { task: POOL_TASK, pool, versions, runs: all, compaction: compaction ?? before.compaction }
  writeFileSync(FILE, `${JSON.stringify(evidence, undefined, 2)}\n`)
  return FILE
}

function sdkVersions(): Readonly<Record<string, string>> {
  const names = ['@anthropic-ai/sdk', 'openai']
  const entries = names.map((name) => {
    const manifest = new URL(`../../node_modules/${name}/package.json`, import.meta.url)
    const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { readonly version: string }
    return [name, version] as const
  })
  return Object.fromEntries(entries)
}

function nameOf({ client, upstreamFormat }: PoolRun): string {
  return `${client} → ${upstreamFormat}`
}

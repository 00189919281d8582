import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

import manifest from '../../package.json' with { type: 'json' }
import { CLIENT_VERSIONS } from '../clients/install-clients.ts'
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

interface Evidence {
  readonly runs: readonly PoolRun[]
}

/** Writes the runs down; those of clients and formats that did not run this time stay. */
export function writePoolEvidence(runs: readonly PoolRun[]): string {
  const earlier = existsSync(FILE) ? (JSON.parse(readFileSync(FILE, 'utf8')) as Evidence).runs : []
  const isNew = (run: PoolRun): boolean => runs.some((other) => nameOf(other) === nameOf(run))
  const all = [...earlier.filter((run) => !isNew(run)), ...runs].toSorted((left, right) =>
    nameOf(left).localeCompare(nameOf(right)),
  )
  const { devDependencies } = manifest
  const versions = { ...CLIENT_VERSIONS, sdks: Object.keys(devDependencies).filter((name) => /sdk|openai/.test(name)) }
  const pool = 'three accounts, of which one is bad at any time; streams of the others are cut now and then'
  writeFileSync(FILE, `${JSON.stringify({ task: POOL_TASK, pool, versions, runs: all }, undefined, 2)}\n`)
  return FILE
}

function nameOf({ client, upstreamFormat }: PoolRun): string {
  return `${client} → ${upstreamFormat}`
}

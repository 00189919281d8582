import { mkdirSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

import type { UsageRecord } from '@relay/account-store'

import { CLIENT_VERSIONS } from './install-clients.ts'
import { purposesOf } from './purposes.ts'
import type { ScenarioRun } from './run-scenario.ts'
import { TASK } from './task.ts'

const FILE = fileURLToPath(new URL('../../../../docs/evidence/clients.json', import.meta.url))

/** Writes what runs without trouble have shown; only counts, so that the file changes when behaviour does. */
export function writeEvidence(runs: readonly ScenarioRun[]): string {
  const evidence = { task: TASK, clients: CLIENT_VERSIONS, runs: runs.map(describe) }
  mkdirSync(fileURLToPath(new URL('.', `file://${FILE}`)), { recursive: true })
  writeFileSync(FILE, `${JSON.stringify(evidence, undefined, 2)}\n`)
  return FILE
}

function describe(run: ScenarioRun): object {
  const { scenario, model, records } = run
  const { setup, upstream } = scenario
  const { exchanges, proofs } = model
  return {
    client: setup.client,
    variant: setup.variant,
    clientFormat: setup.format,
    upstreamFormat: upstream,
    result: 'completed',
    turns: exchanges.filter(({ purpose }) => purpose === 'task').length,
    toolCalls: count(exchanges.flatMap(({ calls }) => calls)),
    hostedSearches: exchanges.filter(({ hasSearched }) => hasSearched).length,
    requests: count(purposesOf(run)),
    reasoningProofs: { given: proofs.issued.size, returned: proofs.returned.size },
    losses: lossesOf(records),
  }
}

/** How many requests met each loss, by its level and code. */
function lossesOf(records: readonly UsageRecord[]): Readonly<Record<string, number>> {
  return count(records.flatMap(({ losses }) => [...new Set(losses.map(({ level, code }) => `${level}: ${code}`))]))
}

function count(names: readonly string[]): Readonly<Record<string, number>> {
  const counts = new Map<string, number>()
  for (const name of names.toSorted()) counts.set(name, (counts.get(name) ?? 0) + 1)
  return Object.fromEntries(counts)
}

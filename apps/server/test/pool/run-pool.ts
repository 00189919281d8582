import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { parseArgs } from 'node:util'

import type { UsageRecord } from '@relay/account-store'

import { installClients } from '../clients/install-clients.ts'
import type { AnswerTokens } from '../clients/model/answer.ts'
import type { SpokenFormat } from '../clients/model/asked.ts'
import { startScriptedPool, type ScriptedPool } from '../clients/model/scripted-model.ts'
import { type RelayProcess, startRelayProcess } from '../process-harness.ts'
import { agentClients } from './agents.ts'
import { runCompaction } from './compaction.ts'
import { createFaults, type Faults } from './faults.ts'
import { judgeBills } from './judge-pool.ts'
import type { PoolClient } from './pool-client.ts'
import { type PoolRun, writePoolEvidence } from './pool-evidence.ts'
import { createPoolTask } from './pool-task.ts'
import { SDK_CLIENTS } from './sdk-clients.ts'

/**
 * Sends clients through a pool of three accounts of which one is bad at any time, so many tasks each:
 * `node run-pool.ts [--tasks 50] [--seed 1] [words]`, where each word must occur in the name of a run. Runs without
 * trouble are written into `docs/evidence/pool.json`.
 */

const UPSTREAMS = ['anthropic-messages', 'openai-chat', 'openai-responses'] as const
const PLACES = 3
/** Longer than any run may take. */
const RELAY_LIMIT_MS = 4 * 3_600_000

/** The name that each upstream knows its model by. */
const MODELS: Readonly<Record<SpokenFormat, string>> = {
  'anthropic-messages': 'claude-opus-5-5',
  'openai-chat': 'gpt-5.2',
  'openai-responses': 'gpt-5.5',
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { tasks: { type: 'string', default: '50' }, seed: { type: 'string', default: '1' } },
})
process.exitCode = await main()

async function main(): Promise<number> {
  const programs = installClients()
  const clients = [...SDK_CLIENTS, ...agentClients(programs)]
  const pairs = clients.flatMap((client) => UPSTREAMS.map((upstream) => ({ client, upstream })))
  const chosen = pairs.filter(({ client, upstream }) => {
    const name = `${client.name} → ${upstream}`
    return positionals.every((word) => name.includes(word))
  })
  let failed = 0
  for (const { client, upstream } of chosen) {
    const run = await runPair(client, upstream)
    const isGood = run.completed === run.tasks
    if (isGood) writePoolEvidence({ runs: [run] })
    else failed += 1
    say(`${isGood ? 'ok    ' : 'FAILED'} ${client.name} → ${upstream}: ${run.completed} of ${run.tasks} tasks`)
  }
  const compacts = 'claude-code compacts'
  const isAsked = positionals.every((word) => compacts.includes(word))
  if (isAsked && !(await compactsInTime(programs['claude-code']))) failed += 1
  return failed > 0 || (chosen.length === 0 && !isAsked) ? 1 : 0
}

/** Claude Code on a model with a window of 128,000 tokens makes its history shorter before the model refuses it. */
async function compactsInTime(program: readonly string[]): Promise<boolean> {
  const compaction = await runCompaction(program)
  const isGood = compaction.completed && compaction.compactions > 0 && compaction.refusals === 0
  if (isGood) writePoolEvidence({ runs: [], compaction })
  say(`${isGood ? 'ok    ' : 'FAILED'} claude-code compacts: ${JSON.stringify(compaction)}`)
  return isGood
}

async function runPair(client: PoolClient, upstream: SpokenFormat): Promise<PoolRun> {
  const seed = Number(values.seed)
  const faults = createFaults({ format: upstream, places: PLACES, seed })
  const given: AnswerTokens[] = []
  const pool = await startScriptedPool(upstream, PLACES, (place, request, give) => disturb(place, request, give))
  const relay = await startRelayProcess(accountsOf(upstream, pool.urls), { limitMs: RELAY_LIMIT_MS })

  function disturb(...[place, request, give]: Parameters<Faults['disturb']>): ReturnType<typeof give> {
    const before = pool.exchanges.length
    const answer = faults.disturb(place, request, give)
    const tokens = pool.exchanges[before]?.tokens
    if (tokens !== undefined && !faults.hasCut) given.push(tokens)
    return answer
  }

  try {
    return await runTasks({ client, upstream, seed, faults, given, pool, relay })
  } finally {
    await relay.stop()
    await pool.close()
  }
}

interface Stage {
  readonly client: PoolClient
  readonly upstream: SpokenFormat
  readonly seed: number
  readonly faults: Faults
  /** Tokens of the whole answers since they were last taken. */
  readonly given: AnswerTokens[]
  readonly pool: ScriptedPool
  readonly relay: RelayProcess
}

async function runTasks(stage: Stage): Promise<PoolRun> {
  const { client, upstream, seed, faults } = stage
  const tasks = Number(values.tasks)
  const records: UsageRecord[] = []
  let completed = 0
  let brokenAnswers = 0
  for (let index = 0; index < tasks; index += 1) {
    const { troubles, ...task } = await runTask(stage, index)
    records.push(...task.records)
    brokenAnswers += task.brokenAnswers
    if (troubles.length === 0) completed += 1
    for (const trouble of troubles) say(`       task ${index}: ${trouble}`)
  }
  return {
    client: client.name,
    clientFormat: client.format,
    upstreamFormat: upstream,
    seed,
    tasks,
    completed,
    requests: records.length,
    failedOver: records.filter(({ attempts, reason }) => attempts.length > 1 && reason === 'completed').length,
    ended: countBy(records.filter(({ reason }) => reason !== 'completed').map(({ reason }) => reason)),
    faults: faults.counts(),
    brokenAnswers,
  }
}

interface TaskRun {
  readonly troubles: readonly string[]
  readonly records: readonly UsageRecord[]
  readonly brokenAnswers: number
}

async function runTask({ client, given, pool, relay }: Stage, index: number): Promise<TaskRun> {
  const root = mkdtempSync(join(tmpdir(), 'relay-pool-'))
  const home = join(root, 'home')
  mkdirSync(home)
  const folder = join(root, 'work')
  const task = createPoolTask(folder, index)
  pool.follow(task.plan)
  try {
    const errand = { relayUrl: relay.url, relayKey: relay.key, home, folder, prompt: task.prompt }
    const report = await client.run(errand).catch((error: unknown) => ({ output: String(error), brokenAnswers: 1 }))
    const records = await settle(relay)
    const troubles = [...task.check(report.output), ...judgeBills({ records, given: given.splice(0) })]
    return { troubles, records, brokenAnswers: report.brokenAnswers }
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
}

/** Collects the usage records until no more come. */
async function settle(relay: RelayProcess): Promise<readonly UsageRecord[]> {
  const records: UsageRecord[] = []
  for (let quiet = 0; quiet < 3; quiet += 1) {
    await wait(120)
    const more = await relay.newRecords(0)
    if (more.length > 0) quiet = 0
    records.push(...more)
  }
  return records
}

function accountsOf(upstream: SpokenFormat, urls: readonly string[]): readonly object[] {
  return urls.map((url, place) => {
    const common = {
      name: `account ${place}`,
      credential: `credential-of-account-${place}`,
      models: { '*': MODELS[upstream] },
    }
    if (upstream === 'anthropic-messages') return { ...common, type: 'claude-console', baseUrl: url }
    return { ...common, type: upstream === 'openai-chat' ? 'openai-chat' : 'openai-responses', baseUrl: `${url}/v1` }
  })
}

function countBy(names: readonly string[]): Readonly<Record<string, number>> {
  const counts = new Map<string, number>()
  for (const name of names.toSorted()) counts.set(name, (counts.get(name) ?? 0) + 1)
  return Object.fromEntries(counts)
}

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'

import type { UsageRecord } from '@relay/account-store'

import { startRelayProcess } from '../process-harness.ts'
import type { RelayProcess } from '../process-harness.ts'
import type { ClientReport, ClientSetup } from './client.ts'
import type { Loose, SpokenFormat } from './model/asked.ts'
import { startScriptedModel } from './model/scripted-model.ts'
import type { ScriptedModel } from './model/scripted-model.ts'
import { isSearchRefused } from './purposes.ts'
import { createTask } from './task.ts'

/** One client against one upstream. */
export interface Scenario {
  readonly setup: ClientSetup
  readonly upstream: SpokenFormat
}

/** All that is known after a run. */
export interface ScenarioRun {
  readonly scenario: Scenario
  /** What is wrong with the client's work; its folder is gone. */
  readonly workTroubles: readonly string[]
  readonly report: ClientReport
  readonly model: Pick<ScriptedModel, 'exchanges' | 'proofs'>
  readonly records: readonly UsageRecord[]
  readonly accesses: readonly Access[]
}

/** One request as Relay's log tells of it; look-ups leave no usage record. */
export interface Access {
  readonly method: string
  readonly path: string
  readonly status: number
}

/** The name that each upstream knows its model by. */
const MODELS: Readonly<Record<SpokenFormat, string>> = {
  'anthropic-messages': 'claude-opus-5-5',
  'openai-chat': 'gpt-5.2',
  'openai-responses': 'gpt-5.5',
}

/** Longer than any client may run. */
const RELAY_LIMIT_MS = 180_000

/** Sends a client out against a relay process of its own, with a model behind it. */
export async function runScenario(scenario: Scenario, program: readonly string[]): Promise<ScenarioRun> {
  const { setup, upstream } = scenario
  const root = mkdtempSync(join(tmpdir(), 'relay-client-'))
  const home = join(root, 'home')
  mkdirSync(home)
  const task = createTask(join(root, 'work'))
  const model = await startScriptedModel(upstream, task.plan)
  const relay = await startRelayProcess([account(upstream, model.url)], { limitMs: RELAY_LIMIT_MS })
  const records: UsageRecord[] = []
  try {
    const { url: relayUrl, key: relayKey } = relay
    const errand = { program, relayUrl, relayKey, home, folder: task.folder, prompt: task.prompt }
    const report = await setup.run(errand)
    await settle(relay, records)
    return {
      scenario,
      workTroubles: task.check(report.output, records.some(isSearchRefused)),
      report,
      model,
      records,
      accesses: readLog(relay),
    }
  } finally {
    keepForALook(scenario, { model, log: relay.log(), records })
    await relay.stop()
    await model.close()
    rmSync(root, { recursive: true, force: true })
  }
}

function readLog(relay: RelayProcess): readonly Access[] {
  const lines: Loose[] = relay
    .log()
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line))
  return lines.filter(({ type }) => type === 'access')
}

function account(upstream: SpokenFormat, baseUrl: string): object {
  const common = { name: 'scripted', credential: 'credential-of-the-scripted-model', models: { '*': MODELS[upstream] } }
  if (upstream === 'anthropic-messages') return { ...common, type: 'claude-console', baseUrl }
  const type = upstream === 'openai-chat' ? 'openai-chat' : 'openai-responses'
  return { ...common, type, baseUrl: `${baseUrl}/v1` }
}

/** Collects the usage records until no more come; a client may leave before the last one is written. */
async function settle(relay: RelayProcess, records: UsageRecord[]): Promise<void> {
  for (let quiet = 0; quiet < 3; quiet += 1) {
    await wait(150)
    const more = await relay.newRecords(0)
    if (more.length > 0) quiet = 0
    records.push(...more)
  }
}

interface Traces {
  readonly model: ScriptedModel
  readonly log: string
  readonly records: readonly UsageRecord[]
}

/** With `CLIENTS_TRACE=folder`, bodies, records and log of each run are kept there. */
function keepForALook({ setup, upstream }: Scenario, { model, log, records }: Traces): void {
  const folder = process.env['CLIENTS_TRACE']
  if (folder === undefined) return
  const place = join(folder, `${setup.client} ${setup.variant} ${upstream}`.replaceAll(/\W+/g, '-'))
  mkdirSync(place, { recursive: true })
  writeFileSync(join(place, 'relay.log'), log)
  writeFileSync(join(place, 'records.json'), JSON.stringify(records, undefined, 1))
  for (const [index, body] of model.bodies.entries()) {
    writeFileSync(join(place, `${index}.json`), JSON.stringify(body, undefined, 1))
  }
}

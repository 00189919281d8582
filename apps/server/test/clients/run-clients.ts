import { claudeCode } from './claude-code.ts'
import { codex, redirectedCodex } from './codex.ts'
import { writeEvidence } from './evidence.ts'
import { installClients } from './install-clients.ts'
import { judgeRun } from './judge-run.ts'
import { opencode } from './opencode.ts'
import { runScenario } from './run-scenario.ts'
import type { Scenario, ScenarioRun } from './run-scenario.ts'

/**
 * Runs the real clients through real relay processes against a scripted model, every client against every upstream
 * format: `node run-clients.ts [words]`, where each word must occur in the name of a scenario. A full run that went well
 * writes `docs/evidence/clients.json`.
 */

const UPSTREAMS = ['anthropic-messages', 'openai-chat', 'openai-responses'] as const

const SETUPS = [
  claudeCode('adaptive thinking', 'claude-opus-5-5'),
  claudeCode('thinking with a budget', 'claude-haiku-4-5'),
  codex('unknown model: functions', 'relay-task'),
  codex('gpt-5.5: functions and a freeform patch', 'gpt-5.5'),
  codex('gpt-6.1-sol: additional_tools, freeform scripts', 'gpt-6.1-sol'),
  redirectedCodex('gpt-5.5 by its own provider: WebSocket first', 'gpt-5.5'),
  ...UPSTREAMS.map(opencode),
]

const SCENARIOS: readonly Scenario[] = SETUPS.flatMap((setup) => UPSTREAMS.map((upstream) => ({ setup, upstream })))

process.exitCode = await main(process.argv.slice(2))

async function main(words: readonly string[]): Promise<number> {
  const programs = installClients()
  const chosen = SCENARIOS.filter((scenario) => words.every((word) => nameOf(scenario).includes(word)))
  const runs: ScenarioRun[] = []
  let failed = 0
  for (const scenario of chosen) {
    const run = await runScenario(scenario, programs[scenario.setup.client])
    const troubles = judgeRun(run)
    runs.push(run)
    if (troubles.length > 0) failed += 1
    say(`${troubles.length === 0 ? 'ok    ' : 'FAILED'} ${nameOf(scenario)}`)
    for (const trouble of troubles) say(`       ${trouble}`)
  }
  say(`${chosen.length - failed} passed, ${failed} failed`)
  if (failed === 0 && words.length === 0) say(`wrote ${writeEvidence(runs)}`)
  return failed > 0 || chosen.length === 0 ? 1 : 0
}

function nameOf({ setup, upstream }: Scenario): string {
  return `${setup.client} (${setup.variant}) → ${upstream}`
}

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}

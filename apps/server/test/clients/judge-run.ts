import type { UsageRecord } from '@relay/account-store'

import type { ModelExchange } from './model/scripted-model.ts'
import { isSearchRefused, purposesOf } from './purposes.ts'
import type { ScenarioRun } from './run-scenario.ts'

/** What is wrong with a run; empty when the client completed its task and Relay told the truth about it. */
export function judgeRun(run: ScenarioRun): readonly string[] {
  const { report, workTroubles, model, records, scenario } = run
  const { exchanges, proofs } = model
  const troubles = [...report.troubles, ...workTroubles]
  for (const { refusal } of exchanges) if (refusal !== undefined) troubles.push(`the upstream refused: ${refusal}`)
  const answered = records.filter((record) => !isSearchRefused(record))
  for (const record of answered) troubles.push(...judgeRecord(record))
  for (const access of run.accesses)
    if (access.status !== 200) troubles.push(`${access.path} ended with ${access.status}`)
  const purposes = purposesOf(run)
  for (const purpose of scenario.setup.sideRequests) {
    if (!purposes.includes(purpose)) troubles.push(`there was no ${purpose} request`)
  }
  troubles.push(...judgeTokens(exchanges, answered))
  const lost = proofs.issued.size - proofs.returned.size
  if (scenario.setup.format !== 'openai-chat' && lost > 1)
    troubles.push(`${lost} proofs of reasoning never came back; only the last one may`)
  return troubles
}

function judgeRecord({ requestId, status, reason, usageSource, errorMessage }: UsageRecord): readonly string[] {
  const isFine = status === 200 && reason === 'completed' && usageSource === 'reported'
  const ending = errorMessage === undefined ? '' : `: ${errorMessage}`
  return isFine ? [] : [`${requestId} ended with ${status} ${reason}, usage ${usageSource}${ending}`]
}

/** One record for each answer, with the tokens that the upstream reported. */
function judgeTokens(exchanges: readonly ModelExchange[], records: readonly UsageRecord[]): readonly string[] {
  const reported = exchanges.flatMap(({ tokens }) => (tokens === undefined ? [] : [tokens]))
  const told = reported.map(({ input, cached, output }) => `${input - cached}+${cached}+${output}`)
  const noted = records.map(
    ({ tokens }) => `${tokens.inputTokens}+${tokens.cacheReadTokens ?? 0}+${tokens.outputTokens}`,
  )
  const isSame = JSON.stringify(told.toSorted()) === JSON.stringify(noted.toSorted())
  return isSame ? [] : [`the upstream reported the tokens ${told.join(', ')}; the records say ${noted.join(', ')}`]
}

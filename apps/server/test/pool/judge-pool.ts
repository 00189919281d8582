import type { UsageRecord } from '@relay/account-store'

import type { AnswerTokens } from '../clients/model/answer.ts'

/** What passed during one task. */
export interface TaskTraces {
  readonly records: readonly UsageRecord[]
  /** Tokens of the answers that the upstreams gave whole. */
  readonly given: readonly AnswerTokens[]
}

/** What is wrong with the bills of a task: every whole answer is billed once, as it was reported, and nothing else is. */
export function judgeBills({ records, given }: TaskTraces): readonly string[] {
  const billed = records.filter(({ reason }) => reason === 'completed').map(billOf)
  const reported = given.map(({ input, cached, output }) => `${input - cached}+${cached}+${output}`)
  const troubles = records
    .filter(({ reason, status }) => reason === 'internal_error' || (reason === 'completed' && status !== 200))
    .map(({ requestId, reason, status }) => `${requestId} ended with ${status} ${reason}`)
  if (JSON.stringify(billed.toSorted()) === JSON.stringify(reported.toSorted())) return troubles
  return [...troubles, `the upstreams reported ${reported.join(', ')}; the bills say ${billed.join(', ')}`]
}

function billOf({ tokens }: UsageRecord): string {
  return `${tokens.inputTokens}+${tokens.cacheReadTokens ?? 0}+${tokens.outputTokens}`
}

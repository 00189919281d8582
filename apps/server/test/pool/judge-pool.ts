import type { UsageRecord } from '@relay/account-store'

import type { AnswerTokens } from '../clients/model/answer.ts'

/** What passed during one task. */
export interface TaskTraces {
  readonly records: readonly UsageRecord[]
  /** Tokens of the answers that the upstreams gave whole. */
  readonly given: readonly AnswerTokens[]
}

/**
 * What is wrong with the bills of a task: every whole answer is billed once, as it was reported, and nothing else is but what
 * an upstream had reported before its attempt failed and another one answered.
 */
export function judgeBills({ records, given }: TaskTraces): readonly string[] {
  const completed = records.filter(({ reason }) => reason === 'completed')
  const troubles = records
    .filter(({ reason, status }) => reason === 'internal_error' || (reason === 'completed' && status !== 200))
    .map(({ requestId, reason, status }) => `${requestId} ended with ${status} ${reason}`)
  // Those of one attempt first: their bill is the answer itself.
  const left = [...given]
  const unmatched = completed
    .toSorted((one, other) => one.attempts.length - other.attempts.length)
    .filter((record) => {
      const index = left.findIndex((answer) => isBillOf(record, answer))
      if (index !== -1) left.splice(index, 1)
      return index === -1
    })
  if (unmatched.length + left.length === 0) return troubles
  const reported = given.map(({ input, cached, output }) => `${input - cached}+${cached}+${output}`).join(', ')
  return [...troubles, `the upstreams reported ${reported}; the bills say ${completed.map(billOf).join(', ')}`]
}

function isBillOf({ tokens, attempts }: UsageRecord, { input, cached, output }: AnswerTokens): boolean {
  const extra = [
    (tokens.inputTokens ?? 0) - (input - cached),
    (tokens.cacheReadTokens ?? 0) - cached,
    (tokens.outputTokens ?? 0) - output,
  ]
  return extra.every((tokensMore) => (attempts.length === 1 ? tokensMore === 0 : tokensMore >= 0))
}

function billOf({ tokens }: UsageRecord): string {
  return `${tokens.inputTokens}+${tokens.cacheReadTokens ?? 0}+${tokens.outputTokens}`
}

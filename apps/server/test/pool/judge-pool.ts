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
  const left = [...given]
  // Bills that are an answer and nothing else come first: a larger one may be the bill of several answers.
  const larger = completed.filter((record) => !takeBest(left, (answer) => (excessOf(record, answer) === 0 ? 0 : -1)))
  const unmatched = larger.filter(
    (record) => record.attempts.length === 1 || !takeBest(left, (answer) => excessOf(record, answer)),
  )
  if (unmatched.length + left.length === 0) return troubles
  const reported = given.map(({ input, cached, output }) => `${input - cached}+${cached}+${output}`).join(', ')
  return [...troubles, `the upstreams reported ${reported}; the bills say ${completed.map(billOf).join(', ')}`]
}

/**
 * Takes the answer out that a bill fits best.
 *
 * @param excess - what the bill holds beyond the answer; negative where it cannot be its bill
 * @returns whether there was one
 */
function takeBest(left: AnswerTokens[], excess: (answer: AnswerTokens) => number): boolean {
  const fits = left.map((answer) => ({ answer, excess: excess(answer) })).filter((fit) => fit.excess >= 0)
  const [best] = fits.toSorted((one, other) => one.excess - other.excess)
  if (best === undefined) return false
  left.splice(left.indexOf(best.answer), 1)
  return true
}

/** Tokens of a bill beyond those of an answer; -1 where it lacks some. */
function excessOf({ tokens }: UsageRecord, { input, cached, output }: AnswerTokens): number {
  const extra = [
    (tokens.inputTokens ?? 0) - (input - cached),
    (tokens.cacheReadTokens ?? 0) - cached,
    (tokens.outputTokens ?? 0) - output,
  ]
  return extra.some((tokensMore) => tokensMore < 0) ? -1 : extra.reduce((sum, tokensMore) => sum + tokensMore, 0)
}

function billOf({ tokens }: UsageRecord): string {
  return `${tokens.inputTokens}+${tokens.cacheReadTokens ?? 0}+${tokens.outputTokens}`
}

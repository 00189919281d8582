import type { UsageHistoryEntry } from '../transfer.ts'
import type { UsageSums } from '../usage-record.ts'
import type { Row } from './row.ts'
import { TOKEN_COLUMNS, type UsageRow } from './usage-rows.ts'

/** What is summed: the columns of sums; in Redis they lie in this order, so that a further one may only be added at the end. */
export const COUNT_COLUMNS: readonly string[] = [
  'requests',
  'failed',
  'with_losses',
  ...TOKEN_COLUMNS,
  'cost_micro_usd',
  'without_usage',
  'without_cost',
  'estimated',
]

/** The same, of one record. */
const COUNTS: readonly ((row: Row | UsageRow) => number)[] = [
  () => 1,
  (row) => Number(isFailed(row)),
  (row) => Number(row['has_losses'] ?? 0),
  ...[...TOKEN_COLUMNS, 'cost_micro_usd'].map((name) => (row: Row | UsageRow) => Number(row[name] ?? 0)),
  (row) => Number(row['usage_source'] === 'missing'),
  (row) => Number((row['cost_micro_usd'] ?? null) === null),
  (row) => Number(row['usage_source'] === 'estimated'),
]

/** What sums are kept by. */
export const KEPT_BY = ['key_id', 'owner', 'team', 'account_id', 'model_asked', 'model_served'] as const

/** Whether a request ended otherwise than complete or by the client's leaving. */
export function isFailed(row: Row | UsageRow): boolean {
  return row['reason'] !== 'completed' && row['reason'] !== 'client_closed'
}

/** What a record adds to the sums. */
export function countsOf(row: Row | UsageRow): number[] {
  return COUNTS.map((count) => count(row))
}

/** The same, added to what others have added. */
export function addTo(counts: number[], row: Row | UsageRow): void {
  for (let index = 0; index < COUNTS.length; index += 1)
    counts[index] = (counts[index] ?? 0) + (COUNTS[index]?.(row) ?? 0)
}

/** What usage that is known as a sum adds to them. */
export function countsOfHistory({ sums }: UsageHistoryEntry): readonly number[] {
  const { tokens } = sums
  return [
    sums.requests,
    sums.requestsFailed,
    sums.requestsWithLosses,
    tokens.inputTokens,
    tokens.cacheReadTokens,
    tokens.cacheWrite5mTokens,
    tokens.cacheWrite1hTokens,
    tokens.cacheWriteOtherTokens,
    tokens.outputTokens,
    tokens.reasoningTokens,
    sums.costMicroUsd,
    sums.requestsWithoutUsage,
    sums.requestsWithoutCost,
    sums.requestsEstimated,
  ]
}

/** Adds up what many rows count. */
export function addCounts(left: readonly number[], right: readonly number[]): readonly number[] {
  return COUNTS.map((_, index) => (left[index] ?? 0) + (right[index] ?? 0))
}

/** The counts by their names. */
export function toSums(counts: readonly number[]): UsageSums {
  const at = (index: number): number => counts[index] ?? 0
  return {
    requests: at(0),
    tokens: {
      inputTokens: at(3),
      cacheReadTokens: at(4),
      cacheWrite5mTokens: at(5),
      cacheWrite1hTokens: at(6),
      cacheWriteOtherTokens: at(7),
      outputTokens: at(8),
      reasoningTokens: at(9),
    },
    costMicroUsd: at(10),
    requestsFailed: at(1),
    requestsWithLosses: at(2),
    requestsWithoutUsage: at(11),
    requestsWithoutCost: at(12),
    requestsEstimated: at(13),
  }
}

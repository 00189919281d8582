import type { Row } from '../rows/row.ts'
import type { UsageSums } from '../usage-record.ts'
import { isFailed } from './matches-usage.ts'

/** The names of the numbers as columns of the embedded store, in the same order. */
export const COUNT_COLUMNS = [
  'requests',
  'failed',
  'with_losses',
  'input_tokens',
  'cache_read_tokens',
  'cache_write_5m_tokens',
  'cache_write_1h_tokens',
  'cache_write_other_tokens',
  'output_tokens',
  'reasoning_tokens',
  'cost_micro_usd',
  'without_usage',
  'without_cost',
] as const

/** Numbers that are summed, in the order in which they lie in Redis; a further one may only be added at the end. */
const COUNTS: readonly ((row: Row) => number)[] = [
  () => 1,
  (row) => Number(isFailed(row)),
  (row) => Number(row['has_losses'] ?? 0),
  (row) => Number(row['input_tokens'] ?? 0),
  (row) => Number(row['cache_read_tokens'] ?? 0),
  (row) => Number(row['cache_write_5m_tokens'] ?? 0),
  (row) => Number(row['cache_write_1h_tokens'] ?? 0),
  (row) => Number(row['cache_write_other_tokens'] ?? 0),
  (row) => Number(row['output_tokens'] ?? 0),
  (row) => Number(row['reasoning_tokens'] ?? 0),
  (row) => Number(row['cost_micro_usd'] ?? 0),
  (row) => Number(row['usage_source'] === 'missing'),
  (row) => Number((row['cost_micro_usd'] ?? null) === null),
]

/** What sums are kept by. */
export const KEPT_BY = ['key_id', 'owner', 'team', 'account_id', 'model_asked', 'model_served'] as const

/** A record, or the sums of many that have the columns in common. */
export interface SumRow {
  /** When the record arrived, or the start of the span. */
  readonly at: number
  /** A record's own columns; of sums only what they are kept by, and the newest names. */
  readonly columns: Row
  readonly counts: readonly number[]
}

/** What a record adds to the sums. */
export function countsOf(row: Row): readonly number[] {
  return COUNTS.map((count) => count(row))
}

/** The field under which the sums of records like this one lie. */
export function groupOf(row: Row): string {
  return JSON.stringify(KEPT_BY.map((column) => (row[column] === '' ? null : (row[column] ?? null))))
}

/** The names that are kept with the sums; a line break would be mistaken for the end of one. */
export function namesOf(row: Row): readonly [keyName: string, accountName: string] {
  const name = (column: string): string => String(row[column] ?? '').replaceAll('\n', ' ')
  return [name('key_name'), name('account_name')]
}

/** Reads the sums of a group. */
export function toSumRow(at: number, group: string, text: string): SumRow {
  const [numbers = '', keyName = '', accountName = ''] = text.split('\n')
  // Written by `groupOf`.
  const values = JSON.parse(group) as readonly (string | null)[]
  const columns = Object.fromEntries(KEPT_BY.map((column, index) => [column, values[index] ?? null]))
  return {
    at,
    columns: { ...columns, key_name: keyName, account_name: accountName },
    counts: numbers.split(',').map(Number),
  }
}

/** The text under which the sums of a group lie, see `ADD_SUMS`. */
export function sumText(counts: readonly number[], names: readonly [keyName: string, accountName: string]): string {
  return [counts.join(','), ...names].join('\n')
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
  }
}

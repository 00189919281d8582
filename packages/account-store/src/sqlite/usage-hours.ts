import { readOptionalNumber } from '../rows/row.ts'
import type { UsageFilter } from '../usage-record.ts'
import type { Connection, Parameters } from './connection.ts'

/**
 * Where the records of one key, account, owner or session are found: in the index of an hour, hour by hour. An index by key
 * alone would have a page of its own to write for each record.
 */
const INDEXES: readonly (readonly [field: keyof UsageFilter, name: string])[] = [
  ['sessionId', 'usage_records_by_hour_and_session'],
  ['keyId', 'usage_records_by_hour_and_key'],
  ['accountId', 'usage_records_by_hour_and_account'],
  ['owner', 'usage_records_by_hour_and_owner'],
]

const HOUR_MS = 3_600_000

/** Hours since the epoch, both included; none where `first` comes after `last`. */
export interface Hours {
  readonly first: number
  readonly last: number
}

/** Prepares the question in which hours records are that a filter can mean. */
export function createHoursOf(connection: Connection): (filter: Pick<UsageFilter, 'from' | 'before'>) => Hours {
  const bounds = connection.prepare(`
    SELECT (SELECT min(started_at) FROM usage_records) AS oldest, (SELECT max(started_at) FROM usage_records) AS newest`)
  return ({ from = -Infinity, before = Infinity }) => {
    const row = bounds.get() ?? {}
    const first = Math.max(from, readOptionalNumber(row, 'oldest') ?? 0)
    const last = Math.min(before, readOptionalNumber(row, 'newest') ?? -1)
    return { first: Math.floor(first / HOUR_MS), last: Math.floor(last / HOUR_MS) }
  }
}

/** What records are read from; the index where the filter has one. */
export function recordsFor(filter: UsageFilter): string {
  const index = indexFor(filter)
  return index === undefined ? 'usage_records' : `usage_records INDEXED BY ${index}`
}

/** The condition that leads through the hours of {@link hourParameters}; none where the filter has no index by the hour. */
export function hourCondition(filter: UsageFilter, suffix: string = ''): readonly string[] {
  if (indexFor(filter) === undefined) return []
  return [
    `started_at / ${HOUR_MS} IN (
      WITH RECURSIVE hours (hour) AS (
        SELECT :firstHour${suffix} WHERE :firstHour${suffix} <= :lastHour${suffix}
        UNION ALL SELECT hour + 1 FROM hours WHERE hour < :lastHour${suffix})
      SELECT hour FROM hours)`,
  ]
}

/** See {@link hourCondition}. */
export function hourParameters(filter: UsageFilter, { first, last }: Hours, suffix: string = ''): Parameters {
  return indexFor(filter) === undefined ? {} : { [`firstHour${suffix}`]: first, [`lastHour${suffix}`]: last }
}

/** Whether records are found hour by hour. */
export function isFoundByHour(filter: UsageFilter): boolean {
  return indexFor(filter) !== undefined
}

function indexFor(filter: UsageFilter): string | undefined {
  return INDEXES.find(([field]) => filter[field] !== undefined)?.[1]
}

import { readOptionalNumber } from '../rows/row.ts'
import type { UsageFilter } from '../usage-record.ts'
import type { Connection, Parameters } from './connection.ts'

/**
 * Where the records of one key, account, owner or session are found: shift by shift, a shift being four hours. An index by key
 * alone would have a page of its own to write for each record; with shorter shifts there would be more to look through.
 */
const INDEXES: readonly (readonly [field: keyof UsageFilter, name: string])[] = [
  ['sessionId', 'usage_records_by_shift_and_session'],
  ['keyId', 'usage_records_by_shift_and_key'],
  ['accountId', 'usage_records_by_shift_and_account'],
  ['owner', 'usage_records_by_shift_and_owner'],
]

/** The length of a shift, milliseconds. */
export const SHIFT_MS: number = 4 * 3_600_000

/** Shifts since the epoch, both included; none where `first` comes after `last`. */
export interface Shifts {
  readonly first: number
  readonly last: number
}

/** Where in time records are. */
export interface UsageTimes {
  /** Shifts of the records that a filter can mean, from the oldest to the newest. */
  shiftsOf(filter: Pick<UsageFilter, 'from' | 'before'>): Shifts
  /** The shift of the newest record that is older than a time; `undefined` when there is none. */
  newestBefore(before: number): number | undefined
}

/** Prepares the questions. */
export function createUsageTimes(connection: Connection): UsageTimes {
  const newest = connection.prepare('SELECT max(started_at) AS at FROM usage_records WHERE started_at < :before')
  const oldest = connection.prepare('SELECT min(started_at) AS at FROM usage_records')

  function newestBefore(before: number): number | undefined {
    const at = readOptionalNumber(newest.get({ before: Math.min(before, Number.MAX_SAFE_INTEGER) }) ?? {}, 'at')
    return at === undefined ? undefined : shiftOf(at)
  }

  return {
    newestBefore,
    shiftsOf: ({ from = -Infinity, before = Infinity }) => ({
      first: shiftOf(Math.max(from, readOptionalNumber(oldest.get() ?? {}, 'at') ?? 0)),
      last: newestBefore(before) ?? -1,
    }),
  }
}

function shiftOf(at: number): number {
  return Math.floor(at / SHIFT_MS)
}

/** What records are read from; the index where the filter has one. */
export function recordsFor(filter: UsageFilter): string {
  const index = indexFor(filter)
  return index === undefined ? 'usage_records' : `usage_records INDEXED BY ${index}`
}

/** The condition that leads through shifts, with {@link shiftParameters}; none where the filter has no index by the shift. */
export function shiftCondition(filter: UsageFilter, { first, last }: Shifts, suffix: string = ''): readonly string[] {
  if (indexFor(filter) === undefined) return []
  const shift = `started_at / ${SHIFT_MS}`
  if (first === last) return [`${shift} = :firstShift${suffix}`] // whose records the index tells in order
  return [
    `${shift} IN (
      WITH RECURSIVE shifts (shift) AS (
        SELECT :firstShift${suffix} WHERE :firstShift${suffix} <= :lastShift${suffix}
        UNION ALL SELECT shift + 1 FROM shifts WHERE shift < :lastShift${suffix})
      SELECT shift FROM shifts)`,
  ]
}

/** See {@link shiftCondition}. */
export function shiftParameters(filter: UsageFilter, { first, last }: Shifts, suffix: string = ''): Parameters {
  if (indexFor(filter) === undefined) return {}
  return { [`firstShift${suffix}`]: first, ...(first === last ? {} : { [`lastShift${suffix}`]: last }) }
}

/** Whether records are found shift by shift. */
export function isFoundByShift(filter: UsageFilter): boolean {
  return indexFor(filter) !== undefined
}

function indexFor(filter: UsageFilter): string | undefined {
  return INDEXES.find(([field]) => filter[field] !== undefined)?.[1]
}

import { readNumber, readOptionalNumber } from '../rows/row.ts'
import { COUNT_COLUMNS, KEPT_BY } from '../rows/usage-counts.ts'
import { ceil, floor } from '../usage-spans.ts'
import type { Connection } from './connection.ts'
import type { RolledLevel, SumMark } from './sum-marks.ts'
import { createSumMarks, GRAINS } from './sum-marks.ts'
import { PLACE, SUM_NAMES } from './usage-sum-writer.ts'

/**
 * Makes the sums of days of those of their hours, and of months of those of their days. Written with each record, each would
 * cost a page of its own: one of the month for every key.
 */
export interface UsageRollUp {
  /** One step inside a transaction of the caller, of some 20 ms at most.
   * @param now - spans that are over by then are made, milliseconds since the epoch
   * @returns whether there may be more to do */
  step(now: number): boolean
  /** The same until the end of the newest month that there is, so that all sums are there; until then they are written with each record. */
  stepToEnd(now: number): boolean
}

/** What a span is made of: hours of a day, days of a month. */
const PART_MS: Readonly<Record<RolledLevel, number>> = { days: 3_600_000, months: 86_400_000 }
/** Keys in one step: each has some rows in each of 24 hours or 31 days. */
const STEP_KEYS = 100
/** Steps lead through the first four hexadecimal digits of the ids of keys. */
const DIGITS = 4
const PLACES = 16 ** DIGITS
/** Follows every id. */
const LAST = '\u{10ffff}'

/** Prepares the statements. */
export function createUsageRollUp(connection: Connection): UsageRollUp {
  const marks = createSumMarks(connection)
  const { next, keys, newest, sumUp } = prepareStatements(connection)

  /** The span that is next, or is being made; `Infinity` when nothing is there to make one of. */
  function nextSpan(level: RolledLevel, mark: SumMark): number {
    if (mark.key !== '') return mark.before
    const row = next.get({ source: GRAINS[level] - 1, before: mark.before })
    return floor(level, readOptionalNumber(row ?? {}, 'starts_at') ?? Infinity)
  }

  /** Where a step ends that begins with a key. */
  function nextKey(key: string): string {
    const count = Math.max(readNumber(keys.get() ?? {}, 'count'), STEP_KEYS)
    const place = (key === '' ? 0 : Number.parseInt(key, 16)) + Math.ceil((PLACES * STEP_KEYS) / count)
    return place < PLACES ? place.toString(16).padStart(DIGITS, '0') : LAST
  }

  /** @returns whether something was done */
  function roll(level: RolledLevel, until: number): boolean {
    const mark = marks.read(level)
    const startsAt = nextSpan(level, mark)
    if (startsAt >= until) {
      if (mark.before < until) marks.write(level, { before: until, key: '' })
      return false
    }
    const endsAt = ceil(level, startsAt + 1)
    const end = nextKey(mark.key)
    sumUp.run({ grain: GRAINS[level], startsAt, endsAt, stepMs: PART_MS[level], key: mark.key, end })
    marks.write(level, end === LAST ? { before: endsAt, key: '' } : { before: startsAt, key: end })
    return true
  }

  function rollBoth(until: number): boolean {
    return roll('days', floor('days', until)) || roll('months', floor('months', until))
  }

  return {
    step: rollBoth,
    stepToEnd: (now) => {
      const last = Math.max(now, readOptionalNumber(newest.get() ?? {}, 'starts_at') ?? 0)
      return rollBoth(ceil('months', last + 1))
    },
  }
}

function prepareStatements(connection: Connection) {
  const kept = KEPT_BY.join(', ')
  const names = SUM_NAMES.join(', ')
  const sums = COUNT_COLUMNS.join(', ')
  return {
    next: connection.prepare(`
      SELECT min(starts_at) AS starts_at FROM usage_sums WHERE grain = :source AND starts_at >= :before`),
    newest: connection.prepare(`SELECT max(starts_at) AS starts_at FROM usage_sums WHERE grain = ${GRAINS.hours}`),
    keys: connection.prepare('SELECT count(*) AS count FROM relay_keys'),
    // Nodes of an older version have written into such rows, too: what the spans within say counts.
    sumUp: connection.prepare(`
      INSERT INTO usage_sums (grain, starts_at, ${kept}, ${names}, ${sums})
      SELECT :grain, :startsAt, ${kept}, ${names}, ${sums} FROM (
        SELECT ${kept}, ${names}, ${COUNT_COLUMNS.map((name) => `sum(${name}) AS ${name}`).join(', ')}, max(starts_at)
        FROM usage_sums
        WHERE grain = :grain - 1 AND key_id >= :key AND key_id < :end AND starts_at IN (
          WITH RECURSIVE spans (at) AS (
            SELECT :startsAt UNION ALL SELECT at + :stepMs FROM spans WHERE at + :stepMs < :endsAt)
          SELECT at FROM spans)
        GROUP BY ${kept})
      WHERE true
      ON CONFLICT (${PLACE.join(', ')}) DO UPDATE SET
        ${[...SUM_NAMES, ...COUNT_COLUMNS].map((name) => `${name} = excluded.${name}`).join(', ')}`),
  }
}

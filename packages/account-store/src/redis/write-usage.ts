import type { Row } from '../rows/row.ts'
import { countsOf } from '../rows/usage-counts.ts'
import type { UsageRow } from '../rows/usage-rows.ts'
import type { SumsLevel } from '../usage-spans.ts'
import { floor } from '../usage-spans.ts'
import type { RedisContext } from './context.ts'
import { dayOf } from './read-usage.ts'
import type { RedisKeys } from './redis-keys.ts'
import { toNumber } from './reply.ts'
import { WRITE_USAGE } from './scripts/usage.ts'
import { groupOf, namesOf } from './usage-sum-row.ts'

/** Levels at which sums are kept. */
export const KEPT_LEVELS: readonly Exclude<SumsLevel, 'records'>[] = ['hours', 'days', 'months']

/** Index of the first key among those that depend on the records. */
const FIRST_KEY = 6

/**
 * Writes a batch of records, a script for each of its days; records that are there already are left as they are.
 *
 * @param levels - of the sums that they are added to; all of them unless said otherwise
 * @returns how many were new
 * @throws StoreError; writing the batch again does no harm
 */
export async function writeUsage(
  context: RedisContext,
  batch: readonly UsageRow[],
  levels: readonly Exclude<SumsLevel, 'records'>[] = KEPT_LEVELS,
): Promise<number> {
  // A data set that is gone, or another one in its place, gets no records: they wait.
  await context.feed.catchUp()
  let count = 0
  for (const [day, rows] of Map.groupBy(batch, (row) => dayOf(Number(row['started_at'])))) {
    count += await writeDay(context, { day, rows: rows.map(toColumns), levels })
  }
  return count
}

interface DayBatch {
  readonly day: number
  readonly rows: readonly Row[]
  readonly levels: readonly Exclude<SumsLevel, 'records'>[]
}

async function writeDay({ link, keys }: RedisContext, { day, rows, levels }: DayBatch): Promise<number> {
  const places = createKeyList(FIRST_KEY)
  const records = rows.map((row) => {
    const at = Number(row['started_at'])
    return JSON.stringify({
      id: row['request_id'],
      at,
      key: row['key_id'],
      row: JSON.stringify(row),
      lists: listsOf(keys, day, row).map(places.indexOf),
      spans: levels.map((level) => {
        const startsAt = floor(level, at)
        const { starts, at: sumsAt } = keys.sumsOf(level)
        return { starts: places.indexOf(starts), sums: places.indexOf(sumsAt(startsAt)), at: startsAt }
      }),
      group: groupOf(row),
      counts: countsOf(row),
      names: namesOf(row),
    })
  })
  const { usageDays, lastUses, usageNumber, running } = keys
  const fixed = [keys.usageOf(day).records, usageDays, lastUses, usageNumber, running]
  return toNumber(await link.run(WRITE_USAGE, { keys: [...fixed, ...places.all()], args: [day, ...records] }))
}

/** The lists of its day that a record is in. */
export function listsOf(keys: RedisKeys, day: number, row: Row): readonly string[] {
  const places = keys.usageOf(day)
  const lists = [places.all, places.ofRelayKey(String(row['key_id']))]
  const accountId = row['account_id'] ?? undefined
  return accountId === undefined ? lists : [...lists, places.ofAccount(String(accountId))]
}

/** Keys of a script that records name by their index. */
export interface KeyList {
  indexOf(key: string): number
  all(): readonly string[]
}

/** @param first - index of the first one among the keys of the script */
export function createKeyList(first: number): KeyList {
  const indexes = new Map<string, number>()
  return {
    indexOf: (key) => {
      const index = indexes.get(key) ?? first + indexes.size
      indexes.set(key, index)
      return index
    },
    all: () => [...indexes.keys()],
  }
}

/** As a row of the embedded store would have it: truth is 1, and what is not known is not there. */
function toColumns(row: UsageRow): Row {
  const known = Object.entries(row).flatMap(([name, value]): [string, string | number][] => {
    if (value === undefined || value === null) return []
    return [[name, typeof value === 'boolean' ? Number(value) : value]]
  })
  return Object.fromEntries(known)
}

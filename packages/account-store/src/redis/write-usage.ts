import type { UsageRow } from '../rows/usage-rows.ts'
import type { RedisContext } from './context.ts'
import { dayOf } from './read-usage.ts'
import { WRITE_USAGE } from './scripts/usage.ts'

/** Index of the first sorted set among the keys of the script. */
const FIRST_LIST = 5

/**
 * Writes a batch of records, a script for each of its days; records that are there already are left as they are.
 *
 * @throws StoreError; writing the batch again does no harm
 */
export async function writeUsage(context: RedisContext, batch: readonly UsageRow[]): Promise<void> {
  for (const [day, rows] of Map.groupBy(batch, (row) => dayOf(Number(row['started_at'])))) {
    await writeDay(context, day, rows)
  }
}

async function writeDay({ link, keys }: RedisContext, day: number, rows: readonly UsageRow[]): Promise<void> {
  const places = keys.usageOf(day)
  const lists: string[] = []
  const indexOf = (list: string): number => {
    if (!lists.includes(list)) lists.push(list)
    return lists.indexOf(list) + FIRST_LIST
  }
  const records = rows.map((row) => {
    const accountId = row['account_id'] ?? undefined
    const listed = [places.all, places.ofRelayKey(String(row['key_id']))]
    if (accountId !== undefined) listed.push(places.ofAccount(String(accountId)))
    return JSON.stringify({
      id: row['request_id'],
      at: row['started_at'],
      key: row['key_id'],
      row: JSON.stringify(toColumns(row)),
      lists: listed.map(indexOf),
    })
  })
  await link.run(WRITE_USAGE, {
    keys: [places.records, keys.usageDays, keys.lastUses, keys.usageNumber, ...lists],
    args: [day, ...records],
  })
}

/** As a row of the embedded store would have it: truth is 1, and what is not known is not there. */
function toColumns(row: UsageRow): Readonly<Record<string, string | number>> {
  const known = Object.entries(row).flatMap(([name, value]): [string, string | number][] => {
    if (value === undefined || value === null) return []
    return [[name, typeof value === 'boolean' ? Number(value) : value]]
  })
  return Object.fromEntries(known)
}

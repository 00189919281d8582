import { refuseField } from '../check-field.ts'
import { COUNT_COLUMNS } from '../rows/usage-counts.ts'
import type { UsageRow } from '../rows/usage-rows.ts'
import type { TransferRow, TransferTable } from '../transfer.ts'
import { TRANSFER_TABLES } from '../transfer.ts'
import type { RedisContext } from './context.ts'
import type { RedisCommand } from './link.ts'
import { LOADING } from './meta.ts'
import { daysBetween } from './read-usage.ts'
import { toNumber, toPairs, toRow, toTexts } from './reply.ts'
import { groupOf, namesOf, sumText } from './usage-sum-row.ts'
import { writeConfig } from './write-config.ts'
import { KEPT_LEVELS, listsOf, writeUsage } from './write-usage.ts'

/** Rows that are written in one go. */
const BATCH = 500

/**
 * Writes everything into a data set without accounts (but the demo), keys and usage.
 *
 * Records, sums and counters are written as they come, what operators decide at the end. An error takes everything away again;
 * should the process die meanwhile, the data set says so and is opened by nobody.
 */
export async function writeEverything(context: RedisContext, rows: AsyncIterable<TransferRow>): Promise<number> {
  const { link, keys } = context
  await requireEmpty(context)
  await link.send(['HSET', keys.meta, LOADING, '1'])
  try {
    const { count, config } = await writeUsageRows(context, rows)
    await writeConfig(context, config)
    await link.send(['HDEL', keys.meta, LOADING])
    return count
  } catch (error) {
    await takeBack(context)
    await link.send(['HDEL', keys.meta, LOADING])
    throw error
  }
}

/** What a first start makes may go; anything else may not. */
async function requireEmpty(context: RedisContext): Promise<void> {
  const { link, keys } = context
  const [accounts] = await link.send(['HGETALL', keys.accounts])
  const own = toPairs(accounts).filter(([, text]) => !String(toRow(text)['settings']).includes('"isDemo":true'))
  const [relayKeys] = await link.send(['HLEN', keys.relayKeys])
  const days = await daysBetween(context, 0, Infinity)
  const left = [
    [own.length, 'account', 'accounts'],
    [toNumber(relayKeys), 'relay key', 'relay keys'],
    [days.length, 'day of usage records', 'days of usage records'],
  ] as const
  const words = left
    .filter(([number]) => number > 0)
    .map(([number, one, many]) => `${number} ${number === 1 ? one : many}`)
  if (words.length > 0) refuseField('the data set', `is not empty: it has ${words.join(', ')}; use a new one`)
  await removeSums(context)
}

interface Loaded {
  readonly count: number
  /** What is written at the end. */
  readonly config: readonly TransferRow[]
}

async function writeUsageRows(context: RedisContext, rows: AsyncIterable<TransferRow>): Promise<Loaded> {
  const config: TransferRow[] = []
  let batch: TransferRow[] = []
  let count = 0
  for await (const row of rows) {
    if (!TRANSFER_TABLES.includes(row.table)) continue // a newer version has more
    count += 1
    const isOfUsage = row.table === 'usage_records' || row.table === 'usage_sums'
    if (isOfUsage) batch.push(row)
    else config.push(row)
    if (batch.length < BATCH) continue
    await writeBatch(context, batch)
    batch = []
  }
  await writeBatch(context, batch)
  return { count, config }
}

async function writeBatch(context: RedisContext, batch: readonly TransferRow[]): Promise<void> {
  const rowsOf = (table: TransferTable): readonly TransferRow['row'][] =>
    batch.filter((each) => each.table === table).map(({ row }) => row)
  // The sums are carried themselves: they are older than the records.
  const records = rowsOf('usage_records').map(withoutNulls)
  if (records.length > 0) await writeUsage(context, records, [])
  const sums = rowsOf('usage_sums').flatMap((row) => sumCommands(context, row))
  if (sums.length > 0) await context.link.send(...sums)
}

function withoutNulls(row: TransferRow['row']): UsageRow {
  return Object.fromEntries(
    Object.entries(row).flatMap(([name, value]): [string, string | number][] =>
      value === null ? [] : [[name, value]],
    ),
  )
}

function sumCommands({ keys }: RedisContext, row: TransferRow['row']): readonly RedisCommand[] {
  const level = KEPT_LEVELS[Number(row['grain'])]
  if (level === undefined) return []
  const startsAt = Number(row['starts_at'])
  const { starts, at } = keys.sumsOf(level)
  const counts = COUNT_COLUMNS.map((column) => Number(row[column] ?? 0))
  return [
    ['ZADD', starts, startsAt, startsAt],
    ['HSET', at(startsAt), groupOf(row), sumText(counts, namesOf(row))],
  ]
}

/** Takes away what a load has written that went wrong. */
async function takeBack(context: RedisContext): Promise<void> {
  const { link, keys } = context
  await removeSums(context)
  for (const day of await daysBetween(context, 0, Infinity)) {
    const { records, all } = keys.usageOf(day)
    const [texts] = await link.send(['HVALS', records])
    const lists = new Set(toTexts(texts).flatMap((text) => (text === undefined ? [] : listsOf(keys, day, toRow(text)))))
    await link.send(['UNLINK', records, all, ...lists], ['ZREM', keys.usageDays, day])
  }
  await link.send(['UNLINK', keys.lastUses, keys.usageNumber])
}

async function removeSums({ link, keys }: RedisContext): Promise<void> {
  for (const level of KEPT_LEVELS) {
    const { starts, at } = keys.sumsOf(level)
    const [found] = await link.send(['ZRANGE', starts, 0, -1])
    for (const startsAt of toTexts(found).map(toNumber)) await link.send(['UNLINK', at(startsAt)])
    await link.send(['UNLINK', starts])
  }
}

import { checkNumber, refuseField } from '../check-field.ts'
import type { Row } from '../rows/row.ts'
import type { UsageRow } from '../rows/usage-rows.ts'
import { toUsageRecord, toUsageRow } from '../rows/usage-rows.ts'
import { StoreError } from '../store-error.ts'
import type { UsageRoom } from '../store/usage-room.ts'
import { openSpool } from '../usage-queue/spool.ts'
import type { UsageQueue } from '../usage-queue/usage-queue.ts'
import { createUsageQueue } from '../usage-queue/usage-queue.ts'
import type { UsageFilter, UsagePage, UsageQuery, UsageRecord, UsageSums } from '../usage-record.ts'
import type { RedisContext } from './context.ts'
import { isFailed } from './matches-usage.ts'
import type { PlacedRow, UsagePlace } from './read-usage.ts'
import { daysBetween, readUsage } from './read-usage.ts'
import { toRow, toText } from './reply.ts'
import { FIND_USAGE } from './scripts/usage.ts'
import { writeUsage } from './write-usage.ts'

/** Usage in Redis, and its queue for whoever watches and closes it. */
export interface RedisUsage {
  readonly room: UsageRoom
  readonly queue: Pick<UsageQueue<UsageRow>, 'state' | 'stop'>
}

const PAGE_RECORDS = { min: 1, max: 500 }
const DEFAULT_PAGE_RECORDS = 50
const CURSOR = /^(\d{1,16})-(\d{1,16})$/

/**
 * Usage records in Redis.
 *
 * @param queueFolder - where records wait while Redis is away
 */
export function createUsage(context: RedisContext, queueFolder: string | undefined): RedisUsage {
  const queue = createUsageQueue<UsageRow>({
    spool: queueFolder === undefined ? undefined : openSpool(queueFolder),
    write: async (batch) => writeUsage(context, batch),
  })

  async function listUsage(query: UsageQuery = {}): Promise<UsagePage> {
    const limit = checkNumber('limit', query.limit ?? DEFAULT_PAGE_RECORDS, PAGE_RECORDS)
    const after = query.cursor === undefined ? undefined : parseCursor(query.cursor)
    await queue.flush()
    const found: PlacedRow[] = []
    for await (const placed of readUsage(context, query, after)) {
      found.push(placed)
      if (found.length > limit) break
    }
    const shown = found.slice(0, limit)
    const last = found.length > limit ? shown.at(-1) : undefined
    return {
      records: shown.map(({ row }) => toUsageRecord(row)),
      nextCursor: last === undefined ? undefined : `${last.place.at}-${last.place.number}`,
    }
  }

  async function getUsage(requestId: string): Promise<UsageRecord | undefined> {
    await queue.flush()
    const days = await daysBetween(context, 0, Infinity)
    if (days.length === 0) return undefined
    const keys = days.map((day) => context.keys.usageOf(day).records)
    const text = toText(await context.link.run(FIND_USAGE, { keys, args: [requestId] }))
    return text === undefined ? undefined : toUsageRecord(toRow(text))
  }

  async function sumUsage(filter: UsageFilter = {}): Promise<UsageSums> {
    await queue.flush()
    let sums = NOTHING
    for await (const { row } of readUsage(context, filter)) sums = addToSums(sums, row)
    return sums
  }

  const room: UsageRoom = {
    recordUsage: (record) => queue.push(toUsageRow(record)),
    flushUsage: queue.flush,
    listUsage,
    getUsage,
    sumUsage,
    ...NOT_YET,
  }
  return { room, queue }
}

async function refuse(): Promise<never> {
  throw new StoreError('store-unavailable', 'this is not kept on Redis yet; use the embedded store for it')
}

const NOT_YET: Pick<
  UsageRoom,
  | 'breakDownUsage'
  | 'measureLatency'
  | 'countLosses'
  | 'changeUsageCosts'
  | 'removeOldUsage'
  | 'noteRunning'
  | 'recordInterrupted'
> = {
  breakDownUsage: refuse,
  measureLatency: refuse,
  countLosses: refuse,
  changeUsageCosts: refuse,
  removeOldUsage: refuse,
  noteRunning: () => undefined,
  recordInterrupted: async () => 0,
}

function parseCursor(cursor: string): UsagePlace {
  const [, at, number] = CURSOR.exec(cursor) ?? []
  if (at === undefined || number === undefined) {
    refuseField('cursor', 'is not one that a page of usage records came with')
  }
  return { at: Number(at), number: Number(number) }
}

const NOTHING: UsageSums = {
  requests: 0,
  tokens: {
    inputTokens: 0,
    cacheReadTokens: 0,
    cacheWrite5mTokens: 0,
    cacheWrite1hTokens: 0,
    cacheWriteOtherTokens: 0,
    outputTokens: 0,
    reasoningTokens: 0,
  },
  costMicroUsd: 0,
  requestsFailed: 0,
  requestsWithLosses: 0,
  requestsWithoutUsage: 0,
  requestsWithoutCost: 0,
}

function addToSums(sums: UsageSums, row: Row): UsageSums {
  const { tokens } = sums
  const known = (column: string): number => Number(row[column] ?? 0)
  return {
    requests: sums.requests + 1,
    tokens: {
      inputTokens: tokens.inputTokens + known('input_tokens'),
      cacheReadTokens: tokens.cacheReadTokens + known('cache_read_tokens'),
      cacheWrite5mTokens: tokens.cacheWrite5mTokens + known('cache_write_5m_tokens'),
      cacheWrite1hTokens: tokens.cacheWrite1hTokens + known('cache_write_1h_tokens'),
      cacheWriteOtherTokens: tokens.cacheWriteOtherTokens + known('cache_write_other_tokens'),
      outputTokens: tokens.outputTokens + known('output_tokens'),
      reasoningTokens: tokens.reasoningTokens + known('reasoning_tokens'),
    },
    costMicroUsd: sums.costMicroUsd + known('cost_micro_usd'),
    requestsFailed: sums.requestsFailed + (isFailed(row) ? 1 : 0),
    requestsWithLosses: sums.requestsWithLosses + Number(row['has_losses'] ?? 0),
    requestsWithoutUsage: sums.requestsWithoutUsage + (row['usage_source'] === 'missing' ? 1 : 0),
    requestsWithoutCost: sums.requestsWithoutCost + (row['cost_micro_usd'] === undefined ? 1 : 0),
  }
}

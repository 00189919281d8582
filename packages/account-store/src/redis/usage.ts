import { checkNumber, refuseField } from '../check-field.ts'
import type { UsageRow } from '../rows/usage-rows.ts'
import { toUsageRecord, toUsageRow } from '../rows/usage-rows.ts'
import type { UsageRoom } from '../store/usage-room.ts'
import { openSpool } from '../usage-queue/spool.ts'
import type { UsageQueue } from '../usage-queue/usage-queue.ts'
import { createUsageQueue } from '../usage-queue/usage-queue.ts'
import type { UsagePage, UsageQuery, UsageRecord } from '../usage-record.ts'
import type { RedisContext } from './context.ts'
import type { PlacedRow, UsagePlace } from './read-usage.ts'
import { daysBetween, readUsage } from './read-usage.ts'
import { toRow, toTexts } from './reply.ts'
import { createRunningRequests } from './running-requests.ts'
import { FIND_USAGE } from './scripts/usage.ts'
import { createUsageMeasures } from './usage-measures.ts'
import { createUsageSums } from './usage-sums.ts'
import { createUsageUpkeep } from './usage-upkeep.ts'
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
  const running = createRunningRequests(context)
  const queue = createUsageQueue<UsageRow>({
    spool: queueFolder === undefined ? undefined : openSpool(queueFolder),
    write: async (batch) => {
      await writeUsage(context, batch)
    },
  })

  async function flush(): Promise<void> {
    await queue.flush()
    await running.flush()
  }

  async function listUsage(query: UsageQuery = {}): Promise<UsagePage> {
    const limit = checkNumber('limit', query.limit ?? DEFAULT_PAGE_RECORDS, PAGE_RECORDS)
    const after = query.cursor === undefined ? undefined : parseCursor(query.cursor)
    await flush()
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
    await flush()
    const days = await daysBetween(context, 0, Infinity)
    if (days.length === 0) return undefined
    const keys = days.map((day) => context.keys.usageOf(day).records)
    const [text] = toTexts(await context.link.run(FIND_USAGE, { keys, args: [requestId] }))
    return text === undefined ? undefined : toUsageRecord(toRow(text))
  }

  const room: UsageRoom = {
    recordUsage: (record) => {
      running.forget(record.requestId)
      return queue.push(toUsageRow(record))
    },
    flushUsage: flush,
    listUsage,
    getUsage,
    ...createUsageSums(context, flush),
    ...createUsageMeasures(context, flush),
    ...createUsageUpkeep(context, flush),
    noteRunning: running.note,
    recordInterrupted: async () =>
      running.recordInterrupted(async (records) => writeUsage(context, records.map(toUsageRow))),
  }
  const stop = async (): Promise<void> => {
    await queue.stop()
    // A node that cannot say goodbye is found dead a minute later, without anything to record.
    await running.stop().catch(() => undefined)
  }
  return { room, queue: { state: queue.state, stop } }
}

function parseCursor(cursor: string): UsagePlace {
  const [, at, number] = CURSOR.exec(cursor) ?? []
  if (at === undefined || number === undefined) {
    refuseField('cursor', 'is not one that a page of usage records came with')
  }
  return { at: Number(at), number: Number(number) }
}

import { isAway } from '../away/grace.ts'
import { checkNumber, refuseField } from '../check-field.ts'
import type { Row } from '../rows/row.ts'
import { readNumber } from '../rows/row.ts'
import type { UsageRow } from '../rows/usage-rows.ts'
import { toUsageRecord, toUsageRow, USAGE_COLUMNS } from '../rows/usage-rows.ts'
import type { UsageRoom } from '../store/usage-room.ts'
import { openSpool } from '../usage-queue/spool.ts'
import type { UsageQueue } from '../usage-queue/usage-queue.ts'
import { createUsageQueue } from '../usage-queue/usage-queue.ts'
import type { UsagePage, UsageQuery, UsageRecord } from '../usage-record.ts'
import type { Value } from './connection.ts'
import type { StoreContext } from './context.ts'
import { createKeyUses } from './key-uses.ts'
import type { NewestQuery } from './newest-usage.ts'
import { createReadNewest } from './newest-usage.ts'
import type { RunningRequests } from './running-requests.ts'
import { createRunningRequests } from './running-requests.ts'
import { createUsageMeasures } from './usage-measures.ts'
import { createUsageSumWriter } from './usage-sum-writer.ts'
import { createUsageSums } from './usage-sums.ts'
import { createUsageUpkeep } from './usage-upkeep.ts'

/** Usage in the embedded store, and its queue for whoever watches and closes it. */
export interface SqliteUsage {
  readonly room: UsageRoom
  readonly queue: Pick<UsageQueue<UsageRow>, 'state' | 'stop'>
}

const PAGE_RECORDS = { min: 1, max: 500 }
const DEFAULT_PAGE_RECORDS = 50
const CURSOR = /^(\d{1,16})-(\d{1,16})$/

/**
 * Usage records in the embedded store.
 *
 * @param queueFolder - where records wait while the file cannot be written
 */
export function createUsage(context: StoreContext, queueFolder: string | undefined): SqliteUsage {
  const { fast } = context
  const running = createRunningRequests(context)
  const writer = createUsageWriter(context, running)
  const find = fast.prepare('SELECT * FROM usage_records WHERE request_id = :requestId')
  const readNewest = createReadNewest(fast)
  const queue = createUsageQueue<UsageRow>({
    spool: queueFolder === undefined ? undefined : openSpool(queueFolder),
    write: writer.writeBatch,
  })

  async function flush(): Promise<void> {
    await queue.flush()
    running.flush()
  }

  /** Before reading: what cannot be written just now is missing, and all else can be read. */
  async function catchUp(): Promise<void> {
    try {
      await flush()
    } catch (error) {
      if (!isAway(error)) throw error
    }
  }

  async function listUsage(query: UsageQuery = {}): Promise<UsagePage> {
    const limit = checkNumber('limit', query.limit ?? DEFAULT_PAGE_RECORDS, PAGE_RECORDS)
    const after = query.cursor === undefined ? undefined : parseCursor(query.cursor)
    const { limit: _, cursor: __, ...filter } = query
    await catchUp()
    const rows = readNewest({ columns: '*', filter, after, limit: limit + 1 })
    const shown = rows.slice(0, limit)
    const last = rows.length > limit ? shown.at(-1) : undefined
    return { records: shown.map(toUsageRecord), nextCursor: last === undefined ? undefined : toCursor(last) }
  }

  async function getUsage(requestId: string): Promise<UsageRecord | undefined> {
    await catchUp()
    const row = find.get({ requestId })
    return row === undefined ? undefined : toUsageRecord(row)
  }

  const room: UsageRoom = {
    recordUsage: (record) => {
      running.forget(record.requestId)
      return queue.push(toUsageRow(record))
    },
    flushUsage: flush,
    listUsage,
    getUsage,
    ...createUsageSums(fast, catchUp),
    ...createUsageMeasures(readNewest, catchUp),
    ...createUsageUpkeep(context, flush),
    noteRunning: running.note,
    recordInterrupted: async () => running.recordInterrupted(writer.writeOne),
  }
  const stop = async (): Promise<void> => {
    await queue.stop()
    running.stop()
  }
  return { room, queue: { state: queue.state, stop } }
}

interface UsageWriter {
  /** In one transaction, with the sums; records that are there already are ignored. */
  writeBatch(batch: readonly UsageRow[]): void
  /** The same for one, in the transaction of the caller.
   * @returns how many were new */
  writeOne(record: UsageRecord): number
}

function createUsageWriter(context: StoreContext, running: RunningRequests): UsageWriter {
  const { fast } = context
  const sums = createUsageSumWriter(fast)
  const insert = fast.prepare(insertStatement())
  const keyUses = createKeyUses(context)

  function writeBatch(batch: readonly UsageRow[]): void {
    fast.transaction(() => {
      sums.add(batch.filter((row) => insert.runValues(valuesOf(row)) === 1))
      for (const { request_id: requestId } of batch) running.removeNote(String(requestId))
      keyUses.note(batch)
    })
    keyUses.keep()
  }

  function writeOne(record: UsageRecord): number {
    const row = toUsageRow(record)
    const count = insert.runValues(valuesOf(row))
    if (count === 1) sums.add([row])
    return count
  }

  return { writeBatch, writeOne }
}

function insertStatement(): string {
  const values = USAGE_COLUMNS.map(() => '?').join(', ')
  return `INSERT INTO usage_records (${USAGE_COLUMNS.join(', ')}) VALUES (${values}) ON CONFLICT (request_id) DO NOTHING`
}

function valuesOf(row: UsageRow): readonly Value[] {
  return USAGE_COLUMNS.map((column) => row[column])
}

function toCursor(row: Row): string {
  return `${readNumber(row, 'started_at')}-${readNumber(row, 'id')}`
}

function parseCursor(cursor: string): NewestQuery['after'] {
  const [, time, id] = CURSOR.exec(cursor) ?? []
  if (time === undefined || id === undefined) refuseField('cursor', 'is not one that a page of usage records came with')
  return { startedAt: Number(time), id: Number(id) }
}

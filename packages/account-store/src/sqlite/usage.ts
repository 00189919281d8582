import { checkNumber, refuseField } from '../check-field.ts'
import type { Row } from '../rows/row.ts'
import { readNumber } from '../rows/row.ts'
import type { UsageRow } from '../rows/usage-rows.ts'
import { toUsageRecord, toUsageRow, USAGE_COLUMNS } from '../rows/usage-rows.ts'
import type { UsageRoom } from '../store/usage-room.ts'
import { openSpool } from '../usage-queue/spool.ts'
import type { UsageQueue } from '../usage-queue/usage-queue.ts'
import { createUsageQueue } from '../usage-queue/usage-queue.ts'
import type { UsageFilter, UsagePage, UsageQuery, UsageRecord, UsageSums } from '../usage-record.ts'
import type { Parameters, Statement } from './connection.ts'
import type { StoreContext } from './context.ts'

/** Usage in the embedded store, and its queue for whoever watches and closes it. */
export interface SqliteUsage {
  readonly room: UsageRoom
  readonly queue: Pick<UsageQueue<UsageRow>, 'state' | 'stop'>
}

const PAGE_RECORDS = { min: 1, max: 500 }
const DEFAULT_PAGE_RECORDS = 50
const CURSOR = /^(\d{1,16})-(\d{1,16})$/

/** What each field of a filter asks of a row. */
const CONDITIONS: Readonly<Record<keyof UsageFilter, string>> = {
  keyId: 'key_id = :keyId',
  owner: 'owner = :owner',
  team: 'team = :team',
  accountId: 'account_id = :accountId',
  model: '(model_asked = :model OR model_served = :model)',
  status: 'status = :status',
  reason: 'reason = :reason',
  from: 'started_at >= :from',
  before: 'started_at < :before',
}

const SUMS = `
  SELECT count(*) AS requests,
    coalesce(sum(input_tokens), 0) AS input_tokens,
    coalesce(sum(cache_read_tokens), 0) AS cache_read_tokens,
    coalesce(sum(cache_write_5m_tokens), 0) AS cache_write_5m_tokens,
    coalesce(sum(cache_write_1h_tokens), 0) AS cache_write_1h_tokens,
    coalesce(sum(cache_write_other_tokens), 0) AS cache_write_other_tokens,
    coalesce(sum(output_tokens), 0) AS output_tokens,
    coalesce(sum(reasoning_tokens), 0) AS reasoning_tokens,
    coalesce(sum(cost_micro_usd), 0) AS cost_micro_usd,
    coalesce(sum(usage_source = 'missing'), 0) AS without_usage,
    coalesce(sum(cost_micro_usd IS NULL), 0) AS without_cost
  FROM usage_records`

/**
 * Usage records in the embedded store.
 *
 * @param queueFolder - where records wait while the file cannot be written
 */
export function createUsage({ fast }: StoreContext, queueFolder: string | undefined): SqliteUsage {
  const insert = fast.prepare(insertStatement())
  const touchKey = fast.prepare(`
    UPDATE relay_keys SET last_used_at = max(coalesce(last_used_at, 0), :at) WHERE id = :id`)
  const find = fast.prepare('SELECT * FROM usage_records WHERE request_id = :requestId')
  const prepared = new Map<string, Statement>()
  const queue = createUsageQueue<UsageRow>({
    spool: queueFolder === undefined ? undefined : openSpool(queueFolder),
    write: (batch) => {
      fast.transaction(() => {
        for (const row of batch) insert.run(row)
        for (const [id, at] of lastUses(batch)) touchKey.run({ id, at })
      })
    },
  })

  // A filter has few shapes, and each is prepared once.
  function prepare(sql: string): Statement {
    const statement = prepared.get(sql) ?? fast.prepare(sql)
    prepared.set(sql, statement)
    return statement
  }

  async function listUsage(query: UsageQuery = {}): Promise<UsagePage> {
    const limit = checkNumber('limit', query.limit ?? DEFAULT_PAGE_RECORDS, PAGE_RECORDS)
    const { sql, parameters } = toCondition(query)
    const after = query.cursor === undefined ? undefined : parseCursor(query.cursor)
    const older =
      after === undefined ? '' : `${sql === '' ? ' WHERE' : ' AND'} (started_at, id) < (:afterTime, :afterId)`
    await queue.flush()
    const rows = prepare(
      `SELECT * FROM usage_records${sql}${older} ORDER BY started_at DESC, id DESC LIMIT :limit`,
    ).all({ ...parameters, ...after, limit: limit + 1 })
    const shown = rows.slice(0, limit)
    const last = rows.length > limit ? shown.at(-1) : undefined
    return { records: shown.map(toUsageRecord), nextCursor: last === undefined ? undefined : toCursor(last) }
  }

  async function getUsage(requestId: string): Promise<UsageRecord | undefined> {
    await queue.flush()
    const row = find.get({ requestId })
    return row === undefined ? undefined : toUsageRecord(row)
  }

  async function sumUsage(filter: UsageFilter = {}): Promise<UsageSums> {
    const { sql, parameters } = toCondition(filter)
    await queue.flush()
    return toSums(prepare(SUMS + sql).get(parameters) ?? {})
  }

  const room: UsageRoom = {
    recordUsage: (record) => queue.push(toUsageRow(record)),
    flushUsage: queue.flush,
    listUsage,
    getUsage,
    sumUsage,
  }
  return { room, queue }
}

function insertStatement(): string {
  const values = USAGE_COLUMNS.map((column) => `:${column}`).join(', ')
  return `INSERT INTO usage_records (${USAGE_COLUMNS.join(', ')}) VALUES (${values}) ON CONFLICT (request_id) DO NOTHING`
}

function lastUses(batch: readonly UsageRow[]): ReadonlyMap<string, number> {
  const uses = new Map<string, number>()
  for (const { key_id: id, started_at: at } of batch) {
    if (typeof id === 'string' && typeof at === 'number') uses.set(id, Math.max(at, uses.get(id) ?? 0))
  }
  return uses
}

function toCondition(filter: UsageFilter): { sql: string; parameters: Parameters } {
  const entries = Object.keys(CONDITIONS)
    .map((name) => name as keyof UsageFilter) // the keys of a record that is keyed by exactly these
    .flatMap((name) => (filter[name] === undefined ? [] : [{ name, value: filter[name] }]))
  const sql = entries.map(({ name }) => CONDITIONS[name]).join(' AND ')
  const parameters = Object.fromEntries(entries.map(({ name, value }) => [name, value]))
  return { sql: sql === '' ? '' : ` WHERE ${sql}`, parameters }
}

function toCursor(row: Row): string {
  return `${readNumber(row, 'started_at')}-${readNumber(row, 'id')}`
}

function parseCursor(cursor: string): Parameters {
  const [, time, id] = CURSOR.exec(cursor) ?? []
  if (time === undefined || id === undefined) refuseField('cursor', 'is not one that a page of usage records came with')
  return { afterTime: Number(time), afterId: Number(id) }
}

function toSums(row: Row): UsageSums {
  return {
    requests: readNumber(row, 'requests'),
    tokens: {
      inputTokens: readNumber(row, 'input_tokens'),
      cacheReadTokens: readNumber(row, 'cache_read_tokens'),
      cacheWrite5mTokens: readNumber(row, 'cache_write_5m_tokens'),
      cacheWrite1hTokens: readNumber(row, 'cache_write_1h_tokens'),
      cacheWriteOtherTokens: readNumber(row, 'cache_write_other_tokens'),
      outputTokens: readNumber(row, 'output_tokens'),
      reasoningTokens: readNumber(row, 'reasoning_tokens'),
    },
    costMicroUsd: readNumber(row, 'cost_micro_usd'),
    requestsWithoutUsage: readNumber(row, 'without_usage'),
    requestsWithoutCost: readNumber(row, 'without_cost'),
  }
}

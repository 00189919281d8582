import { readList, readNumber, readOptionalNumber } from '../rows/row.ts'
import type { UsageRoom } from '../store/usage-room.ts'
import type { UsageFilter, UsageLatency, UsageLoss, UsageLossCount } from '../usage-record.ts'
import { countLossesByCode, percentiles } from '../usage-statistics.ts'
import type { Connection } from './connection.ts'
import { toCondition } from './usage-conditions.ts'

/** What is measured on single records. */
export type UsageMeasures = Pick<UsageRoom, 'measureLatency' | 'countLosses'>

/** Bounds the time of a query, whatever the filter. */
const MAX_RECORDS = 20_000

export function createUsageMeasures(connection: Connection, flush: () => Promise<void>): UsageMeasures {
  async function measureLatency(filter: UsageFilter = {}): Promise<UsageLatency> {
    await flush()
    const { where, parameters } = toCondition(filter)
    const rows = connection
      .prepare(
        `SELECT first_token_ms, duration_ms FROM usage_records${where} ORDER BY started_at DESC, id DESC LIMIT ${MAX_RECORDS}`,
      )
      .all(parameters)
    const firsts = rows.flatMap((row) => readOptionalNumber(row, 'first_token_ms') ?? [])
    return {
      records: rows.length,
      firstTokenMs: percentiles(firsts),
      durationMs: percentiles(rows.map((row) => readNumber(row, 'duration_ms'))),
    }
  }

  async function countLosses(filter: UsageFilter = {}): Promise<readonly UsageLossCount[]> {
    await flush()
    const { where, parameters } = toCondition(filter, [`losses <> '[]'`])
    const rows = connection
      .prepare(`SELECT losses FROM usage_records${where} ORDER BY started_at DESC, id DESC LIMIT ${MAX_RECORDS}`)
      .all(parameters)
    // Written by this package from this very type.
    return countLossesByCode(rows.map((row) => readList(row, 'losses') as readonly UsageLoss[]))
  }

  return { measureLatency, countLosses }
}

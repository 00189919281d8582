import type { Row } from '../rows/row.ts'
import { readList, readNumber, readOptionalNumber } from '../rows/row.ts'
import type { UsageRoom } from '../store/usage-room.ts'
import type { UsageFilter, UsageLatency, UsageLoss, UsageLossCount } from '../usage-record.ts'
import { countLossesByCode, percentiles } from '../usage-statistics.ts'
import type { RedisContext } from './context.ts'
import { readUsage } from './read-usage.ts'

/** What is measured on single records. */
export type UsageMeasures = Pick<UsageRoom, 'measureLatency' | 'countLosses'>

/** Bounds the time of a query, whatever the filter. */
const MAX_RECORDS = 20_000

/** @param flush - writes what this process has queued */
export function createUsageMeasures(context: RedisContext, flush: () => Promise<void>): UsageMeasures {
  async function newest(filter: UsageFilter, isMeant: (row: Row) => boolean): Promise<readonly Row[]> {
    await flush()
    const rows: Row[] = []
    for await (const { row } of readUsage(context, filter)) {
      if (isMeant(row)) rows.push(row)
      if (rows.length >= MAX_RECORDS) break
    }
    return rows
  }

  async function measureLatency(filter: UsageFilter = {}): Promise<UsageLatency> {
    const rows = await newest(filter, () => true)
    return {
      records: rows.length,
      firstTokenMs: percentiles(rows.flatMap((row) => readOptionalNumber(row, 'first_token_ms') ?? [])),
      durationMs: percentiles(rows.map((row) => readNumber(row, 'duration_ms'))),
    }
  }

  async function countLosses(filter: UsageFilter = {}): Promise<readonly UsageLossCount[]> {
    const rows = await newest(filter, (row) => row['losses'] !== '[]')
    // Written by this package from this very type.
    return countLossesByCode(rows.map((row) => readList(row, 'losses') as readonly UsageLoss[]))
  }

  return { measureLatency, countLosses }
}

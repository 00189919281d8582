import { readList, readNumber, readOptionalNumber } from '../rows/row.ts'
import type { UsageRoom } from '../store/usage-room.ts'
import type { UsageFilter, UsageLatency, UsageLoss, UsageLossCount } from '../usage-record.ts'
import { countLossesByCode, percentiles } from '../usage-statistics.ts'
import type { ReadNewest } from './newest-usage.ts'

/** What is measured on single records. */
export type UsageMeasures = Pick<UsageRoom, 'measureLatency' | 'countLosses'>

/** Bounds the time of a query, whatever the filter. */
const MAX_RECORDS = 20_000

/** @param flush - writes what this process has queued */
export function createUsageMeasures(readNewest: ReadNewest, flush: () => Promise<void>): UsageMeasures {
  async function measureLatency(filter: UsageFilter = {}): Promise<UsageLatency> {
    await flush()
    const columns = 'started_at, id, first_token_ms, duration_ms'
    const rows = readNewest({ columns, filter, limit: MAX_RECORDS })
    const firsts = rows.flatMap((row) => readOptionalNumber(row, 'first_token_ms') ?? [])
    return {
      records: rows.length,
      firstTokenMs: percentiles(firsts),
      durationMs: percentiles(rows.map((row) => readNumber(row, 'duration_ms'))),
    }
  }

  async function countLosses(filter: UsageFilter = {}): Promise<readonly UsageLossCount[]> {
    await flush()
    const columns = 'started_at, id, losses'
    const rows = readNewest({ columns, filter, condition: `losses <> '[]'`, limit: MAX_RECORDS })
    // Written by this package from this very type.
    return countLossesByCode(rows.map((row) => readList(row, 'losses') as readonly UsageLoss[]))
  }

  return { measureLatency, countLosses }
}

import type { UsageFilter, UsagePage, UsageQuery, UsageRecord, UsageSums } from '../usage-record.ts'

/** Usage records, written behind the request. */
export interface UsageRoom {
  /** Queues a record for the next batch (within 250 ms) and returns at once. A record with the same request id has no effect.
   * @returns whether the bounded queue had room; `false` is an alarm, never a reason to hold a request */
  recordUsage(record: UsageRecord): boolean
  /** Writes what this process has queued. */
  flushUsage(): Promise<void>
  /** One page, newest first; what this process has queued is written first.
   * @throws StoreError `invalid-input` for a cursor or limit out of bounds */
  listUsage(query?: UsageQuery): Promise<UsagePage>
  /** The record of one request. */
  getUsage(requestId: string): Promise<UsageRecord | undefined>
  /** Exact sums in integers; what this process has queued is written first. */
  sumUsage(filter?: UsageFilter): Promise<UsageSums>
}

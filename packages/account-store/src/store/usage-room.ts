import type {
  UsageBreakdown,
  UsageBreakdownQuery,
  UsageCostChange,
  UsageFilter,
  UsageLatency,
  UsageLossCount,
  UsagePage,
  UsageQuery,
  UsageRecord,
  UsageRetention,
  UsageSums,
} from '../usage-record.ts'

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
  /**
   * Exact sums in integers; what this process has queued is written first.
   *
   * By key, owner, team, account, model and time they come from sums that are kept with the records, so that they cost the
   * same whatever the number of records, and outlive the records (then to the full hour, later to the full day). Any
   * other filter looks at the records themselves.
   */
  sumUsage(filter?: UsageFilter): Promise<UsageSums>
  /** The same by time and group, oldest span first, within it the most requests first; at most 10,000.
   * @throws StoreError `invalid-input` */
  breakDownUsage(query: UsageBreakdownQuery): Promise<readonly UsageBreakdown[]>
  /** Over the newest 20,000 records that are meant. */
  measureLatency(filter?: UsageFilter): Promise<UsageLatency>
  /** Losses that nobody had accepted, the most frequent first, over the newest 20,000 records that are meant. */
  countLosses(filter?: UsageFilter): Promise<readonly UsageLossCount[]>
  /** Writes other costs into records and into the sums, in one step; unknown records are passed over. At most 1,000 at once.
   * @returns how many records changed */
  changeUsageCosts(changes: readonly UsageCostChange[]): Promise<number>
  /** Removes what is older than that, in small steps; sums by day and month stay.
   * @returns how many records went */
  removeOldUsage(retention: UsageRetention): Promise<number>
  /**
   * Notes that a request is running, as what it would be recorded as if this process died. Its record takes the note back;
   * most do so before anybody asks what it would be.
   */
  noteRunning(requestId: string, record: () => UsageRecord | undefined): void
  /** Records the requests of dead processes (silent for a minute), each once, whoever calls it.
   * @returns how many */
  recordInterrupted(): Promise<number>
}

import type { TransferRow, UsageHistoryEntry } from '../transfer.ts'

/** Carrying a whole data set from one place, or one backend, to another. */
export interface TransferRoom {
  /** Reads everything that lasts, in the order of `TRANSFER_TABLES`; with its secrets in the clear: whoever writes it down seals them.
   * What is changed meanwhile may be there or not. */
  readEverything(options: TransferOptions): AsyncIterable<TransferRow>
  /**
   * Writes it all into a data set without accounts (but the demo), keys and usage: wholly, or on an error nothing. What a
   * row has more than this version knows is left out. Close the store afterwards: the pepper of the keys is another one.
   *
   * @returns how many rows were written
   * @throws StoreError `invalid-input` when the data set is not empty
   */
  writeEverything(rows: AsyncIterable<TransferRow>): Promise<number>
  /** Adds sums of usage without their records, to the day, the month and the hour of noon.
   * @returns how many were new */
  addUsageHistory(entries: readonly UsageHistoryEntry[]): Promise<number>
}

/** What is carried. */
export interface TransferOptions {
  /** Records, sums and the audit log, too; without it accounts, keys, admins and settings alone. */
  readonly withUsage: boolean
}

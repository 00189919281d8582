/**
 * Why an answer ended, in neutral words. `unknown` is treated like `stop`.
 *
 * `refusal` = the model declined; `filter` = the vendor's filter cut in; `pause` = the vendor wants the same turn
 * continued; `context` = the context window is full.
 */
export type StopReason =
  | 'stop'
  | 'length'
  | 'tool'
  | 'stop_sequence'
  | 'refusal'
  | 'filter'
  | 'pause'
  | 'context'
  | 'compaction'
  | 'unknown'

/** Reasons that leave the last call unfinished: its broken arguments are then no news. */
export const CUT_SHORT: ReadonlySet<StopReason> = new Set(['length', 'context', 'refusal', 'filter'])

import type { Rejection, RejectionCount, RejectionFilter } from '../rejection.ts'

/** Requests that were not let in: counted by the hour, never billed. */
export interface RejectionRoom {
  /** Counts one, within a second; returns at once. */
  recordRejection(rejection: Rejection): void
  /** How many there were, by reason. What this process has not written yet is written first. */
  countRejections(filter?: RejectionFilter): Promise<readonly RejectionCount[]>
}

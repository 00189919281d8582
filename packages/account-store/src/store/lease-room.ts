import type { LeaseAnswer, LeaseRequest, LeaseResource } from '../lease.ts'

/** Slots of things that may be used by so many at once, over all nodes. */
export interface LeaseRoom {
  /** Counts and takes in one step. A slot that is neither released nor renewed comes back after `ttlMs`.
   * @throws StoreError `invalid-input` */
  acquireLease(request: LeaseRequest): Promise<LeaseAnswer>
  /** Prolongs leases by `ttlMs` from now; returns the ids that are still held. */
  renewLeases(leaseIds: readonly string[], ttlMs: number): Promise<readonly string[]>
  /** Gives a slot back; one that is already back is no error. */
  releaseLease(leaseId: string): Promise<void>
  /** How many slots are taken now. */
  countLeases(resource: LeaseResource): Promise<number>
}

import type { LeaseAnswer, LeaseRequest, LeaseResource, LeaseSettlement } from '../lease.ts'

/** Slots of things that may be used by so many at once, over all nodes. */
export interface LeaseRoom {
  /** Counts and takes in one step. A slot that is neither released nor renewed comes back after `ttlMs`.
   * @throws StoreError `invalid-input` */
  acquireLease(request: LeaseRequest): Promise<LeaseAnswer>
  /** Prolongs leases by `ttlMs` from now; returns the ids that are still held. */
  renewLeases(leaseIds: readonly string[], ttlMs: number): Promise<readonly string[]>
  /** Gives a slot back; one that is already back is no error. */
  releaseLease(leaseId: string): Promise<void>
  /** Gives back a slot at an account with what it had reserved, and counts what was spent towards the daily quota, in one step. To
   * be done once; again only when it has failed. */
  settleLease(settlement: LeaseSettlement): Promise<void>
  /** How many slots are taken now. */
  countLeases(resource: LeaseResource): Promise<number>
}

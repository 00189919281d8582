/** What a lease takes a slot of. */
export interface LeaseResource {
  /**
   * `probe` is the single request that may try an account again after a cooldown, `queue` a place of a relay key's
   * waiting requests, `notice` the single node that tells of an event.
   */
  readonly kind: 'account' | 'probe' | 'queue' | 'notice'
  /** Id of the account or relay key; for a probe the account's id and the model. */
  readonly id: string
}

/** Asks for one slot. */
export interface LeaseRequest {
  readonly resource: LeaseResource
  /** Names the process that holds it, for the operator's eyes. */
  readonly owner: string
  /** How long the slot stays taken without a renewal; 1 to {@link MAX_LEASE_TTL_MS}. */
  readonly ttlMs: number
  /** How many slots there are; at least 1. For "no limit" take no lease. */
  readonly max: number
  /**
   * What the request may cost at most, millionths of a US dollar; for an account only. It is held against the account's daily
   * quota until `settleLease`, together with what all others have reserved.
   */
  readonly reserveMicroUsd?: number | undefined
}

/** The outcome of asking for a slot. */
export type LeaseAnswer =
  | { readonly type: 'taken'; readonly leaseId: string }
  | { readonly type: 'full'; readonly inUse: number; readonly max: number }
  /** What is left of the account's daily quota is used up or reserved. */
  | { readonly type: 'spent' }

/** What became of a request that held a slot at an account. */
export interface LeaseSettlement {
  readonly leaseId: string
  readonly accountId: string
  /** Millionths of a US dollar; 0 for nothing. */
  readonly costMicroUsd: number
}

/** A dead process's slots come back within this time (reliability 6.2). */
export const MAX_LEASE_TTL_MS = 60_000

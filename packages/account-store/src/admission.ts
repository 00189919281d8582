import type { BudgetPeriod, RateCount } from './limits/limits.ts'
import type { SubjectPlan } from './limits/plan-admission.ts'
import type { RelayKey } from './relay-key.ts'

/** Asks whether a request of a key may begin. */
export interface AdmissionRequest {
  /** As `findRelayKey` gave it. */
  readonly key: RelayKey
  /** Names the process that holds the slots, for the operator's eyes. */
  readonly process: string
  /** How long slots and reservations stay without a renewal; at most `MAX_LEASE_TTL_MS`. */
  readonly ttlMs: number
  /** Upper estimates of what the request will use; 0 where it is not known: then nothing is reserved. */
  readonly reserve: ReservedUse
}

/** What a request may use at most, as far as that is known. */
export interface ReservedUse {
  /** Input and output. */
  readonly tokens: number
  readonly costMicroUsd: number
}

/** What a request has used in the end; `undefined` counts as nothing. */
export interface SettledUse {
  readonly tokens: number | undefined
  readonly costMicroUsd: number | undefined
}

/** A request that was let in, to be handed back to `settle`. */
export interface Admission {
  readonly id: string
  /** Milliseconds since the epoch: the day whose budget it is counted to. */
  readonly admittedAt: number
  /** Those that hold something until it is settled; empty when nobody has a limit. */
  readonly subjects: readonly SubjectPlan[]
}

/** Whose bound it is. */
export interface BoundHolder {
  readonly kind: 'key' | 'owner' | 'team'
  readonly name: string
}

/** Which bound it is. */
export type Bound =
  | { readonly type: 'concurrency' }
  | { readonly type: 'window'; readonly counts: RateCount; readonly windowMs: number }
  | { readonly type: 'budget'; readonly period: BudgetPeriod; readonly timeZone: string }

/** A bound and what of it is used up. */
export interface BoundState {
  readonly holder: BoundHolder
  readonly bound: Bound
  /** Requests, tokens, or millionths of a US dollar. */
  readonly limit: number
  /** Of what has ended; for concurrency what runs. */
  readonly used: number
  /** Reserved for requests that run; always 0 for concurrency and windows of requests. */
  readonly reserved: number
  /** When `used` starts again from 0, milliseconds since the epoch; `undefined` where no clock does that. */
  readonly resetsAt: number | undefined
}

/** The outcome of asking: let in, or kept out by the first bound that was met. */
export type AdmissionAnswer =
  | { readonly type: 'admitted'; readonly admission: Admission }
  | { readonly type: 'refused'; readonly met: BoundState }

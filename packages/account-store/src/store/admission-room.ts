import type { Admission, AdmissionAnswer, AdmissionRequest, BoundState, SettledUse } from '../admission.ts'
import type { BudgetHolderPlace } from '../budget-holder.ts'
import type { RelayKey } from '../relay-key.ts'

/** Limits of keys, owners and teams over all nodes. */
export interface AdmissionRoom {
  /**
   * Checks and takes everything in one step: concurrency of key, owner and team, then their windows, then their budgets. The
   * first bound that is met refuses the request, and then nothing is taken. Also notes the first use of a key that ends after it.
   *
   * Windows of tokens and cost and budgets let a request in while something is left and its reserve fits, or nothing else runs:
   * so no more than one request's estimate can go over the limit. Where nobody has a limit, the store is not asked at all.
   *
   * @throws StoreError `invalid-input`
   */
  admit(request: AdmissionRequest): Promise<AdmissionAnswer>
  /** Gives slots and reservations back and counts what was used, once: a second call, or one an hour too late, has no effect. */
  settle(admission: Admission, used: SettledUse): Promise<void>
  /** Prolongs what admissions hold by `ttlMs` from now; returns the ids of those that still hold all of it. */
  renewAdmissions(admissions: readonly Admission[], ttlMs: number): Promise<readonly string[]>
  /** All bounds that hold for a key, its owner's and its team's too, and what of them is used up now. */
  readBounds(key: RelayKey): Promise<readonly BoundState[]>
  /** The bounds of an owner or a team, and what of them is used up now; empty where there are none. */
  readHolderBounds(place: BudgetHolderPlace): Promise<readonly BoundState[]>
}

/** What happens to a request of which something cannot be carried over: it is only recorded, or shown, or refused. */
export type LossPolicy = 'allow' | 'warn' | 'reject'

/** All policies, from the most lenient to the strictest. */
export const LOSS_POLICIES: readonly LossPolicy[] = ['allow', 'warn', 'reject']

/** A standing loss that somebody has accepted: it is recorded, and neither shown nor refused any more. */
export interface AcceptedLoss {
  /** The converter's code of the loss. */
  readonly code: string
  /** Who accepted it; 1 to 100 characters. */
  readonly by: string
  /** When, in milliseconds since the epoch. */
  readonly at: number
}

/** The policy that holds for a key at an account: the account may tighten what the key says, and never loosen it. */
export function stricterPolicy(key: LossPolicy, account: LossPolicy | undefined): LossPolicy {
  return account !== undefined && LOSS_POLICIES.indexOf(account) > LOSS_POLICIES.indexOf(key) ? account : key
}

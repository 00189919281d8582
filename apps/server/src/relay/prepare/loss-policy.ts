import { type Account, type RelayKey, stricterPolicy } from '@relay/account-store'
import type { LossCode, LossPolicy } from '@relay/format-converter'

/** Which losses stop a request of this key at this account. */
export function lossPolicyFor(key: RelayKey | undefined, account: Account): LossPolicy {
  const policy = stricterPolicy(key?.lossPolicy ?? 'warn', account.lossPolicy)
  if (policy !== 'reject') return policy
  const accept = account.acceptedLosses.map(({ code }) => code as LossCode) // compared, never looked up: any word will do
  return { reject: ['degraded', 'lossy'], accept }
}

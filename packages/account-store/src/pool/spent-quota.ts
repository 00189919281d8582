import type { Account, QuotaState } from '../account.ts'

/** The quota of an account whose day is used up; `undefined` while something is left of it. */
export function spentQuota(
  { dailyQuota, state: { quota } }: Pick<Account, 'dailyQuota' | 'state'>,
  nowMs: number,
): QuotaState | undefined {
  if (dailyQuota === undefined || quota === undefined || quota.resetsAt <= nowMs) return undefined
  return quota.usedMicroUsd >= dailyQuota.limitMicroUsd ? quota : undefined
}

import type { Account } from '@relay/account-store'

import type { AccountCounts } from './metrics.ts'

/** How the accounts are now; each counts once, by what most keeps it from serving. */
export function countAccounts(accounts: readonly Account[], nowMs: number): AccountCounts {
  const byState = new Map(['ready', 'cooling-down', 'paused', 'needs-attention', 'disabled'].map((name) => [name, 0]))
  const cooldownsByCause = new Map<string, number>()
  for (const account of accounts) {
    const cooldowns = account.state.cooldowns.filter(({ endsAt }) => endsAt > nowMs)
    add(byState, stateOf(account, cooldowns.length > 0))
    for (const { cause } of cooldowns) add(cooldownsByCause, cause)
  }
  return { byState, cooldownsByCause }
}

function stateOf({ enabled, schedulable, state }: Account, isCooling: boolean): string {
  if (!enabled) return 'disabled'
  if (state.attention !== undefined) return 'needs-attention'
  if (!schedulable) return 'paused'
  return isCooling ? 'cooling-down' : 'ready'
}

function add(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1)
}

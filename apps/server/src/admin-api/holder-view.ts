import type { AccountStore, BudgetHolder, RelayKey } from '@relay/account-store'

import { startOfToday, todaysUse } from './account-view.ts'
import type { HolderView } from './contract/index.ts'
import { toLimitUse } from './key-view.ts'

/** Owners and teams as the panel shows them, each with its bounds and the use of today. */
export async function viewHolders(store: AccountStore, now: number): Promise<HolderView[]> {
  const [holders, keys] = await Promise.all([store.listBudgetHolders(), store.listRelayKeys()])
  return Promise.all(holders.map(async (holder) => viewHolder(store, { holder, keys, now })))
}

interface Held {
  readonly holder: BudgetHolder
  readonly keys: readonly RelayKey[]
  readonly now: number
}

async function viewHolder(store: AccountStore, { holder, keys, now }: Held): Promise<HolderView> {
  const { kind, name, rateLimits, budget } = holder
  const [bounds, sums] = await Promise.all([
    store.readHolderBounds({ kind, name }),
    store.sumUsage({ [kind]: name, from: startOfToday(now) }),
  ])
  return {
    ...holder,
    rateLimits: rateLimits.map((limit) => ({ ...limit })),
    budget: { ...budget },
    keyCount: keys.filter((key) => key[kind] === name).length,
    limits: bounds.map(toLimitUse),
    today: todaysUse(sums),
  }
}

import type { AccountStore, BudgetHolder, RelayKey } from '@relay/account-store'

import type { HolderView } from './contract/index.ts'
import { toLimitUse } from './key-view.ts'
import { readTodaysUse } from './todays-use.ts'
import type { TodaysUse } from './todays-use.ts'

/** Owners and teams as the panel shows them, each with its bounds and the use of today. */
export async function viewHolders(store: AccountStore, now: number): Promise<HolderView[]> {
  const [holders, keys] = await Promise.all([store.listBudgetHolders(), store.listRelayKeys()])
  const today = {
    owner: await readTodaysUse(store, 'owner', now),
    team: await readTodaysUse(store, 'team', now),
  }
  return Promise.all(
    holders.map(async (holder) => viewHolder(store, { holder, keys, today: today[holder.kind](holder.name) })),
  )
}

interface Held {
  readonly holder: BudgetHolder
  readonly keys: readonly RelayKey[]
  readonly today: TodaysUse
}

async function viewHolder(store: AccountStore, { holder, keys, today }: Held): Promise<HolderView> {
  const { kind, name, rateLimits, budget } = holder
  const bounds = await store.readHolderBounds({ kind, name })
  return {
    ...holder,
    rateLimits: rateLimits.map((limit) => ({ ...limit })),
    budget: { ...budget },
    keyCount: keys.filter((key) => key[kind] === name).length,
    limits: bounds.map(toLimitUse),
    today: { ...today },
  }
}

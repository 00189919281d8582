import { BUDGET_PERIODS, budgetLimit, calendarPeriod, relayKeyStatus } from '@relay/account-store'
import type { AccountStore, RelayKey } from '@relay/account-store'

import { startOfToday, todaysUse } from './account-view.ts'
import type { KeyView, LimitUse } from './contract/index.ts'

/** Keys as the panel shows them, each with its bounds and its use of today. */
export async function viewKeys(store: AccountStore, keys: readonly RelayKey[], now: number): Promise<KeyView[]> {
  return Promise.all(keys.map(async (key) => viewKey(store, key, now)))
}

async function viewKey(store: AccountStore, key: RelayKey, now: number): Promise<KeyView> {
  const { permissions, tags, rateLimits, budget, ...settings } = key
  const [limits, sums] = await Promise.all([
    readLimits(store, key, now),
    store.sumUsage({ keyId: key.id, from: startOfToday(now) }),
  ])
  return {
    ...settings,
    tags: [...tags],
    rateLimits: rateLimits.map((limit) => ({ ...limit })),
    budget: { ...budget },
    permissions: copyPermissions(permissions),
    status: relayKeyStatus(key, now),
    limits,
    today: todaysUse(sums),
  }
}

function copyPermissions({
  formats,
  models,
  accounts,
  groups,
  addresses,
}: RelayKey['permissions']): KeyView['permissions'] {
  return {
    formats: copy(formats),
    models: copy(models),
    accounts: copy(accounts),
    groups: copy(groups),
    addresses: copy(addresses),
  }
}

function copy<Entry>(list: readonly Entry[] | undefined): Entry[] | undefined {
  return list === undefined ? undefined : [...list]
}

/** Every bound of a key, with what is used up of it. */
async function readLimits(store: AccountStore, key: RelayKey, now: number): Promise<LimitUse[]> {
  const uses: LimitUse[] = []
  if (key.maxConcurrency > 0) {
    const used = await store.countLeases({ kind: 'relay-key', id: key.id })
    uses.push({ kind: 'concurrency', used, max: key.maxConcurrency })
  }
  for (const period of BUDGET_PERIODS) {
    const max = budgetLimit(key.budget, period)
    if (max === 0) continue
    const { startsAt, endsAt } = calendarPeriod({ period, timeZone: key.budget.timeZone, at: now })
    const { costMicroUsd } = await store.sumUsage({ keyId: key.id, from: startsAt })
    uses.push({ kind: period, used: costMicroUsd, max, resetsAt: endsAt })
  }
  return uses
}

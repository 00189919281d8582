import { relayKeyStatus } from '@relay/account-store'
import type { AccountStore, Bound, RelayKey } from '@relay/account-store'

import { startOfToday, todaysUse } from './account-view.ts'
import type { KeyView, LimitUse } from './contract/index.ts'

/** Keys as the panel shows them, each with its bounds and its use of today. */
export async function viewKeys(store: AccountStore, keys: readonly RelayKey[], now: number): Promise<KeyView[]> {
  return Promise.all(keys.map(async (key) => viewKey(store, key, now)))
}

async function viewKey(store: AccountStore, key: RelayKey, now: number): Promise<KeyView> {
  const { permissions, tags, rateLimits, budget, ...settings } = key
  const [limits, sums] = await Promise.all([
    readLimits(store, key),
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

/** Every bound of the key itself, with what is used up of it. */
async function readLimits(store: AccountStore, key: RelayKey): Promise<LimitUse[]> {
  const bounds = await store.readBounds(key)
  return bounds
    .filter(({ holder }) => holder.kind === 'key')
    .map(({ bound, used, limit, resetsAt }) => ({ ...kindOf(bound), used, max: limit, resetsAt }))
}

function kindOf(bound: Bound): Pick<LimitUse, 'kind' | 'windowMs'> {
  switch (bound.type) {
    case 'concurrency':
      return { kind: 'concurrency' }
    case 'window':
      return { kind: bound.counts, windowMs: bound.windowMs }
    case 'budget':
      return { kind: bound.period }
  }
}

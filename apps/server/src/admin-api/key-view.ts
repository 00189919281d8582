import { setImmediate as nextTurn } from 'node:timers/promises'

import { relayKeyStatus } from '@relay/account-store'
import type { AccountStore, Bound, BoundState, RelayKey } from '@relay/account-store'

import type { KeyView, LimitUse } from './contract/index.ts'
import { readTodaysUse } from './todays-use.ts'
import type { TodaysUse } from './todays-use.ts'

/** Keys that are read in one turn of the event loop: thousands would hold up every stream for a quarter of a second. */
const KEYS_A_TURN = 200

/** Keys as the panel shows them, each with its bounds and its use of today. */
export async function viewKeys(store: AccountStore, keys: readonly RelayKey[], now: number): Promise<KeyView[]> {
  const capturing = new Map((await store.listCapturing()).map(({ keyId, endsAt }) => [keyId, endsAt]))
  const today = await readTodaysUse(store, 'key', now)
  const view = (key: RelayKey): Promise<KeyView> =>
    viewKey(store, { key, now, capturedUntil: capturing.get(key.id), today: today(key.id) })
  const views: KeyView[] = []
  for (let at = 0; at < keys.length; at += KEYS_A_TURN) {
    if (at > 0) await nextTurn()
    views.push(...(await Promise.all(keys.slice(at, at + KEYS_A_TURN).map(view))))
  }
  return views
}

interface Viewed {
  readonly key: RelayKey
  readonly now: number
  readonly capturedUntil: number | undefined
  readonly today: TodaysUse
}

async function viewKey(store: AccountStore, { key, now, capturedUntil, today }: Viewed): Promise<KeyView> {
  const { permissions, tags, rateLimits, budget, ...settings } = key
  const limits = await store.readBounds(key)
  return {
    ...settings,
    tags: [...tags],
    rateLimits: rateLimits.map((limit) => ({ ...limit })),
    budget: { ...budget },
    permissions: copyPermissions(permissions),
    status: relayKeyStatus(key, now),
    limits: limits.map(toLimitUse),
    capturedUntil,
    today: { ...today },
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

/** A bound and its use, as the panel shows them. */
export function toLimitUse({ holder, bound, limit, used, reserved, resetsAt }: BoundState): LimitUse {
  return {
    holder: { ...holder },
    kind: kindOf(bound),
    windowMs: bound.type === 'window' ? bound.windowMs : undefined,
    used: used + reserved,
    max: limit,
    resetsAt,
  }
}

function kindOf(bound: Bound): LimitUse['kind'] {
  switch (bound.type) {
    case 'concurrency':
      return 'concurrency'
    case 'window':
      return bound.counts
    case 'budget':
      return bound.period
  }
}

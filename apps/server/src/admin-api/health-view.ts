import type { Account, AccountStore, Cooldown, UsageFilter, UsageRecord } from '@relay/account-store'

import type { AccountStrip, ConversionHealth } from './contract/index.ts'

type Entry = AccountStrip['accounts'][number]

/** How every account is now, what needs a person first. */
export function describeAccounts(accounts: readonly Account[], now: number): AccountStrip {
  const order = ['error', 'cooling', 'limited', 'ok', 'paused']
  return {
    accounts: accounts
      .map((account) => describeAccount(account, now))
      .toSorted((one, other) => order.indexOf(one.health) - order.indexOf(other.health)),
  }
}

function describeAccount(account: Account, now: number): Entry {
  const { id, name } = account
  return { id, name, ...(whatKeepsAllOut(account, now) ?? whatLimits(account, now) ?? { health: 'ok' }) }
}

/** Why the account serves nothing now. */
function whatKeepsAllOut(account: Account, now: number): Omit<Entry, 'id' | 'name'> | undefined {
  const { enabled, schedulable, expiresAt, state } = account
  const { attention, lastError } = state
  if (!enabled) return { health: 'paused', cause: 'disabled' }
  if (!schedulable) return { health: 'paused', cause: 'paused' }
  if (attention !== undefined) return { health: 'error', cause: attention.reason, message: attention.message }
  if (expiresAt !== undefined && expiresAt <= now) return { health: 'error', cause: 'expired' }
  const rest = longestRest(account, now, (model) => model === '*')
  return rest && { health: 'cooling', cause: rest.cause, until: rest.endsAt, message: lastError?.message }
}

/** Why it serves less than it could. */
function whatLimits(account: Account, now: number): Omit<Entry, 'id' | 'name'> | undefined {
  const { dailyQuota, state } = account
  const { quota, lastError } = state
  const isCounted = dailyQuota !== undefined && quota !== undefined && quota.resetsAt > now
  if (isCounted && quota.usedMicroUsd >= dailyQuota.limitMicroUsd)
    return { health: 'limited', cause: 'quota', until: quota.resetsAt }
  const rest = longestRest(account, now, (model) => model !== '*')
  if (rest === undefined) return undefined
  return { health: 'limited', cause: rest.cause, model: rest.model, until: rest.endsAt, message: lastError?.message }
}

function longestRest({ state }: Account, now: number, isMeant: (model: string) => boolean): Cooldown | undefined {
  return state.cooldowns
    .filter(({ endsAt, model }) => endsAt > now && isMeant(model))
    .toSorted((one, other) => other.endsAt - one.endsAt)[0]
}

const PAGE = 500
const MAX_PAGES = 4
const MAX_FIELDS = 12

/** Which fields lost meaning most often, over the newest requests that lost some. */
export async function describeConversion(store: AccountStore, filter: UsageFilter): Promise<ConversionHealth> {
  const { requests, requestsWithLosses } = await store.sumUsage(filter)
  const counts = new Map<string, ConversionHealth['fields'][number]>()
  let cursor: string | undefined
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const { records, nextCursor } = await store.listUsage({ ...filter, hasLosses: true, limit: PAGE, cursor })
    for (const record of records) countFields(counts, record)
    if (nextCursor === undefined) break
    cursor = nextCursor
  }
  const fields = [...counts.values()].toSorted((one, other) => other.requests - one.requests).slice(0, MAX_FIELDS)
  return { requests, requestsWithLosses, fields }
}

/** Each field counts once for a request, and what somebody has accepted does not count. */
function countFields(counts: Map<string, ConversionHealth['fields'][number]>, { losses }: UsageRecord): void {
  const seen = new Set<string>()
  for (const { code, level, path, isAccepted } of losses) {
    const place = path.replaceAll(/\/\d+(?=\/|$)/g, '/*').slice(0, 200)
    const key = `${code} ${place}`
    if (isAccepted === true || level === 'info' || seen.has(key)) continue
    seen.add(key)
    const known = counts.get(key)
    counts.set(key, { code, level, path: place, requests: (known?.requests ?? 0) + 1 })
  }
}

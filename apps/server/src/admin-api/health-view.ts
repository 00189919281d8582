import type { Account, AccountStore, UsageFilter, UsageRecord } from '@relay/account-store'

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

function describeAccount(
  { id, name, enabled, schedulable, expiresAt, dailyQuota, state }: Account,
  now: number,
): Entry {
  const { attention, quota } = state
  if (!enabled || !schedulable) return { id, name, health: 'paused', cause: enabled ? 'paused' : 'disabled' }
  if (attention !== undefined) return { id, name, health: 'error', cause: attention.reason, message: attention.message }
  if (expiresAt !== undefined && expiresAt <= now) return { id, name, health: 'error', cause: 'expired' }
  const rest = state.cooldowns.filter(({ endsAt }) => endsAt > now).toSorted((one, other) => other.endsAt - one.endsAt)
  const whole = rest.find(({ model }) => model === '*')
  const message = state.lastError?.message
  if (whole !== undefined) return { id, name, health: 'cooling', cause: whole.cause, until: whole.endsAt, message }
  const isSpent = dailyQuota !== undefined && quota !== undefined && quota.resetsAt > now
  if (isSpent && quota.usedMicroUsd >= dailyQuota.limitMicroUsd)
    return { id, name, health: 'limited', cause: 'quota', until: quota.resetsAt }
  const [partly] = rest
  if (partly === undefined) return { id, name, health: 'ok' }
  return { id, name, health: 'limited', cause: partly.cause, model: partly.model, until: partly.endsAt, message }
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

import type { Account, AccountStore, BoundState, RelayKey } from '@relay/account-store'

import type { EventBus, RelayEvent } from '../observe/events.ts'
import type { Log } from '../observe/log.ts'

/** Tells when budgets and quotas are nearly or wholly used. */
export interface BudgetWatch {
  /** A request of this key at this account has cost something. */
  note(key: RelayKey, account: Account | undefined): void
  stop(): void
}

export interface BudgetWatchRooms {
  readonly store: Pick<AccountStore, 'readBounds' | 'getAccount' | 'claimNotice'>
  readonly events: Pick<EventBus, 'emit'>
  readonly log: Pick<Log, 'warn'>
}

type BudgetReached = Extract<RelayEvent, { type: 'budget.reached' }>

/** What is told of, the highest first. */
const STEPS = [100, 90, 80] as const
/** Requests of one key in this time are looked at together; by then they are counted. */
const GATHER_MS = 1000
/** How long a notice about something without a period is remembered: ten years. */
const EVER_MS = 10 * 365 * 86_400_000
/** Beyond it the others are looked at with their next request. */
const MAX_WAITING = 1000

/** Watches budgets of keys, owners and teams, and quotas of accounts; each step is told once per period, over all nodes. */
export function createBudgetWatch(rooms: BudgetWatchRooms): BudgetWatch {
  const keys = new Map<string, RelayKey>()
  const accounts = new Set<string>()
  let timer: NodeJS.Timeout | undefined

  async function look(): Promise<void> {
    const seenKeys = [...keys.values()]
    const seenAccounts = [...accounts]
    keys.clear()
    accounts.clear()
    for (const key of seenKeys)
      for (const use of (await rooms.store.readBounds(key)).flatMap((bound) => toUse(key, bound)))
        await tell(rooms, use)
    for (const id of seenAccounts)
      for (const use of toQuotaUse(await rooms.store.getAccount(id))) await tell(rooms, use)
  }

  function schedule(): void {
    timer ??= setTimeout(() => {
      timer = undefined
      look().catch((error: unknown) => rooms.log.warn({ error }, 'budgets could not be looked at'))
    }, GATHER_MS)
    timer.unref()
  }

  return {
    note: (key, account) => {
      if (keys.size < MAX_WAITING) keys.set(key.id, key)
      if (account?.dailyQuota !== undefined && accounts.size < MAX_WAITING) accounts.add(account.id)
      schedule()
    },
    stop: () => clearTimeout(timer),
  }
}

/** A budget and what of it is used. */
interface Use extends Pick<BudgetReached, 'holder' | 'name' | 'period' | 'usedMicroUsd' | 'limitMicroUsd'> {
  /** A name may be given anew; owners and teams are their names. */
  readonly id: string
  readonly resetsAt: number | undefined
}

function toUse(key: RelayKey, { holder, bound, limit, used, resetsAt }: BoundState): readonly Use[] {
  if (bound.type !== 'budget') return []
  const { kind, name } = holder
  const id = kind === 'key' ? key.id : name
  return [{ id, holder: kind, name, period: bound.period, usedMicroUsd: used, limitMicroUsd: limit, resetsAt }]
}

function toQuotaUse(account: Account | undefined): readonly Use[] {
  const quota = account?.state.quota
  const limitMicroUsd = account?.dailyQuota?.limitMicroUsd
  if (account === undefined || quota === undefined || limitMicroUsd === undefined) return []
  const { usedMicroUsd, resetsAt } = quota
  return [
    { id: account.id, holder: 'account', name: account.name, period: 'day', usedMicroUsd, limitMicroUsd, resetsAt },
  ]
}

/** Only the highest step is told; those below it are told with it. A limit that was changed is another one. */
async function tell({ store, events }: BudgetWatchRooms, { id, resetsAt, ...use }: Use): Promise<void> {
  const reached = STEPS.filter((step) => use.usedMicroUsd * 100 >= use.limitMicroUsd * step)
  const [percent] = reached
  if (percent === undefined) return
  const untilMs = resetsAt ?? Date.now() + EVER_MS
  const nameOf = (step: number): string =>
    `budget:${use.holder}:${id}:${use.period}:${resetsAt ?? 'ever'}:${use.limitMicroUsd}:${step}`
  if (!(await store.claimNotice(nameOf(percent), untilMs))) return
  for (const step of reached.slice(1)) await store.claimNotice(nameOf(step), untilMs)
  events.emit({ type: 'budget.reached', at: Date.now(), percent, ...use })
}

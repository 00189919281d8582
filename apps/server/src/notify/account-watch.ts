import { spentQuota } from '@relay/account-store'
import type { Account, AccountStore } from '@relay/account-store'

import type { EventBus, RelayEvent } from '../observe/events.ts'
import type { Log } from '../observe/log.ts'
import type { Leases } from '../relay/choose/leases.ts'

/** The list of accounts is answered from memory. */
const LOOK_MS = 5_000
/** A rest shorter than this is everyday life. */
const LONG_REST_MS = 30_000
/** So long one node alone tells of a change; the others have seen it by then. */
const NOTICE_MS = 30_000

/** What a rest of the whole account has in the place of a model. */
const EVERY_MODEL = '*'

type Down = Omit<Extract<RelayEvent, { type: 'account.down' }>, 'at' | 'type'>

export interface AccountWatchRooms {
  readonly store: Pick<AccountStore, 'listAccounts'>
  readonly events: EventBus
  readonly leases: Pick<Leases, 'takeFor'>
  readonly log: Pick<Log, 'warn'>
}

/** Looks which accounts serve, and tells when that changes. */
export function startAccountWatch(rooms: AccountWatchRooms): { look(): Promise<void>; stop(): void } {
  let known: ReadonlyMap<string, Down | undefined> | undefined
  const timer = setInterval(() => {
    look().catch((error: unknown) => rooms.log.warn({ error }, 'accounts could not be looked at'))
  }, LOOK_MS)
  timer.unref()

  async function look(): Promise<void> {
    const now = Date.now()
    const accounts = (await rooms.store.listAccounts()).filter(({ enabled }) => enabled)
    const before = known
    known = new Map(accounts.map((account) => [account.id, whyDown(account, now)]))
    if (before === undefined) return // what was so before this process began is no news
    for (const account of accounts) {
      const down = known.get(account.id)
      const wasDown = before.get(account.id) !== undefined
      if (before.has(account.id) && wasDown !== (down !== undefined)) await tell(account, down, now)
    }
  }

  async function tell({ id, name }: Account, down: Down | undefined, at: number): Promise<void> {
    const type = down === undefined ? 'account.up' : 'account.down'
    const notice = await rooms.leases.takeFor(NOTICE_MS, { kind: 'notice', id: `${type} ${id}` })
    if (notice === undefined) return // another node tells
    rooms.events.emit(
      down === undefined
        ? { type: 'account.up', at, accountId: id, accountName: name }
        : { type: 'account.down', at, ...down },
    )
  }

  return { look, stop: () => clearInterval(timer) }
}

function whyDown(account: Account, now: number): Down | undefined {
  const { id: accountId, name: accountName, state, expiresAt } = account
  const who = { accountId, accountName }
  if (state.attention !== undefined) return { ...who, cause: 'attention', reason: state.attention.reason }
  if (expiresAt !== undefined && expiresAt <= now) return { ...who, cause: 'expired' }
  const spent = spentQuota(account, now)
  if (spent !== undefined) return { ...who, cause: 'quota', untilMs: spent.resetsAt }
  const resting = state.cooldowns.filter(({ startedAt, endsAt }) => endsAt > now && endsAt - startedAt >= LONG_REST_MS)
  if (resting.length === 0) return undefined
  const models = [...new Set(resting.map(({ model }) => model))]
  const untilMs = Math.max(...resting.map(({ endsAt }) => endsAt))
  const cause = resting.every((rest) => rest.cause === 'rate-limited') ? 'rate-limited' : 'cooldown'
  return { ...who, cause, untilMs, ...(models.includes(EVERY_MODEL) ? {} : { models }) }
}

import { spentQuota } from '@relay/account-store'
import type { Account, AccountState, AccountStore } from '@relay/account-store'

import type { AccountStatus, AccountView } from './contract/index.ts'
import { readTodaysUse } from './todays-use.ts'
import type { TodaysUse } from './todays-use.ts'

/** What is known of an account at a moment, beside the account. */
interface Moment {
  readonly now: number
  readonly inFlight: number
  readonly today: TodaysUse
}

/** What it takes to tell how accounts are. */
interface ViewRooms {
  readonly store: AccountStore
  /** Requests of this process at an account now. */
  readonly inFlight: (accountId: string) => number
  /** Milliseconds since the epoch. */
  readonly now: number
}

/** Accounts as the panel shows them, each with its slots and its use of today. */
export async function viewAccounts(
  { store, inFlight, now }: ViewRooms,
  accounts: readonly Account[],
): Promise<AccountView[]> {
  const today = await readTodaysUse(store, 'account', now)
  return Promise.all(
    accounts.map(async (account) => {
      const held = await store.countLeases({ kind: 'account', id: account.id })
      // Slots are counted over all nodes; an account without a limit takes none, so this node's own count has to do.
      return viewAccount(account, {
        now,
        inFlight: Math.max(held, inFlight(account.id)),
        today: { ...today(account.id) },
      })
    }),
  )
}

function viewAccount(account: Account, moment: Moment): AccountView {
  const { models, allowedModels, tags, groups, errorClasses, acceptedLosses, state, ...settings } = account
  const { now, inFlight, today } = moment
  return {
    ...settings,
    models: models === undefined ? undefined : { ...models },
    allowedModels: allowedModels === undefined ? undefined : [...allowedModels],
    tags: [...tags],
    groups: [...groups],
    errorClasses: errorClasses.map((rule) => ({ ...rule })),
    acceptedLosses: acceptedLosses.map((loss) => ({ ...loss })),
    status: statusOf(account, moment),
    inFlight,
    today,
    state: viewState(state, now),
  }
}

function viewState({ cooldowns, refusedParameters, ...state }: AccountState, now: number): AccountView['state'] {
  return {
    ...state,
    cooldowns: cooldowns.filter(({ endsAt }) => endsAt > now).map((cooldown) => ({ ...cooldown })),
    refusedParameters: refusedParameters.map((refused) => ({ ...refused })),
  }
}

/** The worst that holds: an account that is shown as well must be able to serve. */
function statusOf(account: Account, moment: Moment): AccountStatus {
  const { now, inFlight } = moment
  const { state, maxConcurrency } = account
  if (!account.enabled) return 'disabled'
  if (account.expiresAt !== undefined && account.expiresAt <= now) return 'expired'
  if (state.attention !== undefined) return 'attention'
  if (spentQuota(account, now) !== undefined) return 'quota-used'
  if (!account.schedulable) return 'paused'
  if (state.cooldowns.some(({ endsAt }) => endsAt > now)) return 'cooling'
  return maxConcurrency > 0 && inFlight >= maxConcurrency ? 'full' : 'ok'
}

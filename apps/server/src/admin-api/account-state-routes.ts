import type { Account, AccountChange, AccountStore } from '@relay/account-store'
import { StoreError } from '@relay/account-store'

import { accountObject, requireAccount, viewOne } from './account-routes.ts'
import { accountBulkSchema, accountSchema, bulkOutcomeSchema } from './contract/index.ts'
import type { AccountBulk } from './contract/index.ts'
import type { AdminRouter } from './router.ts'

/** What is done to accounts without touching how they are called: their rest, and many at once. */
export function addAccountStateRoutes({ rooms, add }: AdminRouter): void {
  const { store } = rooms
  add(
    {
      method: 'POST',
      path: '/accounts/:id/clear-state',
      summary: 'Ends cooldowns, attention and the last error of an account.',
      role: 'operator',
      scope: 'accounts:write',
      answer: accountSchema,
    },
    async ({ part, note }) => {
      const account = await requireAccount(store, part('id'))
      await store.clearAccountState(account.id)
      await note({ action: 'account.clear-state', object: accountObject(account) })
      return viewOne({ rooms }, await requireAccount(store, account.id))
    },
  )
  add(
    {
      method: 'POST',
      path: '/accounts/bulk',
      summary: 'Does one thing to several accounts; tells of each whether it worked.',
      role: 'operator',
      scope: 'accounts:write',
      body: accountBulkSchema,
      answer: bulkOutcomeSchema,
    },
    async ({ body, note }) => {
      const outcomes = []
      for (const id of body.ids) {
        const account = await store.getAccount(id)
        const problem = await tryAction(store, account, body.action)
        outcomes.push({ id, name: account?.name ?? id, problem })
        if (account !== undefined && problem === undefined)
          await note({ action: `account.${body.action}`, object: accountObject(account) })
      }
      return { outcomes }
    },
  )
}

const CHANGES: Readonly<Partial<Record<AccountBulk['action'], AccountChange>>> = {
  enable: { enabled: true },
  disable: { enabled: false },
  pause: { schedulable: false },
  resume: { schedulable: true },
}

/** @returns why it did not work, if so */
async function tryAction(
  store: AccountStore,
  account: Account | undefined,
  action: AccountBulk['action'],
): Promise<string | undefined> {
  if (account === undefined) return 'there is no such account'
  const change = CHANGES[action]
  try {
    if (change !== undefined) await store.updateAccount(account.id, change)
    else if (action === 'remove') await store.removeAccount(account.id)
    else await store.clearAccountState(account.id)
    return undefined
  } catch (error) {
    if (StoreError.is(error)) return error.message
    throw error
  }
}

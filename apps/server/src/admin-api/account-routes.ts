import type { Account, AccountChange, AccountInput, AccountStore, AuditObject } from '@relay/account-store'
import { StoreError } from '@relay/account-store'

import { auditFields } from '../observe/deed.ts'
import { checkAccount } from './account-check.ts'
import { viewAccounts } from './account-view.ts'
import {
  accountChangeSchema,
  accountCloneSchema,
  accountInputSchema,
  accountListSchema,
  accountSchema,
} from './contract/index.ts'
import type { AccountList, AccountView } from './contract/index.ts'
import type { AdminRouter } from './router.ts'

/** Largest description of an account: rules alone may have 64 K. */
export const MAX_ACCOUNT_BYTES = 512 * 1024

/** Accounts: reading, making, changing and removing them. */
export function addAccountRoutes(router: AdminRouter): void {
  addReading(router)
  addMaking(router)
  addChanging(router)
}

/** All accounts as the panel shows them. */
async function listAccountViews({ rooms }: Pick<AdminRouter, 'rooms'>): Promise<AccountList> {
  const now = Date.now()
  const { store, inFlight } = rooms
  return { now, accounts: await viewAccounts({ store, inFlight, now }, await store.listAccounts()) }
}

/** One account as the panel shows it. */
export async function viewOne({ rooms }: Pick<AdminRouter, 'rooms'>, account: Account): Promise<AccountView> {
  const { store, inFlight } = rooms
  const [view] = await viewAccounts({ store, inFlight, now: Date.now() }, [account])
  if (view === undefined) throw new Error('one account has one view')
  return view
}

/** @throws StoreError `not-found` */
export async function requireAccount(store: AccountStore, id: string): Promise<Account> {
  const account = await store.getAccount(id)
  if (account === undefined) throw new StoreError('not-found', `there is no account ${id.slice(0, 100)}`)
  return account
}

/** An account in the log of actions. */
export function accountObject({ id, name }: Pick<Account, 'id' | 'name'>): AuditObject {
  return { kind: 'account', id, name }
}

function addReading({ rooms, add }: AdminRouter): void {
  add(
    {
      method: 'GET',
      path: '/accounts',
      summary: 'Lists accounts with their state, by age.',
      role: 'auditor',
      scope: 'accounts:read',
      answer: accountListSchema,
    },
    async () => listAccountViews({ rooms }),
  )
  add(
    {
      method: 'GET',
      path: '/accounts/:id',
      summary: 'Shows one account with its state.',
      role: 'auditor',
      scope: 'accounts:read',
      answer: accountSchema,
    },
    async ({ part }) => viewOne({ rooms }, await requireAccount(rooms.store, part('id'))),
  )
}

function addMaking({ rooms, add }: AdminRouter): void {
  const { store } = rooms
  add(
    {
      method: 'POST',
      path: '/accounts',
      summary: 'Adds an account.',
      role: 'operator',
      scope: 'accounts:write',
      body: accountInputSchema,
      answer: accountSchema,
      maxBodyBytes: MAX_ACCOUNT_BYTES,
    },
    async ({ body, note }) => {
      checkAccount(body)
      const account = await store.createAccount(body)
      await note({ action: 'account.create', object: accountObject(account), after: auditFields(account) })
      return viewOne({ rooms }, account)
    },
  )
  add(
    {
      method: 'POST',
      path: '/accounts/:id/clone',
      summary: 'Adds an account that is like another, its credential included, and paused until it is resumed.',
      role: 'operator',
      scope: 'accounts:write',
      body: accountCloneSchema,
      answer: accountSchema,
    },
    async ({ body, part, note }) => {
      const original = await requireAccount(store, part('id'))
      const account = await store.createAccount({ ...(await copyOf(store, original)), name: body.name })
      const after = { ...auditFields(account), clonedFrom: original.name }
      await note({ action: 'account.create', object: accountObject(account), after })
      return viewOne({ rooms }, account)
    },
  )
}

function addChanging({ rooms, add }: AdminRouter): void {
  const { store } = rooms
  add(
    {
      method: 'PATCH',
      path: '/accounts/:id',
      summary: 'Changes fields of an account; a new address asks for the credential again.',
      role: 'operator',
      scope: 'accounts:write',
      body: accountChangeSchema,
      answer: accountSchema,
      maxBodyBytes: MAX_ACCOUNT_BYTES,
    },
    async ({ body, part, note }) => {
      const before = await requireAccount(store, part('id'))
      const change: AccountChange = body
      checkAccount({ ...before, ...definedOf(body) })
      const account = await store.updateAccount(before.id, change)
      await note({
        action: 'account.update',
        object: accountObject(account),
        before: auditFields(before),
        after: { ...auditFields(account), ...(typeof body.credential === 'string' ? { credential: 'replaced' } : {}) },
      })
      return viewOne({ rooms }, account)
    },
  )
  add(
    {
      method: 'DELETE',
      path: '/accounts/:id',
      summary: 'Removes an account; its usage stays.',
      role: 'operator',
      scope: 'accounts:write',
      answer: accountListSchema,
    },
    async ({ part, note }) => {
      const account = await requireAccount(store, part('id'))
      await store.removeAccount(account.id)
      await note({ action: 'account.remove', object: accountObject(account), before: auditFields(account) })
      return listAccountViews({ rooms })
    },
  )
}

/** What a change would make of the checked fields; what it clears is none of them. */
function definedOf(body: object): Partial<Account> {
  return Object.fromEntries(Object.entries(body).filter(([, value]) => value !== undefined && value !== null))
}

/** The settings and the secrets of an account: the addresses are the same, so they go to no new host. */
async function copyOf(store: AccountStore, account: Account): Promise<AccountInput> {
  const { id, managedBy: _managedBy, state: _state, acceptedLosses: _accepted, ...settings } = account
  const opened = await store.openCredential(id)
  const proxy = settings.hasProxyPassword ? await store.openProxyUrl(id) : undefined
  const proxyUrl = proxy?.type === 'opened' ? proxy.proxyUrl : settings.proxyUrl
  return {
    ...settings,
    proxyUrl,
    credential: opened.type === 'opened' ? opened.credential : undefined,
    schedulable: false,
    isDemo: false,
  }
}

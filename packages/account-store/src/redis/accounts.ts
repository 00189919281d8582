import { createAccountSecrets, requireCredentialForMove } from '../account-secrets.ts'
import { changeAccountSettings, checkCredential, toAccountSettings } from '../account-settings.ts'
import type { Account, AccountChange, AccountInput } from '../account.ts'
import { changedProxyPassword, proxyPasswordOf } from '../proxy-url.ts'
import { requireFreeName, requireOperator } from '../refusals.ts'
import { readSettings } from '../rows/account-rows.ts'
import type { Row } from '../rows/row.ts'
import { StoreError } from '../store-error.ts'
import type { AccountRoom } from '../store/account-room.ts'
import type { AccountStateRoom } from '../store/account-state-room.ts'
import type { AccountView } from './account-view.ts'
import type { AccountWriter } from './account-writer.ts'
import { createAccountWriter } from './account-writer.ts'
import type { RedisContext } from './context.ts'
import { transact } from './transaction.ts'

/** What accounts are made of. */
export interface AccountRoomParts {
  readonly context: RedisContext
  readonly view: AccountView
  readonly states: AccountStateRoom
}

/** Accounts in Redis. */
export function createAccountRoom({ context, view, states }: AccountRoomParts): AccountRoom {
  const { box, now } = context
  const secrets = createAccountSecrets({
    box,
    now,
    setAttention: states.setAttention,
    find: (id) => requireRow(view, id),
  })

  async function createAccount(input: AccountInput): Promise<Account> {
    const settings = toAccountSettings(input)
    const credential = input.credential === undefined ? undefined : checkCredential(input.credential)
    const id = await write(context, async (table) => {
      requireFreeName('account', settings.name, await table.findByName(settings.name))
      return table.insert(settings, {
        managedBy: 'operator',
        credential,
        proxyPassword: proxyPasswordOf(input.proxyUrl),
      })
    })
    return requireAccount(view, id)
  }

  async function updateAccount(id: string, change: AccountChange): Promise<Account> {
    const credential = typeof change.credential === 'string' ? checkCredential(change.credential) : change.credential
    await write(context, async (table) => {
      const row = await table.require(id)
      requireOperator('account', row)
      const before = readSettings(row)
      const after = changeAccountSettings(before, change)
      if (after.name !== before.name) requireFreeName('account', after.name, await table.findByName(after.name))
      requireCredentialForMove(row, after, credential)
      table.update(row, after, { credential, proxyPassword: changedProxyPassword(before, change) })
    })
    return requireAccount(view, id)
  }

  async function removeAccount(id: string): Promise<void> {
    await write(context, async (table) => {
      const row = await table.require(id)
      if (readSettings(row).enabled) requireOperator('account', row)
      table.remove(row)
    })
  }

  return {
    createAccount,
    updateAccount,
    removeAccount,
    ...secrets,
    getAccount: async (id) => (await view.document(id))?.account,
    listAccounts: view.list,
  }
}

async function write<Result>(context: RedisContext, work: (table: AccountWriter) => Promise<Result>): Promise<Result> {
  return transact(context, 'config-guard', async (transaction) => work(createAccountWriter(context, transaction)))
}

async function requireRow(view: AccountView, id: string): Promise<Row> {
  const row = (await view.freshDocument(id))?.row
  if (row === undefined) throw new StoreError('not-found', `there is no account ${id}`)
  return row
}

async function requireAccount(view: AccountView, id: string): Promise<Account> {
  const document = await view.document(id)
  if (document === undefined) throw new StoreError('not-found', `account ${id} was removed meanwhile`)
  return document.account
}

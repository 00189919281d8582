import { changeAccountSettings, checkCredential, reachesNewAddress, toAccountSettings } from '../account-settings.ts'
import type { Account, AccountChange, AccountInput } from '../account.ts'
import { changedProxyPassword, joinProxyUrl, proxyPasswordOf } from '../proxy-url.ts'
import { credentialContext, proxyContext, readManagedBy, readSettings } from '../rows/account-rows.ts'
import type { Row } from '../rows/row.ts'
import { readOptionalText, readText } from '../rows/row.ts'
import { StoreError } from '../store-error.ts'
import type { AccountRoom, OpenedCredential, OpenedProxyUrl } from '../store/account-room.ts'
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
  async function createAccount(input: AccountInput): Promise<Account> {
    const settings = toAccountSettings(input)
    const credential = input.credential === undefined ? undefined : checkCredential(input.credential)
    const id = await write(context, async (table) => {
      await requireFreeName(table, settings.name)
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
      requireOperator(row)
      const before = readSettings(row)
      const after = changeAccountSettings(before, change)
      if (after.name !== before.name) await requireFreeName(table, after.name)
      const keepsCredential = readOptionalText(row, 'credential') !== undefined && credential === undefined
      if (keepsCredential && reachesNewAddress(before, after)) refuseNewAddress(after.name)
      table.update(row, after, { credential, proxyPassword: changedProxyPassword(before, change) })
    })
    return requireAccount(view, id)
  }

  async function removeAccount(id: string): Promise<void> {
    await write(context, async (table) => {
      const row = await table.require(id)
      if (readSettings(row).enabled) requireOperator(row)
      table.remove(row)
    })
  }

  async function openCredential(id: string): Promise<OpenedCredential> {
    const row = await requireRow(view, id)
    const sealed = readOptionalText(row, 'credential')
    if (sealed === undefined) return { type: 'none' }
    const credential = context.box.open(sealed, credentialContext(id))
    if (credential !== undefined) return { type: 'opened', credential }
    await markUnreadable(id, 'the stored credential cannot be decrypted; enter it again')
    return { type: 'unreadable' }
  }

  async function markUnreadable(id: string, message: string): Promise<void> {
    await states.setAttention(id, { since: context.now(), reason: 'credential-unreadable', message })
  }

  async function openProxyUrl(id: string): Promise<OpenedProxyUrl> {
    const row = await requireRow(view, id)
    const { proxyUrl } = readSettings(row)
    if (proxyUrl === undefined) return { type: 'none' }
    const sealed = readOptionalText(row, 'proxy_password')
    if (sealed === undefined) return { type: 'opened', proxyUrl }
    const password = context.box.open(sealed, proxyContext(id))
    if (password !== undefined) return { type: 'opened', proxyUrl: joinProxyUrl(proxyUrl, password) }
    await markUnreadable(id, 'the stored password of the proxy cannot be decrypted; enter the proxy again')
    return { type: 'unreadable' }
  }

  return {
    createAccount,
    updateAccount,
    removeAccount,
    openCredential,
    openProxyUrl,
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

async function requireFreeName(table: AccountWriter, name: string): Promise<void> {
  if ((await table.findByName(name)) === undefined) return
  throw new StoreError('name-taken', `there is already an account "${name}"`)
}

function requireOperator(row: Row): void {
  if (readManagedBy(row) === 'operator') return
  throw new StoreError(
    'managed-by-config',
    `account ${readText(row, 'id')} ("${readText(row, 'name')}") comes from the configuration file; change it there`,
  )
}

function refuseNewAddress(name: string): never {
  throw new StoreError(
    'credential-required',
    `account "${name}" gets a new address; enter its credential again, a stored one is never sent to a new host`,
  )
}

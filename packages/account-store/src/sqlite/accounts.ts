import { changeAccountSettings, checkCredential, reachesNewAddress, toAccountSettings } from '../account-settings.ts'
import type { Account, AccountChange, AccountInput } from '../account.ts'
import { changedProxyPassword, joinProxyUrl, proxyPasswordOf } from '../proxy-url.ts'
import { credentialContext, proxyContext, readManagedBy, readSettings } from '../rows/account-rows.ts'
import type { Row } from '../rows/row.ts'
import { readOptionalText, readText } from '../rows/row.ts'
import { StoreError } from '../store-error.ts'
import type { AccountRoom, OpenedCredential, OpenedProxyUrl } from '../store/account-room.ts'
import type { AccountStateRoom } from '../store/account-state-room.ts'
import type { AccountSnapshot } from './account-snapshot.ts'
import type { AccountTable } from './account-table.ts'
import type { StoreContext } from './context.ts'

/** What accounts are made of. */
export interface AccountRoomParts {
  readonly context: StoreContext
  readonly table: AccountTable
  readonly snapshot: AccountSnapshot
  readonly states: AccountStateRoom
}

/** Accounts in the embedded store. */
export function createAccountRoom({ context, table, snapshot, states }: AccountRoomParts): AccountRoom {
  const { durable, box, now } = context

  async function createAccount(input: AccountInput): Promise<Account> {
    const settings = toAccountSettings(input)
    const credential = input.credential === undefined ? undefined : checkCredential(input.credential)
    const id = durable.transaction(() => {
      requireFreeName(table.findByName(settings.name), settings.name)
      return table.insert(settings, {
        managedBy: 'operator',
        credential,
        proxyPassword: proxyPasswordOf(input.proxyUrl),
      })
    })
    return requireAccount(snapshot, id)
  }

  async function updateAccount(id: string, change: AccountChange): Promise<Account> {
    const credential = typeof change.credential === 'string' ? checkCredential(change.credential) : change.credential
    durable.transaction(() => {
      const row = table.require(id)
      requireOperator(row)
      const before = readSettings(row)
      const after = changeAccountSettings(before, change)
      if (after.name !== before.name) requireFreeName(table.findByName(after.name), after.name)
      const keepsCredential = readOptionalText(row, 'credential') !== undefined && credential === undefined
      if (keepsCredential && reachesNewAddress(before, after)) refuseNewAddress(after.name)
      table.update(row, after, { credential, proxyPassword: changedProxyPassword(before, change) })
    })
    return requireAccount(snapshot, id)
  }

  async function removeAccount(id: string): Promise<void> {
    durable.transaction(() => {
      const row = table.require(id)
      if (readSettings(row).enabled) requireOperator(row)
      table.remove(id)
    })
  }

  async function openCredential(id: string): Promise<OpenedCredential> {
    const sealed = readOptionalText(table.require(id), 'credential')
    if (sealed === undefined) return { type: 'none' }
    const credential = box.open(sealed, credentialContext(id))
    if (credential !== undefined) return { type: 'opened', credential }
    await markUnreadable(id, 'the stored credential cannot be decrypted; enter it again')
    return { type: 'unreadable' }
  }

  function markUnreadable(id: string, message: string): Promise<void> {
    return states.setAttention(id, { since: now(), reason: 'credential-unreadable', message })
  }

  async function openProxyUrl(id: string): Promise<OpenedProxyUrl> {
    const row = table.require(id)
    const { proxyUrl } = readSettings(row)
    if (proxyUrl === undefined) return { type: 'none' }
    const sealed = readOptionalText(row, 'proxy_password')
    if (sealed === undefined) return { type: 'opened', proxyUrl }
    const password = box.open(sealed, proxyContext(id))
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
    getAccount: async (id) => snapshot.get(id),
    listAccounts: async () => snapshot.list(),
  }
}

function requireAccount(snapshot: AccountSnapshot, id: string): Account {
  const account = snapshot.get(id)
  if (account === undefined) throw new StoreError('not-found', `account ${id} was removed meanwhile`)
  return account
}

function requireFreeName(row: Row | undefined, name: string): void {
  if (row !== undefined) throw new StoreError('name-taken', `there is already an account "${name}"`)
}

function requireOperator(row: Row): void {
  if (readManagedBy(row) === 'operator') return
  const { name } = readSettings(row)
  throw new StoreError(
    'managed-by-config',
    `account ${readText(row, 'id')} ("${name}") comes from the configuration file; change it there`,
  )
}

function refuseNewAddress(name: string): never {
  throw new StoreError(
    'credential-required',
    `account "${name}" gets a new address; enter its credential again, a stored one is never sent to a new host`,
  )
}

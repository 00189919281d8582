import { createAccountSecrets, requireCredentialForMove } from '../account-secrets.ts'
import { changeAccountSettings, checkCredential, toAccountSettings } from '../account-settings.ts'
import type { Account, AccountChange, AccountInput } from '../account.ts'
import { changedProxyPassword, proxyPasswordOf } from '../proxy-url.ts'
import { requireFreeName, requireOperator } from '../refusals.ts'
import { readSettings } from '../rows/account-rows.ts'
import { StoreError } from '../store-error.ts'
import type { AccountRoom } from '../store/account-room.ts'
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
  const secrets = createAccountSecrets({ box, now, setAttention: states.setAttention, find: table.require })

  async function createAccount(input: AccountInput): Promise<Account> {
    const settings = toAccountSettings(input)
    const credential = input.credential === undefined ? undefined : checkCredential(input.credential)
    const id = durable.transaction(() => {
      requireFreeName('account', settings.name, table.findByName(settings.name))
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
      requireOperator('account', row)
      const before = readSettings(row)
      const after = changeAccountSettings(before, change)
      if (after.name !== before.name) requireFreeName('account', after.name, table.findByName(after.name))
      requireCredentialForMove(row, after, credential)
      table.update(row, after, { credential, proxyPassword: changedProxyPassword(before, change) })
    })
    return requireAccount(snapshot, id)
  }

  async function removeAccount(id: string): Promise<void> {
    durable.transaction(() => {
      const row = table.require(id)
      if (readSettings(row).enabled) requireOperator('account', row)
      table.remove(id)
    })
  }

  return {
    createAccount,
    updateAccount,
    removeAccount,
    ...secrets,
    getAccount: async (id) => snapshot.get(id),
    listAccounts: async () => snapshot.list(),
  }
}

function requireAccount(snapshot: AccountSnapshot, id: string): Account {
  const account = snapshot.get(id)
  if (account === undefined) throw new StoreError('not-found', `account ${id} was removed meanwhile`)
  return account
}

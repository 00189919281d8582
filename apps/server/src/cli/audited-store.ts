import { userInfo } from 'node:os'

import type { Account, AccountStore, AuditObject, BudgetHolderPlace, RelayKey } from '@relay/account-store'

import type { AdminDeed } from '../admin-api/audit-note.ts'
import type { AuditAction } from '../admin-api/contract/index.ts'
import { auditFields, changesBetween } from '../observe/deed.ts'
import { isErrand, tellServer } from './errand.ts'

/** Writes down what was done. It is done already, so trouble here is only told. */
export type NoteDeed = (deed: AdminDeed) => Promise<void>

/**
 * Makes the pen of the command line: who did it is the user of the operating system. What the server has asked for, it
 * writes down itself: it knows for whom.
 *
 * @param onTrouble - is told when something could not be written down
 */
export function createDeedNotes(
  store: Pick<AccountStore, 'recordAudit'>,
  onTrouble: (message: string) => void,
): NoteDeed {
  return async ({ action, object, before, after }) => {
    if (isErrand()) return tellServer({ type: 'relay:deed', deed: { action, object, before, after } })
    const actor = { kind: 'command', name: userName() } as const
    try {
      await store.recordAudit({ actor, action, object, ...changesBetween(before, after) })
    } catch {
      onTrouble(`it is done, but ${action} could not be written to the log of actions`)
    }
  }
}

/** A store whose changes by operators are written down, as those of the panel are. */
export function auditedStore(store: AccountStore, note: NoteDeed): AccountStore {
  return { ...store, ...accountDeeds(store, note), ...keyDeeds(store, note), ...otherDeeds(store, note) }
}

function accountDeeds(store: AccountStore, note: NoteDeed): Partial<AccountStore> {
  return {
    createAccount: async (input) => {
      const after = await store.createAccount(input)
      await note({ action: 'account.create', object: accountObject(after), after: auditFields(after) })
      return after
    },
    updateAccount: async (id, change) => {
      const before = await store.getAccount(id)
      const after = await store.updateAccount(id, change)
      const credential = typeof change.credential === 'string' ? { credential: 'replaced' } : {}
      await note({
        action: 'account.update',
        object: accountObject(after),
        before: before && auditFields(before),
        after: { ...auditFields(after), ...credential },
      })
      return after
    },
    removeAccount: async (id) => {
      const before = await store.getAccount(id)
      await store.removeAccount(id)
      await note({
        action: 'account.remove',
        object: before && accountObject(before),
        before: before && auditFields(before),
      })
    },
    clearAccountState: async (id) => {
      const account = await store.getAccount(id)
      await store.clearAccountState(id)
      await note({ action: 'account.clear-state', object: account && accountObject(account) })
    },
  }
}

function keyDeeds(store: AccountStore, note: NoteDeed): Partial<AccountStore> {
  async function told<Result>(action: AuditAction, key: RelayKey, result: Result): Promise<Result> {
    await note({ action, object: keyObject(key) })
    return result
  }
  return {
    createRelayKey: async (input) => {
      const issued = await store.createRelayKey(input)
      await note({ action: 'key.create', object: keyObject(issued.relayKey), after: issued.relayKey })
      return issued
    },
    importRelayKey: async (input) => {
      const after = await store.importRelayKey(input)
      await note({ action: 'key.create', object: keyObject(after), after })
      return after
    },
    updateRelayKey: async (id, change) => {
      const before = await store.getRelayKey(id)
      const after = await store.updateRelayKey(id, change)
      await note({ action: 'key.update', object: keyObject(after), before, after })
      return after
    },
    rotateRelayKey: async (id, rotation) => {
      const issued = await store.rotateRelayKey(id, rotation)
      return told('key.rotate', issued.relayKey, issued)
    },
    revokeRelayKey: async (id) => {
      const key = await store.revokeRelayKey(id)
      return told('key.revoke', key, key)
    },
    restoreRelayKey: async (id) => {
      const key = await store.restoreRelayKey(id)
      return told('key.restore', key, key)
    },
  }
}

function otherDeeds(store: AccountStore, note: NoteDeed): Partial<AccountStore> {
  return {
    setBudgetHolder: async (input) => {
      const before = await store.getBudgetHolder(input)
      const after = await store.setBudgetHolder(input)
      await note({ action: 'holder.update', object: holderObject(after), before, after })
      return after
    },
    removeBudgetHolder: async (place) => {
      const before = await store.getBudgetHolder(place)
      await store.removeBudgetHolder(place)
      await note({ action: 'holder.remove', object: holderObject(place), before })
    },
    writeSetting: async (name, value) => {
      await store.writeSetting(name, value)
      // What a setting holds may be a table of prices: that it was changed, and by whom, is what is kept.
      await note({ action: 'settings.update', object: { kind: 'setting', id: name, name } })
    },
    writeEverything: async (rows) => {
      const objects = await store.writeEverything(rows)
      await note({ action: 'data.import', after: { objects } })
      return objects
    },
    rotateEncryptionKey: async (rotation) => {
      const after = await store.rotateEncryptionKey(rotation)
      await note({ action: 'encryption-key.rotate', after })
      return after
    },
  }
}

function accountObject({ id, name }: Account): AuditObject {
  return { kind: 'account', id, name }
}

function keyObject({ id, name }: RelayKey): AuditObject {
  return { kind: 'relay-key', id, name }
}

function holderObject({ kind, name }: BudgetHolderPlace): AuditObject {
  return { kind, id: name, name }
}

function userName(): string {
  try {
    return userInfo().username
  } catch {
    return `user ${process.getuid?.() ?? 'unknown'}` // a container may run as a number that has no name
  }
}

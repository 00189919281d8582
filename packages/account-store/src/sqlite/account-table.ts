import { randomUUID } from 'node:crypto'

import type { AccountSettings, ManagedBy } from '../account.ts'
import { credentialContext, mergeSettings, proxyContext } from '../rows/account-rows.ts'
import type { Row } from '../rows/row.ts'
import { readText } from '../rows/row.ts'
import { StoreError } from '../store-error.ts'
import type { StoreContext } from './context.ts'

/** What of an account is sealed. */
export interface AccountSecrets {
  readonly credential: string | null | undefined
  /** Percent-encoded. */
  readonly proxyPassword: string | null | undefined
}

/** Steps on the table of accounts; each of those that write runs inside a transaction of its caller. */
export interface AccountTable {
  find(id: string): Row | undefined
  /** @throws StoreError `not-found` */
  require(id: string): Row
  findByName(name: string): Row | undefined
  listManagedByConfig(): readonly Row[]
  /** @returns the id */
  insert(settings: AccountSettings, options: { managedBy: ManagedBy } & AccountSecrets): string
  /** Writes new settings and forgets the state: an edited account is tried afresh. `null` removes a secret, `undefined` keeps it. */
  update(row: Row, settings: AccountSettings, secrets: AccountSecrets): void
  remove(id: string): void
}

/** A shorter credential would lose too much of itself by showing four characters. */
const MIN_CHARACTERS_TO_SHOW_FOUR = 12

/** Prepares the statements on accounts. */
export function createAccountTable(context: StoreContext): AccountTable {
  const { durable, box, now, accountRevision } = context
  const statements = prepareStatements(context)

  function insert(
    settings: AccountSettings,
    { managedBy, ...secrets }: { managedBy: ManagedBy } & AccountSecrets,
  ): string {
    const id = randomUUID()
    statements.insert.run({
      id,
      name: settings.name,
      managedBy,
      settings: mergeSettings(undefined, settings),
      now: now(),
      revision: accountRevision.bump('durable'),
    })
    setSecrets(id, secrets)
    return id
  }

  function update(row: Row, settings: AccountSettings, secrets: AccountSecrets): void {
    const id = readText(row, 'id')
    statements.update.run({
      id,
      name: settings.name,
      settings: mergeSettings(row, settings),
      now: now(),
      revision: accountRevision.bump('durable'),
    })
    statements.removeCooldowns.run({ id })
    statements.removeRefused.run({ id })
    setSecrets(id, secrets)
  }

  function setSecrets(id: string, { credential, proxyPassword }: AccountSecrets): void {
    if (credential !== undefined) setCredential(id, credential ?? undefined)
    if (proxyPassword === undefined) return
    const sealed = proxyPassword === null ? undefined : box.seal(proxyPassword, proxyContext(id))
    statements.setProxyPassword.run({ id, sealed })
  }

  function setCredential(id: string, credential: string | undefined): void {
    const sealed = credential === undefined ? undefined : box.seal(credential, credentialContext(id))
    const isLong = credential !== undefined && credential.length >= MIN_CHARACTERS_TO_SHOW_FOUR
    statements.setCredential.run({ id, sealed, lastFour: isLong ? credential.slice(-4) : undefined })
  }

  function remove(id: string): void {
    statements.remove.run({ id })
    statements.noteRemoval.run({ revision: accountRevision.bump('durable') })
  }

  function require(id: string): Row {
    const row = statements.find.get({ id })
    if (row === undefined) throw new StoreError('not-found', `there is no account ${id}`)
    return row
  }

  return {
    find: (id) => statements.find.get({ id }),
    require,
    findByName: (name) => statements.findByName.get({ name }),
    listManagedByConfig: () => durable.prepare(`SELECT * FROM accounts WHERE managed_by = 'config'`).all(),
    insert,
    update,
    remove,
  }
}

function prepareStatements({ durable }: StoreContext) {
  return {
    find: durable.prepare('SELECT * FROM accounts WHERE id = :id'),
    findByName: durable.prepare('SELECT * FROM accounts WHERE name = :name'),
    insert: durable.prepare(`
      INSERT INTO accounts (id, name, managed_by, settings, created_at, updated_at, revision)
      VALUES (:id, :name, :managedBy, :settings, :now, :now, :revision)`),
    update: durable.prepare(`
      UPDATE accounts SET name = :name, settings = :settings, updated_at = :now, revision = :revision,
        last_error = NULL, attention = NULL
      WHERE id = :id`),
    setCredential: durable.prepare(
      'UPDATE accounts SET credential = :sealed, credential_last_four = :lastFour WHERE id = :id',
    ),
    setProxyPassword: durable.prepare('UPDATE accounts SET proxy_password = :sealed WHERE id = :id'),
    removeRefused: durable.prepare('DELETE FROM refused_parameters WHERE account_id = :id'),
    removeCooldowns: durable.prepare('DELETE FROM cooldowns WHERE account_id = :id'),
    remove: durable.prepare('DELETE FROM accounts WHERE id = :id'),
    noteRemoval: durable.prepare(`UPDATE meta SET value = :revision WHERE name = 'accounts-removed-at-revision'`),
  }
}

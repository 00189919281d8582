import { randomUUID } from 'node:crypto'

import type { AccountSettings, ManagedBy } from '../account.ts'
import { credentialContext, mergeSettings } from '../rows/account-rows.ts'
import type { Row } from '../rows/row.ts'
import { readText } from '../rows/row.ts'
import { StoreError } from '../store-error.ts'
import { stateField } from './account-documents.ts'
import type { RedisContext } from './context.ts'
import { toRow } from './reply.ts'
import type { Transaction } from './transaction.ts'

/** Steps on accounts inside a transaction. */
export interface AccountWriter {
  find(id: string): Promise<Row | undefined>
  /** @throws StoreError `not-found` */
  require(id: string): Promise<Row>
  findByName(name: string): Promise<Row | undefined>
  list(): Promise<readonly Row[]>
  /** @returns the id */
  insert(settings: AccountSettings, options: { managedBy: ManagedBy; credential: string | undefined }): string
  /** Writes new settings and forgets the state: an edited account is tried afresh. `null` removes the credential, `undefined` keeps it. */
  update(row: Row, settings: AccountSettings, credential: string | null | undefined): void
  remove(row: Row): void
}

/** A shorter credential would lose too much of itself by showing four characters. */
const MIN_CHARACTERS_TO_SHOW_FOUR = 12
/** What an edit clears. When the account succeeded last stays true. */
const FORGOTTEN_BY_EDITS = ['last_error', 'attention', 'cooldowns'] as const

/** Reads and writes accounts through a transaction. */
export function createAccountWriter(context: RedisContext, transaction: Transaction): AccountWriter {
  const { now } = context

  async function find(id: string): Promise<Row | undefined> {
    const text = await transaction.get('accounts', id)
    return text === undefined ? undefined : toRow(text)
  }

  async function require(id: string): Promise<Row> {
    const row = await find(id)
    if (row === undefined) throw new StoreError('not-found', `there is no account ${id}`)
    return row
  }

  async function findByName(name: string): Promise<Row | undefined> {
    const id = await transaction.get('accountNames', name)
    return id === undefined ? undefined : find(id)
  }

  function write(row: Row): void {
    const id = readText(row, 'id')
    transaction.put('accounts', id, JSON.stringify(row))
    transaction.put('accountNames', readText(row, 'name'), id)
    transaction.touch('account', id)
  }

  function insert(
    settings: AccountSettings,
    { managedBy, credential }: { managedBy: ManagedBy; credential: string | undefined },
  ): string {
    const id = randomUUID()
    write({
      id,
      name: settings.name,
      managed_by: managedBy,
      settings: mergeSettings(undefined, settings),
      ...sealed(context, id, credential),
      created_at: now(),
      updated_at: now(),
    })
    return id
  }

  function update(row: Row, settings: AccountSettings, credential: string | null | undefined): void {
    const id = readText(row, 'id')
    transaction.remove('accountNames', readText(row, 'name'))
    write({
      ...row,
      name: settings.name,
      settings: mergeSettings(row, settings),
      ...(credential === undefined ? {} : sealed(context, id, credential ?? undefined)),
      updated_at: now(),
    })
    for (const part of FORGOTTEN_BY_EDITS) transaction.remove('accountStates', stateField(id, part))
  }

  function remove(row: Row): void {
    const id = readText(row, 'id')
    transaction.remove('accounts', id)
    transaction.remove('accountNames', readText(row, 'name'))
    for (const part of FORGOTTEN_BY_EDITS) transaction.remove('accountStates', stateField(id, part))
    transaction.remove('accountStates', stateField(id, 'last_success_at'))
    transaction.touch('account', id)
  }

  return {
    find,
    require,
    findByName,
    list: async () => [...(await transaction.all('accounts')).values()].map(toRow),
    insert,
    update,
    remove,
  }
}

function sealed({ box }: RedisContext, id: string, credential: string | undefined): Row {
  if (credential === undefined) return { credential: null, credential_last_four: null }
  return {
    credential: box.seal(credential, credentialContext(id)),
    credential_last_four: credential.length >= MIN_CHARACTERS_TO_SHOW_FOUR ? credential.slice(-4) : null,
  }
}

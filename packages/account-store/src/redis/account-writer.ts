import { randomUUID } from 'node:crypto'

import type { AccountSettings, ManagedBy } from '../account.ts'
import { credentialContext, mergeSettings, proxyContext } from '../rows/account-rows.ts'
import type { Row } from '../rows/row.ts'
import { readText } from '../rows/row.ts'
import { StoreError } from '../store-error.ts'
import { stateField, stateFields } from './account-documents.ts'
import type { RedisContext } from './context.ts'
import { toRow } from './reply.ts'
import type { Transaction } from './transaction.ts'

/** What of an account is sealed. */
export interface AccountSecrets {
  readonly credential: string | null | undefined
  /** Percent-encoded. */
  readonly proxyPassword: string | null | undefined
}

/** Steps on accounts inside a transaction. */
export interface AccountWriter {
  find(id: string): Promise<Row | undefined>
  /** @throws StoreError `not-found` */
  require(id: string): Promise<Row>
  findByName(name: string): Promise<Row | undefined>
  list(): Promise<readonly Row[]>
  /** @returns the id */
  insert(settings: AccountSettings, options: { managedBy: ManagedBy } & AccountSecrets): string
  /** Writes new settings and forgets the state: an edited account is tried afresh. `null` removes a secret, `undefined` keeps it. */
  update(row: Row, settings: AccountSettings, secrets: AccountSecrets): void
  remove(row: Row): void
}

/** A shorter credential would lose too much of itself by showing four characters. */
const MIN_CHARACTERS_TO_SHOW_FOUR = 12
/** What an edit clears. When the account succeeded last stays true. */
const FORGOTTEN_BY_EDITS = ['last_error', 'attention', 'cooldowns', 'refused_parameters'] as const

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

  function insert(settings: AccountSettings, options: { managedBy: ManagedBy } & AccountSecrets): string {
    const id = randomUUID()
    write({
      id,
      name: settings.name,
      managed_by: options.managedBy,
      settings: mergeSettings(undefined, settings),
      ...NO_SECRETS,
      ...sealSecrets(context, id, options),
      created_at: now(),
      updated_at: now(),
    })
    return id
  }

  function update(row: Row, settings: AccountSettings, secrets: AccountSecrets): void {
    const id = readText(row, 'id')
    transaction.remove('accountNames', readText(row, 'name'))
    write({
      ...row,
      name: settings.name,
      settings: mergeSettings(row, settings),
      ...sealSecrets(context, id, secrets),
      updated_at: now(),
    })
    for (const part of FORGOTTEN_BY_EDITS) transaction.remove('accountStates', stateField(id, part))
  }

  function remove(row: Row): void {
    const id = readText(row, 'id')
    transaction.remove('accounts', id)
    transaction.remove('accountNames', readText(row, 'name'))
    for (const field of stateFields(id)) transaction.remove('accountStates', field)
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

const NO_SECRETS: Row = { credential: null, credential_last_four: null, proxy_password: null }

/** The columns that change. */
function sealSecrets({ box }: RedisContext, id: string, { credential, proxyPassword }: AccountSecrets): Row {
  const columns: Record<string, Row[string]> = {}
  if (credential !== undefined) {
    columns['credential'] = credential === null ? null : box.seal(credential, credentialContext(id))
    const isLong = credential !== null && credential.length >= MIN_CHARACTERS_TO_SHOW_FOUR
    columns['credential_last_four'] = isLong ? credential.slice(-4) : null
  }
  if (proxyPassword !== undefined) {
    columns['proxy_password'] = proxyPassword === null ? null : box.seal(proxyPassword, proxyContext(id))
  }
  return columns
}

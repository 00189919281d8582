import { randomUUID } from 'node:crypto'

import type { ManagedBy } from '../account.ts'
import { hashSecret } from '../crypto/key-hash.ts'
import type { RelayKeySettings } from '../relay-key.ts'
import { mergeSettings } from '../rows/account-rows.ts'
import { toRelayKey } from '../rows/relay-key-rows.ts'
import type { Row } from '../rows/row.ts'
import { readText } from '../rows/row.ts'
import { StoreError } from '../store-error.ts'
import type { RedisContext } from './context.ts'
import { parseJson, toRow, toTexts } from './reply.ts'
import type { Transaction } from './transaction.ts'

/** Steps on relay keys inside a transaction. */
export interface RelayKeyWriter {
  find(id: string): Promise<Row | undefined>
  /** @throws StoreError `not-found` */
  require(id: string): Promise<Row>
  /** Of those that are not revoked. */
  findByName(name: string): Promise<Row | undefined>
  findBySecret(secret: string): Promise<Row | undefined>
  /** By age, revoked ones too. */
  list(): Promise<readonly Row[]>
  /** @throws StoreError `secret-taken` */
  insert(settings: RelayKeySettings, options: { managedBy: ManagedBy; secret: string }): Promise<Row>
  /** @returns the row as it is now */
  update(row: Row, settings: RelayKeySettings): Row
  /** Makes the secret the only one of the key.
   * @throws StoreError `secret-taken` */
  setSecret(row: Row, secret: string): Promise<Row>
  removeSecrets(row: Row): Row
  setRevoked(row: Row, revokedAt: number | undefined): Row
}

type RelayKeyReader = Pick<RelayKeyWriter, 'find' | 'require' | 'findByName' | 'findBySecret' | 'list'>

function createRelayKeyReader(transaction: Transaction, digestOf: (secret: string) => string): RelayKeyReader {
  async function find(id: string): Promise<Row | undefined> {
    const text = await transaction.get('relayKeys', id)
    return text === undefined ? undefined : toRow(text)
  }

  async function require(id: string): Promise<Row> {
    const row = await find(id)
    if (row === undefined) throw new StoreError('not-found', `there is no relay key ${id}`)
    return row
  }

  async function findThrough(index: 'relayKeyNames' | 'relayKeyDigests', field: string): Promise<Row | undefined> {
    const id = await transaction.get(index, field)
    return id === undefined ? undefined : find(id)
  }

  return {
    find,
    require,
    findByName: async (name) => findThrough('relayKeyNames', name),
    findBySecret: async (secret) => findThrough('relayKeyDigests', digestOf(secret)),
    list: async () => [...(await transaction.all('relayKeys')).values()].map(toRow).toSorted(byAge),
  }
}

/** Reads and writes relay keys through a transaction. */
export function createRelayKeyWriter(context: RedisContext, transaction: Transaction): RelayKeyWriter {
  const { pepper, now } = context
  const digestOf = (secret: string): string => hashSecret(pepper, secret).toString('hex')

  function write(row: Row): Row {
    const id = readText(row, 'id')
    transaction.put('relayKeys', id, JSON.stringify(row))
    if (row['revoked_at'] === null) transaction.put('relayKeyNames', readText(row, 'name'), id)
    transaction.touch('relay-key', id)
    return row
  }

  /** Takes the name out of the index where it stands for this key. */
  function releaseName(row: Row): void {
    if (row['revoked_at'] === null) transaction.remove('relayKeyNames', readText(row, 'name'))
  }

  async function insert(
    settings: RelayKeySettings,
    { managedBy, secret }: { managedBy: ManagedBy; secret: string },
  ): Promise<Row> {
    const row = {
      id: randomUUID(),
      name: settings.name,
      managed_by: managedBy,
      settings: mergeSettings(undefined, settings),
      secret_last_four: '',
      digests: '[]',
      revoked_at: null,
      created_at: now(),
      updated_at: now(),
    }
    return setSecret(row, secret)
  }

  function update(row: Row, settings: RelayKeySettings): Row {
    releaseName(row)
    return write({ ...row, name: settings.name, settings: mergeSettings(row, settings), updated_at: now() })
  }

  async function setSecret(row: Row, secret: string): Promise<Row> {
    const digest = digestOf(secret)
    const bare = removeSecrets(row)
    if ((await transaction.get('relayKeyDigests', digest)) !== undefined) {
      throw new StoreError('secret-taken', 'the secret declared for a relay key belongs to another one; choose another')
    }
    transaction.put('relayKeyDigests', digest, readText(row, 'id'))
    return write({ ...bare, digests: JSON.stringify([digest]), secret_last_four: secret.slice(-4) })
  }

  function removeSecrets(row: Row): Row {
    for (const digest of digestsOf(row)) transaction.remove('relayKeyDigests', digest)
    return write({ ...row, digests: '[]' })
  }

  function setRevoked(row: Row, revokedAt: number | undefined): Row {
    releaseName(row)
    return write({ ...row, revoked_at: revokedAt ?? null, updated_at: now() })
  }

  return {
    ...createRelayKeyReader(transaction, digestOf),
    insert,
    update,
    setSecret,
    removeSecrets,
    setRevoked,
  }
}

/** Oldest first. */
export function byAge(left: Row, right: Row): number {
  const [a, b] = [toRelayKey(left), toRelayKey(right)]
  return a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1)
}

function digestsOf(row: Row): readonly string[] {
  return toTexts(parseJson(readText(row, 'digests'))).filter((digest) => digest !== undefined)
}

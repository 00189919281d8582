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
import type { SecretSteps } from './relay-key-secrets.ts'
import { createSecretSteps, withSecrets } from './relay-key-secrets.ts'
import { toRow } from './reply.ts'
import type { Transaction } from './transaction.ts'

/** What is known of a new key beside its settings. */
export interface NewKeyFacts {
  readonly managedBy: ManagedBy
  /** Milliseconds since the epoch, of a key that another system has made. */
  readonly createdAt?: number | undefined
  readonly lastUsedAt?: number | undefined
  readonly firstUsedAt?: number | undefined
}

/** Steps on relay keys inside a transaction. */
export interface RelayKeyWriter extends SecretSteps {
  find(id: string): Promise<Row | undefined>
  /** @throws StoreError `not-found` */
  require(id: string): Promise<Row>
  /** Of those that are not revoked. */
  findByName(name: string): Promise<Row | undefined>
  findBySecret(secret: string): Promise<Row | undefined>
  /** By age, revoked ones too. */
  list(): Promise<readonly Row[]>
  /** Makes a key without a secret. */
  insert(settings: RelayKeySettings, facts: NewKeyFacts): Row
  /** @returns the row as it is now, as all of these do */
  update(row: Row, settings: RelayKeySettings): Row
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

  function insert(settings: RelayKeySettings, facts: NewKeyFacts): Row {
    const row = {
      id: randomUUID(),
      name: settings.name,
      managed_by: facts.managedBy,
      settings: mergeSettings(undefined, settings),
      secret_last_four: '',
      revoked_at: null,
      created_at: facts.createdAt ?? now(),
      updated_at: now(),
      last_used_at: facts.lastUsedAt ?? null,
      first_used_at: facts.firstUsedAt ?? null,
    }
    return write(withSecrets(row, []))
  }

  function update(row: Row, settings: RelayKeySettings): Row {
    releaseName(row)
    return write({ ...row, name: settings.name, settings: mergeSettings(row, settings), updated_at: now() })
  }

  function setRevoked(row: Row, revokedAt: number | undefined): Row {
    releaseName(row)
    return write({ ...row, revoked_at: revokedAt ?? null, updated_at: now() })
  }

  return {
    ...createRelayKeyReader(transaction, digestOf),
    insert,
    update,
    ...createSecretSteps({ transaction, write, digestOf, now }),
    setRevoked,
  }
}

/** Oldest first. */
export function byAge(left: Row, right: Row): number {
  const [a, b] = [toRelayKey(left), toRelayKey(right)]
  return a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1)
}

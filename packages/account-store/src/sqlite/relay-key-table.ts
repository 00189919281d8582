import { randomUUID } from 'node:crypto'

import type { ManagedBy } from '../account.ts'
import type { RelayKeySettings } from '../relay-key.ts'
import { mergeSettings } from '../rows/account-rows.ts'
import type { Row } from '../rows/row.ts'
import { readBytes, readOptionalNumber, readText } from '../rows/row.ts'
import { StoreError } from '../store-error.ts'
import type { StoreContext } from './context.ts'
import type { RelayKeySecrets } from './relay-key-secrets.ts'
import { createRelayKeySecrets } from './relay-key-secrets.ts'

/** A row of a relay key with the digest by which it was found. */
export interface FoundRow {
  readonly row: Row
  readonly digest: Uint8Array
  /** When the secret ends, milliseconds since the epoch; `undefined` for the current one. */
  readonly endsAt: number | undefined
}

/** What a new key starts with. */
export interface NewKeyFacts {
  readonly managedBy: ManagedBy
  /** `undefined` for a key of which only a foreign hash is known. */
  readonly secret: string | undefined
  readonly createdAt?: number | undefined
  readonly lastUsedAt?: number | undefined
  readonly firstUsedAt?: number | undefined
}

/** Steps on the tables of relay keys; each of those that write runs inside a transaction of its caller. */
export interface RelayKeyTable extends RelayKeySecrets {
  find(id: string): Row | undefined
  /** @throws StoreError `not-found` */
  require(id: string): Row
  findByName(name: string): Row | undefined
  findByDigest(digest: Uint8Array): FoundRow | undefined
  list(): readonly Row[]
  /** @returns the id
   * @throws StoreError `secret-taken` */
  insert(settings: RelayKeySettings, facts: NewKeyFacts): string
  update(row: Row, settings: RelayKeySettings): void
  setRevoked(id: string, revokedAt: number | undefined): void
}

/** Prepares the statements on relay keys. */
export function createRelayKeyTable(context: StoreContext): RelayKeyTable {
  const { now, relayKeyRevision } = context
  const statements = prepareStatements(context)

  const secrets = createRelayKeySecrets(context, { find, findByDigest })

  function insert(settings: RelayKeySettings, { secret, ...facts }: NewKeyFacts): string {
    const id = randomUUID()
    const row = { id, name: settings.name, settings: mergeSettings(undefined, settings), now: now() }
    statements.insert.run({
      ...row,
      managedBy: facts.managedBy,
      createdAt: facts.createdAt ?? now(),
      lastUsedAt: facts.lastUsedAt,
      firstUsedAt: facts.firstUsedAt,
    })
    if (secret !== undefined) secrets.setSecret(id, secret)
    return id
  }

  function update(row: Row, settings: RelayKeySettings): void {
    statements.update.run({
      id: readText(row, 'id'),
      name: settings.name,
      settings: mergeSettings(row, settings),
      now: now(),
    })
    statements.shortenResponses.run({ id: readText(row, 'id'), ttlMs: settings.responseTtlMs })
    relayKeyRevision.bump('durable')
  }

  function setRevoked(id: string, revokedAt: number | undefined): void {
    statements.setRevoked.run({ id, revokedAt, now: now() })
    relayKeyRevision.bump('durable')
  }

  function find(id: string): Row | undefined {
    return statements.find.get({ id })
  }

  function findByDigest(digest: Uint8Array): FoundRow | undefined {
    const row = statements.findByDigest.get({ digest })
    if (row === undefined) return undefined
    return { row, digest: readBytes(row, 'digest'), endsAt: readOptionalNumber(row, 'ends_at') }
  }

  function require(id: string): Row {
    const row = find(id)
    if (row === undefined) throw new StoreError('not-found', `there is no relay key ${id}`)
    return row
  }

  return {
    find,
    require,
    findByName: (name) => statements.findByName.get({ name }),
    findByDigest,
    list: () => statements.list.all(),
    insert,
    update,
    ...secrets,
    setRevoked,
  }
}

/** Only secrets that a rotation has replaced have an end. */
const OLD_SECRET_END = `
  (SELECT max(ends_at) FROM relay_key_secrets AS old WHERE old.key_id = relay_keys.id) AS old_secret_ends_at`
const SELECT = `SELECT relay_keys.*, ${OLD_SECRET_END} FROM relay_keys`

function prepareStatements({ durable }: StoreContext) {
  return {
    find: durable.prepare(`${SELECT} WHERE id = :id`),
    findByName: durable.prepare(`${SELECT} WHERE name = :name AND revoked_at IS NULL`),
    findByDigest: durable.prepare(`
      SELECT relay_keys.*, relay_key_secrets.digest, relay_key_secrets.ends_at, ${OLD_SECRET_END} FROM relay_key_secrets
      JOIN relay_keys ON relay_keys.id = relay_key_secrets.key_id
      WHERE relay_key_secrets.digest = :digest`),
    list: durable.prepare(`${SELECT} ORDER BY created_at, id`),
    insert: durable.prepare(`
      INSERT INTO relay_keys
        (id, name, managed_by, settings, secret_last_four, created_at, updated_at, last_used_at, first_used_at)
      VALUES (:id, :name, :managedBy, :settings, '', :createdAt, :now, :lastUsedAt, :firstUsedAt)`),
    update: durable.prepare(
      'UPDATE relay_keys SET name = :name, settings = :settings, updated_at = :now WHERE id = :id',
    ),
    shortenResponses: durable.prepare(
      'UPDATE responses SET expires_at = min(expires_at, created_at + :ttlMs) WHERE key_id = :id',
    ),
    setRevoked: durable.prepare('UPDATE relay_keys SET revoked_at = :revokedAt, updated_at = :now WHERE id = :id'),
  }
}

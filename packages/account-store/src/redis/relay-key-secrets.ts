import { requireFreeSecret } from '../refusals.ts'
import type { Row } from '../rows/row.ts'
import { readText } from '../rows/row.ts'
import { parseJson, toRow } from './reply.ts'
import type { Transaction } from './transaction.ts'

/** A secret by which a relay key is found; it lies in the key's row, and its digest in the hash of digests. */
export interface StoredSecret {
  /** In hex. */
  readonly digest: string
  /** Milliseconds since the epoch; `null` = as long as the key. */
  readonly endsAt: number | null
  /** The suffix of another system's hash; `null` for our own. */
  readonly foreignSuffix: number | null
}

/** The secrets of a relay key. */
export function secretsOf(row: Row): readonly StoredSecret[] {
  // Written by `withSecrets` from this very type.
  return parseJson(readText(row, 'secrets')) as readonly StoredSecret[]
}

/** The row with other secrets. */
export function withSecrets(row: Row, secrets: readonly StoredSecret[]): Row {
  const ends = secrets.flatMap(({ endsAt }) => endsAt ?? [])
  const oldEndsAt = ends.length === 0 ? null : Math.max(...ends)
  return { ...row, secrets: JSON.stringify(secrets), old_secret_ends_at: oldEndsAt }
}

/** Steps on the secrets of a relay key inside a transaction. All of them return the row as it is then. */
export interface SecretSteps {
  /** Makes the secret the only one of the key.
   * @throws StoreError `secret-taken` */
  setSecret(row: Row, secret: string): Promise<Row>
  /** Gives the key a new secret; those before work on until the end of the overlap. */
  rotateSecret(row: Row, secret: string, overlapMs: number): Promise<Row>
  /** Lets the key be found by the hash of another system.
   * @throws StoreError `secret-taken` */
  addForeign(row: Row, digest: string, suffixId: number): Promise<Row>
  removeSecrets(row: Row): Row
}

/** What the steps work with. */
export interface SecretStepParts {
  readonly transaction: Transaction
  /** Writes the row of a key. */
  readonly write: (row: Row) => Row
  readonly digestOf: (secret: string) => string
  /** Milliseconds since the epoch. */
  readonly now: () => number
}

/** Makes the steps. */
export function createSecretSteps({ transaction, write, digestOf, now }: SecretStepParts): SecretSteps {
  /** Makes these the secrets of the key. */
  function keep(row: Row, secrets: readonly StoredSecret[]): Row {
    const kept = new Set(secrets.map(({ digest }) => digest))
    for (const { digest } of secretsOf(row)) if (!kept.has(digest)) transaction.remove('relayKeyDigests', digest)
    for (const digest of kept) transaction.put('relayKeyDigests', digest, readText(row, 'id'))
    return write(withSecrets(row, secrets))
  }

  async function findHolder(digest: string): Promise<Row | undefined> {
    const id = await transaction.get('relayKeyDigests', digest)
    const text = id === undefined ? undefined : await transaction.get('relayKeys', id)
    return text === undefined ? undefined : toRow(text)
  }

  async function setSecret(row: Row, secret: string): Promise<Row> {
    return addSecret(removeSecrets(row), secret)
  }

  async function addSecret(row: Row, secret: string): Promise<Row> {
    const digest = digestOf(secret)
    requireFreeSecret('secret declared', row, await findHolder(digest))
    const added: StoredSecret = { digest, endsAt: null, foreignSuffix: null }
    return keep({ ...row, secret_last_four: secret.slice(-4) }, [...secretsOf(row), added])
  }

  async function rotateSecret(row: Row, secret: string, overlapMs: number): Promise<Row> {
    const endsAt = now() + overlapMs
    const old = secretsOf(row).map((each) => ({ ...each, endsAt: Math.min(each.endsAt ?? endsAt, endsAt) }))
    const left = old.filter((each) => each.endsAt > now())
    return addSecret(keep(row, left), secret)
  }

  async function addForeign(row: Row, digest: string, suffixId: number): Promise<Row> {
    requireFreeSecret('hash imported', row, await findHolder(digest))
    return keep(row, [...secretsOf(row), { digest, endsAt: null, foreignSuffix: suffixId }])
  }

  function removeSecrets(row: Row): Row {
    return keep(row, [])
  }

  return { setSecret, rotateSecret, addForeign, removeSecrets }
}

import { foreignDigest, foreignHashOf } from '../crypto/foreign-hash.ts'
import { requireFreeSecret } from '../refusals.ts'
import type { ForeignHash } from '../relay-key.ts'
import { foreignSuffixContext } from '../rows/relay-key-rows.ts'
import type { Row } from '../rows/row.ts'
import { readNumber, readText } from '../rows/row.ts'
import { StoreError } from '../store-error.ts'
import type { StoreContext } from './context.ts'
import type { RelayKeyTable } from './relay-key-table.ts'

/** Keys of another system, of which only a hash is known. */
export interface ForeignKeys {
  /** Lets the key be found by the hash; inside a transaction of its caller.
   * @throws StoreError `secret-taken` */
  putHash(keyId: string, foreign: ForeignHash): void
  /** Finds a key by its foreign hash, and keeps our own in place of it from then on. */
  findAndUpgrade(secret: string): Row | undefined
}

/** Prepares the statements on keys of other systems. */
export function createForeignKeys(context: StoreContext, table: RelayKeyTable): ForeignKeys {
  const { durable, box, pepper, now, relayKeyRevision } = context
  const statements = {
    suffixes: durable.prepare('SELECT id, sealed FROM foreign_suffixes ORDER BY id'),
    insertSuffix: durable.prepare('INSERT INTO foreign_suffixes (id, sealed) VALUES (:id, :sealed)'),
    insertHash: durable.prepare(`
      INSERT INTO relay_key_secrets (digest, key_id, created_at, foreign_suffix) VALUES (:digest, :keyId, :now, :suffixId)`),
  }
  let suffixes: ReadonlyMap<number, string> = new Map()
  let revision = 0

  function readSuffixes(): ReadonlyMap<number, string> {
    return new Map(
      statements.suffixes.all().flatMap((row): [number, string][] => {
        const id = readNumber(row, 'id')
        const suffix = box.open(readText(row, 'sealed'), foreignSuffixContext(id))
        return suffix === undefined ? [] : [[id, suffix]]
      }),
    )
  }

  function suffixIdOf(suffix: string): number {
    const known = readSuffixes()
    const found = [...known].find(([, text]) => text === suffix)
    if (found !== undefined) return found[0]
    const id = Math.max(0, ...statements.suffixes.all().map((row) => readNumber(row, 'id'))) + 1
    statements.insertSuffix.run({ id, sealed: box.seal(suffix, foreignSuffixContext(id)) })
    return id
  }

  function putHash(keyId: string, { suffix, hash }: ForeignHash): void {
    const row = { digest: foreignDigest(pepper, hash), keyId, now: now(), suffixId: suffixIdOf(suffix) }
    requireFreeSecret('hash imported', table.find(keyId), table.findByDigest(row.digest)?.row)
    statements.insertHash.run(row)
    relayKeyRevision.bump('durable')
  }

  function findAndUpgrade(secret: string): Row | undefined {
    const latest = relayKeyRevision.latest()
    if (latest !== revision) suffixes = readSuffixes()
    revision = latest
    for (const suffix of suffixes.values()) {
      const found = table.findByDigest(foreignDigest(pepper, foreignHashOf(secret, suffix)))
      if (found !== undefined) return upgrade(found.row, secret)
    }
    return undefined
  }

  /** A store that cannot be written to keeps nobody out: the key is upgraded another time. */
  function upgrade(row: Row, secret: string): Row {
    const id = readText(row, 'id')
    try {
      durable.transaction(() => table.setSecret(id, secret))
    } catch (error) {
      if (!StoreError.is(error)) throw error
      return row
    }
    return table.require(id)
  }

  return { putHash, findAndUpgrade }
}

import { foreignDigest, foreignHashOf } from '../crypto/foreign-hash.ts'
import type { ForeignHash } from '../relay-key.ts'
import { foreignSuffixContext } from '../rows/relay-key-rows.ts'
import type { Row } from '../rows/row.ts'
import { readText } from '../rows/row.ts'
import { StoreError } from '../store-error.ts'
import type { RedisContext } from './context.ts'
import { createRelayKeyWriter } from './relay-key-writer.ts'
import { toPairs } from './reply.ts'
import type { Transaction } from './transaction.ts'
import { transact } from './transaction.ts'

/** Keys of another system, of which only a hash is known. */
export interface ForeignKeys {
  /** The digests under which a secret would be found if it were of another system. */
  digestsOf(secret: string): Promise<readonly string[]>
  /** Keeps our own hash in place of the foreign one from now on. */
  upgrade(row: Row, secret: string): Promise<Row>
}

/** Keys of other systems in Redis. The suffixes of their hashes are few, and each node keeps them in memory. */
export function createForeignKeys(context: RedisContext): ForeignKeys {
  let loading: Promise<readonly string[]> | undefined
  context.feed.onKeysChanged(() => {
    loading = undefined
  })

  async function digestsOf(secret: string): Promise<readonly string[]> {
    const mine = (loading ??= readSuffixes(context))
    try {
      return (await mine).map((suffix) => toDigest(context, foreignHashOf(secret, suffix)))
    } catch (error) {
      if (loading === mine) loading = undefined
      throw error
    }
  }

  /** A store that cannot be written to keeps nobody out: the key is upgraded another time. */
  async function upgrade(row: Row, secret: string): Promise<Row> {
    try {
      return await transact(context, 'config-guard', async (transaction) => {
        const table = createRelayKeyWriter(context, transaction)
        return table.setSecret(await table.require(readText(row, 'id')), secret)
      })
    } catch (error) {
      if (!StoreError.is(error)) throw error
      return row
    }
  }

  return { digestsOf, upgrade }
}

/** What has to be kept so that the hash can be recognised. */
export async function putForeignSuffix(
  { box }: RedisContext,
  transaction: Transaction,
  suffix: string,
): Promise<number> {
  const stored = await transaction.all('foreignSuffixes')
  const found = [...stored].find(([id, sealed]) => box.open(sealed, foreignSuffixContext(Number(id))) === suffix)
  if (found !== undefined) return Number(found[0])
  const id = Math.max(0, ...[...stored.keys()].map(Number)) + 1
  transaction.put('foreignSuffixes', String(id), box.seal(suffix, foreignSuffixContext(id)))
  return id
}

/** The digest under which a foreign hash is kept. */
export function foreignDigestOf(context: RedisContext, { hash }: ForeignHash): string {
  return toDigest(context, hash)
}

function toDigest({ pepper }: RedisContext, hash: string): string {
  return foreignDigest(pepper, hash).toString('hex')
}

async function readSuffixes({ link, keys, box }: RedisContext): Promise<readonly string[]> {
  const [stored] = await link.send(['HGETALL', keys.foreignSuffixes])
  return toPairs(stored).flatMap(([id, sealed]) => box.open(sealed, foreignSuffixContext(Number(id))) ?? [])
}

import type { Grace } from '../away/grace.ts'
import { GRACE_MS } from '../away/grace.ts'
import { hashSecret } from '../crypto/key-hash.ts'
import { createKeyMemory } from '../key-memory.ts'
import type { RelayKey } from '../relay-key.ts'
import { toRelayKey } from '../rows/relay-key-rows.ts'
import type { Row } from '../rows/row.ts'
import { type ShownSecret, toShownSecret } from '../shown-secret.ts'
import { StoreError } from '../store-error.ts'
import type { RedisContext } from './context.ts'
import type { ForeignKeys } from './foreign-keys.ts'
import { createForeignKeys } from './foreign-keys.ts'
import { secretsOf } from './relay-key-secrets.ts'
import { toRow, toTexts } from './reply.ts'
import { FIND_RELAY_KEY } from './scripts/find-relay-key.ts'

/** The look-up that every request does. */
export type RelayKeyFinder = (secret: string | ShownSecret) => Promise<RelayKey | undefined>

/** A key with the secret that was shown. */
interface Found {
  readonly relayKey: RelayKey
  /** When that secret ends, milliseconds since the epoch; `null` = as long as the key. */
  readonly endsAt: number | null
}

interface Remembered extends Found {
  usedAtMs: number
}

/** Makes the look-up: from memory, until the feed says that a key has changed. */
export function createRelayKeyFinder(context: RedisContext, grace: Grace): RelayKeyFinder {
  const { feed } = context
  const foreign = createForeignKeys(context)
  const memory = createKeyMemory<Remembered>()
  feed.onKeysChanged((ids) => memory.forget(ids === 'all' ? ids : new Set(ids)))

  function recall(slot: string, maxIdleMs: number): Found | undefined {
    const found = memory.recall(slot)
    if (found === undefined || performance.now() - found.usedAtMs > maxIdleMs) return undefined
    found.usedAtMs = performance.now()
    return found
  }

  async function find(secret: string, slot: string): Promise<Found | undefined> {
    await feed.catchUp()
    const known = recall(slot, Infinity)
    if (known !== undefined) return known
    const found = (await ask(context, ownDigest(context, secret))) ?? (await findForeign(context, foreign, secret))
    if (found !== undefined) memory.remember(slot, { ...found, usedAtMs: performance.now() })
    return found
  }

  return async (secret) => {
    const { text, slot } = toShownSecret(secret)
    if (slot === undefined) return undefined
    const found = await find(text, slot).catch((error: unknown) => {
      const known = grace.covers(error) ? recall(slot, GRACE_MS) : undefined
      if (known === undefined) throw error
      return known
    })
    return found === undefined || (found.endsAt ?? Infinity) <= context.now() ? undefined : found.relayKey
  }
}

function ownDigest({ pepper }: RedisContext, secret: string): string {
  return hashSecret(pepper, secret).toString('hex')
}

async function findForeign(context: RedisContext, foreign: ForeignKeys, secret: string): Promise<Found | undefined> {
  for (const digest of await foreign.digestsOf(secret)) {
    const row = await askForRow(context, digest)
    if (row !== undefined) return { relayKey: toRelayKey(await foreign.upgrade(row, secret)), endsAt: null }
  }
  return undefined
}

async function ask(context: RedisContext, digest: string): Promise<Found | undefined> {
  const row = await askForRow(context, digest)
  if (row === undefined) return undefined
  const secret = secretsOf(row).find((each) => each.digest === digest)
  return { relayKey: toRelayKey(row), endsAt: secret?.endsAt ?? null }
}

/** The digest is the field that Redis looks up: it is a keyed hash, so that the time of the look-up tells nothing about a secret. */
async function askForRow({ link, keys, instanceId }: RedisContext, digest: string): Promise<Row | undefined> {
  const answer = await link.hurried.run(FIND_RELAY_KEY, {
    keys: [keys.meta, keys.relayKeyDigests, keys.relayKeys],
    args: [digest],
  })
  const [instance, row] = toTexts(answer)
  // Without a data set, or in another one, nobody's key is wrong.
  if (instance !== instanceId)
    throw new StoreError('store-damaged', 'the data set is gone from Redis; restore a backup')
  return row === undefined ? undefined : toRow(row)
}

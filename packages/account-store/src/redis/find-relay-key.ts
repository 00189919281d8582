import { hash, randomBytes } from 'node:crypto'

import { hashSecret } from '../crypto/key-hash.ts'
import type { RelayKey } from '../relay-key.ts'
import { toRelayKey } from '../rows/relay-key-rows.ts'
import { StoreError } from '../store-error.ts'
import type { ChangedKeys } from './change-feed.ts'
import type { RedisContext } from './context.ts'
import type { Grace } from './grace.ts'
import { GRACE_MS } from './grace.ts'
import { toRow, toTexts } from './reply.ts'
import { FIND_RELAY_KEY } from './scripts/find-relay-key.ts'

/** The look-up that every request does. */
export type RelayKeyFinder = (secret: string) => Promise<RelayKey | undefined>

/** Keys in use at once that are answered from memory. */
const MAX_REMEMBERED = 50_000
/** No key is longer; a longer text is not worth a hash. */
const MAX_SECRET_CHARACTERS = 256

interface Remembered {
  readonly relayKey: RelayKey
  usedAtMs: number
}

/**
 * Makes the look-up.
 *
 * What is remembered is filed under a hash with a salt of this process, so that no plain secret stays in memory and nothing
 * can be learned from how long a look-up takes. Only secrets that were found are remembered: guesses cannot fill the memory.
 */
export function createRelayKeyFinder(context: RedisContext, grace: Grace): RelayKeyFinder {
  const { feed } = context
  const salt = randomBytes(32).toString('base64')
  const remembered = new Map<string, Remembered>()
  const slotsOfKey = new Map<string, Set<string>>()

  function forget(ids: ChangedKeys): void {
    if (ids === 'all') {
      remembered.clear()
      slotsOfKey.clear()
      return
    }
    for (const id of ids) {
      for (const slot of slotsOfKey.get(id) ?? []) remembered.delete(slot)
      slotsOfKey.delete(id)
    }
  }
  feed.onKeysChanged(forget)

  function remember(slot: string, relayKey: RelayKey): void {
    if (remembered.size >= MAX_REMEMBERED) forget('all')
    remembered.set(slot, { relayKey, usedAtMs: performance.now() })
    slotsOfKey.set(relayKey.id, (slotsOfKey.get(relayKey.id) ?? new Set()).add(slot))
  }

  function recall(slot: string, maxIdleMs: number): RelayKey | undefined {
    const found = remembered.get(slot)
    if (found === undefined || performance.now() - found.usedAtMs > maxIdleMs) return undefined
    found.usedAtMs = performance.now()
    return found.relayKey
  }

  return async (secret) => {
    if (secret === '' || secret.length > MAX_SECRET_CHARACTERS) return undefined
    const slot = hash('sha256', salt + secret)
    try {
      await feed.catchUp()
      const known = recall(slot, Infinity)
      if (known !== undefined) return known
      const found = await ask(context, secret)
      if (found !== undefined) remember(slot, found)
      return found
    } catch (error) {
      const known = grace.covers(error) ? recall(slot, GRACE_MS) : undefined
      if (known === undefined) throw error
      return known
    }
  }
}

/** The digest is the field that Redis looks up: it is a keyed hash, so that the time of the look-up tells nothing about a secret. */
async function ask({ link, keys, pepper, instanceId }: RedisContext, secret: string): Promise<RelayKey | undefined> {
  const digest = hashSecret(pepper, secret).toString('hex')
  const answer = await link.run(FIND_RELAY_KEY, {
    keys: [keys.meta, keys.relayKeyDigests, keys.relayKeys],
    args: [digest],
  })
  const [instance, row] = toTexts(answer)
  // Without a data set, or in another one, nobody's key is wrong.
  if (instance !== instanceId)
    throw new StoreError('store-damaged', 'the data set is gone from Redis; restore a backup')
  return row === undefined ? undefined : toRelayKey(toRow(row))
}

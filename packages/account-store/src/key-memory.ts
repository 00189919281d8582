import { hash, randomBytes } from 'node:crypto'

import type { RelayKey } from './relay-key.ts'

/** Relay keys that were found by their secrets, as many as a large installation has in use. */
export interface KeyMemory<Found> {
  /** What a secret is filed under; `undefined` for a text that is nobody's. */
  slotOf(secret: string): string | undefined
  recall(slot: string): Found | undefined
  /** Only what was found: guesses cannot fill the memory. */
  remember(slot: string, found: Found): void
  /** @param ids - of the keys that have changed */
  forget(ids: ReadonlySet<string> | 'all'): void
}

/** Some 800 bytes each. Beyond that one key is forgotten for each that comes, never all at once. */
const MAX_KEYS = 120_000
/** No key is longer; a longer text is not worth a hash. */
const MAX_SECRET_CHARACTERS = 256

/**
 * Makes an empty memory.
 *
 * A slot is a hash with a salt of this process, so that no plain secret stays in memory and nothing can be learned from how
 * long a look-up takes.
 *
 * @param maxKeys - for tests
 */
export function createKeyMemory<Found extends { readonly relayKey: RelayKey }>(
  maxKeys: number = MAX_KEYS,
): KeyMemory<Found> {
  const salt = randomBytes(32).toString('base64')
  const remembered = new Map<string, Found>()
  // Goes on where it was: to begin anew each time would lead over the places of all that were forgotten before.
  let oldest = remembered.keys()

  function remember(slot: string, found: Found): void {
    if (remembered.size >= maxKeys && !remembered.has(slot)) remembered.delete(oldest.next().value ?? '')
    remembered.set(slot, found)
  }

  function forget(ids: ReadonlySet<string> | 'all'): void {
    if (ids === 'all') {
      remembered.clear()
      oldest = remembered.keys()
      return
    }
    for (const [slot, { relayKey }] of remembered) if (ids.has(relayKey.id)) remembered.delete(slot)
  }

  return {
    slotOf: (secret) =>
      secret === '' || secret.length > MAX_SECRET_CHARACTERS ? undefined : hash('sha256', salt + secret, 'base64'),
    recall: (slot) => remembered.get(slot),
    remember,
    forget,
  }
}

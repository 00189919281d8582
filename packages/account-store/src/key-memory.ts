import type { RelayKey } from './relay-key.ts'

/** Relay keys that were found by their secrets, as many as a large installation has in use. */
export interface KeyMemory<Found> {
  recall(slot: string): Found | undefined
  /** Only what was found: guesses cannot fill the memory. */
  remember(slot: string, found: Found): void
  /** @param ids - of the keys that have changed */
  forget(ids: ReadonlySet<string> | 'all'): void
}

/** Some 800 bytes each. Beyond that one key is forgotten for each that comes, never all at once. */
const MAX_KEYS = 120_000

/**
 * Makes an empty memory. It holds no secret: keys are filed under slots (see `ShownSecret`).
 *
 * @param maxKeys - for tests
 */
export function createKeyMemory<Found extends { readonly relayKey: RelayKey }>(
  maxKeys: number = MAX_KEYS,
): KeyMemory<Found> {
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
    recall: (slot) => remembered.get(slot),
    remember,
    forget,
  }
}

import { hash, randomBytes } from 'node:crypto'

import { hashSecret, isSameDigest } from '../crypto/key-hash.ts'
import type { RelayKey } from '../relay-key.ts'
import { toRelayKey } from '../rows/relay-key-rows.ts'
import type { StoreContext } from './context.ts'
import type { ForeignKeys } from './foreign-keys.ts'
import type { RelayKeyTable } from './relay-key-table.ts'

/** Keys in use at once that are answered from memory: those of this generation, and as many of the one before. */
const GENERATION_KEYS = 25_000
/** No key is longer; a longer text is not worth a hash. */
const MAX_SECRET_CHARACTERS = 256

interface RememberedKey {
  readonly relayKey: RelayKey
  /** When the secret ends that was shown, milliseconds since the epoch. */
  readonly endsAt: number | undefined
}

/**
 * Makes the look-up that every request does.
 *
 * What is remembered is filed under a hash with a salt of this process, so that no plain secret stays in memory and nothing
 * can be learned from how long a look-up takes. Only secrets that were found are remembered: guesses cannot fill the memory.
 */
export function createRelayKeyFinder(
  context: StoreContext,
  { table, foreign }: { readonly table: RelayKeyTable; readonly foreign: ForeignKeys },
): (secret: string) => RelayKey | undefined {
  const { pepper, now, relayKeyRevision } = context
  const salt = randomBytes(32).toString('base64')
  // When a generation is full, what nobody has used since the last change goes; keys in use never all go at once.
  let young = new Map<string, RememberedKey>()
  let old: ReadonlyMap<string, RememberedKey> = new Map()
  let revision = 0

  function forgetIfChanged(): void {
    const latest = relayKeyRevision.latest()
    if (latest === revision) return
    young = new Map()
    old = young
    revision = latest
  }

  function remember(slot: string, found: RememberedKey): void {
    if (young.size >= GENERATION_KEYS) {
      old = young
      young = new Map()
    }
    young.set(slot, found)
  }

  function findInTable(secret: string): RememberedKey | undefined {
    const digest = hashSecret(pepper, secret)
    const found = table.findByDigest(digest)
    if (found !== undefined && isSameDigest(found.digest, digest)) {
      return { relayKey: toRelayKey(found.row), endsAt: found.endsAt }
    }
    const upgraded = foreign.findAndUpgrade(secret)
    return upgraded === undefined ? undefined : { relayKey: toRelayKey(upgraded), endsAt: undefined }
  }

  return (secret) => {
    if (secret === '' || secret.length > MAX_SECRET_CHARACTERS) return undefined
    forgetIfChanged()
    const slot = hash('sha256', salt + secret)
    const known = young.get(slot)
    const found = known ?? old.get(slot) ?? findInTable(secret)
    if (found === undefined) return undefined
    if (known === undefined) remember(slot, found)
    return (found.endsAt ?? Infinity) > now() ? found.relayKey : undefined
  }
}

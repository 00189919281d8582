import { hash, randomBytes } from 'node:crypto'

import { hashSecret, isSameDigest } from '../crypto/key-hash.ts'
import type { RelayKey } from '../relay-key.ts'
import { toRelayKey } from '../rows/relay-key-rows.ts'
import type { StoreContext } from './context.ts'
import type { RelayKeyTable } from './relay-key-table.ts'

/** Keys in use at once that are answered from memory. */
const MAX_REMEMBERED = 50_000
/** No key is longer; a longer text is not worth a hash. */
const MAX_SECRET_CHARACTERS = 256

/**
 * Makes the look-up that every request does.
 *
 * What is remembered is filed under a hash with a salt of this process, so that no plain secret stays in memory and nothing
 * can be learned from how long a look-up takes. Only secrets that were found are remembered: guesses cannot fill the memory.
 */
export function createRelayKeyFinder(
  context: StoreContext,
  table: RelayKeyTable,
): (secret: string) => RelayKey | undefined {
  const { pepper, relayKeyRevision } = context
  const salt = randomBytes(32).toString('base64')
  const remembered = new Map<string, RelayKey>()
  let revision = 0

  function forgetIfChanged(): void {
    const latest = relayKeyRevision.latest()
    if (latest === revision && remembered.size < MAX_REMEMBERED) return
    remembered.clear()
    revision = latest
  }

  return (secret) => {
    if (secret === '' || secret.length > MAX_SECRET_CHARACTERS) return undefined
    forgetIfChanged()
    const slot = hash('sha256', salt + secret)
    const known = remembered.get(slot)
    if (known !== undefined) return known
    const digest = hashSecret(pepper, secret)
    const found = table.findByDigest(digest)
    if (found === undefined || !isSameDigest(found.digest, digest)) return undefined
    const relayKey = toRelayKey(found.row)
    remembered.set(slot, relayKey)
    return relayKey
  }
}

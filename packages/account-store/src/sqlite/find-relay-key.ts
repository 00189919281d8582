import { hashSecret, isSameDigest } from '../crypto/key-hash.ts'
import { createKeyMemory } from '../key-memory.ts'
import type { RelayKey } from '../relay-key.ts'
import { toRelayKey } from '../rows/relay-key-rows.ts'
import { type ShownSecret, toShownSecret } from '../shown-secret.ts'
import type { StoreContext } from './context.ts'
import type { ForeignKeys } from './foreign-keys.ts'
import type { RelayKeyTable } from './relay-key-table.ts'

interface Found {
  readonly relayKey: RelayKey
  /** When the secret ends that was shown, milliseconds since the epoch. */
  readonly endsAt: number | undefined
}

/** Makes the look-up that every request does: from memory, as long as no key has changed. */
export function createRelayKeyFinder(
  context: StoreContext,
  { table, foreign }: { readonly table: RelayKeyTable; readonly foreign: ForeignKeys },
): (secret: string | ShownSecret) => RelayKey | undefined {
  const { pepper, now, relayKeyRevision } = context
  const memory = createKeyMemory<Found>()
  let revision = 0

  function forgetIfChanged(): void {
    const latest = relayKeyRevision.latest()
    if (latest !== revision) memory.forget('all')
    revision = latest
  }

  function findInTable(secret: string): Found | undefined {
    const digest = hashSecret(pepper, secret)
    const found = table.findByDigest(digest)
    if (found !== undefined && isSameDigest(found.digest, digest)) {
      return { relayKey: toRelayKey(found.row), endsAt: found.endsAt }
    }
    const upgraded = foreign.findAndUpgrade(secret)
    return upgraded === undefined ? undefined : { relayKey: toRelayKey(upgraded), endsAt: undefined }
  }

  return (secret) => {
    const { text, slot } = toShownSecret(secret)
    if (slot === undefined) return undefined
    forgetIfChanged()
    const known = memory.recall(slot)
    const found = known ?? findInTable(text)
    if (found === undefined) return undefined
    if (known === undefined) memory.remember(slot, found)
    return (found.endsAt ?? Infinity) > now() ? found.relayKey : undefined
  }
}

import { checkNumber } from '../check-field.ts'
import { createRelayKeySecret } from '../crypto/key-hash.ts'
import { checkForeignHash } from '../foreign-hash-settings.ts'
import { requireFreeName, requireOperator } from '../refusals.ts'
import { checkKeyTimes, toRelayKeySettings } from '../relay-key-settings.ts'
import type { ForeignRelayKey, IssuedRelayKey, RelayKey, RelayKeyInput, SecretRotation } from '../relay-key.ts'
import { MAX_OVERLAP_MS } from '../relay-key.ts'
import { toRelayKey } from '../rows/relay-key-rows.ts'
import type { RelayKeyRoom } from '../store/relay-key-room.ts'
import type { StoreContext } from './context.ts'
import type { ForeignKeys } from './foreign-keys.ts'
import type { RelayKeyTable } from './relay-key-table.ts'

/** Where relay keys and their secrets come from. */
type KeyIssue = Pick<RelayKeyRoom, 'createRelayKey' | 'rotateRelayKey' | 'importRelayKey'>

/** New keys and new secrets in the embedded store. */
export function createKeyIssue(
  { durable }: StoreContext,
  { table, foreign }: { readonly table: RelayKeyTable; readonly foreign: ForeignKeys },
): KeyIssue {
  async function createRelayKey(input: RelayKeyInput): Promise<IssuedRelayKey> {
    const settings = toRelayKeySettings(input)
    const secret = createRelayKeySecret()
    const row = durable.transaction(() => {
      requireFreeName('relay key', settings.name, table.findByName(settings.name))
      return table.require(table.insert(settings, { managedBy: 'operator', secret }))
    })
    return { relayKey: toRelayKey(row), secret }
  }

  async function rotateRelayKey(id: string, { overlapMs }: SecretRotation): Promise<IssuedRelayKey> {
    const overlap = checkNumber('overlapMs', overlapMs, { min: 0, max: MAX_OVERLAP_MS })
    const secret = createRelayKeySecret()
    const row = durable.transaction(() => {
      requireOperator('relay key', table.require(id))
      table.rotateSecret(id, secret, overlap)
      return table.require(id)
    })
    return { relayKey: toRelayKey(row), secret }
  }

  async function importRelayKey(input: ForeignRelayKey): Promise<RelayKey> {
    const { foreignHash, ...fields } = input
    const settings = toRelayKeySettings(fields)
    const hash = checkForeignHash(foreignHash)
    const facts = { managedBy: 'operator', secret: undefined, ...checkKeyTimes(fields) } as const
    const row = durable.transaction(() => {
      requireFreeName('relay key', settings.name, table.findByName(settings.name))
      const id = table.insert(settings, facts)
      foreign.putHash(id, hash)
      return table.require(id)
    })
    return toRelayKey(row)
  }

  return { createRelayKey, rotateRelayKey, importRelayKey }
}

import { checkNumber } from '../check-field.ts'
import { createRelayKeySecret } from '../crypto/key-hash.ts'
import { checkForeignHash } from '../foreign-hash-settings.ts'
import { requireFreeName, requireOperator } from '../refusals.ts'
import { checkKeyTimes, toRelayKeySettings } from '../relay-key-settings.ts'
import type { ForeignRelayKey, IssuedRelayKey, RelayKey, RelayKeyInput, SecretRotation } from '../relay-key.ts'
import { MAX_OVERLAP_MS } from '../relay-key.ts'
import { toRelayKey } from '../rows/relay-key-rows.ts'
import type { RelayKeyRoom } from '../store/relay-key-room.ts'
import type { RedisContext } from './context.ts'
import { foreignDigestOf, putForeignSuffix } from './foreign-keys.ts'
import { createRelayKeyWriter } from './relay-key-writer.ts'
import { transact } from './transaction.ts'

/** Where relay keys and their secrets come from. */
type KeyIssue = Pick<RelayKeyRoom, 'createRelayKey' | 'rotateRelayKey' | 'importRelayKey'>

/** New keys and new secrets in Redis. */
export function createKeyIssue(context: RedisContext): KeyIssue {
  async function createRelayKey(input: RelayKeyInput): Promise<IssuedRelayKey> {
    const settings = toRelayKeySettings(input)
    const secret = createRelayKeySecret()
    const row = await transact(context, 'config-guard', async (transaction) => {
      const table = createRelayKeyWriter(context, transaction)
      requireFreeName('relay key', settings.name, await table.findByName(settings.name))
      return table.setSecret(table.insert(settings, { managedBy: 'operator' }), secret)
    })
    return { relayKey: toRelayKey(row), secret }
  }

  async function rotateRelayKey(id: string, { overlapMs }: SecretRotation): Promise<IssuedRelayKey> {
    const overlap = checkNumber('overlapMs', overlapMs, { min: 0, max: MAX_OVERLAP_MS })
    const secret = createRelayKeySecret()
    const row = await transact(context, 'config-guard', async (transaction) => {
      const table = createRelayKeyWriter(context, transaction)
      return table.rotateSecret(requireOperator('relay key', await table.require(id)), secret, overlap)
    })
    return { relayKey: toRelayKey(row), secret }
  }

  async function importRelayKey(input: ForeignRelayKey): Promise<RelayKey> {
    const { foreignHash, ...fields } = input
    const settings = toRelayKeySettings(fields)
    const hash = checkForeignHash(foreignHash)
    const times = checkKeyTimes(fields)
    const row = await transact(context, 'config-guard', async (transaction) => {
      const table = createRelayKeyWriter(context, transaction)
      requireFreeName('relay key', settings.name, await table.findByName(settings.name))
      const suffixId = await putForeignSuffix(context, transaction, hash.suffix)
      const inserted = table.insert(settings, { managedBy: 'operator', ...times })
      return table.addForeign(inserted, foreignDigestOf(context, hash), suffixId)
    })
    return toRelayKey(row)
  }

  return { createRelayKey, rotateRelayKey, importRelayKey }
}

import { checkNumber } from '../check-field.ts'
import { createRelayKeySecret } from '../crypto/key-hash.ts'
import { checkForeignHash } from '../foreign-hash-settings.ts'
import { changeRelayKeySettings, checkKeyTimes, toRelayKeySettings } from '../relay-key-settings.ts'
import type {
  ForeignRelayKey,
  IssuedRelayKey,
  SecretRotation,
  RelayKey,
  RelayKeyChange,
  RelayKeyInput,
} from '../relay-key.ts'
import { MAX_OVERLAP_MS } from '../relay-key.ts'
import { readManagedBy } from '../rows/account-rows.ts'
import { readKeySettings, toRelayKey } from '../rows/relay-key-rows.ts'
import type { Row } from '../rows/row.ts'
import { readText } from '../rows/row.ts'
import { StoreError } from '../store-error.ts'
import type { RelayKeyRoom } from '../store/relay-key-room.ts'
import type { StoreContext } from './context.ts'
import { createRelayKeyFinder } from './find-relay-key.ts'
import { createForeignKeys } from './foreign-keys.ts'
import type { RelayKeyTable } from './relay-key-table.ts'

/** Relay keys in the embedded store. */
export function createRelayKeyRoom(context: StoreContext, table: RelayKeyTable): RelayKeyRoom {
  const { durable, now } = context
  const foreign = createForeignKeys(context, table)
  const findBySecret = createRelayKeyFinder(context, { table, foreign })

  async function createRelayKey(input: RelayKeyInput): Promise<IssuedRelayKey> {
    const settings = toRelayKeySettings(input)
    const secret = createRelayKeySecret()
    const row = durable.transaction(() => {
      requireFreeName(table, settings.name)
      return table.require(table.insert(settings, { managedBy: 'operator', secret }))
    })
    return { relayKey: toRelayKey(row), secret }
  }

  async function updateRelayKey(id: string, change: RelayKeyChange): Promise<RelayKey> {
    const row = durable.transaction(() => {
      const before = requireOperator(table.require(id))
      const settings = readKeySettings(before)
      const after = changeRelayKeySettings(settings, change)
      const isLive = toRelayKey(before).revokedAt === undefined
      if (after.name !== settings.name && isLive) requireFreeName(table, after.name)
      table.update(before, after)
      return table.require(id)
    })
    return toRelayKey(row)
  }

  async function revokeRelayKey(id: string): Promise<RelayKey> {
    const row = durable.transaction(() => {
      const before = table.require(id)
      const { enabled, revokedAt } = toRelayKey(before)
      if (enabled) requireOperator(before)
      if (revokedAt === undefined) table.setRevoked(id, now())
      return table.require(id)
    })
    return toRelayKey(row)
  }

  async function restoreRelayKey(id: string): Promise<RelayKey> {
    const row = durable.transaction(() => {
      const before = toRelayKey(table.require(id))
      if (before.revokedAt !== undefined) {
        requireFreeName(table, before.name)
        table.setRevoked(id, undefined)
      }
      return table.require(id)
    })
    return toRelayKey(row)
  }

  async function rotateRelayKey(id: string, { overlapMs }: SecretRotation): Promise<IssuedRelayKey> {
    const overlap = checkNumber('overlapMs', overlapMs, { min: 0, max: MAX_OVERLAP_MS })
    const secret = createRelayKeySecret()
    const row = durable.transaction(() => {
      requireOperator(table.require(id))
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
      requireFreeName(table, settings.name)
      const id = table.insert(settings, facts)
      foreign.putHash(id, hash)
      return table.require(id)
    })
    return toRelayKey(row)
  }

  async function getRelayKey(id: string): Promise<RelayKey | undefined> {
    const row = table.find(id)
    return row === undefined ? undefined : toRelayKey(row)
  }

  async function listRelayKeys(options: { readonly includeRevoked?: boolean } = {}): Promise<readonly RelayKey[]> {
    const keys = table.list().map(toRelayKey)
    return options.includeRevoked === true ? keys : keys.filter((key) => key.revokedAt === undefined)
  }

  return {
    createRelayKey,
    updateRelayKey,
    revokeRelayKey,
    restoreRelayKey,
    rotateRelayKey,
    importRelayKey,
    getRelayKey,
    listRelayKeys,
    findRelayKey: async (secret) => findBySecret(secret),
  }
}

function requireFreeName(table: RelayKeyTable, name: string): void {
  if (table.findByName(name) === undefined) return
  throw new StoreError('name-taken', `there is already a relay key "${name}"`)
}

function requireOperator(row: Row): Row {
  if (readManagedBy(row) === 'operator') return row
  throw new StoreError(
    'managed-by-config',
    `relay key ${readText(row, 'id')} ("${readText(row, 'name')}") comes from the configuration file; change it there`,
  )
}

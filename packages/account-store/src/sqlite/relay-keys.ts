import { requireFreeName, requireOperator } from '../refusals.ts'
import { changeRelayKeySettings } from '../relay-key-settings.ts'
import type { RelayKey, RelayKeyChange } from '../relay-key.ts'
import { readKeySettings, toRelayKey } from '../rows/relay-key-rows.ts'
import type { RelayKeyRoom } from '../store/relay-key-room.ts'
import type { StoreContext } from './context.ts'
import { createRelayKeyFinder } from './find-relay-key.ts'
import { createForeignKeys } from './foreign-keys.ts'
import { createKeyIssue } from './issue-relay-keys.ts'
import type { RelayKeyTable } from './relay-key-table.ts'

/** Relay keys in the embedded store. */
export function createRelayKeyRoom(context: StoreContext, table: RelayKeyTable): RelayKeyRoom {
  const { durable, now } = context
  const foreign = createForeignKeys(context, table)
  const findBySecret = createRelayKeyFinder(context, { table, foreign })

  async function updateRelayKey(id: string, change: RelayKeyChange): Promise<RelayKey> {
    const row = durable.transaction(() => {
      const before = requireOperator('relay key', table.require(id))
      const settings = readKeySettings(before)
      const after = changeRelayKeySettings(settings, change)
      const isLive = toRelayKey(before).revokedAt === undefined
      if (after.name !== settings.name && isLive) requireFreeName('relay key', after.name, table.findByName(after.name))
      table.update(before, after)
      return table.require(id)
    })
    return toRelayKey(row)
  }

  async function revokeRelayKey(id: string): Promise<RelayKey> {
    const row = durable.transaction(() => {
      const before = table.require(id)
      const { enabled, revokedAt } = toRelayKey(before)
      if (enabled) requireOperator('relay key', before)
      if (revokedAt === undefined) table.setRevoked(id, now())
      return table.require(id)
    })
    return toRelayKey(row)
  }

  async function restoreRelayKey(id: string): Promise<RelayKey> {
    const row = durable.transaction(() => {
      const before = toRelayKey(table.require(id))
      if (before.revokedAt !== undefined) {
        requireFreeName('relay key', before.name, table.findByName(before.name))
        table.setRevoked(id, undefined)
      }
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
    ...createKeyIssue(context, { table, foreign }),
    updateRelayKey,
    revokeRelayKey,
    restoreRelayKey,
    getRelayKey,
    listRelayKeys,
    findRelayKey: async (secret) => findBySecret(secret),
  }
}

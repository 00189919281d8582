import { requireFreeName, requireOperator } from '../refusals.ts'
import { changeRelayKeySettings } from '../relay-key-settings.ts'
import type { RelayKey, RelayKeyChange } from '../relay-key.ts'
import { readKeySettings, toRelayKey } from '../rows/relay-key-rows.ts'
import type { Row } from '../rows/row.ts'
import { readText } from '../rows/row.ts'
import type { RelayKeyRoom } from '../store/relay-key-room.ts'
import type { RedisContext } from './context.ts'
import type { RelayKeyFinder } from './find-relay-key.ts'
import { createKeyIssue } from './issue-relay-keys.ts'
import type { RelayKeyWriter } from './relay-key-writer.ts'
import { byAge, createRelayKeyWriter } from './relay-key-writer.ts'
import { toPairs, toRow, toText } from './reply.ts'
import { transact } from './transaction.ts'

/** What relay keys are made of. */
export interface RelayKeyRoomParts {
  readonly context: RedisContext
  readonly find: RelayKeyFinder
  /** Ends kept responses of a key that are older than it now allows. */
  readonly shortenResponses: (keyId: string, ttlMs: number) => Promise<void>
}

/** Relay keys in Redis. */
export function createRelayKeyRoom({ context, find, shortenResponses }: RelayKeyRoomParts): RelayKeyRoom {
  async function updateRelayKey(id: string, change: RelayKeyChange): Promise<RelayKey> {
    const row = await write(context, async (table) => {
      const before = requireOperator('relay key', await table.require(id))
      const settings = readKeySettings(before)
      const after = changeRelayKeySettings(settings, change)
      const isLive = toRelayKey(before).revokedAt === undefined
      if (after.name !== settings.name && isLive)
        requireFreeName('relay key', after.name, await table.findByName(after.name))
      return table.update(before, after)
    })
    const key = await withLastUse(context, row)
    await shortenResponses(id, key.responseTtlMs)
    return key
  }

  async function revokeRelayKey(id: string): Promise<RelayKey> {
    const row = await write(context, async (table) => {
      const before = await table.require(id)
      const { enabled, revokedAt } = toRelayKey(before)
      if (enabled) requireOperator('relay key', before)
      return revokedAt === undefined ? table.setRevoked(before, context.now()) : before
    })
    return withLastUse(context, row)
  }

  async function restoreRelayKey(id: string): Promise<RelayKey> {
    const row = await write(context, async (table) => {
      const before = await table.require(id)
      const { name, revokedAt } = toRelayKey(before)
      if (revokedAt === undefined) return before
      requireFreeName('relay key', name, await table.findByName(name))
      return table.setRevoked(before, undefined)
    })
    return withLastUse(context, row)
  }

  async function getRelayKey(id: string): Promise<RelayKey | undefined> {
    const [text] = await context.link.send(['HGET', context.keys.relayKeys, id])
    const row = toText(text)
    return row === undefined ? undefined : withLastUse(context, toRow(row))
  }

  async function listRelayKeys(options: { readonly includeRevoked?: boolean } = {}): Promise<readonly RelayKey[]> {
    const [[rows], [uses]] = await Promise.all([
      context.link.send(['HGETALL', context.keys.relayKeys]),
      context.link.send(['HGETALL', context.keys.lastUses]),
    ])
    const lastUses = new Map(toPairs(uses))
    const keys = toPairs(rows)
      .map(([, text]) => toRow(text))
      .toSorted(byAge)
      .map((row) => toUsedKey(row, lastUses.get(readText(row, 'id'))))
    return options.includeRevoked === true ? keys : keys.filter((key) => key.revokedAt === undefined)
  }

  return {
    ...createKeyIssue(context),
    updateRelayKey,
    revokeRelayKey,
    restoreRelayKey,
    getRelayKey,
    listRelayKeys,
    findRelayKey: find,
  }
}

/** The last use is noted with the usage records, in their own room. */
async function withLastUse({ link, keys }: RedisContext, row: Row): Promise<RelayKey> {
  const [lastUse] = await link.send(['HGET', keys.lastUses, readText(row, 'id')])
  return toUsedKey(row, toText(lastUse))
}

function toUsedKey(row: Row, lastUse: string | undefined): RelayKey {
  return toRelayKey(lastUse === undefined ? row : { ...row, last_used_at: Number(lastUse) })
}

async function write<Result>(context: RedisContext, work: (table: RelayKeyWriter) => Promise<Result>): Promise<Result> {
  return transact(context, 'config-guard', async (transaction) => work(createRelayKeyWriter(context, transaction)))
}

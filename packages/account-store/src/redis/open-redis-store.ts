import { createGrace } from '../away/grace.ts'
import { requireStrongSecret } from '../crypto/derive-key.ts'
import { createKeyRing } from '../crypto/key-ring.ts'
import { StoreError } from '../store-error.ts'
import type { AccountStore } from '../store/account-store.ts'
import type { TransferOptions } from '../store/transfer-room.ts'
import type { TransferRow } from '../transfer.ts'
import { createChangeFeed } from './change-feed.ts'
import type { RedisContext } from './context.ts'
import { createRooms } from './create-rooms.ts'
import { createHealthCheck } from './health.ts'
import { openDataSet } from './meta.ts'
import { openLink } from './open-link.ts'
import { readEverything } from './read-everything.ts'
import type { RedisConnection } from './redis-connection.ts'
import { createRedisKeys } from './redis-keys.ts'
import { createUsage } from './usage.ts'

/** Where the data set in Redis is and what opens it. */
export interface RedisStoreOptions {
  readonly connection: RedisConnection
  /** The beginning of every key, for installations that share a Redis; `relay` unless said otherwise. */
  readonly namespace?: string | undefined
  /** `ENCRYPTION_KEY`: seals credentials; at least 32 characters. */
  readonly encryptionKey: string
  /** `JWT_SECRET`: keys the hashes of session tokens; at least 32 characters. Without it sessions and logins are refused. */
  readonly sessionSecret?: string | undefined
  /** A folder for usage records that cannot be written now; without it they wait in memory. */
  readonly queueFolder?: string | undefined
  /** While Redis is away every request is refused, instead of serving keys that were in use from memory. */
  readonly isStrict?: boolean | undefined
  /** A data set that is not there is `not-a-store`; else a new one is made, and sealed under this key. */
  readonly mustExist?: boolean | undefined
  /** Longest wait for one command, in milliseconds; 1000 unless said otherwise. A connection may take three times as long. */
  readonly commandTimeoutMs?: number | undefined
  /** The clock in milliseconds since the epoch. Unless one is given, limits count by the clock of the Redis server, which all nodes share. */
  readonly now?: (() => number) | undefined
}

const NAMESPACE = /^[\w.-]{1,50}$/

/**
 * Opens the store that several nodes share: Redis 7 or Valkey, alone, behind Sentinels, or as a Cluster.
 *
 * A new data set is made where there is none; one that does not fit is refused and left as it is.
 *
 * @throws StoreError `weak-secret`, `invalid-input`, `not-a-store`, `wrong-encryption-key`, `store-damaged`, `store-too-new`,
 * `store-busy`, `store-full`, `store-read-only`, `store-unavailable`; all but the first five may pass
 */
export async function openRedisStore(options: RedisStoreOptions): Promise<AccountStore> {
  requireStrongSecret('ENCRYPTION_KEY', options.encryptionKey)
  if (options.sessionSecret !== undefined) requireStrongSecret('JWT_SECRET', options.sessionSecret)
  const keys = createRedisKeys(checkNamespace(options.namespace ?? 'relay'))
  const box = createKeyRing(options.encryptionKey)
  const link = await openLink(options.connection, options.commandTimeoutMs)
  try {
    const dataSet = await openDataSet({ link, keys, box }, options.mustExist)
    const { pepper, instanceId } = dataSet
    const feed = createChangeFeed({ link, keys, instanceId, now: options.now ?? Date.now, learn: box.learn })
    const context: RedisContext = { link, keys, instanceId, box, pepper, feed, ...clocks(options.now) }
    await feed.catchUp()
    feed.start()
    const usage = createUsage(context, options.queueFolder)
    const { sessionSecret, isStrict = false } = options
    const grace = createGrace(isStrict)
    const rooms = createRooms({ context, grace, sessionSecret, sumUsage: usage.room.sumUsage })
    return {
      ...rooms.rooms,
      ...usage.room,
      readEverything: (wanted) => readAll(context, usage.room.flushUsage, wanted),
      checkHealth: createHealthCheck(context, dataSet, usage.queue.state),
      close: createClose(context, [usage.queue.stop, ...rooms.closers]),
    }
  } catch (error) {
    await link.close()
    throw error
  }
}

function clocks(now: (() => number) | undefined): Pick<RedisContext, 'now' | 'scriptClock' | 'steadyClock'> {
  if (now === undefined) return { now: Date.now, scriptClock: () => '', steadyClock: () => performance.now() }
  return { now, scriptClock: () => String(now()), steadyClock: now }
}

/** What this process has queued is written first. */
async function* readAll(
  context: RedisContext,
  flush: () => Promise<void>,
  wanted: TransferOptions,
): AsyncGenerator<TransferRow, void, undefined> {
  await flush()
  yield* readEverything(context, wanted)
}

function createClose({ link, feed }: RedisContext, closers: readonly (() => Promise<void>)[]): () => Promise<void> {
  let isOpen = true
  return async () => {
    if (!isOpen) return
    isOpen = false
    feed.stop()
    const outcomes = await Promise.allSettled(closers.map(async (close) => close()))
    await link.close()
    const failed = outcomes.find((outcome) => outcome.status === 'rejected')
    if (failed !== undefined) throw failed.reason
  }
}

function checkNamespace(namespace: string): string {
  if (NAMESPACE.test(namespace)) return namespace
  throw new StoreError('invalid-input', 'namespace must have 1 to 50 letters, digits, dots, dashes or underscores')
}

import { deriveKey, requireStrongSecret } from '../crypto/derive-key.ts'
import { createSecretBox } from '../crypto/secret-box.ts'
import { StoreError } from '../store-error.ts'
import type { AccountStore } from '../store/account-store.ts'
import type { KeyRoom } from '../store/key-room.ts'
import type { TransferRoom } from '../store/transfer-room.ts'
import { createAccountStateRoom } from './account-state.ts'
import { createAccountView } from './account-view.ts'
import { createAccountRoom } from './accounts.ts'
import { createAdminRoom } from './admin-users.ts'
import { createApiTokenRoom } from './api-tokens.ts'
import { createConfigRoom } from './apply-config.ts'
import { createAuditRoom } from './audit-log.ts'
import { createCaptureRoom } from './captures.ts'
import { createChangeFeed } from './change-feed.ts'
import type { RedisContext } from './context.ts'
import { createRelayKeyFinder } from './find-relay-key.ts'
import type { Grace } from './grace.ts'
import { createGrace } from './grace.ts'
import { createHealthCheck } from './health.ts'
import { createLeaseRoom } from './leases.ts'
import type { RedisLink } from './link.ts'
import { createLoginAttempts } from './login-attempts.ts'
import { openDataSet } from './meta.ts'
import { notSupported } from './not-supported.ts'
import { openLink } from './open-link.ts'
import { PENDING_ROOMS } from './pending-rooms.ts'
import type { RedisConnection } from './redis-connection.ts'
import { createRedisKeys } from './redis-keys.ts'
import { createRelayKeyRoom } from './relay-keys.ts'
import { createResponses } from './responses.ts'
import { createSessionRoom } from './sessions.ts'
import { createSettingRoom } from './settings.ts'
import type { RedisUsage } from './usage.ts'
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
  /** The clock in milliseconds since the epoch. Unless one is given, limits count by the clock of the Redis server, which all nodes share. */
  readonly now?: (() => number) | undefined
}

const NAMESPACE = /^[\w.-]{1,50}$/

/**
 * Opens the store that several nodes share: Redis 7 or Valkey, alone, behind Sentinels, or as a Cluster.
 *
 * A new data set is made where there is none; one that does not fit is refused and left as it is.
 *
 * @throws StoreError `weak-secret`, `invalid-input`, `wrong-encryption-key`, `store-damaged`, `store-too-new`, `store-busy`,
 * `store-full`, `store-read-only`, `store-unavailable`; all but the first four may pass
 */
export async function openRedisStore(options: RedisStoreOptions): Promise<AccountStore> {
  requireStrongSecret('ENCRYPTION_KEY', options.encryptionKey)
  if (options.sessionSecret !== undefined) requireStrongSecret('JWT_SECRET', options.sessionSecret)
  const keys = createRedisKeys(checkNamespace(options.namespace ?? 'relay'))
  const box = createSecretBox(options.encryptionKey)
  const link = await openLink(options.connection)
  try {
    const dataSet = await openDataSet({ link, keys, box })
    const feed = createChangeFeed({ link, keys, instanceId: dataSet.instanceId, now: options.now ?? Date.now })
    const context: RedisContext = { link, keys, box, pepper: dataSet.pepper, feed, ...clocks(options.now) }
    await feed.catchUp()
    feed.start()
    const usage = createUsage(context, options.queueFolder)
    return {
      ...createRooms(context, createGrace(options.isStrict ?? false), options.sessionSecret),
      ...usage.room,
      checkHealth: createHealthCheck(context, dataSet, usage.queue.state),
      close: createClose(context, usage),
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

function createClose({ link, feed }: RedisContext, usage: RedisUsage): () => Promise<void> {
  let isOpen = true
  return async () => {
    if (!isOpen) return
    isOpen = false
    feed.stop()
    await closeAfter(link, usage.queue.stop())
  }
}

async function closeAfter(link: RedisLink, work: Promise<void>): Promise<void> {
  try {
    await work
  } finally {
    await link.close()
  }
}

type Rooms = Omit<AccountStore, keyof RedisUsage['room'] | 'checkHealth' | 'close'>

function createRooms(context: RedisContext, grace: Grace, sessionSecret: string | undefined): Rooms {
  const states = createAccountStateRoom(context)
  const view = createAccountView(context.feed, grace)
  const responses = createResponses(context)
  const shortenResponses = responses.shorten
  const keyFor = (purpose: string): Buffer => deriveKey(requireSessionSecret(sessionSecret), purpose)
  const sessionKey = once(() => keyFor('session-token'))
  const attempts = once(() => createLoginAttempts(context, keyFor('login-attempt')))
  return {
    ...states,
    ...createAccountRoom({ context, view, states }),
    ...createRelayKeyRoom({ context, find: createRelayKeyFinder(context, grace), shortenResponses }),
    ...createConfigRoom(context, shortenResponses),
    ...createAdminRoom(context, attempts),
    ...createApiTokenRoom(
      context,
      once(() => keyFor('api-token')),
    ),
    ...createAuditRoom(context),
    ...createSessionRoom(context, sessionKey),
    ...PENDING_ROOMS,
    ...createLeaseRoom(context, grace),
    ...responses.room,
    ...createCaptureRoom(context),
    ...createSettingRoom(context),
    ...TO_FOLLOW,
  }
}

const TO_FOLLOW: KeyRoom & TransferRoom = {
  rotateEncryptionKey: async () => notSupported('rotation of the encryption key'),
  // oxlint-disable-next-line require-yield -- it refuses before there is anything to give
  readEverything: async function* () {
    await notSupported('export')
  },
  writeEverything: async () => notSupported('import'),
  addUsageHistory: async () => notSupported('usage of another system'),
}

function checkNamespace(namespace: string): string {
  if (NAMESPACE.test(namespace)) return namespace
  throw new StoreError('invalid-input', 'namespace must have 1 to 50 letters, digits, dots, dashes or underscores')
}

function requireSessionSecret(secret: string | undefined): string {
  if (secret !== undefined) return secret
  throw new StoreError(
    'session-secret-missing',
    'the store was opened without JWT_SECRET, which logins and sessions need',
  )
}

/** Makes a value when it is first asked for; a failure is not kept. */
function once<Value>(make: () => Value): () => Value {
  let made: { readonly value: Value } | undefined
  return () => {
    made ??= { value: make() }
    return made.value
  }
}

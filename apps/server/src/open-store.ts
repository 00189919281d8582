import { setTimeout as wait } from 'node:timers/promises'

import type { AccountStore } from '@relay/account-store'
import { describeConnection, openRedisStore, openSqliteStore, StoreError } from '@relay/account-store'

import type { Config } from './config/config.ts'
import { mayPass } from './passing-trouble.ts'

/** How long a start waits for a store that is away or held by another process (`reliability` 9.4). */
const PATIENCE_MS = 30_000
const PAUSE_MS = 1000

/** How a store is opened. */
export interface OpenStoreOptions {
  /** Told what the start waits for: an upgrade, or another try after one that went wrong. */
  readonly onDelay: (message: string) => void
  /** How long to try; 30 s unless said otherwise. */
  readonly patienceMs?: number
  /** For a server: usage records that cannot be written wait on the disk. */
  readonly keepsQueue?: boolean
  /** For looking only: no data set is made in Redis, and none is bound to the encryption key; a missing one is `not-a-store`. */
  readonly mustExist?: boolean
}

/**
 * Opens the store that the configuration names: Redis, or the file in the data folder.
 *
 * While Redis is away, or another process migrates the file, this waits up to 30 s.
 *
 * @throws StoreError
 */
export async function openStore(config: Config, options: OpenStoreOptions): Promise<AccountStore> {
  const deadline = performance.now() + (options.patienceMs ?? PATIENCE_MS)
  for (;;) {
    try {
      return await openOnce(config, options)
    } catch (error) {
      if (!isWorthWaiting(config, error) || performance.now() + PAUSE_MS > deadline) throw error
      options.onDelay(`${error.message}; trying again`)
      await wait(PAUSE_MS)
    }
  }
}

/** The store as people know it; never with a password. */
export function describeStore({ redis, storeFile }: Config): string {
  return redis === undefined ? storeFile : describeConnection(redis)
}

async function openOnce(config: Config, { keepsQueue, mustExist, onDelay }: OpenStoreOptions): Promise<AccountStore> {
  const queueFolder = keepsQueue === true ? config.queueFolder : undefined
  const secrets = { encryptionKey: config.encryptionKey, sessionSecret: config.jwtSecret, queueFolder }
  const { isStoreStrict: isStrict } = config
  if (config.redis === undefined)
    return openSqliteStore({ path: config.storeFile, isStrict, onUpgrade: onDelay, ...secrets })
  return openRedisStore({ connection: config.redis, namespace: config.redisNamespace, isStrict, mustExist, ...secrets })
}

/** A file that cannot be written stays so until somebody mends it; a server in the network may come back. */
function isWorthWaiting({ redis }: Config, error: unknown): error is StoreError {
  if (redis !== undefined) return mayPass(error)
  return StoreError.is(error) && error.code === 'store-busy'
}

import { setTimeout as wait } from 'node:timers/promises'

import type { AccountStore } from '@relay/account-store'
import { openSqliteStore, StoreError } from '@relay/account-store'

import type { Config } from './config/config.ts'

/** How long a start waits for a store that another process holds (`reliability` 9.4). */
const PATIENCE_MS = 30_000
const PAUSE_MS = 1000

/**
 * Opens the store that the configuration names.
 *
 * While another process migrates it, this waits up to 30 s.
 *
 * @param onBusy - told before every further try
 * @throws StoreError
 */
export async function openStore(config: Config, onBusy: (message: string) => void): Promise<AccountStore> {
  const options = { path: config.storeFile, encryptionKey: config.encryptionKey, sessionSecret: config.jwtSecret }
  const deadline = Date.now() + PATIENCE_MS
  for (;;) {
    try {
      return await openSqliteStore(options)
    } catch (error) {
      if (!StoreError.is(error) || error.code !== 'store-busy' || Date.now() > deadline) throw error
      onBusy(`${config.storeFile} is busy: ${error.message}; trying again`)
      await wait(PAUSE_MS)
    }
  }
}

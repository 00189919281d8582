import type { AccountStore } from '@relay/account-store'

import { readSecretsFile } from '../config/secrets-file.ts'
import { backupPath, listBackups, makeBackup } from './backups.ts'
import type { BackupConfig, KeptBackup, MadeBackup } from './backups.ts'

/** Backups as the panel sees them. */
export interface BackupDesk {
  /** Only the embedded store is backed up from the panel: an export of Redis is for the command. */
  readonly isEmbedded: boolean
  /** Daily backups that are kept; 0 = none is made by itself. */
  readonly kept: number
  /** Newest first. */
  list(): Promise<readonly KeptBackup[]>
  /**
   * Makes one now; whoever asks while one is being made gets that one.
   *
   * @throws StoreError
   */
  make(): Promise<MadeBackup>
}

export function createBackupDesk(
  config: BackupConfig & { readonly backupsKept: number },
  store: AccountStore,
): BackupDesk {
  let running: Promise<MadeBackup> | undefined
  const madeKey = (): string | undefined => readSecretsFile(config.dataDir)?.ENCRYPTION_KEY
  const isOwnKey = madeKey() === config.encryptionKey

  async function make(): Promise<MadeBackup> {
    // A rotation may have put another key in the place of the one that Relay had made.
    const encryptionKey = (isOwnKey ? madeKey() : undefined) ?? config.encryptionKey
    try {
      return await makeBackup({ ...config, encryptionKey }, store, backupPath(config))
    } finally {
      running = undefined
    }
  }

  return {
    isEmbedded: config.redis === undefined,
    kept: config.backupsKept,
    list: () => listBackups(config),
    make: () => (running ??= make()),
  }
}

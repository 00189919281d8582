import { join } from 'node:path'

import { openSqliteStore } from '@relay/account-store'

import type { Config } from '../config/config.ts'
import type { Environment } from '../config/environment.ts'
import { makeFirstAdmin } from '../first-run/first-secrets.ts'

/** A data set that is made beside the one in use, to take its place. */
export interface Draft {
  /** Its data folder. */
  readonly folder: string
  readonly storeFile: string
}

export function draftIn(folder: string): Draft {
  return { folder, storeFile: join(folder, 'relay.db') }
}

/** What a process needs that fills the draft: the same secrets, another folder. */
export function draftVariables({ folder }: Draft, { encryptionKey, jwtSecret }: Config): Environment {
  return {
    DATA_DIR: folder,
    ENCRYPTION_KEY: encryptionKey,
    JWT_SECRET: jwtSecret,
    ENCRYPTION_KEY_FILE: undefined,
    JWT_SECRET_FILE: undefined,
  }
}

/** Sees to it that somebody can sign in to the draft. @returns the one-time password of the admin that was made, if any */
export async function openDraftDoor({ storeFile }: Draft, config: Config): Promise<string | undefined> {
  const { encryptionKey, jwtSecret: sessionSecret } = config
  const store = await openSqliteStore({ path: storeFile, encryptionKey, sessionSecret })
  try {
    return await makeFirstAdmin(store)
  } finally {
    await store.close()
  }
}

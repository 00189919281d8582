import { join } from 'node:path'

import type { Config } from '../config/config.ts'
import { readConfig } from '../config/config.ts'
import type { Environment } from '../config/environment.ts'
import { readSecretsFile } from '../config/secrets-file.ts'
import { repeat } from '../observe/repeat.ts'
import type { Errands } from './errands.ts'
import { createErrands } from './errands.ts'
import type { FileDesk } from './file-desk.ts'
import { createFileDesk } from './file-desk.ts'
import type { Renewal } from './renewal.ts'

/** Largest file that is taken in (`reliability` 7: nothing without a bound). The command has none. */
export const MAX_UPLOAD_BYTES = 500_000_000

/** What is done to the data set as a whole, for the panel. */
export interface DataDesk {
  readonly errands: Errands
  readonly files: FileDesk
  readonly renewal: Renewal
  /** The settings as a process that starts now would read them: a rotation may have changed the own key. */
  config(): Config
  /** Whether Relay has made `ENCRYPTION_KEY` itself, and makes the next one, too. */
  hasOwnKey(): boolean
  /** Removes files whose time is over, until it is stopped; then an errand that runs is ended. */
  lookAfter(): { stop(): void }
}

/** How often files are looked at; the first time soon, for those that an earlier run has left. */
const RHYTHM = { firstMs: 10_000, everyMs: 600_000 }

export interface DataDeskRooms {
  readonly config: Config
  readonly environment: Environment
  readonly renewal: Renewal
  /** The program of the command; the one that this process runs unless given. */
  readonly command?: string | undefined
}

export function createDataDesk({ config, environment, renewal, command }: DataDeskRooms): DataDesk {
  const variables = { ...environment, DATA_DIR: config.dataDir }
  const current = (): Config => readConfig(variables)
  const errands = createErrands({ config, environment, command })
  const files = createFileDesk({ folder: join(config.dataDir, 'transfer'), maxBytes: MAX_UPLOAD_BYTES })
  return {
    errands,
    files,
    renewal,
    lookAfter: () => {
      // A file that cannot be removed now is tried again.
      const sweeping = repeat(() => void files.sweep().catch(() => undefined), RHYTHM)
      return {
        stop: () => {
          sweeping.stop()
          errands.stop()
        },
      }
    },
    config: current,
    hasOwnKey: () => {
      const made = readSecretsFile(config.dataDir)
      return made !== undefined && made.ENCRYPTION_KEY === current().encryptionKey
    },
  }
}

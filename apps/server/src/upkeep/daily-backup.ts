import { spawn } from 'node:child_process'

import type { Config } from '../config/config.ts'
import type { Environment } from '../config/environment.ts'
import type { Log } from '../observe/log.ts'
import { repeat, type Rhythm } from '../observe/repeat.ts'
import { listBackups } from './backups.ts'
import { findCommandFile } from './command-file.ts'

const DAY_MS = 86_400_000
/** The age of the newest backup is looked at every hour, but not in the first moments of a start. */
const RHYTHM = { firstMs: 120_000, everyMs: 3_600_000 }

export interface DailyBackupRooms {
  readonly config: Config
  readonly environment: Environment
  readonly log: Pick<Log, 'info' | 'error'>
  /** Makes one backup; a process of the `relay` command unless given. */
  readonly backUp?: (() => Promise<BackupRun>) | undefined
  /** Of the looks at the newest backup's age. */
  readonly rhythm?: Rhythm | undefined
}

/** How a backup went: exit code and what was said beside it. */
interface BackupRun {
  readonly code: number | null
  readonly message: string
}

/**
 * Sees to it that there is a backup of every day. It is made by a process of its own: proving it would hold up requests.
 */
export function startDailyBackup({ config, environment, log, ...given }: DailyBackupRooms): { stop(): void } {
  const backUp = given.backUp ?? commandRun({ ...environment, DATA_DIR: config.dataDir })
  if (config.backupsKept === 0 || backUp === undefined) return { stop: () => undefined }
  const look = async (): Promise<void> => {
    const [newest] = await listBackups(config)
    if (newest !== undefined && newest.at > Date.now() - DAY_MS) return
    const { code, message } = await backUp()
    if (code === 0) log.info({}, 'the daily backup was made')
    else log.error({ code, trouble: message }, 'the daily backup could not be made')
  }
  let isLooking = false
  const start = (): void => {
    // A backup that takes longer than the time between two looks is not made twice.
    if (isLooking) return
    isLooking = true
    look()
      .catch((error: unknown) => log.error({ error }, 'the daily backup could not be made'))
      .finally(() => {
        isLooking = false
      })
  }
  return repeat(start, given.rhythm ?? RHYTHM)
}

function commandRun(environment: Environment): (() => Promise<BackupRun>) | undefined {
  const entry = findCommandFile()
  return entry === undefined ? undefined : async () => runBackup(entry, environment)
}

async function runBackup(entry: string, environment: Environment): Promise<BackupRun> {
  const child = spawn(process.execPath, [...process.execArgv, entry, 'backup', '--json'], {
    env: { ...environment },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let message = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    message = (message + text).slice(-1000)
  })
  const { promise, resolve, reject } = Promise.withResolvers<number | null>()
  child.on('error', reject)
  child.on('close', resolve)
  return { code: await promise, message }
}

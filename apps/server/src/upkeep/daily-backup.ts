import { spawn } from 'node:child_process'
import { basename } from 'node:path'

import type { Config } from '../config/config.ts'
import type { Environment } from '../config/environment.ts'
import type { Log } from '../observe/log.ts'
import { listBackups } from './backups.ts'

const DAY_MS = 86_400_000
/** How often the age of the newest backup is looked at. */
const LOOK_MS = 3_600_000
/** Not in the first moments of a start. */
const FIRST_LOOK_MS = 120_000

export interface DailyBackupRooms {
  readonly config: Config
  readonly environment: Environment
  readonly log: Pick<Log, 'info' | 'error'>
}

/**
 * Sees to it that there is a backup of every day. It is made by a process of its own: proving it would hold up requests.
 */
export function startDailyBackup({ config, environment, log }: DailyBackupRooms): { stop(): void } {
  const command = commandFile()
  if (config.backupsKept === 0 || command === undefined) return { stop: () => undefined }
  const entry = command
  const look = async (): Promise<void> => {
    const [newest] = await listBackups(config)
    if (newest !== undefined && newest.at > Date.now() - DAY_MS) return
    const { code, message } = await runBackup(entry, { ...environment, DATA_DIR: config.dataDir })
    if (code === 0) log.info({}, 'the daily backup was made')
    else log.error({ code, trouble: message }, 'the daily backup could not be made')
  }
  const start = (): void => {
    look().catch((error: unknown) => log.error({ error }, 'the daily backup could not be made'))
  }
  const first = setTimeout(start, FIRST_LOOK_MS)
  const timer = setInterval(start, LOOK_MS)
  first.unref()
  timer.unref()
  return {
    stop: () => {
      clearTimeout(first)
      clearInterval(timer)
    },
  }
}

/** The program that this process runs, when it is the `relay` command. */
function commandFile(): string | undefined {
  const file = process.argv[1]
  return file !== undefined && /^relay(?:-command)?(?:\.[cm]?[jt]s)?$/.test(basename(file)) ? file : undefined
}

async function runBackup(entry: string, environment: Environment): Promise<{ code: number | null; message: string }> {
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

import { existsSync } from 'node:fs'

import type { Config } from '../config/config.ts'
import { TABLE_SOURCE } from '../meter/prices/price-table.ts'
import { listBackups } from '../upkeep/backups.ts'
import type { Finding } from './doctor-checks.ts'

/** A backup of every day is never much older. */
const OLD_MS = 48 * 3_600_000
const HOUR_MS = 3_600_000

/** How old the newest backup is. */
export async function checkBackups(config: Config): Promise<Finding> {
  const check = 'backups'
  const [newest, ...older] = await listBackups(config)
  if (newest === undefined) {
    const level = config.redis === undefined && !existsSync(config.storeFile) ? 'ok' : 'warn'
    return { check, level, message: 'none yet; a running server makes one every day, or run: backup' }
  }
  const ageMs = Date.now() - newest.at
  const message = `the newest of ${older.length + 1} is ${Math.floor(ageMs / HOUR_MS)} hours old: ${newest.path}`
  return { check, level: ageMs > OLD_MS ? 'warn' : 'ok', message }
}

/** Whose prices are used, and how old they are. */
export function checkPrices({ pricesFile }: Config): Finding {
  const own = pricesFile === undefined ? '' : `, and those in ${pricesFile}`
  return {
    check: 'prices',
    level: 'ok',
    message: `${TABLE_SOURCE.name} ${TABLE_SOURCE.version} of ${TABLE_SOURCE.date}${own}`,
  }
}

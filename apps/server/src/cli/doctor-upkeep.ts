import type { AccountStore } from '@relay/account-store'

import { type Config, mayHoldData } from '../config/config.ts'
import { TABLE_SOURCE } from '../meter/prices/price-table.ts'
import { readTableMark, sourceOf } from '../meter/stored-table.ts'
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
    const level = mayHoldData(config) ? 'warn' : 'ok'
    return { check, level, message: 'none yet; a running server makes one every day, or run: backup' }
  }
  const ageMs = Date.now() - newest.at
  const message = `the newest of ${older.length + 1} is ${Math.floor(ageMs / HOUR_MS)} hours old: ${newest.path}`
  return { check, level: ageMs > OLD_MS ? 'warn' : 'ok', message }
}

/** Whose prices are used, and how old they are. */
export async function checkPrices({ pricesFile }: Config, store?: AccountStore): Promise<Finding> {
  const taken = store === undefined ? undefined : await readTableMark(store)
  const { name, version, date } = taken === undefined ? TABLE_SOURCE : sourceOf(taken)
  const own = pricesFile === undefined ? '' : `, and those in ${pricesFile}`
  return { check: 'prices', level: 'ok', message: `${name} ${version} of ${date}${own}` }
}

import { DatabaseSync } from 'node:sqlite'

import {
  type AccountInput,
  type AccountStore,
  type DeclaredRelayKey,
  openSqliteStore,
  type UsageRecord,
} from '@relay/account-store'

import { DAY_RECORDS, FIRST_AT, usageRecord, type Users } from './growth-records.ts'

/** How large a store is. */
export interface StoreSize {
  readonly accounts: number
  readonly keys: number
  /** Beyond the records of a day whole days only. */
  readonly records: number
}

const DAY_MS = 86_400_000
/** Waits in the store's queue at once. */
const BATCH = 2000
const SECRETS = { encryptionKey: 'e'.repeat(40), sessionSecret: 's'.repeat(40) }

/** Makes a store of that size; the records of further days are copies of those of the first. */
export async function fillStore(path: string, size: StoreSize): Promise<{ store: AccountStore; users: Users }> {
  const days = Math.ceil(size.records / DAY_RECORDS)
  const open = async (day: number): Promise<AccountStore> =>
    openSqliteStore({ path, ...SECRETS, now: () => FIRST_AT + day * DAY_MS })
  const store = await open(1)
  await store.applyConfig({
    accounts: numbered(size.accounts, (index): AccountInput => ({
      name: `account ${index}`,
      type: 'openai-chat',
      baseUrl: 'https://upstream.example/v1',
      credential: `credential-${index}`,
    })),
    relayKeys: numbered(size.keys, (index): DeclaredRelayKey => ({
      name: `key ${index}`,
      secret: secretOf(index),
      maxConcurrency: 5,
      rateLimits: [{ counts: 'requests', windowMs: 3_600_000, max: 1_000_000 }],
    })),
  })
  const users = {
    keyIds: (await store.listRelayKeys()).map(({ id }) => id),
    accountIds: (await store.listAccounts()).map(({ id }) => id),
  }
  await record(
    store,
    numbered(Math.min(size.records, DAY_RECORDS), (index) => usageRecord(index, users)),
  )
  // As in a relay that runs: the sums of the day are made when it is over.
  await store.removeOldUsage({ recordsBefore: 0, hoursBefore: 0 })
  if (days === 1) return { store, users }
  await store.close()
  copyFirstDay(path, days)
  return { store: await open(days), users }
}

/** Secrets are counted, so that they need not be remembered. */
export function secretOf(index: number): string {
  return `rk_growth_${String(index).padStart(24, '0')}`
}

async function record(store: AccountStore, records: readonly UsageRecord[]): Promise<void> {
  for (const [index, each] of records.entries()) {
    store.recordUsage(each)
    if (index % BATCH === 0) await store.flushUsage()
  }
  await store.flushUsage()
}

/** Past the store: ten million records by its own hands take the better part of an hour. Indexes are made when all is there. */
function copyFirstDay(path: string, days: number): void {
  const database = new DatabaseSync(path)
  database.exec('PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -500000')
  const tables = `tbl_name IN ('usage_records', 'usage_sums')`
  const indexes = database
    .prepare(`SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND ${tables} AND sql IS NOT NULL`)
    .all()
  for (const { name } of indexes) database.exec(`DROP INDEX ${String(name)}`)
  for (let day = 1; day < days; day += 1) {
    database.exec(copyOf(database, 'usage_records', day))
    database.exec(copyOf(database, 'usage_sums', day))
  }
  database.exec(`DELETE FROM usage_sums WHERE grain = 2; ${sumsOfMonths(database)}`)
  const { month, day } = startsOf(FIRST_AT + days * DAY_MS)
  database.exec(`UPDATE meta SET value = '${day}:' WHERE name = 'usage-days-until'`)
  database.exec(`UPDATE meta SET value = '${month}:' WHERE name = 'usage-months-until'`)
  for (const { sql } of indexes) database.exec(String(sql))
  database.exec('PRAGMA journal_mode = WAL')
  database.close()
}

function startsOf(at: number): { readonly day: number; readonly month: number } {
  const date = new Date(at)
  return { day: at - (at % DAY_MS), month: Date.UTC(date.getUTCFullYear(), date.getUTCMonth()) }
}

const IS_FIRST_DAY: Readonly<Record<'usage_records' | 'usage_sums', string>> = {
  usage_records: `started_at < ${FIRST_AT + DAY_MS}`,
  usage_sums: `grain < 2 AND starts_at < ${FIRST_AT + DAY_MS}`,
}

function copyOf(database: DatabaseSync, table: keyof typeof IS_FIRST_DAY, day: number): string {
  const shifted: Readonly<Record<string, string>> = {
    request_id: `'req_' || printf('%012x', started_at + ${day * DAY_MS}) || lower(hex(randomblob(10)))`,
    started_at: `started_at + ${day * DAY_MS}`,
    starts_at: `starts_at + ${day * DAY_MS}`,
  }
  const columns = columnsOf(database, table).map(({ name }) => name)
  const values = columns.map((name) => shifted[name] ?? name)
  return `INSERT INTO ${table} (${columns.join(', ')}) SELECT ${values.join(', ')} FROM ${table} WHERE ${IS_FIRST_DAY[table]}`
}

function sumsOfMonths(database: DatabaseSync): string {
  const columns = columnsOf(database, 'usage_sums')
  const month = `unixepoch(starts_at / 1000, 'unixepoch', 'start of month') * 1000`
  const values = columns.map(({ name, isKey, isText }) => {
    if (name === 'grain') return '2'
    if (name === 'starts_at') return month
    return isKey ? name : `${isText ? 'max' : 'sum'}(${name})`
  })
  const groups = columns.filter(({ name, isKey }) => isKey && name !== 'grain' && name !== 'starts_at')
  return `INSERT INTO usage_sums (${columns.map(({ name }) => name).join(', ')}) SELECT ${values.join(', ')} FROM usage_sums
    WHERE grain = 1 GROUP BY ${[month, ...groups.map(({ name }) => name)].join(', ')}`
}

interface Column {
  readonly name: string
  readonly isKey: boolean
  readonly isText: boolean
}

/** Without the number that the table gives itself. */
function columnsOf(database: DatabaseSync, table: string): readonly Column[] {
  const rows = database.prepare(`SELECT name, type, pk FROM pragma_table_info('${table}')`).all()
  return rows
    .map(({ name, type, pk }) => ({ name: String(name), isKey: pk !== 0, isText: type === 'TEXT' }))
    .filter(({ name }) => name !== 'id')
}

function numbered<Item>(length: number, make: (index: number) => Item): Item[] {
  return Array.from({ length }, (_, index) => make(index))
}

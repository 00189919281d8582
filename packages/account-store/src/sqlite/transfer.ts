import { refuseField } from '../check-field.ts'
import type { SecretBox } from '../crypto/secret-box.ts'
import type { Row } from '../rows/row.ts'
import { readNumber, readText } from '../rows/row.ts'
import type { TransferOptions, TransferRoom } from '../store/transfer-room.ts'
import type { TransferRow, TransferTable } from '../transfer.ts'
import { TRANSFER_TABLES } from '../transfer.ts'
import type { Connection } from './connection.ts'
import type { StoreContext } from './context.ts'
import { PEPPER_CONTEXT, readMeta } from './meta.ts'
import { sealedPlace } from './sealed-places.ts'
import { stepByStep } from './step-by-step.ts'
import { markAllComplete } from './sum-marks.ts'
import { createUsageHistory } from './usage-history.ts'
import { createUsageRollUp } from './usage-roll-up.ts'

/** Rows that are read in one go. */
const CHUNK = 500
/** Only with usage. */
const OF_USAGE: ReadonlySet<TransferTable> = new Set(['audit_log', 'limit_counters', 'usage_records', 'usage_sums'])
/** Numbers that the data set gives itself. */
const OWN_NUMBERS: Readonly<Partial<Record<TransferTable, string>>> = { usage_records: 'id', audit_log: 'number' }

export function createTransferRoom(context: StoreContext, flush: () => Promise<void>): TransferRoom {
  const rollUp = createUsageRollUp(context.fast)

  async function* readEverything({ withUsage }: TransferOptions): AsyncGenerator<TransferRow, void, undefined> {
    await flush()
    if (withUsage) await stepByStep(context.fast, () => Number(rollUp.stepToEnd(context.now())))
    for (const table of TRANSFER_TABLES) {
      if (withUsage || !OF_USAGE.has(table)) yield* table === 'pepper' ? readPepper(context) : readTable(context, table)
    }
  }

  return { readEverything, writeEverything: (rows) => writeEverything(context, rows), ...createUsageHistory(context) }
}

function* readPepper({ durable, box }: StoreContext): Generator<TransferRow, void, undefined> {
  const value = box.open(String(readMeta(durable, 'pepper')), PEPPER_CONTEXT)
  if (value !== undefined) yield { table: 'pepper', row: { value } }
}

function* readTable({ durable, box }: StoreContext, table: TransferTable): Generator<TransferRow, void, undefined> {
  const names = keyColumns(durable, table)
  const order = names.join(', ')
  let last: Row | undefined
  for (;;) {
    const after = last === undefined ? '' : `WHERE (${order}) > (${names.map((name) => `:${name}`).join(', ')})`
    const from = last
    const parameters = from === undefined ? {} : Object.fromEntries(names.map((name) => [name, from[name] ?? null]))
    const rows: readonly Row[] = durable
      .prepare(`SELECT * FROM ${table} ${after} ORDER BY ${order} LIMIT ${CHUNK}`)
      .all(parameters)
    for (const row of rows) yield { table, row: toPlain(box, table, row) }
    last = rows.at(-1)
    if (rows.length < CHUNK) return
  }
}

/** A row with its secrets opened; a sealed text that cannot be opened is left out. */
function toPlain(box: SecretBox, table: TransferTable, row: Row): TransferRow['row'] {
  const own = OWN_NUMBERS[table]
  const plain: Record<string, string | number | null> = {}
  for (const [name, value] of Object.entries(row)) {
    if (name === own) continue
    const place = sealedPlace(table, name, row)
    if (place !== undefined && typeof value === 'string') plain[name] = box.open(value, place.context(row)) ?? null
    else if (value instanceof Uint8Array) plain[name] = Buffer.from(value).toString('hex')
    else if (typeof value !== 'bigint') plain[name] = value
  }
  return plain
}

async function writeEverything(context: StoreContext, rows: AsyncIterable<TransferRow>): Promise<number> {
  const { durable } = context
  durable.execute('BEGIN IMMEDIATE')
  try {
    clearEmpty(durable)
    const count = await writeRows(context, rows)
    durable.execute('COMMIT')
    return count
  } catch (error) {
    durable.execute('ROLLBACK')
    throw error
  }
}

/** What a first start makes may go; anything else may not. */
function clearEmpty(durable: Connection): void {
  const accounts = durable.prepare('SELECT settings FROM accounts').all()
  const own = accounts.filter((row) => !readText(row, 'settings').includes('"isDemo":true')).length
  const count = (table: string): number =>
    readNumber(durable.prepare(`SELECT count(*) AS count FROM ${table}`).get() ?? {}, 'count')
  const left = [
    [own, 'account', 'accounts'],
    [count('relay_keys'), 'relay key', 'relay keys'],
    [count('usage_records'), 'usage record', 'usage records'],
  ] as const
  const words = left
    .filter(([number]) => number > 0)
    .map(([number, one, many]) => `${number} ${number === 1 ? one : many}`)
  if (words.length > 0) refuseField('the data set', `is not empty: it has ${words.join(', ')}; use a new one`)
  for (const table of ['accounts', 'admin_users', 'settings', 'usage_sums', 'audit_log'])
    durable.execute(`DELETE FROM ${table}`)
}

async function writeRows(context: StoreContext, rows: AsyncIterable<TransferRow>): Promise<number> {
  const { durable } = context
  const writers = new Map<TransferTable, (row: TransferRow['row']) => void>()
  let count = 0
  for await (const { table, row } of rows) {
    if (!TRANSFER_TABLES.includes(table)) continue // a newer version has more
    const write = writers.get(table) ?? createWriter(context, table)
    writers.set(table, write)
    write(row)
    count += 1
  }
  markAllComplete(durable)
  durable.execute(`UPDATE meta SET value = value + 1 WHERE name IN ('accounts-revision', 'relay-keys-revision')`)
  return count
}

function createWriter({ durable, box }: StoreContext, table: TransferTable): (row: TransferRow['row']) => void {
  if (table === 'pepper') {
    const put = durable.prepare(`UPDATE meta SET value = :value WHERE name = 'pepper'`)
    return ({ value }) => void put.run({ value: box.seal(String(value), PEPPER_CONTEXT) })
  }
  const columns = columnsOf(durable, table)
  return (row) => {
    const known = Object.keys(row).filter((name) => columns.has(name))
    const sql = `INSERT INTO ${table} (${known.join(', ')}) VALUES (${known.map((name) => `:${name}`).join(', ')})`
    durable
      .prepare(sql)
      .run(Object.fromEntries(known.map((name) => [name, toStored({ box, table, columns }, row, name)])))
  }
}

interface WriterFacts {
  readonly box: SecretBox
  readonly table: TransferTable
  /** Name → declared type. */
  readonly columns: ReadonlyMap<string, string>
}

function toStored(
  { box, table, columns }: WriterFacts,
  row: TransferRow['row'],
  name: string,
): string | number | Buffer | null {
  const value = row[name] ?? null
  if (typeof value !== 'string') return value
  const place = sealedPlace(table, name, row)
  if (place !== undefined) return box.seal(value, place.context(row))
  return columns.get(name) === 'BLOB' ? Buffer.from(value, 'hex') : value
}

function columnsOf(connection: Connection, table: TransferTable): ReadonlyMap<string, string> {
  const rows = connection.prepare(`SELECT name, type FROM pragma_table_info('${table}')`).all()
  return new Map(rows.map((row) => [readText(row, 'name'), readText(row, 'type')]))
}

function keyColumns(connection: Connection, table: TransferTable): readonly string[] {
  const rows = connection.prepare(`SELECT name FROM pragma_table_info('${table}') WHERE pk > 0 ORDER BY pk`).all()
  return rows.map((row) => readText(row, 'name'))
}

import { createHash, randomUUID } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { chmod, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'

import type { AccountStore, TransferRow, TransferTable } from '@relay/account-store'
import { makeFolder, secretColumns } from '@relay/account-store'

import { VERSION } from '../version.ts'
import type { LineSealer, SealHeader } from './line-sealer.ts'

/** First line of an export: what it is and how its secrets are sealed. */
export interface ExportHeader {
  readonly format: 'relay-export'
  readonly version: 1
  readonly madeBy: string
  readonly createdAt: string
  readonly withUsage: boolean
  /** `null` = it holds no secrets: accounts are without their credentials, keys without their secrets, admins are missing. */
  readonly secrets: SealHeader | null
}

/** A line with one object; `secret` is the sealed JSON of its secret columns. */
export interface ExportLine {
  readonly table: TransferTable
  readonly row: TransferRow['row']
  readonly secret?: string
}

/** Last line: without it, or with other numbers, the file is cut or damaged. */
export interface ExportEnd {
  readonly end: true
  readonly rows: number
  /** Of all lines before, with their line ends. */
  readonly sha256: string
}

/** What is written. */
export interface ExportOrder {
  readonly store: Pick<AccountStore, 'readEverything'>
  readonly withUsage: boolean
  /** Without one no secret is written. */
  readonly sealer: LineSealer | undefined
  /** Told now and then how many rows were written. */
  readonly onProgress?: ((rows: number) => void) | undefined
}

/** Objects that are nothing without their secret. */
const NOTHING_WITHOUT: ReadonlySet<TransferTable> = new Set([
  'pepper',
  'admin_users',
  'foreign_suffixes',
  'relay_key_secrets',
  'settings',
])
const PROGRESS_ROWS = 1000

/** Writes an export into a file that only its owner reads; a name that ends in `.gz` is compressed. It appears whole or not at all.
 * @returns how many rows */
export async function writeExportFile(path: string, order: ExportOrder): Promise<number> {
  const partial = `${path}.${randomUUID().slice(0, 8)}.partial`
  const count = { rows: 0 }
  try {
    makeFolder(dirname(path))
    const lines = Readable.from(exportLines(order, count))
    const file = createWriteStream(partial, { mode: 0o600, flush: true })
    if (path.endsWith('.gz')) await pipeline(lines, createGzip(), file)
    else await pipeline(lines, file)
    await chmod(partial, 0o600)
    await rename(partial, path)
    return count.rows
  } finally {
    await rm(partial, { force: true })
  }
}

/** The lines of an export, each with its line end. */
async function* exportLines(order: ExportOrder, count: { rows: number }): AsyncGenerator<string, void> {
  const { store, withUsage, sealer, onProgress } = order
  const hash = createHash('sha256')
  const write = (value: ExportHeader | ExportLine): string => {
    const line = `${JSON.stringify(value)}\n`
    hash.update(line)
    return line
  }
  const createdAt = new Date().toISOString()
  const about = { format: 'relay-export', version: 1, madeBy: `relay ${VERSION}` } as const
  yield write({ ...about, createdAt, withUsage, secrets: sealer?.header ?? null })
  for await (const row of store.readEverything({ withUsage })) {
    const line = toLine(row, sealer, count.rows + 1)
    if (line === undefined) continue
    count.rows += 1
    yield write(line)
    if (count.rows % PROGRESS_ROWS === 0) onProgress?.(count.rows)
  }
  const end: ExportEnd = { end: true, rows: count.rows, sha256: hash.digest('hex') }
  yield `${JSON.stringify(end)}\n`
}

/** Takes the secrets out of a row; they go on sealed, or not at all. */
function toLine(transfer: TransferRow, sealer: LineSealer | undefined, line: number): ExportLine | undefined {
  const { table, row } = transfer
  const secret = secretColumns(transfer)
  if (secret.length === 0) return { table, row }
  if (sealer === undefined && NOTHING_WITHOUT.has(table)) return undefined
  const open = Object.entries(row).map(([name, value]) => [name, secret.includes(name) ? null : value] as const)
  const plain = Object.fromEntries(open)
  if (sealer === undefined) return { table, row: plain }
  const hidden = Object.fromEntries(secret.map((name) => [name, row[name] ?? null]))
  return { table, row: plain, secret: sealer.seal(JSON.stringify(hidden), line) }
}

import { createHash } from 'node:crypto'
import { promisify } from 'node:util'
import { gunzip, gzip } from 'node:zlib'

import type { AccountStore } from '@relay/account-store'
import * as z from 'zod'

import { MAX_PRICE_DATA_BYTES, readPriceData } from './prices/price-data.ts'
import type { PriceData } from './prices/price-data.ts'
import type { GivenTable } from './prices/price-table.ts'

/** The part of the store that a table lies in: every node sees it, backups and exports carry it. */
export type TableStore = Pick<AccountStore, 'readSetting' | 'writeSetting'>

/** Names the table in force; small, as it is read every second. */
const MARK_SETTING = 'prices.table'
/** Characters of a part; a setting takes 65,536. */
const PART_CHARACTERS = 60_000
/** Parts of a table: a megabyte and a half, packed. */
const MAX_PARTS = 25

const markSchema = z.object({
  source: z.string().min(1).max(500),
  takenAt: z.iso.datetime(),
  digest: z.string().regex(/^[0-9a-f]{64}$/),
  parts: z.number().int().min(1).max(MAX_PARTS),
})

/** A table that lies in the store: whose, since when. */
export interface TableMark extends z.output<typeof markSchema> {
  /** As it lies there. */
  readonly text: string
}

const pack = promisify(gzip)
const unpack = promisify<Buffer, { maxOutputLength: number }, Buffer>(gunzip)

/** The table that the store names; `undefined` where none was ever put there, or it is not understood.
 * @throws StoreError */
export async function readTableMark(store: Pick<TableStore, 'readSetting'>): Promise<TableMark | undefined> {
  const text = await store.readSetting(MARK_SETTING)
  if (text === undefined) return undefined
  const parsed = markSchema.safeParse(parseText(text))
  return parsed.success ? { ...parsed.data, text } : undefined
}

/**
 * Reads a table out of the store and checks it as if it came anew.
 *
 * @throws StoreError; Error when parts are missing or damaged
 */
export async function readStoredTable(store: Pick<TableStore, 'readSetting'>, mark: TableMark): Promise<GivenTable> {
  const parts = await Promise.all(partNames(mark).map((name) => store.readSetting(name)))
  const packed = Buffer.from(parts.map((part) => part ?? '').join(''), 'base64')
  if (digestOf(packed) !== mark.digest) throw new Error('a part of the table is missing or damaged')
  const read = readPriceData((await unpack(packed, { maxOutputLength: MAX_PRICE_DATA_BYTES })).toString('utf8'))
  if (!read.ok) throw new Error(`the table is damaged: ${read.mistakes.join('; ')}`)
  return { source: sourceOf(mark), data: read.data }
}

/** How a table of the store is named to people. */
export function sourceOf({ source, takenAt, digest }: TableMark): GivenTable['source'] {
  return { name: source, version: digest.slice(0, 12), date: takenAt.slice(0, 10) }
}

/**
 * Puts a checked table in force on every node. Its parts are written before it is named: what reads meanwhile finds the
 * old table or the new one.
 *
 * @throws StoreError; RangeError when it is too large to be kept
 */
export async function writeStoredTable(
  store: TableStore,
  { data, source, takenAt }: { readonly data: PriceData; readonly source: string; readonly takenAt: Date },
): Promise<TableMark> {
  const packed = await pack(JSON.stringify(data))
  const text = packed.toString('base64')
  const parts = Math.ceil(text.length / PART_CHARACTERS)
  if (parts > MAX_PARTS) throw new RangeError('The table is too large to be kept in the store.')
  const mark = { source, takenAt: takenAt.toISOString(), digest: digestOf(packed), parts }
  const old = await readTableMark(store)
  const names = partNames(mark)
  for (const [index, name] of names.entries()) {
    await store.writeSetting(name, text.slice(index * PART_CHARACTERS, (index + 1) * PART_CHARACTERS))
  }
  const written = JSON.stringify(mark)
  await store.writeSetting(MARK_SETTING, written)
  if (old !== undefined && old.digest !== mark.digest) await removeParts(store, old)
  return { ...mark, text: written }
}

/** Goes back to the bundled table. @returns what was in force @throws StoreError */
export async function removeStoredTable(store: TableStore): Promise<TableMark | undefined> {
  const old = await readTableMark(store)
  await store.writeSetting(MARK_SETTING, undefined)
  if (old !== undefined) await removeParts(store, old)
  return old
}

async function removeParts(store: TableStore, mark: TableMark): Promise<void> {
  for (const name of partNames(mark)) await store.writeSetting(name, undefined)
}

/** Named by their content, so that two tables never mix. */
function partNames({ digest, parts }: Pick<TableMark, 'digest' | 'parts'>): readonly string[] {
  return Array.from({ length: parts }, (_, index) => `${MARK_SETTING}.${digest.slice(0, 16)}.${index}`)
}

function digestOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

function parseText(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined // the check says what is wrong
  }
}

import { StoreError } from '@relay/account-store'
import type { Sender } from '@relay/upstreams'

import { MAX_PRICE_DATA_BYTES, readPriceData } from '../meter/prices/price-data.ts'
import { createPriceTable, TABLE_SOURCE } from '../meter/prices/price-table.ts'
import type { TableSource } from '../meter/prices/price-table.ts'
import {
  readTableMark,
  removeStoredTable,
  sourceOf,
  type TableMark,
  type TableStore,
  writeStoredTable,
} from '../meter/stored-table.ts'

/** The price table that is in force. */
export interface PriceTableState extends TableSource {
  readonly isBundled: boolean
  /** When it was taken, ISO 8601; `undefined` of the bundled one. */
  readonly takenAt: string | undefined
}

/** Where a new table comes from: an address to ask, or a text with the name of where it lay. */
export type PriceTableInput = { readonly url: string } | { readonly content: string; readonly source: string }

/** What an update works with. */
export interface PriceUpdateRooms {
  readonly store: TableStore
  readonly sender: Sender
}

/** A table that cannot be had or used; nothing was changed. The message is for the operator. */
export class PriceTableError extends Error {
  override readonly name = 'PriceTableError'
  readonly mistakes: readonly string[]

  constructor(message: string, mistakes: readonly string[] = []) {
    super([message, ...mistakes.map((mistake) => `  ${mistake}`)].join('\n'))
    this.mistakes = mistakes
  }
}

const TIMEOUTS = { connectMs: 10_000, headersMs: 15_000, idleMs: 15_000, totalMs: 60_000 } as const
/** Connections of its own, which are dropped at once. */
const POOL_KEY = 'price-table'

/** What is in force now. @throws StoreError */
export async function showPriceTable(store: Pick<TableStore, 'readSetting'>): Promise<PriceTableState> {
  return toState(await readTableMark(store))
}

/**
 * Takes a table in the format of `@pydantic/genai-prices` into use, in place of the one that was in force. It is checked
 * before anything is written; every node has it within a second. Past costs stay as they are.
 *
 * @throws PriceTableError, StoreError
 */
export async function updatePriceTable(rooms: PriceUpdateRooms, input: PriceTableInput): Promise<PriceTableState> {
  const { content, source } = 'url' in input ? await fetchTable(rooms.sender, input.url) : input
  const read = readPriceData(content)
  if (!read.ok) throw new PriceTableError(`${source} holds no price table that can be used:`, read.mistakes)
  const takenAt = new Date()
  try {
    // Opening it is the last check: the library compares what the schema looks at one by one.
    createPriceTable({ data: read.data, source: TABLE_SOURCE })
    return toState(await writeStoredTable(rooms.store, { data: read.data, source: source.slice(0, 500), takenAt }))
  } catch (error) {
    if (StoreError.is(error)) throw error
    throw new PriceTableError(`${source} holds no price table that can be used:`, [String(error)])
  }
}

/** Goes back to the bundled table. @throws StoreError */
export async function resetPriceTable(store: TableStore): Promise<PriceTableState> {
  await removeStoredTable(store)
  return toState(undefined)
}

function toState(mark: TableMark | undefined): PriceTableState {
  return mark === undefined
    ? { ...TABLE_SOURCE, isBundled: true, takenAt: undefined }
    : { ...sourceOf(mark), isBundled: false, takenAt: mark.takenAt }
}

/** Asks once, through the network guard; an answer that points elsewhere is not followed. */
async function fetchTable(sender: Sender, given: string): Promise<{ content: string; source: string }> {
  const url = readUrl(given)
  // A query can hold a token.
  const source = `${url.origin}${url.pathname}`
  const result = await sender.sendWhole(
    {
      poolKey: POOL_KEY,
      method: 'GET',
      url: url.href,
      headers: ['accept', 'application/json', 'accept-encoding', 'gzip', 'user-agent', 'relay'],
      timeouts: TIMEOUTS,
    },
    { maxBytes: MAX_PRICE_DATA_BYTES },
  )
  sender.forget(POOL_KEY)
  if (!result.ok) throw new PriceTableError(`${source} could not be fetched: ${result.failure.message}`)
  const { status, body } = result.answer
  if (status >= 300 && status < 400) throw new PriceTableError(`${source} points to another address; name that one`)
  if (status !== 200) throw new PriceTableError(`${source} answered with status ${status}`)
  return { content: Buffer.from(body).toString('utf8'), source }
}

function readUrl(given: string): URL {
  const url = URL.parse(given)
  if (url === null || !['http:', 'https:'].includes(url.protocol)) {
    throw new PriceTableError('The address of a price table begins with https:// or http://')
  }
  if (url.username !== '' || url.password !== '') {
    throw new PriceTableError('The address of a price table holds no user name and no password')
  }
  url.hash = ''
  return url
}

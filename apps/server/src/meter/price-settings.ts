import { readFileSync } from 'node:fs'

import type { AccountStore } from '@relay/account-store'
import { StoreError } from '@relay/account-store'

import { ConfigError } from '../config/config-error.ts'
import type { Log } from '../observe/log.ts'
import { PRICE_SETTING } from './own-prices.ts'
import { createPriceBook, type PriceBook } from './prices/price-book.ts'
import type { PriceOverrides } from './prices/price-overrides.ts'
import { NO_OVERRIDES, readOverrides } from './prices/price-overrides.ts'
import { createPriceTable } from './prices/price-table.ts'
import { readStoredTable, readTableMark } from './stored-table.ts'

/** How soon a change of the operator's prices is in force on every node. */
const REFRESH_MS = 1000

/** Where the operator's own prices are. */
export interface PriceSettingRooms {
  readonly book: PriceBook
  readonly store: Pick<AccountStore, 'readSetting'>
  /** Path of a file of prices; it wins over the setting. */
  readonly file: string | undefined
  readonly log: Pick<Log, 'warn'>
}

/** Keeps a price book up to date with what the operator says: own prices, and a table in place of the bundled one. */
export interface PriceSettings {
  /** Reads the setting again when it is due.
   * @throws StoreError */
  refresh(): Promise<void>
  stop(): void
}

/**
 * Puts the operator's prices in force, those of the file and those of the setting.
 *
 * @throws ConfigError when the file cannot be used, StoreError when the setting cannot be read
 */
export async function openPriceSettings({ book, store, file, log }: PriceSettingRooms): Promise<PriceSettings> {
  const fromFile = file === undefined ? NO_OVERRIDES : readPriceFile(file)
  let known: string | undefined
  let isFirst = true
  const refreshTable = tableReader({ book, store, log })

  async function refresh(): Promise<void> {
    await refreshTable()
    const text = await store.readSetting(PRICE_SETTING)
    if (text === known && !isFirst) return
    known = text
    isFirst = false
    book.setOverrides(combine(fromFile, readSetting(text, log)))
  }

  await refresh()
  const timer = setInterval(() => {
    // The prices that are known hold on while the store is away.
    refresh().catch((error: unknown) => log.warn({ error }, "the operator's prices could not be read"))
  }, REFRESH_MS)
  timer.unref()
  return { refresh, stop: () => clearInterval(timer) }
}

/**
 * The prices as the operator wants them at this moment, for a command.
 *
 * @throws ConfigError, StoreError
 */
export async function readPrices(rooms: Omit<PriceSettingRooms, 'book'>): Promise<PriceBook> {
  const book = createPriceBook()
  const settings = await openPriceSettings({ ...rooms, book })
  settings.stop()
  return book
}

type TableRooms = Pick<PriceSettingRooms, 'book' | 'store' | 'log'>

/** Puts the table in force that the store names now. One that cannot be used is told once, and what was known goes on. */
function tableReader({ book, store, log }: TableRooms): () => Promise<void> {
  let known: string | undefined
  return async () => {
    const mark = await readTableMark(store)
    if (mark?.text === known) return
    try {
      const stored = mark === undefined ? undefined : await readStoredTable(store, mark)
      book.setTable(createPriceTable(stored))
    } catch (error) {
      if (StoreError.is(error)) throw error
      log.warn({ error }, 'the price table of the store cannot be used and is left out')
    }
    known = mark?.text
  }
}

/** @throws ConfigError */
function readPriceFile(path: string): PriceOverrides {
  const read = readOverrides(parseFile(path))
  if (read.ok) return read.overrides
  throw new ConfigError(`The prices in ${path} cannot be used`, read.mistakes)
}

function parseFile(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch (error) {
    throw new ConfigError(`The prices in ${path} cannot be read`, [
      error instanceof SyntaxError ? error.message : 'check the path given with RELAY_PRICES',
    ])
  }
}

/** What cannot be used was written by another version: it is said, and the bundled table goes on. */
function readSetting(text: string | undefined, log: Pick<Log, 'warn'>): PriceOverrides {
  if (text === undefined) return NO_OVERRIDES
  const read = readOverrides(parseText(text))
  if (read.ok) return read.overrides
  log.warn({ mistakes: read.mistakes.slice(0, 5) }, 'the setting with prices cannot be used and is left out')
  return NO_OVERRIDES
}

function parseText(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined // the check says what is wrong
  }
}

function combine(first: PriceOverrides, second: PriceOverrides): PriceOverrides {
  return {
    date: first.date ?? second.date,
    exchangeRates: new Map([...second.exchangeRates, ...first.exchangeRates]),
    entries: [...first.entries, ...second.entries],
  }
}

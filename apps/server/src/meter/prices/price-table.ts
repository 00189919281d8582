import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'

import type * as genaiPrices from '@pydantic/genai-prices'

import { isMissingFile, rememberFile } from '../../program-files.ts'
import type { ModelPrice } from './model-price.ts'
import type { PriceData } from './price-data.ts'
import { ONE, parseDecimal } from './rate.ts'
import type { Rate } from './rate.ts'

/** Whose table it is. */
export interface TableSource {
  /** The package, or the file or address that it was taken from. */
  readonly name: string
  readonly version: string
  /** The day on which it was published or taken. */
  readonly date: string
}

/** The bundled table; a test sees to it that this is the version that is installed. */
export const TABLE_SOURCE = {
  name: '@pydantic/genai-prices',
  version: '0.1.8',
  /** The day on which that version was published. */
  date: '2026-09-23',
} as const

/** What the table says of a model. */
export interface TableEntry {
  /** The provider whose list price it is. */
  readonly provider: string
  /** The model as the table names it. */
  readonly model: string
  readonly price: ModelPrice
  readonly contextWindow: number | undefined
}

/** What is asked of the table. */
export interface TableQuestion {
  readonly model: string
  /** Of the account; a known provider's address decides whose prices hold. */
  readonly baseUrl: string
  /** Milliseconds since the epoch; prices change with time. */
  readonly at: number
}

/** Looks list prices up in a table. */
export interface PriceTable {
  readonly source: TableSource
  /** `undefined` when the table does not know the model at that address. */
  find(question: TableQuestion): TableEntry | undefined
}

/** A table in place of the bundled one. */
export interface GivenTable {
  readonly source: TableSource
  readonly data: PriceData
}

type Library = Pick<typeof genaiPrices, 'calcPrice' | 'findProvider' | 'updatePrices'>
type TableRate = number | { readonly base: number; readonly tiers: readonly { start: number; price: number }[] }

/** Prices change by the minute at most: some are cheaper at night. */
const MINUTE_MS = 60_000
const MAX_KEPT = 5000

/** What was found for the requests of a minute. */
interface KnownEntry {
  readonly minute: number
  readonly entry: TableEntry | undefined
}

/** Half the price, says the vendor: OpenAI's flex and batch processing, Anthropic's and Google's batches (read 2026-11-28). */
const HALF_PRICE_TIERS: ReadonlyMap<string, readonly string[]> = new Map([
  ['openai', ['flex', 'batch']],
  ['azure', ['batch']],
  ['anthropic', ['batch']],
  ['google', ['flex', 'batch']],
])

/**
 * Opens the bundled table, or the given one. The bundled one is read when a price is first asked for: its half megabyte
 * is no part of a start.
 *
 * @throws Error when the given table contradicts itself
 */
export function createPriceTable(given?: GivenTable): PriceTable {
  const known = new Map<string, Map<string, KnownEntry>>()
  let size = 0
  let library = given === undefined ? undefined : loadLibraryWith(given.data)

  function find({ model, baseUrl, at }: TableQuestion): TableEntry | undefined {
    const minute = Math.floor(at / MINUTE_MS)
    const before = known.get(baseUrl)?.get(model)
    if (before?.minute === minute) return before.entry
    library ??= loadLibrary()
    if (library === undefined) return undefined
    const entry = lookUp(library, { model, baseUrl, at: minute * MINUTE_MS })
    keep(baseUrl, model, { minute, entry })
    return entry
  }

  function keep(baseUrl: string, model: string, found: KnownEntry): void {
    if (size >= MAX_KEPT) {
      known.clear()
      size = 0
    }
    const models = known.get(baseUrl) ?? new Map<string, KnownEntry>()
    if (!models.has(model)) size += 1
    known.set(baseUrl, models.set(model, found))
  }

  return { source: given?.source ?? TABLE_SOURCE, find }
}

/** Beside the bundle in a build, an ordinary package while developing. @returns `undefined` when it was taken away */
function loadLibrary(): Library | undefined {
  const load = createRequire(import.meta.url)
  try {
    return load(findLibrary(load)) as Library // its own type declarations say so
  } catch (error) {
    if (isMissingFile(error)) return undefined
    throw error
  }
}

/** An instance of its own: the library keeps its table for the whole module, and has no way back to the bundled one. */
function loadLibraryWith(data: PriceData): Library {
  const load = createRequire(import.meta.url)
  const path = findLibrary(load)
  const bundled = load.cache[path]
  Reflect.deleteProperty(load.cache, path)
  const library = load(path) as Library // as above
  if (bundled === undefined) Reflect.deleteProperty(load.cache, path)
  else load.cache[path] = bundled
  // Only the data goes in: no address is asked, now or later.
  library.updatePrices(({ setProviderData }) => setProviderData(data))
  return library
}

const BESIDE = new URL('./genai-prices.cjs', import.meta.url)
const requireBeside = existsSync(BESIDE) ? rememberFile(BESIDE) : undefined

function findLibrary(load: NodeJS.Require): string {
  requireBeside?.()
  return requireBeside === undefined ? load.resolve(TABLE_SOURCE.name) : fileURLToPath(BESIDE)
}

/** At a provider's own address its prices hold, or none; anywhere else the list price of whoever makes the model. */
function lookUp(library: Library, { model, baseUrl, at }: TableQuestion): TableEntry | undefined {
  const timestamp = new Date(at)
  if (library.findProvider({ providerApiUrl: baseUrl }) !== undefined) {
    return calculate(library, model, { providerApiUrl: baseUrl, timestamp })
  }
  const plain = model.slice(model.lastIndexOf('/') + 1)
  return (
    calculate(library, model, { timestamp }) ?? (plain === model ? undefined : calculate(library, plain, { timestamp }))
  )
}

function calculate(library: Library, model: string, options: genaiPrices.PriceOptions): TableEntry | undefined {
  try {
    const found = library.calcPrice({}, model, options)
    if (found === null) return undefined
    const { provider, model_price: prices } = found
    return {
      provider: provider.id,
      model: found.model.id,
      price: toModelPrice(prices, provider.id),
      contextWindow: found.model.context_window,
    }
  } catch {
    return undefined // an entry that contradicts itself is no price
  }
}

function toModelPrice(prices: genaiPrices.ModelPrice, provider: string): ModelPrice {
  const half = HALF_PRICE_TIERS.get(provider) ?? []
  return {
    input: toRate(prices['input_mtok']),
    cacheRead: toRate(prices['cache_read_mtok']),
    cacheWrite5m: toRate(prices['cache_write_mtok']),
    cacheWrite1h: toRate(prices['cache_write_1h_mtok']),
    output: toRate(prices['output_mtok']),
    inputAudio: toRate(prices['input_audio_mtok']),
    outputAudio: toRate(prices['output_audio_mtok']),
    webSearch: perThousand(prices['web_searches_kcount']),
    request: perThousand(prices['requests_kcount']),
    serviceTiers: new Map(half.map((tier) => [tier, ONE / 2n])),
    currency: 'USD',
  }
}

function toRate(price: TableRate | undefined): Rate | undefined {
  if (price === undefined) return undefined
  if (typeof price === 'number') {
    const base = parseDecimal(price)
    return base === undefined ? undefined : { base, tiers: [] }
  }
  const base = parseDecimal(price.base)
  const tiers = price.tiers.flatMap(({ start, price: above }) => {
    const rate = parseDecimal(above)
    return rate === undefined ? [] : [{ aboveTokens: start, rate }]
  })
  return base === undefined ? undefined : { base, tiers: tiers.toSorted((a, b) => a.aboveTokens - b.aboveTokens) }
}

/** Dollars for a thousand → 10⁻¹⁸ dollars for one. */
function perThousand(price: TableRate | undefined): bigint | undefined {
  const base = typeof price === 'number' ? parseDecimal(price) : undefined
  return base === undefined ? undefined : base * 1000n
}

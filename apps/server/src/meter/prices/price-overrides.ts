import { fitsPattern } from '@relay/account-store'
import * as z from 'zod'

import type { ModelFacts, ModelPrice } from './model-price.ts'
import { parseDecimal } from './rate.ts'
import type { Rate } from './rate.ts'

/** Prices and facts that an operator states; they win over the bundled table. */
export interface PriceOverrides {
  /** The day on which somebody looked at them, as written. */
  readonly date: string | undefined
  /** US dollars for one unit of a currency, × 10¹². */
  readonly exchangeRates: ReadonlyMap<string, bigint>
  readonly entries: readonly PriceOverride[]
}

/** One statement about the models that fit a pattern, of one account or of all. */
export interface PriceOverride {
  /** `*` is a wildcard. */
  readonly model: string
  /** Name of the account it holds for; `undefined` = all. */
  readonly account: string | undefined
  /** `undefined` when only facts are stated. */
  readonly price: ModelPrice | undefined
  readonly facts: ModelFacts
}

/** No statement. */
export const NO_OVERRIDES: PriceOverrides = { date: undefined, exchangeRates: new Map(), entries: [] }

const MAX_ENTRIES = 5000
const MILLION = 1_000_000n

const decimal = z.union([z.number(), z.string()]).transform((value, context) => {
  const parsed = parseDecimal(value)
  if (parsed !== undefined) return parsed
  context.addIssue({ code: 'custom', message: 'is not a decimal number from 0 up' })
  return z.NEVER
})
const currency = z.string().regex(/^[A-Z]{3}$/, 'is not a currency such as USD')
const count = z.number().int().min(1).max(1_000_000_000)

const rates = {
  input: decimal.optional(),
  cacheRead: decimal.optional(),
  cacheWrite5m: decimal.optional(),
  cacheWrite1h: decimal.optional(),
  output: decimal.optional(),
}

const entry = z.strictObject({
  model: z.string().min(1).max(200),
  account: z.string().min(1).max(100).optional(),
  currency: currency.default('USD'),
  ...rates,
  longContext: z
    .array(z.strictObject({ aboveTokens: count, ...rates }))
    .max(8)
    .default([]),
  webSearch: decimal.optional(),
  request: decimal.optional(),
  serviceTiers: z.record(z.string().min(1).max(40), decimal).default({}),
  contextWindow: count.optional(),
  maxOutputTokens: count.optional(),
  inputs: z.array(z.enum(['text', 'image', 'pdf', 'audio', 'video'])).optional(),
})

/** The file: prices are for a million tokens, `webSearch` and `request` for one, `serviceTiers` are factors. */
const overridesSchema = z.strictObject({
  date: z.iso.date().optional(),
  exchangeRates: z.record(currency, decimal).default({}),
  prices: z.array(entry).max(MAX_ENTRIES).default([]),
})

type Entry = z.output<typeof entry>
type RateName = keyof typeof rates

/** What reading gives: overrides, or what is wrong with them. */
export type ReadOverrides =
  | { readonly ok: true; readonly overrides: PriceOverrides }
  | { readonly ok: false; readonly mistakes: readonly string[] }

/** Checks what an operator has stated, as JSON data. */
export function readOverrides(value: unknown): ReadOverrides {
  const parsed = overridesSchema.safeParse(value)
  if (!parsed.success) {
    return { ok: false, mistakes: parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`) }
  }
  const { date, exchangeRates, prices } = parsed.data
  const entries = prices.map(toOverride).toSorted((a, b) => weightOf(b) - weightOf(a))
  return { ok: true, overrides: { date, exchangeRates: new Map(Object.entries(exchangeRates)), entries } }
}

/** The most special statement that fits: of the account before of all, an exact name before a pattern, a longer pattern first. */
export function findOverride(
  { entries }: PriceOverrides,
  { model, account }: { readonly model: string; readonly account: string },
  says: (entry: PriceOverride) => boolean,
): PriceOverride | undefined {
  return entries.find(
    (entry) =>
      (entry.account === undefined || entry.account === account) && fitsPattern(entry.model, model) && says(entry),
  )
}

function weightOf({ model, account }: PriceOverride): number {
  return (account === undefined ? 0 : 10_000) + (model.includes('*') ? model.replaceAll('*', '').length : 1000)
}

function toOverride(stated: Entry): PriceOverride {
  const { model, account, contextWindow, maxOutputTokens, inputs } = stated
  const hasPrice = [stated.input, stated.output, stated.request].some((price) => price !== undefined)
  return {
    model,
    account,
    price: hasPrice ? toPrice(stated) : undefined,
    facts: { contextWindow, maxOutputTokens, inputs },
  }
}

function toPrice(stated: Entry): ModelPrice {
  return {
    input: toRate(stated, 'input'),
    cacheRead: toRate(stated, 'cacheRead'),
    cacheWrite5m: toRate(stated, 'cacheWrite5m'),
    cacheWrite1h: toRate(stated, 'cacheWrite1h'),
    output: toRate(stated, 'output'),
    inputAudio: undefined,
    outputAudio: undefined,
    webSearch: stated.webSearch === undefined ? undefined : stated.webSearch * MILLION,
    request: stated.request === undefined ? undefined : stated.request * MILLION,
    serviceTiers: new Map(Object.entries(stated.serviceTiers)),
    currency: stated.currency,
  }
}

function toRate(stated: Entry, name: RateName): Rate | undefined {
  const base = stated[name]
  if (base === undefined) return undefined
  const tiers = stated.longContext.flatMap(({ aboveTokens, ...above }) => {
    const rate = above[name]
    return rate === undefined ? [] : [{ aboveTokens, rate }]
  })
  return { base, tiers: tiers.toSorted((a, b) => a.aboveTokens - b.aboveTokens) }
}

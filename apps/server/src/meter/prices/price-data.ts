import type { Provider } from '@pydantic/genai-prices'
import * as z from 'zod'

/** Largest text of a price table, in bytes; the bundled one has half a megabyte. */
export const MAX_PRICE_DATA_BYTES = 10 * 1024 * 1024

const MAX_PROVIDERS = 500
const MAX_MODELS = 5000
/** Mistakes that are told of a table; they repeat themselves. */
const MAX_MISTAKES = 10

/** A quantifier over a group that holds one already can take time without end. */
const NESTED_QUANTIFIER = /[*+}]\)+(?:[*+]|\{\d)/

type Match = NonNullable<Provider['model_match']>

/**
 * The list of providers as `@pydantic/genai-prices` publishes it; what prices do not need falls away. Made when a table
 * is first read: most relays keep the bundled one, which needs no check.
 */
const priceDataSchema = z.lazy(() => {
  const text = z.string().min(1).max(500)
  const pattern = text.refine(isPattern, 'is no regular expression that can be used')
  const amount = z.number().min(0).max(1_000_000_000)
  const rate = z.union([
    amount,
    z.object({
      base: amount,
      tiers: z.array(z.object({ start: z.number().int().min(0), price: amount })).max(20),
    }),
  ])
  const prices = z.record(z.string().regex(/^[a-z][a-z0-9_]{0,60}$/), rate)
  const constraint = z.union([
    z.strictObject({ type: z.literal('start_date').default('start_date'), start_date: z.iso.date() }),
    z.strictObject({
      type: z.literal('time_of_date').default('time_of_date'),
      start_time: z.string().regex(/^\d\d:\d\d:\d\d/),
      end_time: z.string().regex(/^\d\d:\d\d:\d\d/),
    }),
  ])

  const match: z.ZodType<Match> = z.lazy(() =>
    z.union([
      z.strictObject({ or: z.array(match).max(500) }),
      z.strictObject({ and: z.array(match).max(500) }),
      z.strictObject({ equals: text }),
      z.strictObject({ starts_with: text }),
      z.strictObject({ ends_with: text }),
      z.strictObject({ contains: text }),
      z.strictObject({ regex: pattern }),
    ]),
  )

  const model = z.object({
    id: text,
    match,
    context_window: z.number().int().min(1).optional(),
    prices: z.union([
      z
        .array(z.object({ constraint: constraint.optional(), prices }))
        .min(1)
        .max(50),
      prices,
    ]),
  })

  const provider = z.object({
    id: text,
    name: text,
    api_pattern: pattern,
    model_match: match.optional(),
    provider_match: match.optional(),
    fallback_model_providers: z.array(text).max(50).optional(),
    models: z.array(model).max(MAX_MODELS),
  })

  return z.array(provider).min(1).max(MAX_PROVIDERS)
})

/** Providers with their models and prices. */
export type PriceData = z.output<typeof priceDataSchema>

/** What reading gives: a table, or what is wrong with it. */
export type ReadPriceData =
  | { readonly ok: true; readonly data: PriceData }
  | { readonly ok: false; readonly mistakes: readonly string[] }

/** Checks the text of a price table. */
export function readPriceData(source: string): ReadPriceData {
  if (Buffer.byteLength(source) > MAX_PRICE_DATA_BYTES) return refuse(['is larger than 10 MB'])
  try {
    const parsed = priceDataSchema.safeParse(JSON.parse(source, withoutNull))
    if (!parsed.success) return refuse(parsed.error.issues.slice(0, MAX_MISTAKES).map(toMistake))
    if (parsed.data.every(({ models }) => models.length === 0)) return refuse(['names no model'])
    return { ok: true, data: parsed.data }
  } catch {
    return refuse(['is not JSON, or nested without end'])
  }
}

/** `null` says of a member that there is none. */
function withoutNull(_name: string, value: unknown): unknown {
  return value ?? undefined
}

function refuse(mistakes: readonly string[]): ReadPriceData {
  return { ok: false, mistakes }
}

function toMistake({ path, message }: z.core.$ZodIssue): string {
  return path.length === 0 ? message : `${path.join('.')}: ${message}`
}

function isPattern(source: string): boolean {
  if (NESTED_QUANTIFIER.test(source)) return false
  try {
    return new RegExp(source) instanceof RegExp
  } catch {
    return false
  }
}

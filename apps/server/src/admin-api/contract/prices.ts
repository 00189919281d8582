import * as z from 'zod'

/** The price table in force. */
export const priceTableSchema = z.object({
  /** The bundled package, or the file or address that it was taken from. */
  name: z.string(),
  version: z.string(),
  /** The day on which it was published or taken. */
  date: z.string(),
  isBundled: z.boolean(),
  /** ISO 8601; absent of the bundled one. */
  takenAt: z.string().optional(),
})
export type PriceTableView = z.infer<typeof priceTableSchema>

/** A table in the format of `@pydantic/genai-prices`: an address that is asked once, or its text. */
export const priceTableInputSchema = z.union([
  z.strictObject({ url: z.string().min(1).max(2000) }),
  z.strictObject({
    content: z.string().min(1),
    /** Name of the file it was. */
    source: z.string().min(1).max(200).default('a file'),
  }),
])

/** `POST /usage/reprice`: computes the costs of past requests anew. */
export const repriceInputSchema = z.strictObject({
  /** Milliseconds since the epoch. */
  from: z.number().int().min(0),
  /** Not included. */
  before: z.number().int().min(0),
  /** Says what would change, and changes nothing. */
  isDryRun: z.boolean().default(false),
})
export type RepriceInput = z.input<typeof repriceInputSchema>

/** What a run changed, or would change. */
export const repriceSchema = z.object({
  records: z.number(),
  changed: z.number(),
  /** Sums over the records that were looked at. */
  costBeforeMicroUsd: z.number(),
  costAfterMicroUsd: z.number(),
  unknownBefore: z.number(),
  unknownAfter: z.number(),
})
export type Reprice = z.infer<typeof repriceSchema>

import { z } from 'zod'

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

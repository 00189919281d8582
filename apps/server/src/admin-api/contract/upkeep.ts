import * as z from 'zod'

const daysSchema = z.number().int().min(1).max(3650)

/** `GET` and `PUT /settings/retention`: for how many days what is kept. Sums by day and month are kept for ever. */
export const retentionSchema = z.object({
  recordDays: daysSchema,
  hourDays: daysSchema,
  auditDays: daysSchema,
})
export type Retention = z.infer<typeof retentionSchema>

/** `GET /prices/own`: the operator's own prices. */
export const ownPricesSchema = z.object({
  /** Own prices in force, those of a file among them. */
  inForce: z.number(),
  /** The setting as it was written; empty: none. */
  text: z.string(),
  /** What is wrong with it, each with its place; empty: nothing. */
  mistakes: z.array(z.string()),
})
export type OwnPrices = z.infer<typeof ownPricesSchema>

/** `PUT /prices/own`, and `POST /prices/own/check`: JSON text; empty takes the setting away. */
export const priceTextSchema = z.object({ text: z.string().max(1_000_000) })

/** `POST /prices/own/check`. */
export const priceCheckSchema = z.object({ entries: z.number(), mistakes: z.array(z.string()) })
export type PriceCheck = z.infer<typeof priceCheckSchema>

/** `GET /network-guard`: which private addresses accounts may have. */
export const networkGuardSchema = z.object({ allowPrivate: z.array(z.string()), allowLoopback: z.boolean() })
export type NetworkGuardView = z.infer<typeof networkGuardSchema>

/** `GET /backups`, newest first. */
export const backupListSchema = z.object({
  /** Backups can be made here only of the embedded store. */
  isEmbedded: z.boolean(),
  /** Daily backups that are kept; 0: none is made by itself. */
  kept: z.number(),
  backups: z.array(z.object({ path: z.string(), at: z.number(), bytes: z.number() })),
})
export type BackupList = z.infer<typeof backupListSchema>

import * as z from 'zod'

import { lossLevelSchema } from './formats.ts'

/** How an account is: it serves; a model of it or its quota is spent; it rests; somebody paused it; it needs a person. */
export const accountHealthSchema = z.enum(['ok', 'limited', 'cooling', 'paused', 'error'])
export type AccountHealth = z.infer<typeof accountHealthSchema>

/** `GET /health/accounts`: how every account is now. */
export const accountStripSchema = z.object({
  accounts: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      health: accountHealthSchema,
      /** One word for why, where there is a reason. */
      cause: z.string().optional(),
      /** The model that rests; absent for all. */
      model: z.string().optional(),
      /** When it ends by itself. */
      until: z.number().optional(),
      /** What the upstream said last. */
      message: z.string().optional(),
    }),
  ),
})
export type AccountStrip = z.infer<typeof accountStripSchema>

/** `GET /health/conversion`: which fields lost meaning, over the newest requests of the time that lost some. */
export const conversionHealthSchema = z.object({
  requests: z.number(),
  requestsWithLosses: z.number(),
  fields: z.array(
    z.object({
      code: z.string(),
      level: lossLevelSchema,
      /** JSON Pointer with `*` for every index. */
      path: z.string(),
      requests: z.number(),
    }),
  ),
})
export type ConversionHealth = z.infer<typeof conversionHealthSchema>

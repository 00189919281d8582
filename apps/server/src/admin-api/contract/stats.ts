import * as z from 'zod'

/** `GET /v1/relay/key` as the public page reads it: what a key may do. */
export const ownKeySchema = z.object({
  name: z.string(),
  owner: z.string(),
  team: z.string().nullable(),
  expires_at: z.string().nullable(),
  limits: z.object({
    bounds: z.array(
      z.object({
        of: z.string(),
        counts: z.string(),
        window_seconds: z.number().optional(),
        period: z.string().optional(),
        limit: z.number(),
        used: z.number(),
        resets_at: z.string().nullable(),
      }),
    ),
  }),
  used: z.object({ requests: z.number(), cost_usd: z.number(), requests_without_cost: z.number() }),
})
export type OwnKey = z.infer<typeof ownKeySchema>

const ownSumsSchema = z.object({
  requests: z.number(),
  requests_failed: z.number(),
  requests_without_cost: z.number(),
  input_tokens: z.number(),
  cache_read_tokens: z.number(),
  output_tokens: z.number(),
  cost_usd: z.number(),
})

/** `GET /v1/relay/key/usage` as the public page reads it. */
export const ownUsageSchema = z.object({
  days: z.array(ownSumsSchema.extend({ starts_at: z.string() })),
  models: z.array(ownSumsSchema.extend({ model: z.string().nullable() })),
})
export type OwnUsage = z.infer<typeof ownUsageSchema>

/** `GET /v1/models`: what the key can reach. */
export const ownModelsSchema = z.object({ data: z.array(z.object({ id: z.string() })) })

import * as z from 'zod'

import { lossLevelSchema, wireFormatSchema } from './formats.ts'

const explainedLossSchema = z.object({
  code: z.string(),
  level: lossLevelSchema,
  path: z.string(),
  message: z.string(),
})

/** `POST /v1/relay/explain` as the panel reads it: what Relay would do with a request. Nothing is sent. */
export const explanationSchema = z.object({
  refusal: z.object({ kind: z.string(), status: z.number().optional(), message: z.string() }).nullable(),
  sent: z
    .object({
      format: wireFormatSchema,
      model: z.string(),
      profile: z.string(),
      same_format: z.boolean(),
      account: z.string().optional(),
      url: z.string().optional(),
      request: z.unknown(),
    })
    .nullable(),
  rules: z.array(explainedLossSchema),
  losses: z.array(explainedLossSchema),
  expected: z.object({
    input_tokens: z.number().nullable(),
    max_output_tokens: z.number().nullable(),
    cost_usd: z.union([z.number(), z.literal('unknown')]),
  }),
  routing: z
    .object({
      candidates: z.array(
        z.object({ id: z.string(), name: z.string(), model: z.string(), priority: z.number(), isNative: z.boolean() }),
      ),
      rejected: z.array(
        z.object({ id: z.string(), name: z.string(), reason: z.string(), until: z.number().optional() }),
      ),
    })
    .optional(),
})
export type Explanation = z.infer<typeof explanationSchema>

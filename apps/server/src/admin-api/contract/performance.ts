import * as z from 'zod'

/** `GET /conversion/performance`: what converting took on this node since it started, per pair of formats. Sums. */
export const performanceSchema = z.object({
  since: z.number(),
  pairs: z.array(
    z.object({
      client: z.string(),
      /** `none` where no upstream was reached. */
      upstream: z.string(),
      requests: z.number(),
      requestMs: z.number(),
      answerMs: z.number(),
      /** Time in Relay outside of the attempts at upstreams. */
      overheadMs: z.number(),
      bytesIn: z.number(),
      bytesOut: z.number(),
      eventsIn: z.number(),
      eventsOut: z.number(),
      losses: z.number(),
    }),
  ),
})
export type ConversionPerformance = z.infer<typeof performanceSchema>

/** `POST /conversion/send`: sends a client's request through one account, once. It costs what it costs. */
export const sendInputSchema = z.object({
  accountId: z.string().min(1).max(200),
  format: z.enum(['anthropic-messages', 'openai-chat', 'openai-responses']),
  /** The client's body, JSON. */
  request: z.string().min(2).max(2_000_000),
})
export type SendInput = z.infer<typeof sendInputSchema>

/** What came back, as it came; credentials are taken out. */
export const sendOutcomeSchema = z.object({
  /** 0 when there was no answer. */
  status: z.number(),
  contentType: z.string().optional(),
  answer: z.string(),
  upstreamFormat: z.string(),
  model: z.string(),
  durationMs: z.number(),
  /** Why there was no answer. */
  failure: z.string().optional(),
})
export type SendOutcome = z.infer<typeof sendOutcomeSchema>

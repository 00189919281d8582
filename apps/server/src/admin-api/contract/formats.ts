import * as z from 'zod'

/** A wire format by its full name. */
export const wireFormatSchema = z.enum(['anthropic-messages', 'openai-chat', 'openai-responses', 'gemini'])
export type AdminWireFormat = z.infer<typeof wireFormatSchema>

/** How much meaning a loss cost, from least to most. */
export const lossLevelSchema = z.enum(['info', 'repaired', 'degraded', 'lossy'])
export type LossLevel = z.infer<typeof lossLevelSchema>

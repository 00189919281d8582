import { LOSS_CODES } from '@relay/format-converter'
import { z } from 'zod'

import { routingSettingsSchema } from './routing-settings.ts'

const count = z.int().min(0)
const texts = z.array(z.string())
const textByName = z.record(z.string(), z.string())

const timeoutsSchema = z.strictObject({
  connectMs: count.optional(),
  streamHeadersMs: count.optional(),
  wholeHeadersMs: count.optional(),
  firstEventMs: count.optional(),
  idleMs: count.optional(),
  totalMs: count.optional(),
})

const accountSchema = z.strictObject({
  name: z.string(),
  description: z.string().optional(),
  type: z.enum(['ccr', 'claude-console', 'responses', 'openai-responses', 'openai-chat']),
  /** Left out: the type's own, where it has one. */
  baseUrl: z.string().optional(),
  formatBaseUrls: z
    .strictObject({
      claude: z.string().optional(),
      'openai-chat': z.string().optional(),
      'openai-responses': z.string().optional(),
    })
    .optional(),
  credential: z.string().optional(),
  apiFormat: z.enum(['claude', 'openai-chat', 'openai-responses', 'auto']).optional(),
  responseFormat: z.enum(['auto', 'claude', 'openai']).optional(),
  headers: textByName.optional(),
  models: textByName.optional(),
  maxOutputTokens: count.optional(),
  priority: count.optional(),
  weight: count.optional(),
  maxConcurrency: count.optional(),
  timeouts: timeoutsSchema.optional(),
  /** Tightens the loss policy of the keys; it never loosens one. */
  lossPolicy: z.enum(['allow', 'warn', 'reject']).optional(),
  acceptedLosses: z
    .array(
      z.strictObject({
        code: z.enum(LOSS_CODES),
        by: z.string(),
        /** A day or a moment, e.g. 2026-11-23. */
        at: z.union([z.iso.date(), z.iso.datetime({ offset: true })], {
          error: 'must be a day or a moment, as in 2026-11-23 or 2026-11-23T10:00:00Z',
        }),
      }),
    )
    .optional(),
  profile: z.record(z.string(), z.unknown()).optional(),
  rules: z.record(z.string(), z.unknown()).optional(),
  enabled: z.boolean().optional(),
  schedulable: z.boolean().optional(),
})

const keySchema = z.strictObject({
  name: z.string(),
  secret: z.string(),
  owner: z.string().optional(),
  team: z.string().optional(),
  permissions: z
    .strictObject({
      formats: z.array(z.enum(['anthropic-messages', 'openai-chat', 'openai-responses', 'gemini'])).optional(),
      models: texts.optional(),
      accounts: texts.optional(),
    })
    .optional(),
  maxConcurrency: count.optional(),
  lossPolicy: z.enum(['allow', 'warn', 'reject']).optional(),
  /** How long Responses answers are kept with their prompts, for `previous_response_id`; 0 keeps none. */
  responseTtlMs: count.optional(),
  enabled: z.boolean().optional(),
})

/**
 * The shape of `relay.config.json`, after `${NAME}` has been filled in. Unknown names are mistakes.
 *
 * Bounds and what belongs together are checked by the store and by @relay/upstreams, which know them.
 */
export const configFileSchema = z.strictObject({
  /** For editors; not read. */
  $schema: z.string().optional(),
  accounts: z.array(accountSchema).default([]),
  keys: z.array(keySchema).default([]),
  /** Custom conversion rules for all accounts. */
  rules: z.record(z.string(), z.unknown()).optional(),
  /** Strategy, model aliases and fallbacks; in place of those that are set in the panel. */
  routing: routingSettingsSchema.optional(),
})

/** One account as the file declares it. */
export type FileAccount = z.output<typeof accountSchema>

/** The names that are known at a place of the file; empty where any name may stand. */
export function knownNames(path: readonly PropertyKey[]): readonly string[] {
  let schema: unknown = configFileSchema
  for (const segment of path) schema = below(bare(schema), segment)
  const found = bare(schema)
  return found instanceof z.ZodObject ? Object.keys(found.shape) : []
}

/** Without "optional" and "default" around it. */
function bare(schema: unknown): unknown {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault) return bare(schema.unwrap())
  return schema
}

function below(schema: unknown, segment: PropertyKey): unknown {
  if (schema instanceof z.ZodArray) return schema.element
  if (schema instanceof z.ZodObject && typeof segment === 'string') return schema.shape[segment]
  return undefined
}

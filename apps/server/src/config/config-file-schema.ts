import { LOSS_POLICIES } from '@relay/account-store'
import { LOSS_CODES } from '@relay/format-converter'
import { errorClasses } from '@relay/upstreams'
import * as z from 'zod'

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

/** A day or a moment, e.g. 2026-11-23. */
const moment = z.union([z.iso.date(), z.iso.datetime({ offset: true })], {
  error: 'must be a day or a moment, as in 2026-11-23 or 2026-11-23T10:00:00Z',
})

const rateLimitSchema = z.strictObject({
  counts: z.enum(['requests', 'tokens', 'cost']),
  windowMs: count,
  /** Requests, tokens, or millionths of a US dollar. */
  max: count,
})

/** Bounds of a key, an owner or a team; budgets in millionths of a US dollar, 0 = no limit. */
const limitFields = {
  maxConcurrency: count.optional(),
  rateLimits: z.array(rateLimitSchema).optional(),
  budget: z
    .strictObject({
      timeZone: z.string().optional(),
      dayMicroUsd: count.optional(),
      weekMicroUsd: count.optional(),
      monthMicroUsd: count.optional(),
      totalMicroUsd: count.optional(),
    })
    .optional(),
}

/** An owner or a team; what it may use is what all of its keys may use together. */
const holderSchema = z.strictObject({ name: z.string(), note: z.string().optional(), ...limitFields })

const accountSchema = z.strictObject({
  name: z.string(),
  description: z.string().optional(),
  tags: texts.optional(),
  groups: texts.optional(),
  /** Serves only keys that name it or one of its groups. */
  isDedicated: z.boolean().optional(),
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
  allowedModels: texts.optional(),
  /** http, https or socks5, with its password. */
  proxyUrl: z.string().optional(),
  /** Path of a PEM file with certificates to trust. */
  tlsCaFile: z.string().optional(),
  dailyQuota: z
    .strictObject({ limitMicroUsd: count, resetTime: z.string().optional(), timeZone: z.string().optional() })
    .optional(),
  currency: z.string().optional(),
  priceMultiplier: z.number().optional(),
  expiresAt: moment.optional(),
  cooldownPolicy: z
    .strictObject({
      isOn: z.boolean().optional(),
      firstMs: count.optional(),
      longestMs: count.optional(),
      rateLimitedMs: count.optional(),
    })
    .optional(),
  errorClasses: z
    .array(
      z.strictObject({
        status: count.optional(),
        body: z.string().optional(),
        header: z.strictObject({ name: z.string(), value: z.string().optional() }).optional(),
        class: z.enum(Object.keys(errorClasses)),
      }),
    )
    .optional(),
  maxOutputTokens: count.optional(),
  priority: count.optional(),
  weight: count.optional(),
  maxConcurrency: count.optional(),
  timeouts: timeoutsSchema.optional(),
  /** Tightens the loss policy of the keys; it never loosens one. */
  lossPolicy: z.enum(LOSS_POLICIES).optional(),
  acceptedLosses: z
    .array(
      z.strictObject({
        code: z.enum(LOSS_CODES),
        by: z.string(),
        at: moment,
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
      groups: texts.optional(),
      addresses: texts.optional(),
    })
    .optional(),
  ...limitFields,
  concurrencyQueue: z.strictObject({ maxWaiting: count, maxWaitMs: count }).optional(),
  tags: texts.optional(),
  note: z.string().optional(),
  expiresAt: moment.optional(),
  expiresAfterFirstUseMs: count.optional(),
  lossPolicy: z.enum(LOSS_POLICIES).optional(),
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
  /** Owners and teams that have limits over all their keys together. */
  owners: z.array(holderSchema).default([]),
  teams: z.array(holderSchema).default([]),
  /** Custom conversion rules for all accounts. */
  rules: z.record(z.string(), z.unknown()).optional(),
  /** Strategy, model aliases and fallbacks; in place of those that are set in the panel. */
  routing: routingSettingsSchema.optional(),
})

/** One account as the file declares it. */
export type FileAccount = z.output<typeof accountSchema>

/** One relay key as the file declares it. */
export type FileKey = z.output<typeof keySchema>

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

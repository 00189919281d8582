import * as z from 'zod'

import { lossLevelSchema, wireFormatSchema } from './formats.ts'

/** How a request ended. */
export const requestReasonSchema = z.enum([
  'completed',
  'client_closed',
  'upstream_error',
  'upstream_timeout',
  'rejected',
  'shutdown',
  'internal_error',
])
export type RequestReason = z.infer<typeof requestReasonSchema>

/** Tokens by kind; absent means "not known". */
export const tokenCountsSchema = z.object({
  inputTokens: z.number().optional(),
  cacheReadTokens: z.number().optional(),
  cacheWrite5mTokens: z.number().optional(),
  cacheWrite1hTokens: z.number().optional(),
  cacheWriteOtherTokens: z.number().optional(),
  outputTokens: z.number().optional(),
  reasoningTokens: z.number().optional(),
})
export type AdminTokenCounts = z.infer<typeof tokenCountsSchema>

/** Where token counts come from. */
export const usageSourceSchema = z.enum(['reported', 'estimated', 'missing'])
/** Where a cost comes from. */
export const costSourceSchema = z.enum(['reported', 'computed', 'unknown'])

/** One line of the list of requests. */
export const requestSummarySchema = z.object({
  requestId: z.string(),
  startedAt: z.number(),
  keyId: z.string(),
  keyName: z.string(),
  accountId: z.string().optional(),
  accountName: z.string().optional(),
  modelAsked: z.string().optional(),
  modelServed: z.string().optional(),
  /** The answer names another model than was sent for: not a snapshot or a longer name of the same. */
  isOtherModel: z.boolean(),
  /** Path of what was called; absent in what older versions recorded. */
  endpoint: z.string().optional(),
  clientFormat: wireFormatSchema,
  upstreamFormat: wireFormatSchema.optional(),
  isStream: z.boolean(),
  tokens: tokenCountsSchema,
  usageSource: usageSourceSchema,
  costMicroUsd: z.number().optional(),
  costSource: costSourceSchema,
  status: z.number(),
  reason: requestReasonSchema,
  firstTokenMs: z.number().optional(),
  durationMs: z.number(),
  lossCount: z.number(),
  /** The worst of the losses that nobody has accepted; absent when there are none. */
  worstLossLevel: lossLevelSchema.optional(),
  attemptCount: z.number(),
  isDemo: z.boolean(),
})
export type RequestSummary = z.infer<typeof requestSummarySchema>

/** One try at one account. */
export const requestAttemptSchema = z.object({
  accountId: z.string(),
  accountName: z.string(),
  status: z.number().optional(),
  reason: z.string(),
  ms: z.number(),
})
export type RequestAttempt = z.infer<typeof requestAttemptSchema>

/** Meaning that could not be carried over; holds no prompt or answer text. */
export const requestLossSchema = z.object({
  code: z.string(),
  level: lossLevelSchema,
  path: z.string(),
  message: z.string(),
  detail: z.record(z.string(), z.unknown()).optional(),
  /** A standing loss that somebody has accepted for the account. */
  isAccepted: z.boolean().optional(),
})
export type RequestLoss = z.infer<typeof requestLossSchema>

/** `GET /requests/{id}`: all that is known of one request. */
export const requestDetailSchema = requestSummarySchema.extend({
  owner: z.string(),
  team: z.string().optional(),
  sessionId: z.string().optional(),
  /** The client's user agent. */
  client: z.string().optional(),
  errorMessage: z.string().optional(),
  /** As it was sent to the account. */
  modelSent: z.string().optional(),
  serviceTier: z.string().optional(),
  tags: z.record(z.string(), z.string()),
  /** The upstream's own name for it. */
  upstreamRequestId: z.string().optional(),
  /** It was captured, and the capture is still there. */
  isCaptured: z.boolean(),
  /** When the capture is removed. */
  capturedUntil: z.number().optional(),
  attempts: z.array(requestAttemptSchema),
  losses: z.array(requestLossSchema),
})
export type RequestDetail = z.infer<typeof requestDetailSchema>

/** Yes or no in a query. */
const flagSchema = z.enum(['true', 'false']).transform((word) => word === 'true')
const idSchema = z.string().min(1).max(200)
const timeSchema = z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER)

/** Which requests are meant; fields that are there must all hold. Lists, sums and exports take the same. */
export const requestFilterSchema = z.object({
  keyId: idSchema.optional(),
  owner: idSchema.optional(),
  team: idSchema.optional(),
  accountId: idSchema.optional(),
  /** Model asked for or served. */
  model: z.string().min(1).max(500).optional(),
  status: z.coerce.number().int().min(100).max(599).optional(),
  reason: requestReasonSchema.optional(),
  usageSource: usageSourceSchema.optional(),
  costSource: costSourceSchema.optional(),
  /** Path of what was called. */
  endpoint: z.string().startsWith('/v1/').max(100).optional(),
  clientFormat: wireFormatSchema.optional(),
  upstreamFormat: wireFormatSchema.optional(),
  isStream: flagSchema.optional(),
  isDemo: flagSchema.optional(),
  /** Ended otherwise than complete. */
  isFailed: flagSchema.optional(),
  /** With losses that nobody has accepted. */
  hasLosses: flagSchema.optional(),
  lossCode: z.string().min(1).max(100).optional(),
  sessionId: z.string().min(1).max(300).optional(),
  /** `name:value` of a tag. */
  tag: z.string().min(1).max(300).optional(),
  /** Arrived at or after. */
  from: timeSchema.optional(),
  /** Arrived before. */
  before: timeSchema.optional(),
})
export type RequestFilter = z.infer<typeof requestFilterSchema>

/** Query of `GET /requests`. */
export const requestQuerySchema = requestFilterSchema.extend({
  limit: z.coerce.number().int().min(1).max(200).optional(),
  cursor: z.string().min(1).max(500).optional(),
})
export type RequestQuery = z.infer<typeof requestQuerySchema>

/** `GET /requests`: one page, newest first. */
export const requestPageSchema = z.object({
  requests: z.array(requestSummarySchema),
  /** Hand this back as `cursor` for older ones; absent when there are none. */
  nextCursor: z.string().optional(),
})
export type RequestPage = z.infer<typeof requestPageSchema>

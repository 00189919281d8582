import { z } from 'zod'

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
  clientFormat: wireFormatSchema,
  upstreamFormat: wireFormatSchema.optional(),
  isStream: z.boolean(),
  tokens: tokenCountsSchema,
  usageSource: z.enum(['reported', 'estimated', 'missing']),
  costMicroUsd: z.number().optional(),
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
  attempts: z.array(requestAttemptSchema),
  losses: z.array(requestLossSchema),
})
export type RequestDetail = z.infer<typeof requestDetailSchema>

/** Query of `GET /requests`; fields that are there must all hold. */
export const requestQuerySchema = z.object({
  keyId: z.string().min(1).max(200).optional(),
  accountId: z.string().min(1).max(200).optional(),
  /** Model asked for or served. */
  model: z.string().min(1).max(500).optional(),
  status: z.coerce.number().int().min(100).max(599).optional(),
  reason: requestReasonSchema.optional(),
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

import { z } from 'zod'

/**
 * What the panel and the server say to each other under `/admin/api`: schemas, and the types they give.
 *
 * Runs in the browser too, so it imports nothing but zod. A number that is not known is absent, never 0.
 * Times are milliseconds since the epoch, costs millionths of a US dollar.
 */

// Zod would try to make functions of text, which the panel's security policy forbids.
z.config({ jitless: true })

/** Where the admin API is mounted. */
export const ADMIN_API_PATH = '/admin/api'
/** Where the panel is mounted. */
export const PANEL_PATH = '/admin-next'
/** Every request that changes something carries this header: a form on another site cannot set it. */
export const PROOF_HEADER = 'x-relay-admin'
/** Fewest characters of an admin password. */
export const MIN_PASSWORD_LENGTH = 12
/** Most characters of an admin password. */
export const MAX_PASSWORD_LENGTH = 256

/** What can go wrong, as a closed list the panel has words for. */
export const adminErrorCodeSchema = z.enum([
  'not-signed-in',
  'password-change-required',
  'sign-in-refused',
  'too-many-attempts',
  'cross-site-request',
  'invalid-request',
  'not-found',
  'method-not-allowed',
  'body-too-large',
  'store-unavailable',
  'internal-error',
])
export type AdminErrorCode = z.infer<typeof adminErrorCodeSchema>

/** Body of every answer that is not a success. */
export const adminErrorSchema = z.object({
  error: z.object({
    code: adminErrorCodeSchema,
    message: z.string(),
    /** The field that is wrong, where there is one. */
    field: z.string().optional(),
    /** How long to wait before the next try makes sense. */
    retryAfterMs: z.number().optional(),
  }),
})
export type AdminErrorBody = z.infer<typeof adminErrorSchema>

/** `POST /session`: signs in. */
export const signInSchema = z.object({
  name: z.string().min(1).max(64),
  password: z.string().min(1).max(MAX_PASSWORD_LENGTH),
})
export type SignIn = z.infer<typeof signInSchema>

/** `POST /session/password`: sets a new password and ends all sessions of the user. */
export const passwordChangeSchema = z.object({
  currentPassword: z.string().min(1).max(MAX_PASSWORD_LENGTH),
  newPassword: z.string().min(MIN_PASSWORD_LENGTH).max(MAX_PASSWORD_LENGTH),
})
export type PasswordChangeBody = z.infer<typeof passwordChangeSchema>

/** `GET /session` and `POST /session`: who is signed in, if anyone. */
export const sessionStateSchema = z.discriminatedUnion('state', [
  z.object({ state: z.literal('none') }),
  z.object({ state: z.literal('password-change-required'), userName: z.string() }),
  z.object({ state: z.literal('signed-in'), userName: z.string(), expiresAt: z.number() }),
])
export type SessionState = z.infer<typeof sessionStateSchema>

/** One live session of the person who asks. */
export const sessionEntrySchema = z.object({
  /** Names the session; it cannot be used to sign in. */
  id: z.string(),
  isCurrent: z.boolean(),
  createdAt: z.number(),
  lastSeenAt: z.number(),
  expiresAt: z.number(),
  address: z.string().optional(),
  userAgent: z.string().optional(),
})
export type SessionEntry = z.infer<typeof sessionEntrySchema>

/** `GET /sessions`: newest first. */
export const sessionListSchema = z.object({ sessions: z.array(sessionEntrySchema) })
export type SessionList = z.infer<typeof sessionListSchema>

/** A wire format by its full name. */
export const wireFormatSchema = z.enum(['anthropic-messages', 'openai-chat', 'openai-responses', 'gemini'])
export type AdminWireFormat = z.infer<typeof wireFormatSchema>

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

/** How much meaning a loss cost, from least to most. */
export const lossLevelSchema = z.enum(['info', 'repaired', 'degraded', 'lossy'])
export type LossLevel = z.infer<typeof lossLevelSchema>

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

const nameEntrySchema = z.object({ id: z.string(), name: z.string() })
/** An object that can be filtered by. */
export type NameEntry = z.infer<typeof nameEntrySchema>

/** `GET /names`: what the list of requests can be filtered by, and a model to try. */
export const nameListSchema = z.object({
  keys: z.array(nameEntrySchema),
  accounts: z.array(nameEntrySchema),
  /** A model that some enabled account serves; absent where none can be named. */
  exampleModel: z.string().optional(),
})
export type NameList = z.infer<typeof nameListSchema>

/** `GET /about`: what is running here. */
export const aboutSchema = z.object({
  version: z.string(),
  node: z.string(),
  store: z.object({ backend: z.enum(['sqlite', 'redis']), schemaVersion: z.number(), isWritable: z.boolean() }),
  usageQueue: z.object({ waiting: z.number(), dropped: z.number() }),
})
export type About = z.infer<typeof aboutSchema>

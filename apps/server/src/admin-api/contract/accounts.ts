import * as z from 'zod'

import { errorClassRuleSchema } from './error-classes.ts'
import { wireFormatSchema } from './formats.ts'

/** What kind of upstream an account is a credential for. */
export const accountTypeSchema = z.enum(['ccr', 'claude-console', 'responses', 'openai-responses', 'openai-chat'])
export type AccountTypeName = z.infer<typeof accountTypeSchema>

/** A format that is sent to an upstream. */
export const upstreamApiSchema = z.enum(['claude', 'openai-chat', 'openai-responses'])
export type UpstreamApi = z.infer<typeof upstreamApiSchema>

/** The first select: what is sent; `auto` is the client's own format where the upstream speaks it. */
export const apiFormatSchema = z.enum([...upstreamApiSchema.options, 'auto'])
export type ApiFormatChoice = z.infer<typeof apiFormatSchema>

/** The second select: how what comes back is read. */
export const responseFormatSchema = z.enum(['auto', 'claude', 'openai'])
export type ResponseFormatChoice = z.infer<typeof responseFormatSchema>

/** What happens to a request that would lose meaning. */
export const lossPolicySchema = z.enum(['allow', 'warn', 'reject'])
export type LossPolicyChoice = z.infer<typeof lossPolicySchema>

const namesSchema = z.array(z.string())
const countSchema = z.number().int().min(0)

const formatBaseUrlsSchema = z.object({
  claude: z.string().optional(),
  'openai-chat': z.string().optional(),
  'openai-responses': z.string().optional(),
})

const timeoutsSchema = z.object({
  connectMs: countSchema,
  streamHeadersMs: countSchema,
  wholeHeadersMs: countSchema,
  firstEventMs: countSchema,
  idleMs: countSchema,
  totalMs: countSchema,
})

const dailyQuotaSchema = z.object({
  /** Millionths of a US dollar. */
  limitMicroUsd: z.number().int().min(1),
  /** When the day begins, `HH:MM` in the time zone. */
  resetTime: z.string(),
  /** IANA name, for instance `Asia/Shanghai`. */
  timeZone: z.string(),
})

const cooldownPolicySchema = z.object({
  isOn: z.boolean(),
  firstMs: countSchema,
  longestMs: countSchema,
  rateLimitedMs: countSchema,
})

/** A standing loss that somebody has accepted. */
const acceptedLossSchema = z.object({ code: z.string(), by: z.string(), at: z.number() })

/** What the owner of an account decides, as it can be entered; the store checks each value once more. */
const enteredShape = {
  name: z.string(),
  description: z.string(),
  tags: namesSchema,
  groups: namesSchema,
  /** Serves only keys that name it or one of its groups. */
  isDedicated: z.boolean(),
  type: accountTypeSchema,
  baseUrl: z.string(),
  formatBaseUrls: formatBaseUrlsSchema,
  apiFormat: apiFormatSchema,
  responseFormat: responseFormatSchema,
  headers: z.record(z.string(), z.string()),
  /** What clients ask for → what is sent; empty passes every model through. */
  models: z.record(z.string(), z.string()),
  /** What clients may ask of it beside the map; empty allows all. */
  allowedModels: namesSchema,
  currency: z.string(),
  priceMultiplier: z.number(),
  errorClasses: z.array(errorClassRuleSchema),
  maxOutputTokens: countSchema,
  priority: countSchema,
  weight: countSchema,
  maxConcurrency: countSchema,
  profile: z.record(z.string(), z.unknown()),
  rules: z.record(z.string(), z.unknown()),
  enabled: z.boolean(),
  schedulable: z.boolean(),
}

/** Fields that may be missing. */
const clearableShape = {
  lossPolicy: lossPolicySchema,
  proxyUrl: z.string(),
  tlsCa: z.string(),
  expiresAt: z.number().int(),
  /** Write-only: it is never told again, but for its last four characters. */
  credential: z.string(),
}

/** `POST /accounts`; what is left out gets the default of its type. */
export const accountInputSchema = z.strictObject({
  ...z.object(enteredShape).partial().shape,
  name: enteredShape.name,
  type: enteredShape.type,
  baseUrl: enteredShape.baseUrl,
  ...z.object(clearableShape).partial().shape,
  timeouts: timeoutsSchema.partial().optional(),
  cooldownPolicy: cooldownPolicySchema.partial().optional(),
  dailyQuota: dailyQuotaSchema.partial({ resetTime: true, timeZone: true }).optional(),
})
export type AccountInputBody = z.infer<typeof accountInputSchema>

/** `PATCH /accounts/{id}`: only the fields that are there; `null` clears what may be missing. A new address asks for the credential again. */
export const accountChangeSchema = z.strictObject({
  ...z.object(enteredShape).partial().shape,
  lossPolicy: clearableShape.lossPolicy.nullish(),
  proxyUrl: clearableShape.proxyUrl.nullish(),
  tlsCa: clearableShape.tlsCa.nullish(),
  expiresAt: clearableShape.expiresAt.nullish(),
  credential: clearableShape.credential.nullish(),
  timeouts: timeoutsSchema.partial().optional(),
  cooldownPolicy: cooldownPolicySchema.partial().optional(),
  dailyQuota: dailyQuotaSchema.partial({ resetTime: true, timeZone: true }).nullish(),
})
export type AccountChangeBody = z.infer<typeof accountChangeSchema>

const cooldownSchema = z.object({
  /** As sent to the upstream; `*` means every model. */
  model: z.string(),
  cause: z.string(),
  strikes: z.number(),
  startedAt: z.number(),
  endsAt: z.number(),
})

/** How an account is right now, the worst first that holds. */
export const accountStatusSchema = z.enum([
  'disabled',
  'expired',
  'attention',
  'quota-used',
  'paused',
  'cooling',
  'full',
  'ok',
])
export type AccountStatus = z.infer<typeof accountStatusSchema>

/** An account as it may be read: never with its credential. */
export const accountSchema = z.object({
  ...enteredShape,
  id: z.string(),
  managedBy: z.enum(['operator', 'config']),
  models: enteredShape.models.optional(),
  allowedModels: namesSchema.optional(),
  proxyUrl: z.string().optional(),
  hasProxyPassword: z.boolean(),
  tlsCa: z.string().optional(),
  dailyQuota: dailyQuotaSchema.optional(),
  expiresAt: z.number().optional(),
  cooldownPolicy: cooldownPolicySchema,
  timeouts: timeoutsSchema,
  lossPolicy: lossPolicySchema.optional(),
  acceptedLosses: z.array(acceptedLossSchema),
  isDemo: z.boolean(),
  hasCredential: z.boolean(),
  credentialLastFour: z.string().optional(),
  createdAt: z.number(),
  updatedAt: z.number(),
  status: accountStatusSchema,
  /** Requests that hold a slot now, over all nodes. */
  inFlight: z.number(),
  /** Since midnight of the server. */
  today: z.object({ requests: z.number(), costMicroUsd: z.number(), requestsWithoutCost: z.number() }),
  state: z.object({
    lastSuccessAt: z.number().optional(),
    lastError: z
      .object({ at: z.number(), status: z.number().optional(), reason: z.string(), message: z.string() })
      .optional(),
    attention: z.object({ since: z.number(), reason: z.string(), message: z.string() }).optional(),
    /** Those that run now. */
    cooldowns: z.array(cooldownSchema),
    quota: z.object({ usedMicroUsd: z.number(), resetsAt: z.number() }).optional(),
    refusedParameters: z.array(z.object({ model: z.string(), parameter: z.string(), at: z.number() })),
  }),
})
export type AccountView = z.infer<typeof accountSchema>

/** `GET /accounts`: by age. `now` is the server's clock, to count cooldowns down by. */
export const accountListSchema = z.object({ now: z.number(), accounts: z.array(accountSchema) })
export type AccountList = z.infer<typeof accountListSchema>

/** `GET /account-options`: what a form offers. */
export const accountOptionsSchema = z.object({
  types: z.array(
    z.object({
      type: accountTypeSchema,
      label: z.string(),
      defaultApiFormat: upstreamApiSchema,
      defaultBaseUrl: z.string().optional(),
    }),
  ),
  presets: z.array(
    z.object({
      id: z.string(),
      label: z.string(),
      type: accountTypeSchema,
      baseUrl: z.string(),
      formatBaseUrls: formatBaseUrlsSchema,
      apiFormat: apiFormatSchema,
      profileId: z.string(),
      /** Whether the service asks for a key. */
      needsCredential: z.boolean(),
    }),
  ),
  /** Groups that accounts or keys name already. */
  groups: namesSchema,
})
export type AccountOptions = z.infer<typeof accountOptionsSchema>

/** `POST /account-preview`: where requests would go. */
export const accountPreviewInputSchema = z.object({
  type: accountTypeSchema,
  baseUrl: z.string().max(2048),
  formatBaseUrls: formatBaseUrlsSchema.default({}),
  apiFormat: apiFormatSchema,
  responseFormat: responseFormatSchema,
})
export type AccountPreviewInput = z.infer<typeof accountPreviewInputSchema>

/** For each format a client may speak: what is sent, where, and how the answer is read. */
export const accountPreviewSchema = z.object({
  /** Why it cannot work; then nothing else is told. */
  trouble: z.string().optional(),
  /** The hosts that receive the credential. */
  hosts: namesSchema,
  /** The flags of the shipped profile, as `dialect.topK`, each with its value. */
  flags: z.array(z.object({ path: z.string(), value: z.unknown() })),
  /** Whether the address of a host is plain http, where anyone on the way can read the credential. */
  isPlain: z.boolean(),
  routes: z.array(
    z.object({ client: wireFormatSchema, upstream: wireFormatSchema, answer: wireFormatSchema, url: z.string() }),
  ),
})
export type AccountPreview = z.infer<typeof accountPreviewSchema>

/** One thing that was tried. */
export const testStepSchema = z.object({
  outcome: z.enum(['passed', 'failed', 'skipped']),
  status: z.number().optional(),
  latencyMs: z.number().optional(),
  firstByteMs: z.number().optional(),
  message: z.string(),
  /** The beginning of what came back, redacted. */
  received: z.string().optional(),
  /** What was sent, as it was converted. */
  sent: z.string().optional(),
})
export type TestStep = z.infer<typeof testStepSchema>

/** What a test found out. */
export const accountTestSchema = z.object({
  /** The account can serve. */
  isGood: z.boolean(),
  apiFormat: upstreamApiSchema,
  model: z.string(),
  url: z.string(),
  reach: testStepSchema,
  auth: testStepSchema,
  modelFound: testStepSchema,
  whole: testStepSchema,
  stream: testStepSchema,
  tools: testStepSchema,
})
export type AccountTest = z.infer<typeof accountTestSchema>

/** `POST /accounts/{id}/test`; without a model the first that the account's map names. */
export const accountTestInputSchema = z.object({ model: z.string().min(1).max(200).optional() })

/** `POST /account-test`: tests what is being entered; without a credential, that of `accountId` where the addresses are the same. */
export const draftTestInputSchema = z.object({
  account: accountInputSchema,
  accountId: z.string().optional(),
  model: z.string().min(1).max(200),
})
export type DraftTestInput = z.infer<typeof draftTestInputSchema>

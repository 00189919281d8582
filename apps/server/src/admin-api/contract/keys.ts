import * as z from 'zod'

import { lossPolicySchema } from './accounts.ts'
import { wireFormatSchema } from './formats.ts'

const namesSchema = z.array(z.string())
const countSchema = z.number().int().min(0)

/** What a key may use; a missing list allows everything. */
const permissionsSchema = z.object({
  formats: z.array(wireFormatSchema).optional(),
  models: namesSchema.optional(),
  /** Ids of accounts. */
  accounts: namesSchema.optional(),
  groups: namesSchema.optional(),
  /** Addresses and networks such as `10.0.0.0/8`. */
  addresses: namesSchema.optional(),
})

const rateLimitSchema = z.object({
  counts: z.enum(['requests', 'tokens', 'cost']),
  windowMs: z.number().int().min(1),
  /** Requests, tokens, or millionths of a US dollar. */
  max: z.number().int().min(0),
})

/** Millionths of a US dollar; 0 means no limit. Weeks begin on Monday. */
const budgetSchema = z.object({
  timeZone: z.string(),
  dayMicroUsd: countSchema,
  weekMicroUsd: countSchema,
  monthMicroUsd: countSchema,
  totalMicroUsd: countSchema,
})

/** Limits of a key, an owner or a team. */
const limitsShape = {
  maxConcurrency: countSchema,
  rateLimits: z.array(rateLimitSchema),
  budget: budgetSchema,
}

const enteredShape = {
  ...limitsShape,
  name: z.string(),
  owner: z.string(),
  tags: namesSchema,
  note: z.string(),
  permissions: permissionsSchema,
  lossPolicy: lossPolicySchema,
  responseTtlMs: countSchema,
  enabled: z.boolean(),
}

const queueSchema = z.object({ maxWaiting: z.number().int().min(1), maxWaitMs: z.number().int().min(1) })

/** `POST /keys`; what is left out gets its default. */
export const keyInputSchema = z.strictObject({
  ...z.object(enteredShape).partial().shape,
  name: enteredShape.name,
  budget: budgetSchema.partial().optional(),
  team: z.string().optional(),
  expiresAt: z.number().int().optional(),
  expiresAfterFirstUseMs: z.number().int().optional(),
  concurrencyQueue: queueSchema.optional(),
})
export type KeyInputBody = z.infer<typeof keyInputSchema>

/** `PATCH /keys/{id}`: only the fields that are there; `null` clears what may be missing. */
export const keyChangeSchema = z.strictObject({
  ...z.object(enteredShape).partial().shape,
  budget: budgetSchema.partial().optional(),
  team: z.string().nullish(),
  expiresAt: z.number().int().nullish(),
  expiresAfterFirstUseMs: z.number().int().nullish(),
  concurrencyQueue: queueSchema.nullish(),
})
export type KeyChangeBody = z.infer<typeof keyChangeSchema>

/** Whether a key may be used now, and if not, why. */
export const keyStatusSchema = z.enum(['active', 'disabled', 'expired', 'revoked'])
export type KeyStatus = z.infer<typeof keyStatusSchema>

/** One bound of a key and how much of it is used up. */
export const limitUseSchema = z.object({
  /** Whose bound it is: the key's own, or one of its owner or team. */
  holder: z.object({ kind: z.enum(['key', 'owner', 'team']), name: z.string() }),
  kind: z.enum(['concurrency', 'requests', 'tokens', 'cost', 'day', 'week', 'month', 'total']),
  /** Length of the window, for limits per time. */
  windowMs: z.number().optional(),
  /** What runs is counted with its estimate. Requests, tokens, or millionths of a US dollar. */
  used: z.number(),
  max: z.number(),
  /** When it is free again. */
  resetsAt: z.number().optional(),
})
export type LimitUse = z.infer<typeof limitUseSchema>

const useSchema = z.object({ requests: z.number(), costMicroUsd: z.number(), requestsWithoutCost: z.number() })

/** A relay key as it may be read: never with its secret. */
export const keySchema = z.object({
  ...enteredShape,
  id: z.string(),
  managedBy: z.enum(['operator', 'config']),
  team: z.string().optional(),
  expiresAt: z.number().optional(),
  expiresAfterFirstUseMs: z.number().optional(),
  concurrencyQueue: queueSchema.optional(),
  status: keyStatusSchema,
  secretLastFour: z.string(),
  oldSecretEndsAt: z.number().optional(),
  revokedAt: z.number().optional(),
  createdAt: z.number(),
  updatedAt: z.number(),
  lastUsedAt: z.number().optional(),
  firstUsedAt: z.number().optional(),
  limits: z.array(limitUseSchema),
  /** Its requests are captured with their bodies until then. */
  capturedUntil: z.number().optional(),
  /** Since midnight of the server. */
  today: useSchema,
})
export type KeyView = z.infer<typeof keySchema>

/** `GET /keys`: by age, revoked ones too. */
export const keyListSchema = z.object({ now: z.number(), keys: z.array(keySchema) })
export type KeyList = z.infer<typeof keyListSchema>

/** A key with its secret, which is shown this once. */
export const issuedKeySchema = z.object({ key: keySchema, secret: z.string() })
export type IssuedKey = z.infer<typeof issuedKeySchema>

/** `POST /keys/{id}/rotate`: how long the old secret works on; not at all unless said. */
export const keyRotateSchema = z.object({
  overlapMs: z
    .number()
    .int()
    .min(0)
    .max(30 * 86_400_000)
    .default(0),
})

/** `POST /keys/bulk` */
export const keyBulkSchema = z.object({
  ids: z.array(z.string()).min(1).max(500),
  action: z.enum(['enable', 'disable', 'revoke', 'restore']),
})
export type KeyBulk = z.infer<typeof keyBulkSchema>

/** Who may have limits over all their keys together. */
export const holderKindSchema = z.enum(['owner', 'team'])

const holderSchema = z.object({
  ...limitsShape,
  /** Relay keys that name it and are not revoked. */
  keyCount: z.number(),
  /** Its bounds, and how much of each is used up. */
  limits: z.array(limitUseSchema),
  /** Since midnight of the server. */
  today: useSchema,
  kind: holderKindSchema,
  /** As keys name it. */
  name: z.string(),
  note: z.string(),
  managedBy: z.enum(['operator', 'config']),
  createdAt: z.number(),
  updatedAt: z.number(),
})
/** An owner or a team with limits. */
export type HolderView = z.infer<typeof holderSchema>

/** `GET /holders` */
export const holderListSchema = z.object({ holders: z.array(holderSchema) })
export type HolderList = z.infer<typeof holderListSchema>

/** `PUT /holders`; what is left out stays, and is no limit in a new record. */
export const holderInputSchema = z.strictObject({
  kind: holderKindSchema,
  name: z.string().min(1).max(100),
  note: z.string().optional(),
  maxConcurrency: countSchema.optional(),
  rateLimits: z.array(rateLimitSchema).optional(),
  budget: budgetSchema.partial().optional(),
})
export type HolderInputBody = z.infer<typeof holderInputSchema>

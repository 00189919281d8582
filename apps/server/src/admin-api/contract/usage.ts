import * as z from 'zod'

import { lossLevelSchema } from './formats.ts'
import { requestFilterSchema, tokenCountsSchema } from './requests.ts'

/** Sums over requests, in whole numbers. Each token sum covers the requests that know that number. */
export const usageSumsSchema = z.object({
  requests: z.number(),
  requestsFailed: z.number(),
  requestsWithLosses: z.number(),
  /** Their tokens are not known: the sums are too low by what they used. */
  requestsWithoutUsage: z.number(),
  requestsWithoutCost: z.number(),
  /** A token count of theirs was estimated, because no upstream told it. */
  requestsEstimated: z.number(),
  costMicroUsd: z.number(),
  tokens: tokenCountsSchema,
})
export type AdminUsageSums = z.infer<typeof usageSumsSchema>

/** Half of the requests took at most `p50`, 95 % at most `p95`; absent where nothing was measured. */
const percentilesSchema = z.object({ p50: z.number().optional(), p95: z.number().optional() })

/** `GET /usage/summary`: sums, times, and what was lost most often. */
export const usageSummarySchema = z.object({
  sums: usageSumsSchema,
  firstTokenMs: percentilesSchema,
  durationMs: percentilesSchema,
  losses: z.array(z.object({ code: z.string(), level: lossLevelSchema, requests: z.number() })),
})
export type UsageSummary = z.infer<typeof usageSummarySchema>

/** Length of a span of time. */
const usageSpanSchema = z.enum(['minute', 'hour', 'day', 'month'])
export type UsageSpan = z.infer<typeof usageSpanSchema>

/** What requests can be grouped by. */
export const usageGroupSchema = z.enum([
  'key',
  'owner',
  'team',
  'account',
  'model-asked',
  'model-served',
  'session',
  'client',
  'tag',
  'client-format',
  'upstream-format',
  'status',
  'reason',
  'usage-source',
  'cost-source',
])
export type UsageGroup = z.infer<typeof usageGroupSchema>

/** Query of `GET /usage/breakdown` and of its export. */
export const usageBreakdownQuerySchema = requestFilterSchema.extend({
  span: usageSpanSchema.optional(),
  group: usageGroupSchema.optional(),
  /** Name of the tag, for the group `tag`. */
  tagName: z.string().min(1).max(100).optional(),
  /** IANA name of the zone that days and months begin in. */
  timeZone: z.string().min(1).max(100).optional(),
})
export type UsageBreakdownQueryInput = z.input<typeof usageBreakdownQuerySchema>

/** `GET /usage/breakdown`: one line for each span and group that has requests. */
export const usageBreakdownSchema = z.object({
  lines: z.array(
    z.object({
      /** Start of the span; absent without spans. */
      startsAt: z.number().optional(),
      /** What the requests have in common; absent where they have none. */
      group: z.string().optional(),
      /** The newest name of the key or account. */
      groupName: z.string().optional(),
      sums: usageSumsSchema,
    }),
  ),
})
export type AdminUsageBreakdown = z.infer<typeof usageBreakdownSchema>

/** Format of an export. */
const exportFormatSchema = z.enum(['csv', 'json'])
/** Query of `GET /usage/export`. */
export const usageExportQuerySchema = usageBreakdownQuerySchema.extend({ format: exportFormatSchema })
/** Query of `GET /requests/export`. */
export const requestExportQuerySchema = requestFilterSchema.extend({ format: exportFormatSchema })

/** Decimal texts for a million tokens. */
const priceSchema = z.object({
  source: z.enum(['table', 'override']),
  currency: z.string(),
  input: z.string().optional(),
  cacheRead: z.string().optional(),
  cacheWrite5m: z.string().optional(),
  cacheWrite1h: z.string().optional(),
  output: z.string().optional(),
  listedAs: z.string().optional(),
})

/** `GET /usage/prices`: the price of each model that was used of each account in the time, and those without one. */
export const usedPricesSchema = z.object({
  models: z.array(
    z.object({
      accountId: z.string(),
      accountName: z.string(),
      model: z.string(),
      requests: z.number(),
      requestsWithoutCost: z.number(),
      costMicroUsd: z.number(),
      /** Factor of the account on list prices, as a decimal text. */
      multiplier: z.string(),
      /** Absent: no price is known. */
      price: priceSchema.optional(),
    }),
  ),
  table: z.object({ name: z.string(), version: z.string(), date: z.string() }),
})
export type UsedPrices = z.infer<typeof usedPricesSchema>

/** What happens now; an event `now` of `GET /live`. */
export const liveSchema = z.object({
  at: z.number(),
  /** Requests that ended within the last minute. */
  requestsLastMinute: z.number(),
  failedLastMinute: z.number(),
  outputTokensLastMinute: z.number(),
})
export type LiveNumbers = z.infer<typeof liveSchema>

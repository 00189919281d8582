import type { WireFormat } from './wire-format.ts'

/** How a request ended; exactly one of these is in every record. */
export type UsageReason =
  | 'completed'
  | 'client_closed'
  | 'upstream_error'
  | 'upstream_timeout'
  | 'rejected'
  | 'shutdown'
  | 'internal_error'

/** Where the token counts come from. */
export type UsageSource = 'reported' | 'estimated' | 'missing'

/** Where the cost comes from: the upstream named it, or it was computed from a price list. */
export type CostSource = 'reported' | 'computed' | 'unknown'

/** What else has a price; `undefined` = not known or none. */
export interface UsageExtras {
  readonly webSearches?: number | undefined
  /** The part of the input that was audio. */
  readonly inputAudioTokens?: number | undefined
  /** The part of the output that was audio. */
  readonly outputAudioTokens?: number | undefined
}

/** Tokens by kind. `undefined` means "not known"; 0 means that the upstream said zero. */
export interface TokenCounts {
  /** Input tokens that were neither read from nor written to a cache. */
  readonly inputTokens: number | undefined
  readonly cacheReadTokens: number | undefined
  readonly cacheWrite5mTokens: number | undefined
  readonly cacheWrite1hTokens: number | undefined
  /** Cache writes of which the life time is not known. */
  readonly cacheWriteOtherTokens: number | undefined
  /** All output tokens, reasoning included. */
  readonly outputTokens: number | undefined
  /** The part of `outputTokens` that was reasoning. */
  readonly reasoningTokens: number | undefined
}

/** One try at one account. */
export interface UsageAttempt {
  readonly accountId: string
  readonly accountName: string
  /** HTTP status, where the upstream answered at all. */
  readonly status: number | undefined
  /** Short word for how the attempt ended. */
  readonly reason: string
  readonly ms: number
}

/** Meaning that could not be carried over; never contains prompt or answer text. */
export interface UsageLoss {
  readonly code: string
  readonly level: 'info' | 'repaired' | 'degraded' | 'lossy'
  /** JSON Pointer into the source body. */
  readonly path: string
  readonly message: string
  readonly detail?: object | undefined
  /** It was a standing loss that somebody had accepted for the account. */
  readonly isAccepted?: true | undefined
}

/** What one client request used; written once, by request id. */
export interface UsageRecord {
  readonly requestId: string
  /** When the request arrived, milliseconds since the epoch. */
  readonly startedAt: number
  readonly keyId: string
  readonly keyName: string
  readonly owner: string
  readonly team: string | undefined
  /** The account that gave the answer, or the last one tried; `undefined` when none was. */
  readonly accountId: string | undefined
  readonly accountName: string | undefined
  readonly modelAsked: string | undefined
  /** As it was sent to the upstream. */
  readonly modelSent: string | undefined
  /** The model the answer names. */
  readonly modelServed: string | undefined
  /** Path of what was called, such as `/v1/embeddings`; `undefined` in what older versions recorded. */
  readonly endpoint: string | undefined
  readonly clientFormat: WireFormat
  readonly upstreamFormat: WireFormat | undefined
  readonly isStream: boolean
  readonly tokens: TokenCounts
  readonly usageSource: UsageSource
  readonly extras: UsageExtras
  /** Millionths of a US dollar; `undefined` = unknown, never 0 for an unknown price. */
  readonly costMicroUsd: number | undefined
  /** `unknown` exactly when the cost is not known. */
  readonly costSource: CostSource
  /** As the upstream named it in its answer. */
  readonly serviceTier: string | undefined
  /** HTTP status the client got. */
  readonly status: number
  readonly reason: UsageReason
  /** In the order in which they were made. */
  readonly attempts: readonly UsageAttempt[]
  /** From the arrival to the first meaningful event for the client. */
  readonly firstTokenMs: number | undefined
  readonly durationMs: number
  readonly losses: readonly UsageLoss[]
  /** The session as the client's headers name it. */
  readonly sessionId: string | undefined
  /** The client's user agent. */
  readonly client: string | undefined
  /** From headers that the operator has named; at most 20, name and value at most 100 and 200 characters. */
  readonly tags: Readonly<Record<string, string>>
  /** The upstream's own id of the request, for asking its makers. */
  readonly upstreamRequestId: string | undefined
  /** Redacted by the caller; cut to 500 characters here. */
  readonly errorMessage: string | undefined
  readonly isDemo: boolean
}

/** Which usage records are meant; fields that are there must all hold. */
export interface UsageFilter {
  readonly keyId?: string | undefined
  readonly owner?: string | undefined
  readonly team?: string | undefined
  readonly accountId?: string | undefined
  /** Model asked for or served. */
  readonly model?: string | undefined
  /** HTTP status the client got. */
  readonly status?: number | undefined
  readonly reason?: UsageReason | undefined
  readonly usageSource?: UsageSource | undefined
  readonly costSource?: CostSource | undefined
  readonly endpoint?: string | undefined
  readonly clientFormat?: WireFormat | undefined
  readonly upstreamFormat?: WireFormat | undefined
  readonly isStream?: boolean | undefined
  readonly isDemo?: boolean | undefined
  /** Ended otherwise than complete or by the client's leaving. */
  readonly isFailed?: boolean | undefined
  /** Lost meaning that nobody had accepted: a loss of the level `degraded` or `lossy`. */
  readonly hasLosses?: boolean | undefined
  /** Code of a loss. */
  readonly lossCode?: string | undefined
  readonly sessionId?: string | undefined
  /** `name=value`, or `name` for any value. */
  readonly tag?: string | undefined
  /** Arrived at or after, milliseconds since the epoch. */
  readonly from?: number | undefined
  /** Arrived before, milliseconds since the epoch. */
  readonly before?: number | undefined
}

/** Asks for one page of usage records, newest first. */
export interface UsageQuery extends UsageFilter {
  /** 1 to 500; 50 unless said otherwise. */
  readonly limit?: number | undefined
  /** `nextCursor` of the page before; the filter has to be the same. */
  readonly cursor?: string | undefined
}

/** One page of usage records, newest first. */
export interface UsagePage {
  readonly records: readonly UsageRecord[]
  /** Hand this back to get older records; `undefined` when there are none. */
  readonly nextCursor: string | undefined
}

/** Sums over records. Each token sum covers the records that know that number. */
export interface UsageSums {
  readonly requests: number
  readonly tokens: { readonly [Kind in keyof TokenCounts]: number }
  readonly costMicroUsd: number
  /** Records that ended otherwise than complete or by the client's leaving. */
  readonly requestsFailed: number
  /** Records with a loss of the level `degraded` or `lossy` that nobody had accepted. */
  readonly requestsWithLosses: number
  /** Records without any token count: the sums are too low by what these used. */
  readonly requestsWithoutUsage: number
  /** Records of which the cost is not known. */
  readonly requestsWithoutCost: number
  /** Records of which a token count was estimated. */
  readonly requestsEstimated: number
}

/** All that records can be summed by. */
export const USAGE_GROUPS = [
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
] as const

/** What records can be put together by. */
export type UsageGroupKind = (typeof USAGE_GROUPS)[number]

/** Asks for sums by time, by group, or both. */
export interface UsageBreakdownQuery {
  readonly filter?: UsageFilter | undefined
  /** Length of a span of time; left out, all of it is one. */
  readonly span?: 'minute' | 'hour' | 'day' | 'month' | undefined
  /** IANA name of the zone that days and months begin in; UTC unless said otherwise. Zones off the full hour are rounded to it. */
  readonly timeZone?: string | undefined
  readonly group?: UsageGroupKind | undefined
  /** Name of the tag for the group `tag`. */
  readonly tagName?: string | undefined
}

/** The sums of one span and one group; only those with records are there. */
export interface UsageBreakdown {
  /** Start of the span, milliseconds since the epoch; `undefined` without spans. */
  readonly startsAt: number | undefined
  /** What the records have in common: an id for keys and accounts; `undefined` = they have none, or no group was asked for. */
  readonly group: string | undefined
  /** The newest name of the key or account. */
  readonly groupName: string | undefined
  readonly sums: UsageSums
}

/** How long requests took: values at which so much of the requests was at most; `undefined` without any. */
export interface UsageLatency {
  readonly records: number
  readonly firstTokenMs: { readonly p50: number | undefined; readonly p95: number | undefined }
  readonly durationMs: { readonly p50: number | undefined; readonly p95: number | undefined }
}

/** How often something was lost. */
export interface UsageLossCount {
  readonly code: string
  readonly level: UsageLoss['level']
  readonly requests: number
}

/** A cost that was computed anew. */
export interface UsageCostChange {
  readonly requestId: string
  readonly costMicroUsd: number | undefined
  readonly costSource: CostSource
}

/** Until when things are removed, milliseconds since the epoch. */
export interface UsageRetention {
  /** Single records that arrived before. */
  readonly recordsBefore: number
  /** Sums by the hour before; those by day and month stay. */
  readonly hoursBefore: number
}

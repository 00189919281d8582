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
  /** The model the answer names, else the one that was sent. */
  readonly modelServed: string | undefined
  readonly clientFormat: WireFormat
  readonly upstreamFormat: WireFormat | undefined
  readonly isStream: boolean
  readonly tokens: TokenCounts
  readonly usageSource: UsageSource
  /** Millionths of a US dollar; `undefined` = unknown, never 0 for an unknown price. */
  readonly costMicroUsd: number | undefined
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
  /** Records without any token count: the sums are too low by what these used. */
  readonly requestsWithoutUsage: number
  /** Records of which the cost is not known. */
  readonly requestsWithoutCost: number
}

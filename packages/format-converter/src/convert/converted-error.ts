import type { Codec } from '../codec.ts'
import { isRetryable } from '../failure/kinds.ts'
import type { ErrorOf } from '../format-types.ts'
import type { ErrorKind, Failure } from '../model/failure.ts'
import type { FormatName } from '../model/format-name.ts'
import { DEFAULT_OPTIONS } from '../options.ts'

/** An error in the client's format, and what the caller needs to decide on a retry. */
export interface ConvertedError<Client extends FormatName = FormatName> {
  readonly status: number
  readonly body: ErrorOf<Client>
  /** `retry-after` in whole seconds, `retry-after-ms`, `x-should-retry`; lower-case names. */
  readonly headers: Readonly<Record<string, string>>
  readonly kind: ErrorKind
  /** Another account may succeed where this one failed. */
  readonly retryable: boolean
  readonly retryAfterMs?: number | undefined
  readonly repair?: 'strip-reasoning' | undefined
  readonly upstreamCode?: string | undefined
  /** The same trouble as data, redacted. */
  readonly failure: Failure
  /** What the client is told instead, where a rule words it otherwise. */
  readonly told?: Failure | undefined
}

interface FailureDescription {
  readonly codec: Codec
  readonly failure: Failure
  readonly requestId?: string | undefined
  /** Agents sleep as long as they are told, and hang: what they are told is capped. Default a minute. */
  readonly maxRetryAfterMs?: number | undefined
}

/** Kinds on which a client must not try again: the relay key is wrong or used up. */
const FINAL_KINDS: ReadonlySet<ErrorKind> = new Set(['authentication', 'billing'])

/** Kinds whose answer may say when to come back. */
const WAITING_KINDS: ReadonlySet<ErrorKind> = new Set(['rate_limit', 'overloaded', 'upstream_quota'])

/** Writes a failure in a client's format. */
export function describeFailure({
  codec,
  failure,
  requestId,
  maxRetryAfterMs = DEFAULT_OPTIONS.maxRetryAfterMs,
}: FailureDescription): ConvertedError {
  const { status, body } = codec.encodeError(failure, requestId)
  const wait = WAITING_KINDS.has(failure.kind) ? failure.retryAfterMs : undefined
  const shouldRetry = FINAL_KINDS.has(failure.kind) ? false : failure.shouldRetry
  const headers = {
    ...(shouldRetry !== undefined && { 'x-should-retry': String(shouldRetry) }),
    ...(wait !== undefined && waitHeaders(Math.min(wait, maxRetryAfterMs))),
  }
  return {
    status,
    body,
    headers,
    kind: failure.kind,
    retryable: isRetryable(failure.kind),
    retryAfterMs: failure.retryAfterMs,
    repair: failure.repair,
    upstreamCode: failure.upstreamCode,
    failure,
  }
}

/** Whole seconds for everyone, and the exact time for SDKs that know the other header. Never at once. */
function waitHeaders(waitMs: number): Readonly<Record<string, string>> {
  return {
    'retry-after': String(Math.max(1, Math.ceil(waitMs / 1000))),
    'retry-after-ms': String(Math.max(LEAST_WAIT_MS, Math.ceil(waitMs))),
  }
}

const LEAST_WAIT_MS = 100

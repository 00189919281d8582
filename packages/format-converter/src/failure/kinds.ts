import type { ErrorKind } from '../model/failure.ts'

interface KindFacts {
  /** HTTP status, where a client's format has none of its own for the kind. */
  readonly status: number
  /** The same request may succeed on any other account. */
  readonly isRetryable: boolean
}

/** A total table: a new kind has to be decided. */
const KINDS: { readonly [Kind in ErrorKind]: KindFacts } = {
  invalid_request: { status: 400, isRetryable: false },
  context_too_long: { status: 400, isRetryable: false },
  unsupported_feature: { status: 400, isRetryable: false }, // perhaps on an account of the client's own format
  content_policy: { status: 400, isRetryable: false },
  authentication: { status: 401, isRetryable: false },
  upstream_auth: { status: 502, isRetryable: true },
  permission: { status: 403, isRetryable: false },
  billing: { status: 429, isRetryable: false },
  upstream_quota: { status: 503, isRetryable: true },
  not_found: { status: 404, isRetryable: false }, // perhaps on an account that has the model
  previous_response_not_found: { status: 400, isRetryable: false },
  conflict: { status: 409, isRetryable: true },
  too_large: { status: 413, isRetryable: false },
  unprocessable: { status: 422, isRetryable: false },
  rate_limit: { status: 429, isRetryable: true },
  internal: { status: 500, isRetryable: true },
  upstream_invalid_response: { status: 502, isRetryable: true },
  upstream_truncated: { status: 502, isRetryable: true },
  upstream_protocol: { status: 502, isRetryable: true },
  overflow: { status: 502, isRetryable: false },
  timeout: { status: 504, isRetryable: true },
  overloaded: { status: 503, isRetryable: true },
  client_abort: { status: 499, isRetryable: false },
}

/** The HTTP status of a kind of trouble; formats word some of them otherwise. */
export function statusOf(kind: ErrorKind): number {
  return KINDS[kind].status
}

/**
 * True when the same request may succeed on any other account. Only as long as the client has not seen a byte of the
 * answer.
 */
export function isRetryable(kind: ErrorKind): boolean {
  return KINDS[kind].isRetryable
}

/** Every kind of trouble, by name. */
export const ERROR_KINDS: readonly ErrorKind[] = Object.keys(KINDS) as ErrorKind[] // the table is total and has no other names

import type { JsonObject } from './json.ts'

/** Every kind of trouble that an exchange can end with. */
export type ErrorKind =
  | 'invalid_request'
  | 'context_too_long'
  | 'unsupported_feature'
  | 'content_policy'
  | 'authentication'
  | 'upstream_auth'
  | 'permission'
  | 'billing'
  | 'upstream_quota'
  | 'not_found'
  | 'previous_response_not_found'
  | 'conflict'
  | 'too_large'
  | 'unprocessable'
  | 'rate_limit'
  | 'internal'
  | 'upstream_invalid_response'
  | 'upstream_truncated'
  | 'upstream_protocol'
  | 'overflow'
  | 'timeout'
  | 'overloaded'
  | 'client_abort'

/** Trouble as data: what went wrong, in words that may be shown to a client. */
export interface Failure {
  readonly kind: ErrorKind
  /** Shown to the client; never holds a credential, a prompt or an answer. */
  readonly message: string
  /** HTTP status of the upstream, when there was one. */
  readonly upstreamStatus?: number
  /** The upstream's own error code or type. */
  readonly upstreamCode?: string
  /** OpenAI's `error.code` where that of the kind would say something else; `null` = none. */
  readonly code?: string | null
  /** The culprit: a JSON Pointer into the client's body, or the upstream's own word for the parameter. */
  readonly param?: string
  /** Anthropic `error.details`; survives every mapping. */
  readonly details?: JsonObject
  readonly retryAfterMs?: number
  /** Whether another try may do better: as the upstream says (`x-should-retry`), or `false` where a setting has to change. */
  readonly shouldRetry?: boolean
  /** The upstream refused foreign or stale reasoning proofs: one retry without them may work. */
  readonly repair?: 'strip-reasoning'
}

/** A stream that ended before it said that it had. */
export const TRUNCATED: Failure = {
  kind: 'upstream_truncated',
  message: 'the upstream closed the stream before the answer was complete',
}

/** A stream that begins again: clients put both answers into one, or throw. */
export const SECOND_ANSWER: Failure = {
  kind: 'upstream_protocol',
  message: 'the upstream began a second message in one stream',
}

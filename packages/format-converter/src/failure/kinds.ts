import type { ErrorKind } from '../model/failure.ts'

/** Whether the same request may succeed on any other account. A total table: a new kind has to be decided. */
const RETRYABLE: { readonly [Kind in ErrorKind]: boolean } = {
  invalid_request: false,
  context_too_long: false,
  unsupported_feature: false, // perhaps on an account of the client's own format
  content_policy: false,
  authentication: false,
  upstream_auth: true,
  permission: false,
  billing: false,
  upstream_quota: true,
  not_found: false, // perhaps on an account that has the model
  previous_response_not_found: false,
  conflict: true,
  too_large: false,
  unprocessable: false,
  rate_limit: true,
  internal: true,
  upstream_invalid_response: true,
  upstream_truncated: true,
  upstream_protocol: true,
  overflow: false,
  timeout: true,
  overloaded: true,
  client_abort: false,
}

/**
 * True when the same request may succeed on any other account. Only as long as the client has not seen a byte of the
 * answer.
 */
export function isRetryable(kind: ErrorKind): boolean {
  return RETRYABLE[kind]
}

/** Every kind of trouble, by name. */
export const ERROR_KINDS: readonly ErrorKind[] = Object.keys(RETRYABLE) as ErrorKind[] // the table is total and has no other names

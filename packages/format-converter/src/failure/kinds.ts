import type { ErrorKind } from '../model/failure.ts'

/**
 * Whether another account may do better: `maybe` = only one that speaks the client's own format or has the model.
 * Retries are allowed only while the client has not seen a byte of the answer.
 */
export const RETRY_ELSEWHERE: { readonly [Kind in ErrorKind]: 'yes' | 'no' | 'maybe' } = {
  invalid_request: 'no',
  context_too_long: 'no',
  unsupported_feature: 'maybe',
  content_policy: 'no',
  authentication: 'no',
  upstream_auth: 'yes',
  permission: 'no',
  billing: 'no',
  upstream_quota: 'yes',
  not_found: 'maybe',
  previous_response_not_found: 'no',
  conflict: 'yes',
  too_large: 'no',
  unprocessable: 'no',
  rate_limit: 'yes',
  internal: 'yes',
  upstream_invalid_response: 'yes',
  upstream_truncated: 'yes',
  upstream_protocol: 'yes',
  overflow: 'no',
  timeout: 'yes',
  overloaded: 'yes',
  client_abort: 'no',
}

/** True when the same request may succeed on any other account. */
export function isRetryable(kind: ErrorKind): boolean {
  return RETRY_ELSEWHERE[kind] === 'yes'
}

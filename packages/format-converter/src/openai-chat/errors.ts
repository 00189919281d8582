import type { EncodedError } from '../codec.ts'
import type { ErrorKind, Failure } from '../model/failure.ts'
import type { JsonObject } from '../model/json.ts'

interface ErrorForm {
  readonly status: number
  readonly type: 'invalid_request_error' | 'rate_limit_error' | 'insufficient_quota' | 'server_error'
  readonly code: string | null
}

/**
 * How each kind of trouble looks to a Chat client. A missing permission is 400, because agents retry 403; the pool's
 * own credential trouble is never the client's 401.
 */
const FORMS: { readonly [Kind in ErrorKind]: ErrorForm } = {
  invalid_request: { status: 400, type: 'invalid_request_error', code: null },
  context_too_long: { status: 400, type: 'invalid_request_error', code: 'context_length_exceeded' },
  unsupported_feature: { status: 400, type: 'invalid_request_error', code: 'unsupported_feature' },
  content_policy: { status: 400, type: 'invalid_request_error', code: 'content_policy_violation' },
  authentication: { status: 401, type: 'invalid_request_error', code: 'invalid_api_key' },
  upstream_auth: { status: 502, type: 'server_error', code: 'upstream_auth' },
  permission: { status: 400, type: 'invalid_request_error', code: 'permission_denied' },
  billing: { status: 429, type: 'insufficient_quota', code: 'insufficient_quota' },
  upstream_quota: { status: 503, type: 'server_error', code: 'upstream_quota' },
  not_found: { status: 404, type: 'invalid_request_error', code: 'model_not_found' },
  previous_response_not_found: { status: 400, type: 'invalid_request_error', code: 'previous_response_not_found' },
  conflict: { status: 409, type: 'invalid_request_error', code: 'conflict' },
  too_large: { status: 413, type: 'invalid_request_error', code: 'request_too_large' },
  unprocessable: { status: 422, type: 'invalid_request_error', code: null },
  rate_limit: { status: 429, type: 'rate_limit_error', code: 'rate_limit_exceeded' },
  internal: { status: 500, type: 'server_error', code: null },
  upstream_invalid_response: { status: 502, type: 'server_error', code: 'upstream_invalid_response' },
  upstream_truncated: { status: 502, type: 'server_error', code: 'upstream_truncated' },
  upstream_protocol: { status: 502, type: 'server_error', code: 'upstream_protocol' },
  overflow: { status: 502, type: 'server_error', code: 'overflow' },
  timeout: { status: 504, type: 'server_error', code: 'timeout' },
  overloaded: { status: 503, type: 'server_error', code: 'server_is_overloaded' },
  client_abort: { status: 499, type: 'server_error', code: null },
}

/** Status and body of an error answer. All four keys are always there; Chat has no place for a request id. */
export function encodeError(failure: Failure): EncodedError {
  const { status, type, code: codeOfKind } = FORMS[failure.kind]
  const code = failure.code === undefined ? codeOfKind : failure.code
  return { status, body: { error: { message: failure.message, type, param: paramOf(failure), code } } }
}

/** The one event that ends a broken Chat stream; neither a finish chunk nor `[DONE]` follows it. */
export function encodeStreamError(failure: Failure): string {
  const body: JsonObject = encodeError(failure).body
  return `data: ${JSON.stringify(body)}\n\n`
}

function paramOf(failure: Failure): string | null {
  if (failure.kind === 'previous_response_not_found') return 'previous_response_id'
  return failure.param ?? null
}

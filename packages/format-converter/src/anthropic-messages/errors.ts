import type { EncodedError } from '../codec.ts'
import type { ErrorKind, Failure } from '../model/failure.ts'
import type { JsonObject } from '../model/json.ts'
import { encodeSse } from '../sse/encode-sse.ts'
import { toJsonText } from '../wire/raw-json.ts'

interface WireError {
  readonly status: number
  readonly type: string
}

const INVALID: WireError = { status: 400, type: 'invalid_request_error' }
const BAD_UPSTREAM: WireError = { status: 502, type: 'api_error' }
const OVERLOADED: WireError = { status: 529, type: 'overloaded_error' }

/** Contract 5.1, column A. An upstream that refuses its own credential is never shown as the client's fault. */
const WIRE: { readonly [Kind in ErrorKind]: WireError } = {
  invalid_request: INVALID,
  context_too_long: INVALID,
  unsupported_feature: INVALID,
  content_policy: INVALID,
  authentication: { status: 401, type: 'authentication_error' },
  upstream_auth: BAD_UPSTREAM,
  permission: { status: 403, type: 'permission_error' },
  billing: { status: 429, type: 'billing_error' },
  upstream_quota: OVERLOADED,
  not_found: { status: 404, type: 'not_found_error' },
  previous_response_not_found: INVALID,
  conflict: { status: 409, type: 'conflict_error' },
  too_large: { status: 413, type: 'request_too_large' },
  unprocessable: INVALID,
  rate_limit: { status: 429, type: 'rate_limit_error' },
  internal: { status: 500, type: 'api_error' },
  upstream_invalid_response: BAD_UPSTREAM,
  upstream_truncated: BAD_UPSTREAM,
  upstream_protocol: BAD_UPSTREAM,
  overflow: BAD_UPSTREAM,
  timeout: { status: 504, type: 'timeout_error' },
  overloaded: OVERLOADED,
  client_abort: { status: 499, type: 'api_error' },
}

/** Status and body of an error answer. `details` is written as it came: SDK features depend on it. */
export function encodeError(failure: Failure, requestId: string | undefined): EncodedError {
  return { status: WIRE[failure.kind].status, body: errorBody(failure, requestId) }
}

/** The `error` event of a stream that had begun. Nothing may follow it. */
export function encodeStreamError(failure: Failure, requestId: string | undefined): string {
  return encodeSse(toJsonText(errorBody(failure, requestId)), 'error')
}

function errorBody(failure: Failure, requestId: string | undefined): JsonObject {
  const { type } = WIRE[failure.kind]
  const error = { type, message: failure.message, ...(failure.details !== undefined && { details: failure.details }) }
  return { type: 'error', error, request_id: requestId ?? null }
}

/** The start of an answer without the answer. */
export const NO_MESSAGE: Failure = {
  kind: 'upstream_protocol',
  message: 'message_start of the upstream holds no message',
}

import type { EncodedError } from '../codec.ts'
import type { ErrorKind, Failure } from '../model/failure.ts'
import type { JsonObject } from '../model/json.ts'

interface ErrorForm {
  readonly status: number
  readonly type: 'invalid_request_error' | 'rate_limit_error' | 'insufficient_quota' | 'server_error'
  readonly code: string | null
  /** `error.code` inside a failed response of the Responses format. */
  readonly streamCode: string
}

const BAD_PROMPT = 'invalid_prompt'
const BAD_SERVER = 'server_error'

/**
 * How each kind of trouble looks to a client of OpenAI's formats. A missing permission is 400, because agents retry 403; the
 * pool's own credential trouble is never the client's 401.
 *
 * @remarks Contract 5.1, columns C/R and "R stream".
 */
const FORMS: { readonly [Kind in ErrorKind]: ErrorForm } = {
  invalid_request: invalid(400, null),
  context_too_long: { ...invalid(400, 'context_length_exceeded'), streamCode: 'context_length_exceeded' },
  unsupported_feature: invalid(400, 'unsupported_feature'),
  content_policy: invalid(400, 'content_policy_violation'),
  authentication: { ...invalid(401, 'invalid_api_key'), streamCode: BAD_SERVER },
  upstream_auth: broken(502, 'upstream_auth'),
  permission: { ...invalid(400, 'permission_denied'), streamCode: BAD_SERVER },
  billing: { status: 429, type: 'insufficient_quota', code: 'insufficient_quota', streamCode: 'insufficient_quota' },
  upstream_quota: broken(503, 'upstream_quota'),
  not_found: { ...invalid(404, 'model_not_found'), streamCode: BAD_SERVER },
  previous_response_not_found: invalid(400, 'previous_response_not_found'),
  conflict: { ...invalid(409, 'conflict'), streamCode: BAD_SERVER },
  too_large: invalid(413, 'request_too_large'),
  unprocessable: invalid(422, null),
  rate_limit: { status: 429, type: 'rate_limit_error', code: 'rate_limit_exceeded', streamCode: 'rate_limit_exceeded' },
  internal: broken(500, null),
  upstream_invalid_response: broken(502, 'upstream_invalid_response'),
  upstream_truncated: broken(502, 'upstream_truncated'),
  upstream_protocol: broken(502, 'upstream_protocol'),
  overflow: broken(502, 'overflow'),
  timeout: broken(504, 'timeout'),
  overloaded: { ...broken(503, 'server_is_overloaded'), streamCode: 'server_is_overloaded' },
  client_abort: broken(499, null),
}

/** Status and body of an error answer. All four keys are always there; there is no place for a request id. */
export function encodeError(failure: Failure): EncodedError {
  const { status, type: typeOfKind, code: codeOfKind } = FORMS[failure.kind]
  const code = failure.code === undefined ? codeOfKind : failure.code
  const type = code === FORMS.billing.code ? FORMS.billing.type : typeOfKind // a client may look at either to give up
  return { status, body: { error: { message: failure.message, type, param: paramOf(failure), code } } }
}

/** The `error` member of a failed response. */
export function encodeResponseError(failure: Failure): JsonObject {
  return { code: FORMS[failure.kind].streamCode, message: failure.message }
}

function paramOf(failure: Failure): string | null {
  if (failure.kind === 'previous_response_not_found') return 'previous_response_id'
  return failure.param ?? null
}

function invalid(status: number, code: string | null): ErrorForm {
  return { status, type: 'invalid_request_error', code, streamCode: BAD_PROMPT }
}

function broken(status: number, code: string | null): ErrorForm {
  return { status, type: 'server_error', code, streamCode: BAD_SERVER }
}

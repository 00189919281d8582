import type { ErrorKind } from '../model/failure.ts'

const WORDS: { readonly [Kind in ErrorKind]?: readonly string[] } = {
  context_too_long: [
    'context_length_exceeded',
    'string_above_max_length',
    'context_window_exceeded',
    'model_max_prompt_tokens_exceeded',
    'exceed_context_size_error',
    'input_too_long',
    'prompt_too_long',
  ],
  upstream_quota: [
    'insufficient_quota',
    'credit_balance_exhausted',
    'project_spend_limit_exceeded',
    'organization_spend_limit_exceeded',
    'billing_hard_limit_reached',
    'billing_error',
    'billing_not_active',
    'usage_limit_reached',
    'usage_not_included',
    'insufficient_balance',
    'insufficient_credits',
    'exceeded_current_quota_error',
  ],
  rate_limit: [
    'rate_limit_exceeded',
    'rate_limit_error',
    'rate_limit_reached_error',
    'slow_down',
    'tokens',
    'requests',
    'too_many_requests',
    'resource_exhausted',
    'throttlingexception',
  ],
  not_found: [
    'model_not_found',
    'not_found_error',
    'not_found',
    'unknown_model',
    'deploymentnotfound',
    'resourcenotfoundexception',
  ],
  upstream_auth: [
    'invalid_api_key',
    'account_deactivated',
    'authentication_error',
    'invalid_authentication_error',
    'permission_error',
    'permission_denied',
    'unauthenticated',
    'token_expired',
    'unsupported_country_region_territory',
    'accessdeniedexception',
    'unrecognizedclientexception',
    'expiredtokenexception',
  ],
  overloaded: [
    'server_is_overloaded',
    'overloaded_error',
    'overloaded',
    'service_unavailable_error',
    'service_unavailable',
    'unavailable',
    'engine_overloaded_error',
    'engine_overloaded',
    'capacity_exceeded',
    'serviceunavailableexception',
  ],
  content_policy: [
    'content_policy_violation',
    'content_filter',
    'responsibleaipolicyviolation',
    'data_inspection_failed',
    'image_content_policy_violation',
  ],
  timeout: ['timeout_error', 'timeout', 'request_timeout', 'deadline_exceeded', 'modeltimeoutexception'],
  conflict: ['conflict_error', 'conflict', 'aborted'],
  too_large: ['request_too_large', 'payload_too_large'],
  previous_response_not_found: ['previous_response_not_found'],
  unsupported_feature: ['unsupported_feature'],
  invalid_request: ['invalid_encrypted_content', 'thinking_signature_invalid'],
}

/** Words so general that a status says more: asked last. */
const GENERAL_WORDS: { readonly [Kind in ErrorKind]?: readonly string[] } = {
  invalid_request: [
    'invalid_request_error',
    'invalid_argument',
    'failed_precondition',
    'out_of_range',
    'invalid_prompt',
    'invalid_value',
    'unsupported_value',
    'unsupported_parameter',
    'unknown_parameter',
    'missing_required_parameter',
    'bad_request',
    'badrequesterror',
    'validationexception',
  ],
  internal: ['api_error', 'server_error', 'internal_error', 'internal_server_error', 'internal', 'upstream_error'],
}

const KIND_BY_WORD = byWord(WORDS)
const KIND_BY_GENERAL_WORD = byWord(GENERAL_WORDS)

const KIND_BY_STATUS: ReadonlyMap<number, ErrorKind> = new Map([
  [401, 'upstream_auth'],
  [402, 'upstream_quota'],
  [403, 'upstream_auth'], // the pool's trouble, never the client's
  [404, 'not_found'],
  [405, 'upstream_invalid_response'], // a base URL that leads elsewhere
  [408, 'timeout'],
  [409, 'conflict'],
  [413, 'too_large'],
  [422, 'unprocessable'],
  [429, 'rate_limit'],
  [498, 'overloaded'], // Groq: flex capacity exceeded
  [502, 'upstream_invalid_response'],
  [503, 'overloaded'],
  [504, 'timeout'],
  [524, 'timeout'], // Cloudflare: origin too slow
  [529, 'overloaded'], // Anthropic
])

/** What an error code or type says by itself; `undefined` for unknown and for general words. */
export function kindOfWord(word: string | undefined): ErrorKind | undefined {
  return word === undefined ? undefined : KIND_BY_WORD.get(word.toLowerCase())
}

/** What a general word such as `invalid_request_error` says where nothing else does. */
export function kindOfGeneralWord(word: string | undefined): ErrorKind | undefined {
  return word === undefined ? undefined : KIND_BY_GENERAL_WORD.get(word.toLowerCase())
}

/** What an HTTP status says by itself; `undefined` for 2xx and for no status. */
export function kindOfStatus(status: number | undefined): ErrorKind | undefined {
  if (status === undefined || (status >= 200 && status < 300)) return undefined
  const exact = KIND_BY_STATUS.get(status)
  if (exact !== undefined) return exact
  if (status >= 500) return 'internal'
  return status >= 400 ? 'invalid_request' : 'upstream_invalid_response'
}

function byWord(words: { readonly [Kind in ErrorKind]?: readonly string[] }): ReadonlyMap<string, ErrorKind> {
  const kinds = Object.keys(words) as ErrorKind[] // the keys of the table are kinds by its type
  return new Map(kinds.flatMap((kind) => (words[kind] ?? []).map((word): [string, ErrorKind] => [word, kind])))
}

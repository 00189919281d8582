import type { ErrorKind, Failure } from '../model/failure.ts'
import { isJsonArray, isJsonObject, type JsonObject, type JsonValue } from '../model/json.ts'
import { contextOverflowMessage, speaksOfContextOverflow } from './context-overflow.ts'
import { kindOfGeneralWord, kindOfStatus, kindOfWord } from './failure-codes.ts'
import { readErrorBody, type ErrorEvidence } from './read-error-body.ts'
import { redact } from './redact.ts'
import { readHeader, readRetryAfterMs } from './retry-after.ts'

const QUOTA =
  /credit balance|spend(?:ing)? limit|exceeded your current quota|insufficient (?:balance|credits?|quota|funds)|out of credits|billing hard limit|requires more credits/i
const BAD_KEY = /api key not valid|(?:invalid|incorrect) api[- ]?key/i
const POLICY =
  /content management policy|content policy|usage polic(?:y|ies)|flagged (?:as|for|by)|requires moderation|safety system/i
const STALE_REASONING =
  /invalid `?signature`?|signature in thinking|thinking block.{0,60}(?:signature|cannot be modified)|encrypted content.{0,80}could not be|invalid_encrypted_content|thought_?signature/i
const MISSING_RESPONSE = /previous response with id .{0,100}not found/i

/** Words of Relay's own for kinds whose cause lies with the upstream or with its account. */
const OWN_WORDS: { readonly [Kind in ErrorKind]?: string } = {
  upstream_auth: 'Upstream refused the credential of its account',
  upstream_quota: 'Upstream account has no quota left',
  rate_limit: 'Upstream rate limit reached',
  internal: 'Upstream failed',
  overloaded: 'Upstream is overloaded',
  timeout: 'Upstream timed out',
  upstream_invalid_response: 'Upstream gave an answer that is no API answer',
}

/** Statuses of an answer that is no API's where something else is served than was asked for. */
const ELSEWHERE: ReadonlySet<number | undefined> = new Set([404, 405])
const NO_ENDPOINT = 'Upstream has no such endpoint at its base URL'

/** Kinds that speak of the account: what the upstream says of it is no business of a client. */
const ACCOUNT_KINDS: ReadonlySet<ErrorKind> = new Set(['upstream_auth', 'upstream_quota'])

/** No more of a message than this is searched for words, in UTF-16 units. */
const MAX_READ = 8_000

/** Longest code or parameter name that is carried. */
const MAX_WORD = 200

/** `details` that are larger than this many nodes are not carried. */
const MAX_DETAIL_NODES = 256

/**
 * Reads an upstream's error: a refused request, an error object in a 200 answer, or an error event of a stream.
 *
 * Evidence in this order: error code, error type, HTTP status, words of the message. Never throws.
 *
 * @param status - HTTP status of the answer; `undefined` for events of a stream that had begun
 * @param body - parsed JSON, text, or `undefined`
 * @param headers - headers of the answer, for `retry-after` and `x-should-retry`
 */
export function decodeFailure(
  status: number | undefined,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): Failure {
  const evidence = clipped(readErrorBody(body))
  const isErrorStatus = status !== undefined && (status < 200 || status > 299)
  const upstreamStatus = isErrorStatus ? status : (evidence.status ?? status)
  const retryAfterMs = readRetryAfterMs({ headers, error: evidence.error, message: evidence.message })
  const kind = kindOf(evidence, upstreamStatus, retryAfterMs !== undefined)
  const failure = {
    kind,
    message: messageFor(kind, evidence, upstreamStatus),
    upstreamStatus,
    upstreamCode: shortened(evidence.code ?? evidence.type),
    param: kind === 'previous_response_not_found' ? 'previous_response_id' : shortened(evidence.param),
    details: isSmall(evidence.details) ? redactedMembers(evidence.details) : undefined,
    retryAfterMs,
    shouldRetry: readShouldRetry(kind, headers),
    repair: isStaleReasoning(kind, evidence) ? ('strip-reasoning' as const) : undefined,
  }
  return { ...withoutUnknown(failure), kind, message: failure.message }
}

/** Troubles of an account, of whose retry its upstream says nothing to the client. */
const OF_THE_POOL: ReadonlySet<ErrorKind> = new Set(['upstream_auth', 'upstream_quota'])

function readShouldRetry(kind: ErrorKind, headers: Readonly<Record<string, string>>): boolean | undefined {
  const value = OF_THE_POOL.has(kind) ? undefined : readHeader(headers, 'x-should-retry')
  return value === 'true' || value === 'false' ? value === 'true' : undefined
}

function clipped(evidence: ErrorEvidence): ErrorEvidence {
  return evidence.message.length > MAX_READ ? { ...evidence, message: evidence.message.slice(0, MAX_READ) } : evidence
}

function shortened(word: string | undefined): string | undefined {
  return word === undefined ? undefined : redact(word).slice(0, MAX_WORD)
}

function withoutUnknown(failure: Failure): Partial<Failure> {
  return Object.fromEntries(Object.entries(failure).filter(([, value]) => value !== undefined))
}

function kindOf(evidence: ErrorEvidence, status: number | undefined, hasRetryAfter: boolean): ErrorKind {
  const word = kindOfWord(evidence.code) ?? kindOfWord(evidence.type)
  const kind =
    word ?? fromStatus(evidence, status) ?? kindOfGeneralWord(evidence.code) ?? kindOfGeneralWord(evidence.type)
  return kind === undefined
    ? (refined(evidence.message) ?? 'upstream_invalid_response')
    : fromWords(kind, evidence.message, hasRetryAfter)
}

/** A 404 without an API's error body means that the base URL leads to something else. */
function fromStatus(evidence: ErrorEvidence, status: number | undefined): ErrorKind | undefined {
  if (status === 404 && evidence.form !== 'error') return 'upstream_invalid_response'
  return kindOfStatus(status)
}

/** Words make a general kind more exact; they never overrule a specific one. */
function fromWords(kind: ErrorKind, message: string, hasRetryAfter: boolean): ErrorKind {
  switch (kind) {
    case 'invalid_request':
    case 'unprocessable':
    case 'too_large':
    case 'internal':
    case 'not_found':
      return refined(message) ?? kind
    case 'upstream_auth':
      if (POLICY.test(message)) return 'content_policy'
      return QUOTA.test(message) ? 'upstream_quota' : kind
    case 'rate_limit':
      // Google says "quota" of a limit per minute too, but then names a time to wait.
      return !hasRetryAfter && QUOTA.test(message) ? 'upstream_quota' : kind
    default:
      return kind
  }
}

function refined(message: string): ErrorKind | undefined {
  if (speaksOfContextOverflow(message)) return 'context_too_long'
  if (QUOTA.test(message)) return 'upstream_quota'
  if (BAD_KEY.test(message)) return 'upstream_auth'
  if (MISSING_RESPONSE.test(message)) return 'previous_response_not_found'
  return POLICY.test(message) ? 'content_policy' : undefined
}

function isStaleReasoning(kind: ErrorKind, evidence: ErrorEvidence): boolean {
  if (kind !== 'invalid_request' && kind !== 'unprocessable') return false
  const words = [evidence.code, evidence.type]
  return (
    words.includes('invalid_encrypted_content') ||
    words.includes('thinking_signature_invalid') ||
    STALE_REASONING.test(evidence.message)
  )
}

function messageFor(kind: ErrorKind, evidence: ErrorEvidence, status: number | undefined): string {
  const place = status === undefined ? 'in a stream' : `status ${status}`
  const text = redact(evidence.message)
  if (kind === 'context_too_long') return contextOverflowMessage(text === '' ? 'the upstream gave no numbers' : text)
  const own = ownWords(kind, evidence, status)
  if (own === undefined) return text === '' ? `Upstream refused the request (${place})` : text
  const opening = status === undefined ? own : `${own} (${place})`
  return text === '' || ACCOUNT_KINDS.has(kind) ? opening : `${opening}: ${text}`
}

/** What tells of its trouble in words is an answer of an API. */
function ownWords(kind: ErrorKind, { form, message }: ErrorEvidence, status: number | undefined): string | undefined {
  const isNoApi = kind === 'upstream_invalid_response'
  if (form === 'html') return 'Upstream returned HTML'
  if (isNoApi && ELSEWHERE.has(status)) return NO_ENDPOINT
  return OWN_WORDS[isNoApi && message !== '' ? 'internal' : kind]
}

function isSmall(details: JsonObject | undefined): details is JsonObject {
  return details !== undefined && countNodes(details, { left: MAX_DETAIL_NODES, depth: 8 }) >= 0
}

/** Details are for programs, but an upstream may write its secrets into them as well as into its message. */
function redactedMembers(object: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(object).map(([name, value = null]) => [name, redactedValue(value)]))
}

function redactedValue(value: JsonValue): JsonValue {
  if (typeof value === 'string') return redact(value)
  if (isJsonArray(value)) return value.map(redactedValue)
  return isJsonObject(value) ? redactedMembers(value) : value
}

/** What is left of a budget of nodes after walking a value; negative = too much or too deep. */
function countNodes(value: JsonValue | undefined, budget: { readonly left: number; readonly depth: number }): number {
  if (typeof value !== 'object' || value === null)
    return typeof value === 'string' && value.length > 4_096 ? -1 : budget.left - 1
  if (budget.depth === 0) return -1
  let left = budget.left - 1
  for (const child of isJsonArray(value) ? value : Object.values(value)) {
    if (left < 0) return left
    left = countNodes(child, { left, depth: budget.depth - 1 })
  }
  return left
}

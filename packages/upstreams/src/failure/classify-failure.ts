import type { ErrorKind } from '@relay/format-converter'

import type { TransportFailure } from '../send/upstream-call.ts'

/** Why an account is out for a while. */
export type CooldownCause = 'connection' | 'timeout' | 'server-error' | 'overloaded' | 'rate-limited'

/** Why an account is out until a person tests or edits it. */
export type AttentionReason = 'credential-refused' | 'billing'

/** What went wrong with an attempt: on the wire, or in what the upstream said. */
export type FailureEvidence =
  | { readonly source: 'transport'; readonly failure: Pick<TransportFailure, 'code' | 'message'> }
  | {
      readonly source: 'answer'
      /** HTTP status; 200 for an error inside a stream or body that began well. */
      readonly status: number
      /** The converter's reading of the error body; `undefined` where there was none to read. */
      readonly kind: ErrorKind | undefined
      /** The wait that the upstream asked for. */
      readonly retryAfterMs?: number | undefined
      /** `false`: the same account would say the same again. */
      readonly shouldRetry?: boolean | undefined
    }

/** Where the request and its account stand. */
export interface FailureContext {
  /** Whether any byte of the answer has gone to the client: then nothing can be tried again. */
  readonly isCommitted: boolean
  /** Whether another account could take the request now. */
  readonly hasOtherAccount: boolean
  /** Whether one that rests could, where nobody else can. */
  readonly hasRestingAccount?: boolean | undefined
  /** Failed attempts of this request on this account, this one included; after a conflict, those that ended in one on any account. */
  readonly attemptsHere: number
  /** Cooldowns in a row of this account × model before this one. */
  readonly strikes: number
  /** Milliseconds since the epoch. */
  readonly nowMs: number
  /** A number in [0, 1), for jitter. */
  readonly random: () => number
  /** How long accounts rest; the usual times unless given. */
  readonly rests?: RestTimes | undefined
}

/** How long accounts rest, in milliseconds. */
export interface RestTimes {
  /** The first rest after a failure; each further one in a row doubles it. */
  readonly firstMs: number
  readonly longestMs: number
  /** After a rate limit without a readable wait. */
  readonly rateLimitedMs: number
}

const USUAL_RESTS: RestTimes = { firstMs: 2_000, longestMs: 120_000, rateLimitedMs: 30_000 }

/** What to do about a failed attempt. */
export interface FailureDecision {
  /** What the request does now; the caller's own bounds on tries and time come on top. */
  readonly action: 'retry-same' | 'next-account' | 'tell-client'
  /** Wait before `retry-same`, in milliseconds; 0 otherwise. */
  readonly delayMs: number
  /** Takes the account out for this model; not applied to the last account of a model unless it is rate limited. */
  readonly cooldown: { readonly cause: CooldownCause; readonly untilMs: number } | undefined
  /** Takes the account out until a person looks at it. */
  readonly attention: AttentionReason | undefined
}

/** What a kind of failure means. */
type Verdict =
  /** The request's own fault: no account would do better, and the account is not to blame. */
  | { readonly type: 'request' }
  /** This account cannot serve it, another one may; nobody is to blame. */
  | { readonly type: 'elsewhere' }
  /** Another try is worth it once, on another account where there is one. */
  | { readonly type: 'once-more' }
  | { readonly type: 'attention'; readonly reason: AttentionReason }
  | { readonly type: 'cooldown'; readonly cause: CooldownCause }

const REQUEST: Verdict = { type: 'request' }
const ELSEWHERE: Verdict = { type: 'elsewhere' }
const CONNECTION: Verdict = { type: 'cooldown', cause: 'connection' }
const TIMEOUT: Verdict = { type: 'cooldown', cause: 'timeout' }
const SERVER_ERROR: Verdict = { type: 'cooldown', cause: 'server-error' }
const RATE_LIMITED: Verdict = { type: 'cooldown', cause: 'rate-limited' }
const REFUSED: Verdict = { type: 'attention', reason: 'credential-refused' }
const BILLING: Verdict = { type: 'attention', reason: 'billing' }

const BY_KIND: Readonly<Record<ErrorKind, Verdict>> = {
  invalid_request: REQUEST,
  context_too_long: REQUEST,
  content_policy: REQUEST,
  previous_response_not_found: REQUEST,
  too_large: REQUEST,
  unprocessable: REQUEST,
  client_abort: REQUEST,
  unsupported_feature: ELSEWHERE,
  not_found: ELSEWHERE,
  conflict: { type: 'once-more' },
  authentication: REFUSED,
  permission: REFUSED,
  upstream_auth: REFUSED,
  billing: BILLING,
  upstream_quota: BILLING,
  rate_limit: RATE_LIMITED,
  internal: SERVER_ERROR,
  overflow: ELSEWHERE,
  upstream_invalid_response: SERVER_ERROR,
  upstream_truncated: SERVER_ERROR,
  upstream_protocol: SERVER_ERROR,
  timeout: TIMEOUT,
  overloaded: { type: 'cooldown', cause: 'overloaded' },
}

const BY_STATUS: Readonly<Record<number, Verdict>> = {
  401: REFUSED,
  402: BILLING,
  403: REFUSED,
  404: ELSEWHERE,
  408: TIMEOUT,
  409: { type: 'once-more' },
  429: RATE_LIMITED,
  529: { type: 'cooldown', cause: 'overloaded' },
}

const BY_TRANSPORT: Readonly<Record<TransportFailure['code'], Verdict>> = {
  'connect-failed': CONNECTION,
  'dns-failed': CONNECTION,
  'tls-failed': CONNECTION,
  'certificate-refused': CONNECTION,
  'proxy-refused': CONNECTION,
  'connect-timeout': TIMEOUT,
  'headers-timeout': TIMEOUT,
  'idle-timeout': TIMEOUT,
  'total-timeout': TIMEOUT,
  reset: CONNECTION,
  cut: CONNECTION,
  aborted: REQUEST,
  'blocked-address': ELSEWHERE,
  protocol: SERVER_ERROR,
  'too-large': ELSEWHERE,
}

/** Decides what a failed attempt means for the request and for the account. */
export function classifyFailure(evidence: FailureEvidence, context: FailureContext): FailureDecision {
  const verdict = judge(evidence)
  return {
    ...chooseAction(verdict, context, isLasting(evidence)),
    cooldown: verdict.type === 'cooldown' ? coolDown(verdict.cause, evidence, context) : undefined,
    attention: verdict.type === 'attention' ? verdict.reason : undefined,
  }
}

/**
 * Length of a cooldown: 2 s that double with each strike up to 120 s, ± 20 %, unless other times are given.
 *
 * @param strikes - cooldowns in a row before this one
 */
export function cooldownMs(strikes: number, random: () => number, rests: RestTimes = USUAL_RESTS): number {
  return jitter(Math.min(rests.firstMs * 2 ** Math.min(strikes, 30), rests.longestMs), random)
}

/** Wait before another attempt on the same account: 250 ms that double with each attempt, ± 20 %. */
export function backoffMs(attemptsHere: number, random: () => number): number {
  return jitter(250 * 2 ** Math.min(Math.max(attemptsHere - 1, 0), 5), random)
}

function judge(evidence: FailureEvidence): Verdict {
  if (evidence.source === 'transport') return BY_TRANSPORT[evidence.failure.code]
  const { kind, status, retryAfterMs } = evidence
  if (kind === undefined) return BY_STATUS[status] ?? (status >= 400 && status < 500 ? REQUEST : SERVER_ERROR)
  // a plan whose use is counted for some hours comes back by itself, an empty account does not
  const resets = status === 429 && retryAfterMs !== undefined
  return BY_KIND[kind] === BILLING && resets ? RATE_LIMITED : BY_KIND[kind]
}

/** The same account would fail in the same way at once: until somebody changes something there or here. */
function isLasting(evidence: FailureEvidence): boolean {
  if (evidence.source === 'transport') return LASTING_CODES.has(evidence.failure.code)
  const { kind, status, shouldRetry } = evidence
  return shouldRetry === false || (kind === 'upstream_invalid_response' && ELSEWHERE_STATUSES.has(status))
}

const LASTING_CODES: ReadonlySet<TransportFailure['code']> = new Set(['certificate-refused', 'proxy-refused'])
/** Of an answer that is no API's: the base URL leads to something else. */
const ELSEWHERE_STATUSES: ReadonlySet<number> = new Set([404, 405])

function chooseAction(
  verdict: Verdict,
  context: FailureContext,
  lasts: boolean,
): Pick<FailureDecision, 'action' | 'delayMs'> {
  const { isCommitted, attemptsHere, hasOtherAccount, hasRestingAccount, random } = context
  if (isCommitted || isFinal(verdict, attemptsHere)) return { action: 'tell-client', delayMs: 0 }
  if (hasOtherAccount) return { action: 'next-account', delayMs: 0 }
  if (!lasts && isWorthAgain(verdict)) return { action: 'retry-same', delayMs: backoffMs(attemptsHere, random) }
  return { action: hasRestingAccount === true ? 'next-account' : 'tell-client', delayMs: 0 }
}

/** Nobody would do better. */
function isFinal(verdict: Verdict, attemptsHere: number): boolean {
  return verdict.type === 'request' || (verdict.type === 'once-more' && attemptsHere >= 2)
}

/** The same account may do better soon. */
function isWorthAgain(verdict: Verdict): boolean {
  return verdict.type === 'once-more' || (verdict.type === 'cooldown' && verdict.cause !== 'rate-limited')
}

function coolDown(
  cause: CooldownCause,
  evidence: FailureEvidence,
  { nowMs, strikes, random, rests = USUAL_RESTS }: FailureContext,
): { readonly cause: CooldownCause; readonly untilMs: number } {
  const asked = evidence.source === 'answer' ? evidence.retryAfterMs : undefined
  if (cause === 'rate-limited') return { cause, untilMs: nowMs + (asked ?? rests.rateLimitedMs) }
  return { cause, untilMs: nowMs + cooldownMs(strikes, random, rests) }
}

function jitter(baseMs: number, random: () => number): number {
  return Math.round(baseMs * (0.8 + 0.4 * random()))
}

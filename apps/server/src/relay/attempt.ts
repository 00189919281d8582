import type { Account } from '@relay/account-store'
import type { ErrorKind, Failure } from '@relay/format-converter'
import { classByRules, readRefusedParameter } from '@relay/upstreams'
import type { FailureEvidence, TransportFailure, UpstreamHeaders } from '@relay/upstreams'

import { failureOfTransport } from './answer/upstream-failure.ts'
import type { PreparedAttempt } from './prepare/prepare-attempt.ts'

/** How one try at one account ended. */
export type AttemptOutcome =
  /** The client has its answer; the request is finished. */
  | { readonly type: 'answered' }
  /** The answer broke off after it had begun: the client has an error of its own, the request is finished. */
  | { readonly type: 'broken'; readonly attempt: FailedAttempt }
  /** Nothing was tried: the account serves as many requests as it may on all nodes, or the client left meanwhile. */
  | { readonly type: 'untried' }
  /** Nothing has gone to the client: another account may be tried. */
  | FailedAttempt

export interface FailedAttempt {
  readonly type: 'failed'
  readonly failure: Failure
  /** What the failure means for the account and for the next try. */
  readonly evidence: FailureEvidence
  /** HTTP status of the upstream, when it answered. */
  readonly status?: number | undefined
  /** The parameter that the upstream does not take, where the request can do without it. */
  readonly refusedParameter?: string | undefined
  /** What the client is told, where a rule words the failure otherwise. */
  readonly told?: { readonly failure: Failure; readonly status: number } | undefined
}

/** A failure that the upstream's answer showed. */
export function failedAnswer(status: number, failure: Failure): FailedAttempt {
  const { kind, retryAfterMs, shouldRetry } = failure
  const evidence = { source: 'answer', status, kind, retryAfterMs, shouldRetry } as const
  return { type: 'failed', failure, status, evidence }
}

/** An answer by which the upstream says no. */
export interface Refusal {
  readonly status: number
  readonly headers: UpstreamHeaders
  /** The body, or its beginning. */
  readonly text: string
}

/** A refusal, read by the converter: redacted, and with what it means. */
export function refusedAnswer(attempt: PreparedAttempt, { status, headers, text }: Refusal): FailedAttempt {
  const { account, exchange, hider, sends } = attempt
  // a wait until a date counts from now where the upstream does not say what time it has
  const withDate = { date: new Date().toUTCString(), ...Object.fromEntries(headers) }
  const converted = exchange.error(status, hider.hideInText(text), withDate)
  const own = ownClass(account, { status, headers, text }, converted.failure)
  if (own !== undefined) return failedAnswer(status, own)
  const told = converted.told === undefined ? undefined : { failure: converted.told, status: converted.status }
  const asked = { has: sends, isChat: attempt.choice.format === 'openai-chat' }
  const refusedParameter = readRefusedParameter(converted.failure, asked)
  return { ...failedAnswer(status, converted.failure), refusedParameter, told }
}

/**
 * What an account's own rules make of a failure.
 *
 * @param refusal - the answer that showed it, also one of a good status
 * @returns `undefined` when no rule fits
 */
export function ownClass(
  { errorClasses }: Pick<Account, 'errorClasses'>,
  refusal: Refusal,
  failure: Failure,
): Failure | undefined {
  const kind = classByRules(errorClasses, refusal)
  return kind === undefined ? undefined : withKind(failure, kind)
}

/** How an attempt ended, in a word for its record; what the network guard refused never left the house. */
export function reasonOfAttempt({ evidence, failure }: FailedAttempt): string {
  const isBlocked = evidence.source === 'transport' && evidence.failure.code === 'blocked-address'
  return isBlocked ? 'blocked_address' : failure.kind
}

/** Kinds that speak of the account: what the upstream says of it is no business of a client. */
const ACCOUNT_KINDS: ReadonlySet<ErrorKind> = new Set(['upstream_auth', 'upstream_quota'])

function withKind(failure: Failure, kind: ErrorKind): Failure {
  return ACCOUNT_KINDS.has(kind) ? { ...failure, kind, message: OUT_OF_USE } : { ...failure, kind }
}

const OUT_OF_USE = 'the upstream does not serve its account at present'

/** What a client of a resting account is told to wait, where the upstream did not say: as long as the account rests. */
export function withRest(attempt: FailedAttempt, restMs: number): FailedAttempt {
  const { failure, told } = attempt
  const rest = (each: Failure): Failure => ({ ...each, retryAfterMs: each.retryAfterMs ?? restMs })
  return { ...attempt, failure: rest(failure), told: told && { ...told, failure: rest(told.failure) } }
}

/**
 * A failure between the two computers.
 *
 * @param status - the upstream's, when its headers had come
 */
export function failedTransport(failure: TransportFailure, status?: number): FailedAttempt {
  return { type: 'failed', failure: failureOfTransport(failure), status, evidence: { source: 'transport', failure } }
}

import { setTimeout as sleep } from 'node:timers/promises'

import type { Candidate, Ranking } from '@relay/account-store'
import type { FailureDecision } from '@relay/upstreams'

import { type FailedAttempt, withRest } from './attempt.ts'
import type { AccountPool } from './choose/account-pool.ts'
import type { LiveRequest } from './live-request.ts'
import type { MediaResult } from './media/fetch-media.ts'
import { lossPolicyFor } from './prepare/loss-policy.ts'
import type { ResponseState } from './responses/response-state.ts'
import type { RetryBudget } from './retry-budget.ts'

/** Tries at upstreams for one request, the first one included. */
export const MAX_ATTEMPTS = 3

/** After this long no further try is begun. */
const MAX_RETRY_MS = 30_000

/** What a request has tried so far. */
export interface Tries {
  /** The model as the client names it. */
  readonly asked: string
  /** The model that is looked for now. */
  model: string
  /** The models to fall back on, the next one first. */
  readonly fallbacks: string[]
  /** The accounts of models that nobody could answer for. */
  readonly passedOver: Ranking[]
  /** Accounts that are not asked again. */
  readonly tried: Set<string>
  /** How often an account has failed. */
  readonly countAt: Map<string, number>
  /** Oldest first. */
  readonly failures: FailedAttempt[]
  /** When accounts that failed may serve again, by id; milliseconds since the epoch. */
  readonly restsUntil: Map<string, number>
  /** Proofs of earlier reasoning were refused: they are left out from now on. */
  withoutProofs: boolean
  /** Parameters that an account refused of this request, by its id: it is asked without them from then on. */
  readonly refusedParameters: Map<string, readonly string[]>
  /** What became of the addresses of pictures and documents that were fetched for the request. */
  readonly media: Map<string, MediaResult>
  /** The last failure for which a further try was granted. */
  granted: FailedAttempt | undefined
  /** No further try would do better. */
  isOver: boolean
}

/** @param models - the one that is meant, and those to fall back on */
export function createTries(asked: string, [model, ...fallbacks]: readonly [string, ...string[]]): Tries {
  return {
    asked,
    model,
    fallbacks,
    passedOver: [],
    tried: new Set(),
    countAt: new Map(),
    failures: [],
    restsUntil: new Map(),
    withoutProofs: false,
    refusedParameters: new Map(),
    media: new Map(),
    granted: undefined,
    isOver: false,
  }
}

/** Whether there is still somebody to try for, and time and tries are left; the first try may begin at any time. */
export function mayTry(live: LiveRequest, { isOver }: Tries): boolean {
  if (isOver || live.isFinished) return false
  const { length } = live.facts.attempts
  return length === 0 || (length < MAX_ATTEMPTS && live.elapsedMs() < MAX_RETRY_MS)
}

/** Whether the retries of all requests together leave room for another one; the first try is always granted. */
export function mayRetry(retries: RetryBudget, tries: Tries): boolean {
  const last = tries.failures.at(-1)
  if (last === tries.granted || !wasSent(last)) return true
  if (!retries.take()) return false
  tries.granted = last
  return true
}

/** What ended before anything was sent costs no upstream anything. */
function wasSent(failed: FailedAttempt | undefined): boolean {
  return failed?.evidence.source === 'transport' || failed?.status !== undefined
}

/**
 * Goes over to the next model of the chain: its accounts are all to be asked anew.
 *
 * @returns whether there is one
 */
export function fallBack(tries: Tries, ranking: Ranking): boolean {
  const next = tries.fallbacks.shift()
  if (next === undefined) return false
  tries.passedOver.push(ranking)
  tries.model = next
  tries.tried.clear()
  tries.countAt.clear()
  return true
}

export interface FailedTry {
  readonly candidate: Candidate
  readonly others: readonly Candidate[]
  readonly hasRestingAccount: boolean
  readonly outcome: FailedAttempt
}

interface FailedJourney {
  readonly live: LiveRequest
  readonly state: ResponseState | undefined
  readonly tries: Tries
}

interface BlameRooms {
  readonly pool: Pick<AccountPool, 'blame'>
  readonly retries: RetryBudget
}

/** Blames the account where that is due, and waits until the next try may begin. */
export async function noteFailedTry(rooms: BlameRooms, journey: FailedJourney, failed: FailedTry): Promise<void> {
  const { live, tries } = journey
  const { candidate, others, outcome, hasRestingAccount } = failed
  const { id } = candidate.account
  if (mend(failed, journey)) return void tries.failures.push(outcome)
  const countHere = (tries.countAt.get(id) ?? 0) + 1
  tries.countAt.set(id, countHere)
  const attemptsHere = outcome.failure.kind === 'conflict' ? conflictsOf(tries) + 1 : countHere
  const hasFallback = tries.fallbacks.length > 0
  const decision = rooms.pool.blame({ live, candidate, outcome, others, hasRestingAccount, attemptsHere, hasFallback })
  tries.failures.push(withCooldown(outcome, decision))
  if (decision.cooldown !== undefined) {
    const askedUntil = Date.now() + (outcome.failure.retryAfterMs ?? 0)
    tries.restsUntil.set(id, Math.max(decision.cooldown.untilMs, askedUntil))
  }
  if (decision.action === 'tell-client') tries.isOver = true
  if (decision.action === 'next-account') tries.tried.add(id)
  if (decision.action === 'retry-same' && mayTry(live, tries)) await waitForRetry(rooms, journey, decision.delayMs)
}

/** That there is no room for the retry is known before the wait for it. */
async function waitForRetry({ retries }: BlameRooms, { live, tries }: FailedJourney, delayMs: number): Promise<void> {
  if (!mayRetry(retries, tries)) tries.isOver = true
  else await sleep(delayMs, undefined, { signal: live.signal() }).catch(() => {}) // the client left: mayTry says so
}

/** A conflict is worth one more try in all, wherever that is. */
function conflictsOf({ failures }: Tries): number {
  return failures.filter(({ failure }) => failure.kind === 'conflict').length
}

function withCooldown(outcome: FailedAttempt, { cooldown }: FailureDecision): FailedAttempt {
  return cooldown?.cause === 'rate-limited' ? withRest(outcome, cooldown.untilMs - Date.now()) : outcome
}

/**
 * What the request itself can do about a failure: nobody is to blame, and the same account is asked once more.
 *
 * @returns whether there was something that had not been done yet
 */
function mend({ candidate, outcome }: FailedTry, { tries, state, live }: FailedJourney): boolean {
  const { failure, refusedParameter } = outcome
  if (failure.kind === 'previous_response_not_found') return state?.forgetHolder() === true
  if (refusedParameter !== undefined && takesLosses(live, candidate)) {
    const { id } = candidate.account
    tries.refusedParameters.set(id, [...(tries.refusedParameters.get(id) ?? []), refusedParameter])
    return true
  }
  if (failure.repair === undefined || tries.withoutProofs) return false
  tries.withoutProofs = true
  return true
}

function takesLosses({ facts }: LiveRequest, { account }: Candidate): boolean {
  return typeof lossPolicyFor(facts.key, account) !== 'object'
}

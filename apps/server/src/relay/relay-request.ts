import { setTimeout as sleep } from 'node:timers/promises'

import { pickAccounts, type Candidate, type Ranking, type RelayKey } from '@relay/account-store'
import { ConversionError } from '@relay/format-converter'
import { type FailureDecision, type FailureEvidence, resolveModel, UpstreamError } from '@relay/upstreams'

import { failureOf, ServerError } from '../server-error.ts'
import type { AccountPool } from './account-pool.ts'
import type { AttemptOutcome, FailedAttempt } from './attempt.ts'
import type { Envelope } from './envelope.ts'
import type { LiveRequest } from './live-request.ts'
import { noAccountLeft } from './no-account-left.ts'
import { prepareAttempt } from './prepare-attempt.ts'
import { streamAnswer, type StreamRooms } from './stream-answer.ts'
import { readThread, threadNotFound, type ThreadMemory } from './threads.ts'
import { wholeAnswer } from './whole-answer.ts'

/** Tries at upstreams for one request, the first one included. */
const MAX_ATTEMPTS = 3

/** After this long no further try is begun. */
const MAX_RETRY_MS = 30_000

export interface RelayRooms extends StreamRooms {
  readonly pool: AccountPool
  readonly threads: ThreadMemory
}

/** A request that was read and whose key may be served. */
export interface AdmittedRequest {
  readonly live: LiveRequest
  readonly envelope: Envelope
  readonly key: RelayKey
}

/**
 * The journey of a request: try the accounts that may serve it, best first, until one has answered the client, or until
 * a failure says that no other would do better.
 *
 * @throws ServerError when nothing has gone to the client and no way is left
 */
export async function relayRequest(rooms: RelayRooms, request: AdmittedRequest): Promise<void> {
  const { live, envelope } = request
  const tried = new Set<string>()
  const triesAt = new Map<string, number>()
  let last: FailedAttempt | undefined

  while (mayTry(live)) {
    const ranking = await rank(rooms, request, tried)
    const candidate = ranking.candidates[0]
    if (candidate === undefined) throw last === undefined ? noAccountLeft(ranking, envelope.model) : asError(last)

    const outcome = await tryAccount(rooms, request, candidate)
    if (outcome.type === 'answered') return rooms.pool.praise(candidate)
    if (outcome.type === 'untried') {
      tried.add(candidate.account.id)
      continue
    }
    const others = ranking.candidates.slice(1)
    if (outcome.type === 'broken')
      return void rooms.pool.blame({ candidate, outcome: outcome.attempt, others, attemptsHere: 1 })

    last = outcome
    const attemptsHere = (triesAt.get(candidate.account.id) ?? 0) + 1
    triesAt.set(candidate.account.id, attemptsHere)
    const decision = rooms.pool.blame({ candidate, outcome, others, attemptsHere })
    if (decision.action === 'tell-client') break
    await prepareNextTry(decision, { live, tried, accountId: candidate.account.id })
  }
  if (last !== undefined && !live.isFinished) throw asError(last)
}

function mayTry(live: LiveRequest): boolean {
  return !live.isFinished && live.facts.attempts.length < MAX_ATTEMPTS && live.elapsedMs() < MAX_RETRY_MS
}

interface NextTry {
  readonly live: LiveRequest
  readonly tried: Set<string>
  readonly accountId: string
}

async function prepareNextTry(decision: FailureDecision, { live, tried, accountId }: NextTry): Promise<void> {
  if (decision.action === 'next-account') tried.add(accountId)
  else if (mayTry(live)) await sleep(decision.delayMs, undefined, { signal: live.signal }).catch(() => {}) // the client left: mayTry says so
}

/** The accounts that may serve the request now. A message thread can go on only where it is. */
async function rank(
  rooms: RelayRooms,
  { live, envelope, key }: AdmittedRequest,
  tried: ReadonlySet<string>,
): Promise<Ranking> {
  const thread = readThread(rooms.threads, envelope)
  const ranking = pickAccounts({
    accounts: await rooms.pool.list(),
    upstreamModel: (account) => resolveModel(account.models, envelope.model),
    clientFormat: live.format,
    allowedAccounts: key.permissions.accounts,
    triedAccounts: tried,
    inFlight: rooms.pool.inFlight,
    nowMs: Date.now(),
  })
  if (thread.type !== 'continue') return ranking
  const holder = ranking.candidates.filter(({ account }) => account.id === thread.accountId)
  if (holder.length === 0 && tried.size === 0) throw threadNotFound()
  return { ...ranking, candidates: holder }
}

/** One try at one account, within one of its places; once begun it is in the request's facts whatever happens. */
async function tryAccount(rooms: RelayRooms, request: AdmittedRequest, candidate: Candidate): Promise<AttemptOutcome> {
  const { live } = request
  const slot = await rooms.pool.enter(candidate.account)
  if (slot === undefined) return { type: 'untried' }
  live.own(slot.leave)
  if (live.isFinished) return { type: 'untried' }
  live.beginAttempt(candidate.account)
  const outcome = await send(rooms, request, candidate).finally(slot.leave)
  if (outcome.type === 'failed') live.endAttempt({ status: outcome.status, reason: outcome.failure.kind })
  return outcome
}

async function send(
  rooms: RelayRooms,
  { live, envelope }: AdmittedRequest,
  candidate: Candidate,
): Promise<AttemptOutcome> {
  const { account } = candidate
  try {
    const credential = await rooms.pool.credentialOf(account)
    const attempt = prepareAttempt({ live, envelope, candidate, credential })
    live.facts.upstreamFormat = attempt.choice.format
    const outcome = await (envelope.isStream
      ? streamAnswer(rooms, live, attempt)
      : wholeAnswer(rooms.sender, live, attempt))
    if (live.facts.answerId !== undefined && envelope.member('thread') !== undefined)
      rooms.threads.remember(live.facts.answerId, account.id)
    return outcome
  } catch (error) {
    if (ConversionError.is(error)) live.facts.losses = error.losses
    return failedAttempt(error)
  }
}

/** What another account may do better, and nobody is to blame for. */
const ELSEWHERE: FailureEvidence = { source: 'answer', status: 0, kind: 'unsupported_feature' }

/** Trouble before anything was sent: a request that this account's format cannot carry, or an account that cannot be used. */
function failedAttempt(error: unknown): FailedAttempt {
  if (ConversionError.is(error)) {
    const failure = failureOf(error)
    return { type: 'failed', failure, evidence: { source: 'answer', status: 0, kind: failure.kind } }
  }
  // The store has marked an account whose credential cannot be opened.
  if (ServerError.is(error)) return { type: 'failed', failure: error.failure, evidence: ELSEWHERE }
  if (UpstreamError.is(error)) {
    const failure = { kind: 'internal', message: 'the settings of this account do not allow the request' } as const
    return { type: 'failed', failure, evidence: ELSEWHERE }
  }
  throw error
}

function asError({ failure }: FailedAttempt): ServerError {
  return new ServerError(failure.kind, failure.message, failure)
}

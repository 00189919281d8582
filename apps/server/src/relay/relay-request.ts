import { setTimeout as sleep } from 'node:timers/promises'

import { pickAccounts, type Candidate, type Ranking, type RelayKey } from '@relay/account-store'
import { ConversionError } from '@relay/format-converter'
import { type FailureEvidence, resolveModel, UpstreamError } from '@relay/upstreams'

import { failureOf, ServerError } from '../server-error.ts'
import type { AccountPool } from './account-pool.ts'
import type { AttemptOutcome, FailedAttempt } from './attempt.ts'
import type { Envelope } from './envelope.ts'
import type { LiveRequest } from './live-request.ts'
import { noAccountLeft } from './no-account-left.ts'
import { prepareAttempt } from './prepare-attempt.ts'
import type { RuleBook } from './rule-book.ts'
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
  readonly rules: RuleBook
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
  const tries: Tries = { tried: new Set(), countAt: new Map(), last: undefined, isOver: false }

  while (!tries.isOver && mayTry(live)) {
    const ranking = await rank(rooms, request, tries.tried)
    const [candidate, ...others] = ranking.candidates
    if (candidate === undefined)
      throw tries.last === undefined ? noAccountLeft(ranking, envelope.model) : asError(tries.last)

    const outcome = await tryAccount(rooms, request, candidate)
    switch (outcome.type) {
      case 'answered':
        return rooms.pool.praise(candidate)
      case 'broken':
        return void rooms.pool.blame({ candidate, outcome: outcome.attempt, others, attemptsHere: 1 })
      case 'untried':
        tries.tried.add(candidate.account.id)
        break
      case 'failed':
        await noteFailedTry(rooms, { live, tries, candidate, others, outcome })
    }
  }
  if (tries.last !== undefined && !live.isFinished) throw asError(tries.last)
}

/** What a request has tried so far. */
interface Tries {
  /** Accounts that are not asked again. */
  readonly tried: Set<string>
  readonly countAt: Map<string, number>
  last: FailedAttempt | undefined
  /** No further try would do better. */
  isOver: boolean
}

interface FailedTry {
  readonly live: LiveRequest
  readonly tries: Tries
  readonly candidate: Candidate
  readonly others: readonly Candidate[]
  readonly outcome: FailedAttempt
}

/** Blames the account where that is due, and waits until the next try may begin. */
async function noteFailedTry(rooms: RelayRooms, { live, tries, candidate, others, outcome }: FailedTry): Promise<void> {
  const { id } = candidate.account
  const attemptsHere = (tries.countAt.get(id) ?? 0) + 1
  tries.last = outcome
  tries.countAt.set(id, attemptsHere)
  const decision = rooms.pool.blame({ candidate, outcome, others, attemptsHere })
  if (decision.action === 'tell-client') tries.isOver = true
  if (decision.action === 'next-account') tries.tried.add(id)
  if (decision.action === 'retry-same' && mayTry(live))
    await sleep(decision.delayMs, undefined, { signal: live.signal }).catch(() => {}) // the client left: mayTry says so
}

function mayTry(live: LiveRequest): boolean {
  return !live.isFinished && live.facts.attempts.length < MAX_ATTEMPTS && live.elapsedMs() < MAX_RETRY_MS
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
    const rules = await rooms.rules.rulesFor(account)
    const attempt = prepareAttempt({ live, envelope, candidate, credential, rules })
    live.facts.upstreamFormat = attempt.choice.format
    const outcome = await (envelope.isStream
      ? streamAnswer(rooms, live, attempt)
      : wholeAnswer(rooms.sender, live, attempt))
    if (live.facts.answerId !== undefined && envelope.member('thread') !== undefined)
      rooms.threads.remember(live.facts.answerId, account.id)
    if (outcome.type === 'failed') live.facts.losses = attempt.exchange.losses
    return outcome
  } catch (error) {
    if (ConversionError.is(error)) live.facts.losses = error.losses
    return failedAttempt(error)
  }
}

/** What another account may do better, and nobody is to blame for. */
const ELSEWHERE: FailureEvidence = { source: 'answer', status: 0, kind: 'unsupported_feature' }

/** What the converter or a rule refuses, whatever kind of error it gets: no account is to blame. */
const ITS_OWN_FAULT: FailureEvidence = { source: 'answer', status: 0, kind: 'invalid_request' }

/** Trouble before anything was sent: a request that this account's format cannot carry, or an account that cannot be used. */
function failedAttempt(error: unknown): FailedAttempt {
  if (ConversionError.is(error)) {
    const failure = failureOf(error)
    const told = error.status === undefined ? undefined : { failure, status: error.status }
    return {
      type: 'failed',
      failure,
      told,
      evidence: failure.kind === 'unsupported_feature' ? ELSEWHERE : ITS_OWN_FAULT,
    }
  }
  // The store has marked an account whose credential cannot be opened.
  if (ServerError.is(error)) return { type: 'failed', failure: error.failure, evidence: ELSEWHERE }
  if (UpstreamError.is(error)) {
    const failure = { kind: 'internal', message: 'the settings of this account do not allow the request' } as const
    return { type: 'failed', failure, evidence: ELSEWHERE }
  }
  throw error
}

function asError({ failure, told }: FailedAttempt): ServerError {
  const { kind, message, ...more } = told?.failure ?? failure
  return new ServerError(kind, message, { ...more, status: told?.status })
}

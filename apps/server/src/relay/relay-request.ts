import { setTimeout as sleep } from 'node:timers/promises'

import { type Account, isNative, pickAccounts, type Candidate, type Ranking, type RelayKey } from '@relay/account-store'
import { ConversionError, type Failure } from '@relay/format-converter'
import { type FailureEvidence, resolveModel, UpstreamError } from '@relay/upstreams'

import { failureOf, ServerError } from '../server-error.ts'
import type { AccountMemory } from './account-memory.ts'
import type { AccountPool } from './account-pool.ts'
import { preferConversationAccount, sessionName } from './affinity.ts'
import { type AttemptOutcome, type FailedAttempt, withRest } from './attempt.ts'
import type { Envelope } from './envelope.ts'
import type { LiveRequest } from './live-request.ts'
import { noAccountLeft } from './no-account-left.ts'
import { prepareAttempt } from './prepare-attempt.ts'
import { openResponseState, type ResponseRooms, type ResponseState } from './response-state.ts'
import type { RuleBook } from './rule-book.ts'
import { streamAnswer, type StreamRooms } from './stream-answer.ts'
import { readThread, threadNotFound } from './threads.ts'
import { wholeAnswer } from './whole-answer.ts'

/** Tries at upstreams for one request, the first one included. */
const MAX_ATTEMPTS = 3

/** After this long no further try is begun. */
const MAX_RETRY_MS = 30_000

export interface RelayRooms extends StreamRooms {
  readonly pool: AccountPool
  readonly threads: AccountMemory
  readonly sessions: AccountMemory
  readonly responses: ResponseRooms
  readonly rules: RuleBook
}

/** A request that was read and whose key may be served. */
export interface AdmittedRequest {
  readonly live: LiveRequest
  readonly envelope: Envelope
  readonly key: RelayKey
  /** A path below the endpoint, which only an upstream of the client's own format has. */
  readonly nativePath?: '/compact' | undefined
}

/** A request on its journey. */
interface Journey extends AdmittedRequest {
  /** What the request of a Responses client builds on. */
  readonly state: ResponseState | undefined
  readonly tries: Tries
}

/**
 * The journey of a request: try the accounts that may serve it, best first, until one has answered the client, or until
 * a failure says that no other would do better.
 *
 * @throws ServerError when nothing has gone to the client and no way is left
 */
export async function relayRequest(rooms: RelayRooms, request: AdmittedRequest): Promise<void> {
  const journey = await begin(rooms, request)
  const { live, envelope, tries } = journey

  while (!tries.isOver && mayTry(live)) {
    const ranking = await rank(rooms, journey)
    const [candidate, ...others] = ranking.candidates
    if (candidate === undefined)
      throw tries.last === undefined ? noAccountLeft(ranking, envelope.model) : asError(tries.last)

    const outcome = await tryAccount(rooms, journey, candidate)
    switch (outcome.type) {
      case 'answered':
        noteConversation(rooms, journey, candidate.account)
        return rooms.pool.praise(candidate)
      case 'broken':
        return void rooms.pool.blame({ candidate, outcome: outcome.attempt, others, attemptsHere: 1 })
      case 'untried':
        tries.tried.add(candidate.account.id)
        break
      case 'failed':
        await noteFailedTry(rooms, journey, { candidate, others, outcome })
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
  /** Proofs of earlier reasoning were refused: they are left out from now on. */
  withoutProofs: boolean
  /** No further try would do better. */
  isOver: boolean
}

async function begin(rooms: RelayRooms, request: AdmittedRequest): Promise<Journey> {
  const { live, envelope, key } = request
  const isResponses = live.format === 'openai-responses'
  const state = isResponses
    ? await openResponseState(rooms.responses, { key, envelope, requestId: live.id })
    : undefined
  const tries = { tried: new Set<string>(), countAt: new Map(), last: undefined, withoutProofs: false, isOver: false }
  return { ...request, state, tries }
}

interface FailedTry {
  readonly candidate: Candidate
  readonly others: readonly Candidate[]
  readonly outcome: FailedAttempt
}

/** Blames the account where that is due, and waits until the next try may begin. */
async function noteFailedTry(
  rooms: RelayRooms,
  { live, state, tries }: Journey,
  { candidate, others, outcome }: FailedTry,
): Promise<void> {
  const { id } = candidate.account
  const attemptsHere = (tries.countAt.get(id) ?? 0) + 1
  tries.last = outcome
  if (mend(outcome.failure, tries, state)) return
  tries.countAt.set(id, attemptsHere)
  const decision = rooms.pool.blame({ candidate, outcome, others, attemptsHere })
  const { cooldown } = decision
  if (cooldown?.cause === 'rate-limited') tries.last = withRest(outcome, cooldown.untilMs - Date.now())
  if (decision.action === 'tell-client') tries.isOver = true
  if (decision.action === 'next-account') tries.tried.add(id)
  if (decision.action === 'retry-same' && mayTry(live))
    await sleep(decision.delayMs, undefined, { signal: live.signal }).catch(() => {}) // the client left: mayTry says so
}

/**
 * What the request itself can do about a failure: nobody is to blame, and the same account is asked once more.
 *
 * @returns whether there was something that had not been done yet
 */
function mend({ kind, repair }: Failure, tries: Tries, state: ResponseState | undefined): boolean {
  if (kind === 'previous_response_not_found') return state?.forgetHolder() === true
  if (repair === undefined || tries.withoutProofs) return false
  tries.withoutProofs = true
  return true
}

/** What is remembered of an answer, so that the conversation goes on where it is. */
function noteConversation(rooms: RelayRooms, journey: Journey, account: Account): void {
  const { live, envelope, state } = journey
  const session = sessionName(journey)
  if (session !== undefined) rooms.sessions.remember(session, account.id)
  const { answerId, upstreamFormat } = live.facts
  if (answerId === undefined || upstreamFormat !== live.format) return
  if (envelope.member('thread') !== undefined) rooms.threads.remember(answerId, account.id)
  state?.noteAnswer(answerId, account)
}

function mayTry(live: LiveRequest): boolean {
  return !live.isFinished && live.facts.attempts.length < MAX_ATTEMPTS && live.elapsedMs() < MAX_RETRY_MS
}

/** The accounts that may serve the request now. What an upstream keeps can go on only where it is. */
async function rank(rooms: RelayRooms, journey: Journey): Promise<Ranking> {
  const { live, envelope, key, state } = journey
  const { tried } = journey.tries
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
  if (thread.type !== 'continue') {
    const preferred = preferConversationAccount(nativeOnly(ranking, journey), rooms.sessions, journey)
    return state?.choose(preferred, envelope.model) ?? preferred
  }
  const holder = ranking.candidates.filter(({ account }) => account.id === thread.accountId)
  if (holder.length === 0 && tried.size === 0) throw threadNotFound()
  return { ...ranking, candidates: holder }
}

/** Only an upstream of the client's own format has paths below the endpoint. */
function nativeOnly(ranking: Ranking, { live, envelope, nativePath }: Journey): Ranking {
  if (nativePath === undefined) return ranking
  const candidates = ranking.candidates.filter(({ account }) => isNative(account, live.format))
  if (candidates.length > 0 || ranking.candidates.length === 0) return { ...ranking, candidates }
  const message = `no upstream of ${JSON.stringify(envelope.model.slice(0, 100))} has ${live.path}; use ordinary requests`
  throw new ServerError('invalid_request', message, { status: 404 })
}

/** One try at one account, within one of its places; once begun it is in the request's facts whatever happens. */
async function tryAccount(rooms: RelayRooms, journey: Journey, candidate: Candidate): Promise<AttemptOutcome> {
  const { live } = journey
  const slot = await rooms.pool.enter(candidate.account)
  if (slot === undefined) return { type: 'untried' }
  live.own(slot.leave)
  if (live.isFinished) return { type: 'untried' }
  live.beginAttempt(candidate.account)
  const outcome = await send(rooms, journey, candidate).finally(slot.leave)
  if (outcome.type === 'failed') live.endAttempt({ status: outcome.status, reason: outcome.failure.kind })
  return outcome
}

async function send(rooms: RelayRooms, journey: Journey, candidate: Candidate): Promise<AttemptOutcome> {
  const { live, envelope, state, nativePath, tries } = journey
  const { account } = candidate
  try {
    const credential = await rooms.pool.credentialOf(account)
    const rules = await rooms.rules.rulesFor(account)
    const attempt = prepareAttempt({
      live,
      envelope,
      state,
      candidate,
      credential,
      rules,
      withoutProofs: tries.withoutProofs,
      nativePath,
    })
    live.facts.upstreamFormat = attempt.choice.format
    const outcome = await (live.facts.isStream ? streamAnswer(rooms, live, attempt) : wholeAnswer(rooms, live, attempt))
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

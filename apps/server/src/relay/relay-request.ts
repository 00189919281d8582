import type { Candidate, Ranking, RelayKey } from '@relay/account-store'
import { ConversionError } from '@relay/format-converter'
import { type FailureEvidence, UpstreamError } from '@relay/upstreams'

import type { Recorder } from '../capture/recorder.ts'
import { modelsFor, type RoutingSettings } from '../config/routing-settings.ts'
import type { PriceBook } from '../meter/prices/price-book.ts'
import type { Log } from '../observe/log.ts'
import { failureOf, ServerError } from '../server-error.ts'
import type { ModelWatch } from './answer/answering-model.ts'
import type { PumpRooms } from './answer/pump.ts'
import { answerSearchError } from './answer/search-error.ts'
import { streamAnswer } from './answer/stream-answer.ts'
import { wholeAnswer } from './answer/whole-answer.ts'
import { type AttemptOutcome, type FailedAttempt, reasonOfAttempt } from './attempt.ts'
import type { Holder } from './choose/account-memory.ts'
import type { AccountPool } from './choose/account-pool.ts'
import { chooseAccounts, type ChoiceRooms, recallAccount } from './choose/choose-accounts.ts'
import { estimateCost } from './choose/estimate-cost.ts'
import { restsAfterFailure } from './choose/rank-accounts.ts'
import type { RoutingBook } from './choose/routing-book.ts'
import { previousMessageId, threadNotFound } from './choose/threads.ts'
import type { LiveRequest } from './live-request.ts'
import type { LongWork } from './long-work/long-work.ts'
import { mediaForAccount, mediaOfRequest } from './media/media-for-account.ts'
import { noWayLeft } from './no-way-left.ts'
import type { Passage } from './passage/passage.ts'
import { sendPassage } from './passage/send-passage.ts'
import { type AttemptPlan, prepareAttempt, type PreparedAttempt } from './prepare/prepare-attempt.ts'
import type { RuleBook } from './prepare/rule-book.ts'
import { shadowedRules } from './prepare/shadow-rules.ts'
import { recordAttempt } from './record-attempt.ts'
import type { Envelope } from './request/envelope.ts'
import { sessionName } from './request/session-name.ts'
import { openResponseState, type ResponseRooms, type ResponseState } from './responses/response-state.ts'
import type { RetryBudget } from './retry-budget.ts'
import { createTries, fallBack, mayRetry, mayTry, noteFailedTry, type Tries } from './tries.ts'

export interface RelayRooms extends PumpRooms, ChoiceRooms {
  readonly longWork: LongWork
  readonly log: Log
  readonly pool: AccountPool
  readonly prices: Pick<PriceBook, 'estimateCost' | 'modelFacts'>
  readonly responses: ResponseRooms
  readonly retries: RetryBudget
  readonly models: ModelWatch
  readonly routing: RoutingBook
  readonly rules: RuleBook
  readonly recorder: Recorder
}

/** A request that was read and whose key may be served. */
export interface AdmittedRequest {
  readonly live: LiveRequest
  readonly envelope: Envelope
  readonly key: RelayKey
  /** A path below the endpoint, which only an upstream of the client's own format has. */
  readonly nativePath?: '/compact' | undefined
  /** It passes as it is, to an account that has its endpoint. */
  readonly passage?: Passage | undefined
}

/** A request on its journey. */
interface Journey extends AdmittedRequest {
  /** What its conversation goes by; a request that passes as it is has none. */
  readonly session: string | undefined
  /** What the request of a Responses client builds on. */
  readonly state: ResponseState | undefined
  readonly routing: RoutingSettings
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
  const { live, tries } = journey

  while (mayTry(live, tries)) {
    const { ranking, isSearchInVain, spare = [] } = await chooseAccounts(rooms, journey)
    if (isSearchInVain && live.format === 'anthropic-messages') return answerSearchError(live, request.envelope)
    const [candidate, ...rest] = ranking.candidates
    const others = [...rest, ...spare]
    if (candidate === undefined) {
      if (mayFallBack(journey, ranking)) continue
      throw noWayLeft(tries, ranking)
    }
    if (!mayRetry(rooms.retries, tries)) break

    const outcome = await tryAccount(rooms, journey, candidate)
    switch (outcome.type) {
      case 'answered':
        noteAnswer(rooms, journey, { candidate, ranking })
        return rooms.pool.praise(candidate, tries.refusedParameters.get(candidate.account.id))
      case 'broken':
        return void rooms.pool.blame({ live, candidate, outcome: outcome.attempt, others, attemptsHere: 1 })
      case 'untried':
        tries.tried.add(candidate.account.id)
        break
      case 'failed':
        const hasRestingAccount = ranking.rejected.some(restsAfterFailure)
        await noteFailedTry(rooms, journey, { candidate, others, hasRestingAccount, outcome })
    }
  }
  if (!live.isFinished) throw noWayLeft(tries, undefined)
}

/**
 * Goes over to the next model of the chain, where there is one. A message thread goes on nowhere else: whoever holds the
 * whole conversation is told to send it again.
 *
 * @throws ServerError `not_found` with `thread_not_found`
 */
function mayFallBack({ envelope, tries }: Journey, ranking: Ranking): boolean {
  if (previousMessageId(envelope) === undefined) return fallBack(tries, ranking)
  const told = noWayLeft(tries, ranking)
  throw told.failure.kind === 'not_found' ? told : threadNotFound()
}

async function begin(rooms: RelayRooms, request: AdmittedRequest): Promise<Journey> {
  const { live, envelope, key, nativePath, passage } = request
  rooms.retries.noteRequest()
  live.facts.asked = envelope.bytes
  const isResponses = live.format === 'openai-responses'
  const state = isResponses
    ? await openResponseState(rooms.responses, { key, envelope, requestId: live.id })
    : undefined
  const session = passage === undefined ? sessionName(request) : undefined
  const recalled = recallAccount(rooms, { passage, envelope, session })
  if (recalled !== undefined) await recalled
  const routing = await rooms.routing.read()
  live.facts.showsAccount = routing.showsAccount
  const tries = createTries(envelope.model, modelsFor(routing, envelope.model))
  return { live, envelope, key, nativePath, passage, session, state, routing, tries }
}

interface Answered {
  readonly candidate: Candidate
  /** Of which it was the first. */
  readonly ranking: Ranking
}

/** What is remembered of an answer, so that the conversation goes on where it is. */
function noteAnswer(rooms: RelayRooms, journey: Journey, { candidate, ranking }: Answered): void {
  const { account, upstreamModel } = candidate
  const { live, envelope, session, state, passage } = journey
  const { modelServed } = live.facts
  rooms.models.note({ requestId: live.id, accountName: account.name, modelSent: upstreamModel, modelServed })
  if (passage !== undefined) return
  const holder = { keyId: journey.key.id, accountId: account.id }
  const isAside = session !== undefined && isOnTheSide(ranking, rooms.sessions.find(session))
  if (session !== undefined && !isAside) rooms.sessions.remember(session, holder)
  const { answerId, upstreamFormat } = live.facts
  if (answerId === undefined || upstreamFormat !== live.format) return
  if (envelope.member('thread') !== undefined) rooms.threads.remember(answerId, holder)
  state?.noteAnswer(answerId, account)
}

/** A search of the web that the account of its session cannot make leaves the session where it is. */
function isOnTheSide({ rejected }: Ranking, holder: Holder | undefined): boolean {
  return rejected.some(({ account, reason }) => account.id === holder?.accountId && reason === 'no-web-search')
}

/** One try at one account, within one of its places; once begun it is in the request's facts whatever happens. */
async function tryAccount(rooms: RelayRooms, journey: Journey, candidate: Candidate): Promise<AttemptOutcome> {
  const { live, envelope } = journey
  leaveQuota(live) // of the attempt before, which has cost nothing: else this one would wait for itself
  const mayCost = (): number => estimateCost(rooms.prices, { live, envelope, candidates: [candidate] })
  const slot = await rooms.pool.enter(candidate, mayCost)
  if (slot === 'full' || slot === 'probed') return { type: 'untried' }
  live.own(slot.leave)
  live.facts.quota = slot.quota
  if (live.isFinished) {
    leaveQuota(live)
    return { type: 'untried' }
  }
  live.beginAttempt(candidate.account)
  try {
    const outcome = await send(rooms, journey, candidate)
    if (outcome.type === 'failed') live.endAttempt({ status: outcome.status, reason: reasonOfAttempt(outcome) })
    return outcome
  } finally {
    slot.leave()
  }
}

/** The meter settles that of the last attempt. */
function leaveQuota({ facts }: LiveRequest): void {
  facts.quota?.settle(0)
  facts.quota = undefined
}

async function send(rooms: RelayRooms, journey: Journey, candidate: Candidate): Promise<AttemptOutcome> {
  const { live, envelope, state, nativePath, passage, tries } = journey
  const { account } = candidate
  try {
    const credential = await rooms.pool.credentialOf(account)
    const route = await rooms.pool.routeOf(account)
    if (passage !== undefined)
      return await sendPassage(rooms, { live, envelope, passage, candidate, credential, route })
    const rules = await rooms.rules.rulesFor(account)
    const prepared = await prepareWithMedia(rooms, journey, {
      longWork: rooms.longWork,
      isWanted: () => !live.isFinished,
      live,
      envelope,
      state,
      candidate,
      credential,
      route,
      rules,
      withoutProofs: tries.withoutProofs,
      nativePath,
      refusedParameters: [
        ...rooms.pool.refusedParameters(candidate),
        ...(tries.refusedParameters.get(account.id) ?? []),
      ],
      // an answer may take minutes, and the others wait for what becomes of a probe
      onContent: candidate.awaitsProbe ? () => rooms.pool.praise(candidate) : undefined,
    })
    if (live.isFinished) return { type: 'untried' } // preparing may take a while
    const attempt = recordAttempt(rooms.recorder, prepared, { live, envelope, credential })
    const trial = await rooms.rules.shadowFor(account)
    if (trial !== undefined) live.facts.shadowedRules = shadowedRules(trial, attempt, { live, envelope })
    live.facts.leftOut = attempt.leftOut
    live.facts.modelSent = candidate.upstreamModel
    const outcome = await (live.facts.isStream ? streamAnswer(rooms, live, attempt) : wholeAnswer(rooms, live, attempt))
    if (outcome.type === 'failed') live.facts.losses = attempt.exchange.losses
    return outcome
  } catch (error) {
    if (ConversionError.is(error)) live.facts.losses = error.losses
    return failedAttempt(error)
  }
}

/** With what the account needs in place of addresses; nearly always that is nothing, and the attempt is there at once. */
function prepareWithMedia(
  rooms: RelayRooms,
  journey: Journey,
  plan: AttemptPlan,
): PreparedAttempt | Promise<PreparedAttempt> {
  const { candidate } = plan
  const { live, envelope, state, tries } = journey
  const asked = { live, envelope, state, media: tries.media }
  const media = mediaForAccount(rooms.sender, asked, candidate)
  if (media instanceof Promise) return media.then((fetched) => prepareAttempt({ ...plan, media: fetched }))

  /** A rule may say of a request that its upstream takes no addresses; that is known when the rules have run. */
  function withLateMedia(prepared: PreparedAttempt): PreparedAttempt | Promise<PreparedAttempt> {
    if (!prepared.exchange.profile.dialect.fetchUrls) return prepared
    return mediaOfRequest(rooms.sender, asked, candidate).then((late) =>
      late.size > 0 ? prepareAttempt({ ...plan, media: late }) : prepared,
    )
  }

  const prepared = prepareAttempt(plan)
  return prepared instanceof Promise ? prepared.then(withLateMedia) : withLateMedia(prepared)
}

/** What another account may do better, and nobody is to blame for. */
const ELSEWHERE: FailureEvidence = { source: 'answer', status: 0, kind: 'unsupported_feature' }

/** What the converter or a rule refuses, whatever kind of error it gets: no account is to blame. */
const ITS_OWN_FAULT: FailureEvidence = { source: 'answer', status: 0, kind: 'invalid_request' }

/** Trouble before anything was sent: a request that this account's format cannot carry, or an account that cannot be used. */
function failedAttempt(error: unknown): FailedAttempt {
  if (ConversionError.is(error)) {
    const failure = failureOf(error)
    const told = error.ruledStatus === undefined ? undefined : { failure, status: error.ruledStatus }
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

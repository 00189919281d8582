import { hash } from 'node:crypto'

import type { Account, Candidate } from '@relay/account-store'
import {
  type CompiledRules,
  createConverter,
  type Exchange,
  type FormatName,
  type HeaderChanges,
  type JsonObject,
  type JsonValue,
  type Loss,
  type RequestRepair,
  toJsonText,
} from '@relay/format-converter'
import {
  buildRequestHeaders,
  buildUpstreamUrl,
  chooseUpstreamFormat,
  resolveTimeouts,
  type UpstreamChoice,
  type UpstreamRequest,
  type UpstreamRoute,
} from '@relay/upstreams'

import type { Recording } from '../capture/recording.ts'
import { accountProfile } from './account-profile.ts'
import { holdsEnvelopes, sealIssuer } from './affinity.ts'
import type { AnswerKeeper } from './answer-keeper.ts'
import { type CredentialHider, createCredentialHider } from './credential-hider.ts'
import type { Envelope } from './envelope.ts'
import { leaveOut, lossesOf, valueAt } from './leave-out.ts'
import type { LiveRequest } from './live-request.ts'
import { lossPolicyFor } from './loss-policy.ts'
import { type FetchedMedia, inlineMedia } from './media/media-places.ts'
import { passThroughBody, type SentBody } from './pass-through-body.ts'
import { newPlainId } from './request-ids.ts'
import type { ResponseState } from './response-state.ts'
import { askedEnvelope } from './whole-as-stream.ts'

/** A request as it will be sent to one account, and the way back of its answer. */
export interface PreparedAttempt {
  readonly account: Account
  readonly upstreamModel: string
  readonly choice: UpstreamChoice
  readonly exchange: Exchange
  readonly request: UpstreamRequest
  readonly hider: CredentialHider
  /** Both sides speak the same format: bytes pass untouched. */
  readonly isSameFormat: boolean
  readonly firstEventMs: number
  /** Keeps the answer, where it is to be kept. */
  readonly keeper: AnswerKeeper | undefined
  /** What was left out of the request because this upstream does not take it. */
  readonly leftOut: readonly Loss[]
  /** Whether a member stands in the body that is sent, by its path. */
  readonly sends: (path: readonly string[]) => boolean
  /** Told once, when the first content of a stream has come. */
  readonly onContent: (() => void) | undefined
  /** Watches the answer, where an operator captures requests of this key. */
  readonly recording?: Recording | undefined
}

/** What of a request is looked at when it is written for an account. */
export interface AskingRequest extends Pick<LiveRequest, 'id' | 'format' | 'query' | 'facts'> {
  readonly incoming: Pick<LiveRequest['incoming'], 'headers'>
}

export interface AttemptPlan {
  readonly live: AskingRequest
  readonly envelope: Envelope
  /** What the request of a Responses client builds on. */
  readonly state: ResponseState | undefined
  readonly candidate: Candidate
  readonly credential: string | undefined
  readonly route: UpstreamRoute
  readonly rules: CompiledRules | undefined
  /** The upstream refused a proof of earlier reasoning: this is the one try without them. */
  readonly withoutProofs: boolean
  /** A path below the endpoint, which only an upstream of the client's own format has. */
  readonly nativePath: string | undefined
  /** Parameters that this upstream is known not to take for this model. */
  readonly refusedParameters: readonly string[]
  readonly onContent: PreparedAttempt['onContent']
  /** Pictures and documents by their addresses, for an upstream that takes only bytes. */
  readonly media?: ReadonlyMap<string, FetchedMedia> | undefined
}

/**
 * Writes a client's request for one account.
 *
 * @throws ConversionError when the request cannot be carried; UpstreamError when the account's settings do not fit
 */
export function prepareAttempt(plan: AttemptPlan): PreparedAttempt {
  const startedAt = performance.now()
  const prepared = prepare(plan)
  plan.live.facts.conversion = {
    requestMs: performance.now() - startedAt,
    answerMs: 0,
    bytesIn: 0,
    eventsIn: 0,
    ruleFigures: () => prepared.exchange.ruleFigures,
  }
  return prepared
}

function prepare(plan: AttemptPlan): PreparedAttempt {
  const { live, candidate, credential } = plan
  const { account, upstreamModel } = candidate
  const way = wayTo(account, live.format)
  const { choice, timeouts } = way
  live.facts.upstreamFormat = choice.format // also of a request that cannot be carried
  const isSameFormat = choice.format === live.format
  const {
    envelope: stated,
    repeats,
    keeper,
  } = plan.state?.requestFor(account, isSameFormat) ?? {
    envelope: plan.envelope,
  }
  const { envelope, isStream } = asked(plan, choice, stated)
  const { source, exchange } = openExchange(plan, { choice, isSameFormat, envelope, repeats })
  const { body, leftOut, member } = writeBody(plan, { isSameFormat, envelope, source, exchange })
  const headers = buildRequestHeaders({
    account,
    apiFormat: choice.apiFormat,
    credential,
    isSameFormat,
    clientHeaders: live.incoming.headers,
    requestId: live.id,
    isStream,
    codecHeaders: Object.entries(exchange.headers).flat(),
  })
  const query = isSameFormat ? live.query : ''
  return {
    account,
    upstreamModel,
    choice,
    exchange,
    hider: createCredentialHider(credential, choice.baseUrl),
    isSameFormat,
    firstEventMs: timeouts.firstEventMs,
    keeper,
    leftOut: lossesOf(leftOut, { from: live.format, to: choice.format }),
    sends: ([name = '', ...deeper]) =>
      valueAt({ value: member(name) as JsonValue }, ['value', ...deeper]) !== undefined,
    onContent: plan.onContent,
    request: {
      poolKey: account.id,
      method: 'POST',
      url:
        plan.nativePath === undefined && query === ''
          ? way.url
          : buildUpstreamUrl(choice.baseUrl, choice.apiFormat, { suffix: plan.nativePath, query }),
      headers: changeHeaders(headers, exchange.headerChanges),
      body,
      ...plan.route,
      timeouts: {
        connectMs: timeouts.connectMs,
        headersMs: isStream ? timeouts.streamHeadersMs : timeouts.wholeHeadersMs,
        idleMs: timeouts.idleMs,
        totalMs: timeouts.totalMs,
      },
    },
  }
}

/** What stays the same for all requests of a format to an account. */
interface Way {
  readonly choice: UpstreamChoice
  readonly timeouts: ReturnType<typeof resolveTimeouts>
  /** Of the endpoint, for a request without a query. */
  readonly url: string
}

/** An account is a new object when anything of it has changed. */
const ways = new WeakMap<Account, Map<FormatName, Way>>()

function wayTo(account: Account, format: FormatName): Way {
  const waysOf = ways.get(account) ?? new Map<FormatName, Way>()
  const known = waysOf.get(format)
  if (known !== undefined) return known
  const choice = chooseUpstreamFormat(account, format)
  const url = buildUpstreamUrl(choice.baseUrl, choice.apiFormat)
  const way = { choice, timeouts: resolveTimeouts(account.timeouts), url }
  ways.set(account, waysOf.set(format, way))
  return way
}

/** What goes to the upstream is a stream for streams, and where the account wants every answer as one. */
function asked(plan: AttemptPlan, choice: UpstreamChoice, envelope: Envelope): AskedBody {
  const { live, candidate, nativePath } = plan
  const whole = { envelope, format: live.format, ...candidate, choice, nativePath }
  const sent = live.facts.isStream ? envelope : askedEnvelope(whole)
  return { envelope: sent, isStream: live.facts.isStream || sent.isStream }
}

interface AskedBody {
  readonly envelope: Envelope
  readonly isStream: boolean
}

interface WritingBody extends OpenedExchange {
  readonly isSameFormat: boolean
  readonly envelope: Envelope
}

/** Whoever wants no losses gets the upstream's refusal in place of a request that lacks something. */
function writeBody({ live, candidate, refusedParameters }: AttemptPlan, writing: WritingBody): SentBody {
  const { isSameFormat, envelope, source, exchange } = writing
  const isStrict = typeof lossPolicyFor(live.facts.key, candidate.account) === 'object'
  const refused = isStrict ? [] : refusedParameters
  if (isSameFormat) return passThroughBody(envelope, { source, exchange, refused })
  const { body, leftOut } = leaveOut(exchange.request, refused, exchange.profile.format)
  return { body: toJsonText(body), leftOut, member: (name) => valueAt(body, [name]) }
}

/** The request as this account needs it, before it is converted. */
interface ExchangeRequest {
  readonly choice: UpstreamChoice
  readonly isSameFormat: boolean
  readonly envelope: Envelope
  readonly repeats: JsonObject | undefined
}

interface OpenedExchange {
  /** What the converter was given: the members it needs, or the whole body. */
  readonly source: JsonObject
  readonly exchange: Exchange
}

function openExchange(plan: AttemptPlan, request: ExchangeRequest): OpenedExchange {
  const { live, rules, withoutProofs, media } = plan
  const { account, upstreamModel: model } = plan.candidate
  const { choice, isSameFormat, envelope, repeats } = request
  const converter = createConverter({
    client: live.format,
    upstream: choice.format,
    answer: choice.recogniseAnswer ? undefined : choice.answerFormat,
    profile: accountProfile(account, choice, model),
    policy: lossPolicyFor(live.facts.key, account),
    hash: sha256,
    ids: newPlainId,
    seals: { issuer: sealIssuer(account) },
    rules,
    clock: rules && (() => performance.now()),
  })
  const context = { client: live.format, upstream: choice.format, model, isStream: envelope.isStream }
  const isRuled = BODY_PHASES.some((phase) => rules?.select(phase, context) !== undefined)
  const repair = withoutProofs ? 'strip-reasoning' : foreignProofsIn(request)
  const whole = !isSameFormat || isRuled || repair !== undefined ? envelope.parsed() : identityView(envelope)
  const source = media === undefined || media.size === 0 ? whole : inlineMedia(whole, media)
  const init = { model, requestId: live.id, bodyBytes: envelope.bytes.length, repeats }
  const exchange = converter.exchange(source, init)
  return { source, exchange: repair === undefined ? exchange : exchange.repair(repair) }
}

/** A conversion leaves foreign proofs out by itself; a body that passes as it came may hold some. */
function foreignProofsIn({ isSameFormat, envelope }: ExchangeRequest): RequestRepair | undefined {
  return isSameFormat && holdsEnvelopes(envelope) ? 'strip-foreign-reasoning' : undefined
}

function sha256(text: string): string {
  return hash('sha256', text)
}

/** Phases in which rules see a request's body; where none looks, a body of the same format is not parsed. */
const BODY_PHASES = ['request.client', 'request.upstream'] as const

/** The few members of a body that the way back needs; the rest is not parsed. */
function identityView(envelope: Envelope): JsonObject {
  const view: Record<string, unknown> = { model: envelope.model, stream: envelope.isStream }
  for (const name of ['stream_options', 'functions']) view[name] = envelope.member(name)
  return view as JsonObject // the members come out of JSON.parse
}

/** Headers as rules leave them: names and values, alternating. */
function changeHeaders(headers: readonly string[], changes: HeaderChanges): readonly string[] {
  if (changes.size === 0) return headers
  const kept = headers.flatMap((name, index) => {
    const value = headers[index + 1]
    return index % 2 === 1 || value === undefined || changes.has(name.toLowerCase()) ? [] : [name, value]
  })
  for (const [name, value] of changes) if (value !== undefined) kept.push(name, value)
  return kept
}

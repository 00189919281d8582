import type { Account, Candidate } from '@relay/account-store'
import type {
  CompiledRules,
  HeaderChanges,
  JsonObject,
  JsonValue,
  Loss,
  SentExchange,
  UpstreamProfile,
} from '@relay/format-converter'
import {
  buildRequestHeaders,
  buildUpstreamUrl,
  type UpstreamChoice,
  type UpstreamRequest,
  type UpstreamRoute,
} from '@relay/upstreams'

import type { Recording } from '../../capture/recording.ts'
import { sealIssuer } from '../choose/affinity.ts'
import { type Way, wayTo } from '../choose/way-to.ts'
import type { LiveRequest } from '../live-request.ts'
import { type Aside, type TimedRequest, writeRequestAside } from '../long-work/aside.ts'
import type { FetchedMedia } from '../media/media-places.ts'
import type { Envelope } from '../request/envelope.ts'
import type { AnswerKeeper } from '../responses/answer-keeper.ts'
import type { ResponseState } from '../responses/response-state.ts'
import { createCredentialHider, type CredentialHider } from './credential-hider.ts'
import { lossesOf, valueAt } from './leave-out.ts'
import { lossPolicyFor } from './loss-policy.ts'
import { askedEnvelope } from './whole-as-stream.ts'
import type { Writing } from './write-request.ts'

/** A request as it will be sent to one account, and the way back of its answer. */
export interface PreparedAttempt {
  readonly account: Account
  readonly upstreamModel: string
  readonly choice: UpstreamChoice
  readonly exchange: SentExchange
  /** With what it was converted. */
  readonly writing: Pick<Writing, 'plan' | 'rules'>
  /** The body as the converter gave it. */
  readonly converted: () => JsonObject
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

export interface AttemptPlan extends Aside {
  readonly live: AskingRequest
  readonly candidate: Candidate
  readonly envelope: Envelope
  readonly rules: CompiledRules | undefined
  /** The upstream refused a proof of earlier reasoning: this is the one try without them. */
  readonly withoutProofs: boolean
  /** Pictures and documents by their addresses, for an upstream that takes only bytes. */
  readonly media?: ReadonlyMap<string, FetchedMedia> | undefined
  /** What the request of a Responses client builds on. */
  readonly state: ResponseState | undefined
  readonly credential: string | undefined
  readonly route: UpstreamRoute
  /** A path below the endpoint, which only an upstream of the client's own format has. */
  readonly nativePath: string | undefined
  /** Parameters that this upstream is known not to take for this model. */
  readonly refusedParameters: readonly string[]
  readonly onContent: PreparedAttempt['onContent']
}

/**
 * Writes a client's request for one account: at once, or a long one that has to be read whole in the thread for such work,
 * where it holds up nobody.
 *
 * @throws ConversionError when the request cannot be carried; UpstreamError when the account's settings do not fit
 */
export function prepareAttempt(plan: AttemptPlan): PreparedAttempt | Promise<PreparedAttempt> {
  const asking = ask(plan)
  const writing = writingOf(plan, asking)
  const written = writeRequestAside(plan, writing)
  return written instanceof Promise
    ? written.then((late) => attemptOf(plan, { asking, writing, written: late }))
    : attemptOf(plan, { asking, writing, written })
}

/** An account's way, and the request as it is to be asked. */
interface Asking {
  readonly way: Way
  readonly choice: UpstreamChoice
  readonly profile: UpstreamProfile
  readonly isSameFormat: boolean
  readonly envelope: Envelope
  readonly repeats: JsonObject | undefined
  /** What goes to the upstream asks for a stream. */
  readonly isStream: boolean
  readonly keeper: AnswerKeeper | undefined
}

function ask(plan: AttemptPlan): Asking {
  const { live, candidate } = plan
  const { account } = candidate
  const way = wayTo(account, live.format)
  const { choice } = way
  live.facts.upstreamFormat = choice.format // also of a request that cannot be carried
  const isSameFormat = choice.format === live.format
  const stated = plan.state?.requestFor(account, isSameFormat)
  const profile = way.profileOf(candidate.upstreamModel)
  const { envelope, isStream } = asked(plan, profile, stated?.envelope ?? plan.envelope)
  return { way, choice, profile, isSameFormat, envelope, isStream, repeats: stated?.repeats, keeper: stated?.keeper }
}

/** Whoever wants no losses gets the upstream's refusal in place of a request that lacks something. */
function writingOf(plan: AttemptPlan, { choice, profile, envelope, repeats }: Asking): Writing {
  const { live, candidate, rules, withoutProofs, media, refusedParameters } = plan
  const { account, upstreamModel: model } = candidate
  const policy = lossPolicyFor(live.facts.key, account)
  return {
    plan: {
      client: live.format,
      choice,
      requestId: live.id,
      model,
      profile,
      policy,
      sealIssuer: sealIssuer(account),
      isStream: envelope.isStream,
      withoutProofs,
      refused: typeof policy === 'object' ? [] : refusedParameters,
      repeats,
      media,
    },
    envelope,
    rules,
  }
}

interface WrittenAttempt {
  readonly asking: Asking
  readonly writing: Writing
  readonly written: TimedRequest
}

function attemptOf(plan: AttemptPlan, { asking, writing, written }: WrittenAttempt): PreparedAttempt {
  const { live, candidate, credential } = plan
  const { account, upstreamModel } = candidate
  const { way, choice, isSameFormat, isStream, keeper } = asking
  const { body, leftOut, member, exchange, converted, milliseconds } = written
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
  live.facts.conversion = {
    requestMs: milliseconds,
    answerMs: 0,
    bytesIn: 0,
    eventsIn: 0,
    eventsOut: 0,
    ruleFigures: () => exchange.ruleFigures,
  }
  return {
    account,
    upstreamModel,
    choice,
    exchange,
    writing,
    converted,
    hider: hiderFor(choice, credential),
    isSameFormat,
    firstEventMs: way.firstEventMs,
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
      proxyUrl: plan.route.proxyUrl,
      tlsCa: plan.route.tlsCa,
      timeouts: isStream ? way.streamTimeouts : way.wholeTimeouts,
    },
  }
}

interface KeptHider {
  readonly credential: string | undefined
  readonly hider: CredentialHider
}

/** Each account has a choice of its own; with it goes what its hider knows. */
const hiders = new WeakMap<UpstreamChoice, KeptHider>()

function hiderFor(choice: UpstreamChoice, credential: string | undefined): CredentialHider {
  const known = hiders.get(choice)
  if (known !== undefined && known.credential === credential) return known.hider
  const hider = createCredentialHider(credential, choice.baseUrl)
  hiders.set(choice, { credential, hider })
  return hider
}

/** What goes to the upstream is a stream for streams, and where the account wants every answer as one. */
function asked({ live, nativePath }: AttemptPlan, profile: UpstreamProfile, envelope: Envelope): AskedBody {
  const { format } = live
  const sent = live.facts.isStream ? envelope : askedEnvelope({ envelope, format, profile, nativePath })
  return { envelope: sent, isStream: live.facts.isStream || sent.isStream }
}

interface AskedBody {
  readonly envelope: Envelope
  readonly isStream: boolean
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

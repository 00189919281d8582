import { setImmediate as othersTurn } from 'node:timers/promises'

import type { Account } from '@relay/account-store'
import {
  type Exchange,
  type FormatName,
  type HeaderChanges,
  type JsonValue,
  type Loss,
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
import type { AnswerKeeper } from './answer-keeper.ts'
import { type CredentialHider, createCredentialHider } from './credential-hider.ts'
import type { Envelope } from './envelope.ts'
import { leaveOut, lossesOf, valueAt } from './leave-out.ts'
import type { LiveRequest } from './live-request.ts'
import { lossPolicyFor } from './loss-policy.ts'
import {
  type ExchangePlan,
  type ExchangeRequest,
  openExchange,
  type OpenedExchange,
  openExchangePaced,
} from './open-exchange.ts'
import { passThroughBody, type SentBody } from './pass-through-body.ts'
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

export interface AttemptPlan extends ExchangePlan {
  readonly live: AskingRequest
  readonly envelope: Envelope
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
 * Writes a client's request for one account: at once, or a long one that has to be converted bit by bit, so that others
 * are served meanwhile.
 *
 * @throws ConversionError when the request cannot be carried; UpstreamError when the account's settings do not fit
 */
export function prepareAttempt(plan: AttemptPlan): PreparedAttempt | Promise<PreparedAttempt> {
  const startedAt = performance.now()
  const asking = ask(plan)
  const isLong = !asking.isSameFormat && asking.envelope.bytes.length > LONG_BODY_BYTES
  if (isLong) return preparePaced(plan, asking, startedAt)
  return write(plan, asking, { ...openExchange(plan, asking), startedAt })
}

/** Less is converted in a few milliseconds. */
const LONG_BODY_BYTES = 256 * 1024

async function preparePaced(plan: AttemptPlan, asking: Asking, startedAt: number): Promise<PreparedAttempt> {
  let pausedMs = 0
  const pause = async (): Promise<void> => {
    const pausedAt = performance.now()
    await othersTurn()
    pausedMs += performance.now() - pausedAt
  }
  const opened = await openExchangePaced(plan, asking, pause)
  return write(plan, asking, { ...opened, startedAt: startedAt + pausedMs })
}

/** An account's way, and the request as it is to be asked. */
interface Asking extends ExchangeRequest {
  readonly way: Way
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
  const { envelope, isStream } = asked(plan, choice, stated?.envelope ?? plan.envelope)
  return { way, choice, isSameFormat, envelope, isStream, repeats: stated?.repeats, keeper: stated?.keeper }
}

interface Opened extends OpenedExchange {
  /** Monotonic, without what others took meanwhile. */
  readonly startedAt: number
}

function write(plan: AttemptPlan, asking: Asking, { source, exchange, startedAt }: Opened): PreparedAttempt {
  const { live, candidate, credential } = plan
  const { account, upstreamModel } = candidate
  const { way, choice, isSameFormat, envelope, isStream, keeper } = asking
  const { timeouts } = way
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
  live.facts.conversion = {
    requestMs: performance.now() - startedAt,
    answerMs: 0,
    bytesIn: 0,
    eventsIn: 0,
    ruleFigures: () => exchange.ruleFigures,
  }
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

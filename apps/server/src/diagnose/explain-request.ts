import type { IncomingHttpHeaders } from 'node:http'

import type { Account, Candidate, RelayKey } from '@relay/account-store'
import { ConversionError, createConverter, type Failure, type FormatName, type Loss } from '@relay/format-converter'
import { UpstreamError } from '@relay/upstreams'

import { authorise } from '../auth/authenticate.ts'
import { type Envelope, openEnvelope } from '../relay/envelope.ts'
import type { FactsOf } from '../relay/fit-accounts.ts'
import { noAccountLeft } from '../relay/no-account-left.ts'
import { prepareAttempt, type PreparedAttempt } from '../relay/prepare-attempt.ts'
import { noFacts } from '../relay/request-facts.ts'
import { openResponseState, type ResponseRooms, type ResponseState } from '../relay/response-state.ts'
import type { RoutingBook } from '../relay/routing-book.ts'
import type { RuleBook } from '../relay/rule-book.ts'
import { failureOf, ServerError } from '../server-error.ts'
import { describeRouting, type RoutingDecision } from './describe-routing.ts'
import { explainChoice } from './explain-choice.ts'

/** What explaining looks at; it changes nothing of it. */
export interface ExplainRooms {
  readonly listAccounts: () => Promise<readonly Account[]>
  /** Requests of this process at an account now. */
  readonly inFlight: (accountId: string) => number
  readonly rules: RuleBook
  /** The usual settings unless given. */
  readonly routing?: RoutingBook | undefined
  /** Micro-USD; `undefined` where the price of the model is not known. */
  readonly expectedCost?: ExpectedCost | undefined
  /** What is known of models; without it every account is taken to carry everything. */
  readonly factsOf?: FactsOf | undefined
  /** Parameters that an account is known to refuse for its model. */
  readonly refusedParameters?: ((candidate: Candidate) => readonly string[]) | undefined
  /** What Responses requests build on is looked up here; it is only read. */
  readonly responses?: ResponseRooms | undefined
}

/** Prices a request before it is sent. */
export type ExpectedCost = (request: {
  readonly account: Account
  /** As it is sent. */
  readonly model: string
  readonly inputTokens: number
  /** `undefined` when the request sets no limit. */
  readonly maxOutputTokens: number | undefined
}) => number | undefined

/** A request that nobody sends. */
export interface ExplainQuestion {
  readonly format: FormatName
  /** The client's body. */
  readonly body: Uint8Array
  readonly headers: IncomingHttpHeaders
  /** Whose request it would be; without one, nobody's limits of use are looked at. */
  readonly key: RelayKey | undefined
  /** Name or id: as if only this account were there. */
  readonly account?: string | undefined
}

/** What Relay would do with a request. */
export interface RequestExplanation {
  readonly format: FormatName
  readonly model: string
  readonly isStream: boolean
  /** Why the client would get an error at once, in place of all below. */
  readonly refusal: { readonly kind: string; readonly status: number | undefined; readonly message: string } | undefined
  readonly sent: SentRequest | undefined
  readonly losses: readonly Loss[]
  /** Estimated; what is not known is `undefined`. */
  readonly expected: ExpectedUse | undefined
  /** For operators only. */
  readonly routing: RoutingDecision
}

/** The request as it would leave; without the account's headers and without any credential. */
export interface SentRequest {
  readonly accountId: string
  readonly accountName: string
  readonly format: FormatName
  readonly model: string
  readonly profileId: string
  /** Host and path, without a query: for operators only. */
  readonly url: string
  readonly isSameFormat: boolean
  /** JSON. */
  readonly body: string
}

/** What the request would use. */
export interface ExpectedUse {
  readonly inputTokens: number
  readonly maxOutputTokens: number | undefined
  readonly costMicroUsd: number | undefined
}

/**
 * Says what Relay would do with a request. Nothing is sent, nothing is taken from limits, no credential is opened.
 *
 * @throws ServerError when the body cannot be read at all
 */
export async function explainRequest(rooms: ExplainRooms, question: ExplainQuestion): Promise<RequestExplanation> {
  const { format, body, key } = question
  const envelope = openEnvelope(body, { format })
  const choice = await explainChoice(rooms, question, envelope)
  const head = {
    format,
    model: envelope.model,
    isStream: envelope.isStream,
    routing: describeRouting(choice.ranking, { clientFormat: format, inFlight: rooms.inFlight }),
  }
  const nothing = { sent: undefined, losses: [], expected: undefined }
  try {
    if (key !== undefined) authorise(key, { format, model: envelope.model })
    const state = await stateOf(rooms, question, envelope)
    const [candidate] = (state?.choose(choice.ranking, choice.model) ?? choice.ranking).candidates
    if (candidate === undefined) throw noAccountLeft(choice.ranking, choice.model)
    const attempt = await prepare(rooms, { ...question, envelope, candidate, state })
    const sent = describeSent(attempt, candidate)
    const expected = expectedUse(rooms, { format, envelope, sent, account: candidate.account })
    const losses = [...attempt.leftOut, ...attempt.exchange.losses]
    return { ...head, refusal: undefined, sent, losses, expected }
  } catch (error) {
    const losses = ConversionError.is(error) ? error.losses : []
    return { ...head, ...nothing, losses, refusal: describeRefusal(error) }
  }
}

/** What earlier responses add, which are those of a key. */
async function stateOf(
  { responses }: ExplainRooms,
  { format, key }: ExplainQuestion,
  envelope: Envelope,
): Promise<ResponseState | undefined> {
  if (responses === undefined || key === undefined || format !== 'openai-responses') return undefined
  return openResponseState(responses, { key, envelope, requestId: EXPLAINED })
}

interface Explained extends ExplainQuestion {
  readonly envelope: Envelope
  readonly candidate: Candidate
  readonly state: ResponseState | undefined
}

/** In place of the id of a request. */
const EXPLAINED = 'explained'

async function prepare(rooms: ExplainRooms, question: Explained): Promise<PreparedAttempt> {
  const { format, headers, key, envelope, candidate, state } = question
  const facts = { ...noFacts(), isStream: envelope.isStream, bodyBytes: envelope.bytes.length, key }
  return prepareAttempt({
    live: { id: EXPLAINED, format, query: '', incoming: { headers }, facts },
    envelope,
    state,
    candidate,
    credential: undefined,
    route: {},
    rules: await rooms.rules.rulesFor(candidate.account),
    withoutProofs: false,
    refusedParameters: rooms.refusedParameters?.(candidate) ?? [],
    nativePath: undefined,
    onContent: undefined,
  })
}

function describeSent(attempt: PreparedAttempt, { account, upstreamModel }: Candidate): SentRequest {
  const { request, choice, exchange, isSameFormat } = attempt
  const { origin, pathname } = new URL(request.url)
  return {
    accountId: account.id,
    accountName: account.name,
    format: choice.format,
    model: upstreamModel,
    profileId: exchange.profile.id,
    url: `${origin}${pathname}`,
    isSameFormat,
    body: textOf(request.body),
  }
}

function textOf(body: Uint8Array | string | undefined): string {
  return typeof body === 'string' ? body : Buffer.from(body ?? []).toString('utf8')
}

interface ExpectedFacts {
  readonly format: FormatName
  readonly envelope: Envelope
  readonly sent: SentRequest
  readonly account: Account
}

const OUTPUT_LIMITS = ['max_completion_tokens', 'max_tokens', 'max_output_tokens'] as const

function expectedUse(rooms: ExplainRooms, { format, envelope, sent, account }: ExpectedFacts): ExpectedUse {
  const converter = createConverter({ client: format, upstream: 'openai-chat' })
  const { inputTokens } = converter.count(envelope.parsed())
  const body: unknown = JSON.parse(sent.body)
  const limits = OUTPUT_LIMITS.map((name): unknown => Object.getOwnPropertyDescriptor(body, name)?.value)
  const maxOutputTokens = limits.find((limit) => typeof limit === 'number')
  const costMicroUsd = rooms.expectedCost?.({ account, model: sent.model, inputTokens, maxOutputTokens })
  return { inputTokens, maxOutputTokens, costMicroUsd }
}

function describeRefusal(error: unknown): RequestExplanation['refusal'] {
  if (UpstreamError.is(error)) return { kind: 'internal', status: undefined, message: error.message }
  if (!ServerError.is(error) && !ConversionError.is(error)) throw error
  const failure: Failure = failureOf(error)
  return { kind: failure.kind, status: error.status, message: failure.message }
}

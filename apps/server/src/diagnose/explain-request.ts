import type { IncomingHttpHeaders } from 'node:http'

import type { Account, Candidate, RelayKey } from '@relay/account-store'
import { ConversionError, type FormatName, type Loss, parseSpan, scanTopLevel } from '@relay/format-converter'
import { UpstreamError } from '@relay/upstreams'

import { failureAnswer } from '../relay/answer/failure-answer.ts'
import type { AccountMemory } from '../relay/choose/account-memory.ts'
import type { FactsOf } from '../relay/choose/fit-accounts.ts'
import type { RoutingBook } from '../relay/choose/routing-book.ts'
import { estimateTokensAside } from '../relay/long-work/aside.ts'
import type { LongWork } from '../relay/long-work/long-work.ts'
import type { RuleBook } from '../relay/prepare/rule-book.ts'
import { noFacts } from '../relay/request-facts.ts'
import { type Envelope, openEnvelope } from '../relay/request/envelope.ts'
import { openResponseState, type ResponseRooms, type ResponseState } from '../relay/responses/response-state.ts'
import { ServerError } from '../server-error.ts'
import { describeRouting, type RoutingDecision } from './describe-routing.ts'
import { askInTurn } from './explain-attempts.ts'
import { explainChoices } from './explain-choice.ts'

/** What explaining looks at; it changes nothing of it. */
export interface ExplainRooms {
  /** Where long requests are converted; in place unless given. */
  readonly longWork?: LongWork | undefined
  readonly listAccounts: () => Promise<readonly Account[]>
  /** Requests of this process at an account now. */
  readonly inFlight: (accountId: string) => number
  /** When this process used an account last, in any unit that grows; 0 = never, as without it. */
  readonly lastUsedAt?: ((accountId: string) => number) | undefined
  /** Where sessions and message threads go on; it is only read. */
  readonly sessions?: AccountMemory | undefined
  readonly threads?: AccountMemory | undefined
  readonly rules: RuleBook
  /** The usual settings unless given. */
  readonly routing?: RoutingBook | undefined
  /** Micro-USD; `undefined` where the price of the model is not known. */
  readonly expectedCost?: ExpectedCost | undefined
  /** What is known of models. */
  readonly factsOf: FactsOf
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

/** In place of the id of a request. */
const EXPLAINED = 'explained'

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
  const { format, body, headers, key } = question
  const envelope = openEnvelope(body, { format })
  const facts = { ...noFacts(), isStream: envelope.isStream, bodyBytes: body.length, key }
  const live = { id: EXPLAINED, format, path: '', query: '', incoming: { headers }, facts }
  const state = await stateOf(rooms, question, envelope)
  const request = { question, live, envelope, state: state instanceof Error ? undefined : state }
  const choices = await explainChoices(rooms, request)
  const chain = { choices, trouble: state instanceof Error ? state : undefined }
  const { shown, sent, trouble } = await askInTurn(rooms, request, chain)
  const head = {
    format,
    model: envelope.model,
    isStream: envelope.isStream,
    routing: describeRouting(shown, { clientFormat: format, inFlight: rooms.inFlight }),
  }
  if (sent !== undefined) {
    const expected = await expectedUse(rooms, { format, envelope, sent: sent.request, account: sent.account })
    return { ...head, refusal: undefined, sent: sent.request, losses: sent.losses, expected }
  }
  const losses = ConversionError.is(trouble) ? trouble.losses : []
  return { ...head, sent: undefined, expected: undefined, losses, refusal: describeRefusal(trouble, format) }
}

/** What earlier responses add, which are those of a key; or why they cannot be found. */
async function stateOf(
  { responses }: ExplainRooms,
  { format, key }: ExplainQuestion,
  envelope: Envelope,
): Promise<ResponseState | ServerError | undefined> {
  if (responses === undefined || key === undefined || format !== 'openai-responses') return undefined
  try {
    return await openResponseState(responses, { key, envelope, requestId: EXPLAINED })
  } catch (error) {
    if (ServerError.is(error)) return error
    throw error
  }
}

interface ExpectedFacts {
  readonly format: FormatName
  readonly envelope: Envelope
  readonly sent: SentRequest
  readonly account: Account
}

const OUTPUT_LIMITS = ['max_completion_tokens', 'max_tokens', 'max_output_tokens'] as const

async function expectedUse(
  rooms: ExplainRooms,
  { format, envelope, sent, account }: ExpectedFacts,
): Promise<ExpectedUse> {
  const inputTokens = await estimateTokensAside({ longWork: rooms.longWork }, envelope, format)
  const body = Buffer.from(sent.body)
  const members = scanTopLevel(body)?.members // of a long body only these few are parsed
  const limits = OUTPUT_LIMITS.map((name): unknown => {
    const span = members?.get(name)
    return span && parseSpan(body, span)
  })
  const maxOutputTokens = limits.find((limit) => typeof limit === 'number')
  const costMicroUsd = rooms.expectedCost?.({ account, model: sent.model, inputTokens, maxOutputTokens })
  return { inputTokens, maxOutputTokens, costMicroUsd }
}

function describeRefusal(error: unknown, format: FormatName): RequestExplanation['refusal'] {
  if (UpstreamError.is(error)) return { kind: 'internal', status: undefined, message: error.message }
  if (!ServerError.is(error) && !ConversionError.is(error)) throw error
  const { status, failure } = failureAnswer(error, { format, requestId: EXPLAINED })
  return { kind: failure.kind, status, message: failure.message }
}

import type { HttpBindings } from '@hono/node-server'
import type { Candidate } from '@relay/account-store'
import { ConversionError, createConverter, type CountAnswer } from '@relay/format-converter'
import {
  buildRequestHeaders,
  buildUpstreamUrl,
  exchangeTimeouts,
  type UpstreamChoice,
  type WholeResult,
} from '@relay/upstreams'
import type { Handler } from 'hono'

import { authenticate, authorise } from '../auth/authenticate.ts'
import { modelsFor } from '../config/routing-settings.ts'
import { noteAnswerHead, wayHeaders } from '../relay/answer/answer-headers.ts'
import { sealIssuer } from '../relay/choose/affinity.ts'
import { rankAccounts } from '../relay/choose/rank-accounts.ts'
import { wayTo } from '../relay/choose/way-to.ts'
import type { LiveRequest } from '../relay/live-request.ts'
import { type Aside, estimateTokensAside, writeQuestionAside } from '../relay/long-work/aside.ts'
import type { LongWork } from '../relay/long-work/long-work.ts'
import { createCredentialHider } from '../relay/prepare/credential-hider.ts'
import type { WrittenQuestion } from '../relay/request/count-request.ts'
import { openEnvelope, type Envelope } from '../relay/request/envelope.ts'
import { openResponseState, type ResponseState } from '../relay/responses/response-state.ts'
import type { GenerateRooms } from './generate.ts'
import { othersTurn } from './others-turn.ts'
import { BODY_LIMITS, readBody } from './read-body.ts'
import { serveContext } from './serve-context.ts'

/** The formats that can count before they answer. */
export type CountingFormat = 'anthropic-messages' | 'openai-responses'

/** How long an upstream that has no such endpoint is not asked again. */
const NO_COUNTER_MS = 60 * 60 * 1000

/**
 * `POST /v1/messages/count_tokens` and `POST /v1/responses/input_tokens`: asked of an upstream that can count, estimated
 * otherwise.
 */
export function createCountTokensHandler(
  rooms: GenerateRooms,
  format: CountingFormat,
): Handler<{ Bindings: HttpBindings }> {
  const memory = createCounterMemory()
  return (context) =>
    serveContext(context, rooms, {
      format,
      isLookup: true,
      answer: (live) => countTokens({ rooms, memory }, live, format),
    })
}

/** Which accounts have been seen to have no endpoint that counts. */
interface CounterMemory {
  forget(accountId: string): void
  mayCount(accountId: string): boolean
}

function createCounterMemory(): CounterMemory {
  const without = new Map<string, number>()
  return {
    forget: (accountId) => void without.set(accountId, Date.now() + NO_COUNTER_MS),
    mayCount: (accountId) => (without.get(accountId) ?? 0) <= Date.now(),
  }
}

interface CountRooms {
  readonly rooms: GenerateRooms
  readonly memory: CounterMemory
}

async function countTokens(counting: CountRooms, live: LiveRequest, format: CountingFormat): Promise<void> {
  const { rooms, memory } = counting
  const key = await authenticate(rooms, live.incoming)
  live.facts.key = key
  const bytes = await readBody(live.incoming, BODY_LIMITS)
  const envelope = openEnvelope(bytes, { format, isCount: true })
  const turn = othersTurn(bytes) // all of it was looked at
  if (turn !== undefined) await turn
  live.facts.model = envelope.model
  authorise(key, { format, model: envelope.model })
  const state =
    format === 'openai-responses'
      ? await openResponseState(rooms.responses, { key, envelope, requestId: live.id })
      : undefined
  const routing = await rooms.routing.read()
  const [model] = modelsFor(routing, envelope.model)
  const accounts = await rooms.pool.list()
  const ranking = rankAccounts(rooms.pool, { accounts, permissions: key.permissions, format, model, routing })
  live.facts.showsAccount = routing.showsAccount
  const { candidates } = state?.choose(ranking) ?? ranking
  const counters = candidates.filter(
    // an estimate is at hand: nobody who rests is asked
    ({ account, restsUntil }) => restsUntil === undefined && memory.mayCount(account.id),
  )
  const question = { live, envelope, state, format }
  const counted =
    (await askFirst(counting, question, counters.filter(isOfFormat(format)))) ??
    (await askFirst(
      counting,
      question,
      counters.filter((candidate) => !isOfFormat(format)(candidate)),
    ))
  if (counted !== undefined) return reply(live, counted, false)
  reply(live, await estimateHere(rooms, question, candidates[0]), true)
}

/** Where nobody was asked, the estimate speaks of the account that would be the first to answer. */
async function estimateHere(
  { longWork }: GenerateRooms,
  question: Question,
  first: Candidate | undefined,
): Promise<CountAnswer | undefined> {
  const { live, format } = question
  if (first !== undefined) live.facts.upstreamFormat ??= wayTo(first.account, format).choice.format
  return countAnswer(format, {
    input_tokens: await estimateTokensAside(waitFor(longWork, live), wholeOf(question), format),
  })
}

function isOfFormat(format: CountingFormat): (candidate: Candidate) => boolean {
  return ({ account }) => wayTo(account, format).choice.format === format
}

/** The first account that has an endpoint to be asked is the only one that is. */
async function askFirst(
  { rooms, memory }: CountRooms,
  question: Question,
  candidates: readonly Candidate[],
): Promise<CountAnswer | undefined> {
  for (const candidate of candidates) {
    const asking = await prepareQuestion(rooms, question, candidate)
    if (asking === undefined) continue
    const result = await askUpstream(rooms, asking)
    const status = result.ok ? result.answer.status : undefined
    if (status !== undefined && HAS_NO_COUNTER.has(status)) memory.forget(candidate.account.id)
    const counted = readCount(question.format, result)
    if (counted === undefined) question.live.endAttempt({ status, reason: 'no_count' })
    return counted
  }
  return undefined
}

/** What a server says that has no such endpoint. */
const HAS_NO_COUNTER: ReadonlySet<number> = new Set([404, 405])

interface Question {
  readonly live: LiveRequest
  readonly format: CountingFormat
  readonly envelope: Envelope
  /** What a Responses request builds on. */
  readonly state: ResponseState | undefined
}

/** One account, and what it is asked. */
interface Asking {
  readonly question: Question
  readonly candidate: Candidate
  readonly choice: UpstreamChoice
  /** Another format's words for the request; `undefined` where it passes as it came. */
  readonly written: WrittenQuestion | undefined
}

/** @returns `undefined` when the account's format cannot count, or not this request */
async function prepareQuestion(
  { longWork }: GenerateRooms,
  question: Question,
  candidate: Candidate,
): Promise<Asking | undefined> {
  const { live, format } = question
  const { account, upstreamModel: model } = candidate
  const way = wayTo(account, live.format)
  const { choice } = way
  if (choice.format === format) return { question, candidate, choice, written: undefined }
  const plan = {
    client: format,
    upstream: choice.format,
    model,
    profile: way.profileOf(model),
    sealIssuer: sealIssuer(account),
  }
  try {
    const written = await writeQuestionAside(waitFor(longWork, live), wholeOf(question), plan)
    return written && { question, candidate, choice, written }
  } catch (error) {
    if (ConversionError.is(error)) return undefined // it cannot be carried; the estimate tells of what is wrong with it
    throw error
  }
}

function waitFor(longWork: LongWork, live: LiveRequest): Aside {
  return { longWork, isWanted: () => !live.isFinished }
}

/** @throws ServerError `previous_response_not_found`: a count of a part would be an invented number */
function wholeOf({ state, envelope }: Question): Envelope {
  return state?.whole() ?? envelope
}

async function askUpstream(rooms: GenerateRooms, asking: Asking): Promise<WholeResult> {
  const { question, candidate, choice, written } = asking
  const { live } = question
  const { account } = candidate
  const credential = await rooms.pool.credentialOf(account)
  const isSameFormat = written === undefined
  live.beginAttempt(account)
  live.facts.upstreamFormat = choice.format
  const result = await rooms.sender.sendWhole(
    {
      poolKey: account.id,
      method: 'POST',
      url: buildUpstreamUrl(choice.baseUrl, choice.apiFormat, {
        suffix: SUFFIXES[isSameFormat ? question.format : (choice.format as CountingFormat)],
        query: isSameFormat ? live.query : '',
      }),
      headers: buildRequestHeaders({
        account,
        apiFormat: choice.apiFormat,
        credential,
        isSameFormat,
        clientHeaders: live.incoming.headers,
        isStream: false,
        codecHeaders: Object.entries(written?.headers ?? {}).flat(),
      }),
      body: written === undefined ? passingBody(question, candidate) : written.body,
      timeouts: exchangeTimeouts(account.timeouts, true),
      ...(await rooms.pool.routeOf(account)),
    },
    { signal: live.signal() },
  )
  const hider = createCredentialHider(credential, choice.baseUrl)
  if (result.ok) noteAnswerHead(live, { headers: result.answer.headers, hider })
  return result
}

/** Where each format counts, below the endpoint that answers. */
const SUFFIXES: { readonly [Format in CountingFormat]: string } = {
  'anthropic-messages': '/count_tokens',
  'openai-responses': '/input_tokens',
}

function passingBody({ state, envelope }: Question, { account, upstreamModel }: Candidate): string | Uint8Array {
  return (state?.requestFor(account, true).envelope ?? envelope).withMembers(
    upstreamModel === envelope.model ? new Map() : new Map([['model', JSON.stringify(upstreamModel)]]),
  )
}

/** @returns `undefined` when the upstream gave no count */
function readCount(format: CountingFormat, result: WholeResult): CountAnswer | undefined {
  if (!result.ok || result.answer.status !== 200) return undefined
  try {
    return countAnswer(format, JSON.parse(Buffer.from(result.answer.body).toString('utf8')))
  } catch {
    return undefined // not JSON: this upstream does not count
  }
}

/** A count in the client's words, whoever counted. */
function countAnswer(format: CountingFormat, counted: unknown): CountAnswer | undefined {
  return createConverter({ client: format, upstream: format }).count({}).response(counted)
}

function reply(live: LiveRequest, answer: CountAnswer | undefined, isEstimated: boolean): void {
  if (live.isFinished) return
  const text = JSON.stringify(answer?.body)
  const headers = {
    ...wayHeaders(live),
    'cache-control': 'no-cache',
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
  }
  live.outgoing.writeHead(200, isEstimated ? { ...headers, 'x-relay-estimated': '1' } : headers)
  live.outgoing.end(text)
  live.finish({ reason: 'completed', status: 200 })
}

import { jsonReply, sseReply, startFakeUpstream } from '@relay/upstreams/testing'
import type { FakeAnswer, RecordedRequest } from '@relay/upstreams/testing'

import type { Answer, AnswerTokens, WrittenAnswer } from './answer.ts'
import { Refusal, demand } from './asked.ts'
import type { Asked, Loose, SpokenFormat } from './asked.ts'
import { nextTurn } from './plan.ts'
import type { Plan } from './plan.ts'
import { readChat } from './read-chat.ts'
import { readMessages } from './read-messages.ts'
import { readResponses } from './read-responses.ts'
import { writeChat } from './write-chat.ts'
import { writeMessages } from './write-messages.ts'
import { writeResponses } from './write-responses.ts'

/** What a request to the model was for. */
export type Purpose = 'task' | 'title' | 'web-search' | 'count' | 'other'

/** One request that the model has answered or refused. */
export interface ModelExchange {
  readonly purpose: Purpose
  readonly isStream: boolean
  /** The message of the 400, where the model refused. */
  readonly refusal: string | undefined
  /** The names of the tools it called. */
  readonly calls: readonly string[]
  /** The upstream's own web search was part of the answer. */
  readonly hasSearched: boolean
  /** What the answer reported; `undefined` where there was none. */
  readonly tokens: AnswerTokens | undefined
}

/** A server that plays a model in one format. */
export interface ScriptedModel {
  /** Without a path. */
  readonly url: string
  /** Every exchange so far, in the order in which they arrived. */
  readonly exchanges: readonly ModelExchange[]
  /** Proofs of reasoning that were given out, and those that came back. */
  readonly proofs: { readonly issued: ReadonlySet<string>; readonly returned: ReadonlySet<string> }
  /** The bodies as they came, for a look at what went wrong. */
  readonly bodies: readonly unknown[]
  close(): Promise<void>
}

interface Speech {
  readonly path: string
  /** Where tokens are counted; `undefined` = nowhere. */
  readonly countPath?: string
  readonly idPrefix: string
  readonly answerPrefix: string
  /** Reasoning comes with a proof that the client has to send back. */
  readonly hasProofs: boolean
  read(body: Loose): Asked
  write(answer: Answer): WrittenAnswer
  refuse(message: string): object
}

const SPEECHES: Readonly<Record<SpokenFormat, Speech>> = {
  'anthropic-messages': {
    path: '/v1/messages',
    countPath: '/v1/messages/count_tokens',
    idPrefix: 'toolu_',
    answerPrefix: 'msg_',
    hasProofs: true,
    read: readMessages,
    write: writeMessages,
    refuse: (message) => ({
      type: 'error',
      error: { type: 'invalid_request_error', message },
      request_id: 'req_model',
    }),
  },
  'openai-chat': {
    path: '/v1/chat/completions',
    idPrefix: 'call_',
    answerPrefix: 'chatcmpl-',
    hasProofs: false,
    read: readChat,
    write: writeChat,
    refuse: openAiError,
  },
  'openai-responses': {
    path: '/v1/responses',
    countPath: '/v1/responses/input_tokens',
    idPrefix: 'call_',
    answerPrefix: 'resp_',
    hasProofs: true,
    read: readResponses,
    write: writeResponses,
    refuse: openAiError,
  },
}

/** Streams are cut into pieces of this size, so that characters and events are split anywhere. */
const PIECE_BYTES = 397

interface ModelState {
  plan: Plan
  readonly speech: Speech
  readonly exchanges: ModelExchange[]
  readonly issued: Set<string>
  readonly returned: Set<string>
}

/**
 * Starts a server that plays a model: it reads what is asked in a format, refuses what the vendor would refuse, and
 * follows its plan by calling the tools it is offered.
 */
export async function startScriptedModel(format: SpokenFormat, plan: Plan): Promise<ScriptedModel> {
  const state: ModelState = { plan, speech: SPEECHES[format], exchanges: [], issued: new Set(), returned: new Set() }
  const upstream = await startFakeUpstream((request, index) => answer(state, request, index))
  return {
    url: upstream.url,
    exchanges: state.exchanges,
    proofs: { issued: state.issued, returned: state.returned },
    get bodies() {
      return upstream.requests.map(({ json }) => json)
    },
    close: upstream.close,
  }
}

/** What may stand in the way of an answer of one place: gives it as it is, gives it disturbed, or gives another. */
export type Disturb = (place: number, request: RecordedRequest, give: () => FakeAnswer) => FakeAnswer

/** One model behind several addresses, like one vendor behind several accounts. */
export interface ScriptedPool {
  readonly urls: readonly string[]
  readonly exchanges: readonly ModelExchange[]
  /** What the model does from now on. */
  follow(plan: Plan): void
  close(): Promise<void>
}

/** Starts a model behind so many addresses. */
export async function startScriptedPool(format: SpokenFormat, size: number, disturb: Disturb): Promise<ScriptedPool> {
  const plan: Plan = { steps: [], finish: () => 'Nothing was asked.' }
  const state: ModelState = { plan, speech: SPEECHES[format], exchanges: [], issued: new Set(), returned: new Set() }
  let index = 0
  const places = await Promise.all(
    Array.from({ length: size }, (_, place) =>
      startFakeUpstream((request) => disturb(place, request, () => answer(state, request, index++))),
    ),
  )
  return {
    urls: places.map(({ url }) => url),
    exchanges: state.exchanges,
    follow: (next) => {
      state.plan = next
    },
    close: async () => void (await Promise.all(places.map((place) => place.close()))),
  }
}

function answer(state: ModelState, request: RecordedRequest, index: number): FakeAnswer {
  const { speech, exchanges } = state
  const path = request.url.split('?')[0]
  const nothing = { purpose: 'other', isStream: false, calls: [], hasSearched: false, tokens: undefined } as const
  if (path === speech.countPath) {
    exchanges.push({ ...nothing, purpose: 'count', refusal: undefined })
    return jsonReply({ object: 'response.input_tokens', input_tokens: estimateTokens(request) })
  }
  try {
    demand(path === speech.path, `there is nothing at ${path}`)
    const asked = speech.read(request.json)
    for (const proof of asked.proofs) takeProof(state, proof)
    const purpose = purposeOf(asked)
    const given = compose(state, asked, { purpose, index, input: estimateTokens(request) })
    const calls = given.calls.map(({ tool }) => tool.name)
    const hasSearched = given.search !== undefined
    exchanges.push({ purpose, isStream: asked.isStream, refusal: undefined, calls, hasSearched, tokens: given.tokens })
    const written = speech.write(given)
    return asked.isStream ? sseReply(written.sse, { pieceBytes: PIECE_BYTES }) : jsonReply(written.json)
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    exchanges.push({ ...nothing, refusal: error.message })
    return jsonReply(speech.refuse(error.message), { status: 400 })
  }
}

/** A proof that this model never gave is refused, as the vendors do. */
function takeProof({ issued, returned }: ModelState, proof: string): void {
  demand(issued.has(proof), 'a proof of reasoning is not one of this model')
  returned.add(proof)
}

function purposeOf({ tools, hasHostedSearch, schema, userText }: Asked): Purpose {
  if (tools.length > 0) return 'task'
  if (hasHostedSearch || /web search/i.test(userText)) return 'web-search'
  return schema !== undefined || /\btitle\b/i.test(userText) ? 'title' : 'other'
}

interface Occasion {
  readonly purpose: Purpose
  readonly index: number
  /** Tokens of the request. */
  readonly input: number
}

function compose(state: ModelState, asked: Asked, { purpose, index, input }: Occasion): Answer {
  const { speech, plan, issued } = state
  const isFirst = asked.callIds.length === 0
  const turn =
    purpose === 'task' ? nextTurn(plan, asked, speech.idPrefix) : { text: sideText(asked, purpose), calls: [] }
  const reasons = asked.wantsReasoning && purpose === 'task'
  const proof = Buffer.from(`proof of answer ${index} to ${asked.model}`).toString('base64')
  if (reasons && speech.hasProofs) issued.add(proof)
  return {
    id: `${speech.answerPrefix}answer${index}`,
    model: asked.model,
    reasoning: reasons ? { text: `I think about step ${asked.callIds.length}. 🤔`, proof } : undefined,
    search: asked.hasHostedSearch && isFirst ? { ...SEARCH, sources: asked.wantsSources } : undefined,
    ...turn,
    // Numbers that differ from answer to answer, so that a mix-up shows.
    tokens: { input: input + index, cached: isFirst ? 0 : Math.floor(input / 3), output: 40 + 3 * index },
  }
}

const SEARCH = { query: 'pear harvest', url: 'https://example.com/pears', title: 'Pears of the year' }

/** A side question: with a schema, JSON that follows it. */
function sideText({ schema }: Asked, purpose: Purpose): string {
  if (schema !== undefined) return JSON.stringify(Object.fromEntries(Object.keys(schema.properties).map(toSample)))
  return purpose === 'web-search' ? 'The harvest was good (https://example.com/pears).' : 'A report about pears'
}

function toSample(name: string): readonly [string, string] {
  return [name, `A ${name} about pears`]
}

function estimateTokens({ body }: RecordedRequest): number {
  return Math.ceil(body.length / 4)
}

function openAiError(message: string): object {
  return { error: { message, type: 'invalid_request_error', param: null, code: null } }
}

import { chatAnswer, claudeAnswer, responsesAnswer } from '@relay/upstreams/testing'
import type { CannedAnswer, CannedContent } from '@relay/upstreams/testing'
import { expect } from 'vitest'

import type { Dialect, PostInit, TestRelay } from './harness.ts'

/** A way through the relay: who asks, and what the upstream speaks. */
export interface Way {
  readonly client: Dialect
  readonly upstream: Dialect
}

export const DIALECTS = ['claude', 'chat', 'responses'] as const satisfies readonly Dialect[]

/**
 * Three rounds, in each of which every dialect asks once and answers once: the byte-exact paths, and twice the
 * conversions.
 */
const ROUNDS: readonly (readonly Way[])[] = [0, 1, 2].map((shift) =>
  DIALECTS.map((client, index) => ({ client, upstream: DIALECTS[(index + shift) % 3] ?? client })),
)

/** The six conversions and the three byte-exact paths. */
export const WAYS: readonly Way[] = ROUNDS.flat()

/** Every way with every case of a table. */
export function onEveryWay<Case extends object>(cases: readonly Case[]): readonly (Way & Case)[] {
  return WAYS.flatMap((way) => cases.map((each) => ({ ...way, ...each })))
}

/**
 * The cases of a long table: each on the byte-exact paths and in one round of conversions, the two rounds in turns. What
 * is told is the client's matter and what is met the upstream's, so every dialect meets and tells every case; each of the
 * six conversions sees half of the table.
 */
export function onBothPaths<Case extends object>(cases: readonly Case[]): readonly (Way & Case)[] {
  const [same = [], ...conversions] = ROUNDS
  return cases.flatMap((each, index) => {
    const ways = [...same, ...(conversions[index % conversions.length] ?? [])]
    return ways.map((way) => ({ ...way, ...each }))
  })
}

/** A value that Claude clients are told, and the one for the OpenAI dialects where it differs. */
export function toldTo<Value>(claude: Value, openAi: Value = claude): Readonly<Record<Dialect, Value>> {
  return { claude, chat: openAi, responses: openAi }
}

/** Where each dialect asks. */
export const PATHS: Readonly<Record<Dialect, string>> = {
  claude: '/v1/messages',
  chat: '/v1/chat/completions',
  responses: '/v1/responses',
}

const ANSWERS: Readonly<Record<Dialect, (content: CannedContent) => CannedAnswer>> = {
  claude: claudeAnswer,
  chat: chatAnswer,
  responses: responsesAnswer,
}

/** What the canned answers say; long enough to be cut in the middle, with characters of several bytes. */
export const STORY = 'Es war einmal ein Relais 🚃, das trug jede Nachricht – unverändert – über den Fluss.'

/** The tokens that the canned story reports. */
export const STORY_TOKENS = { inputTokens: 20, cacheReadTokens: 30, outputTokens: 9 }

/** An answer of an upstream that speaks this dialect. */
export function canned(dialect: Dialect, content: CannedContent = {}): CannedAnswer {
  const story = { text: STORY, inputTokens: 50, cachedTokens: 30, outputTokens: 9, ...content }
  return ANSWERS[dialect](story)
}

/** How an upstream of this dialect says in a stream that it is overloaded. */
export const OVERLOADED_EVENTS: Readonly<Record<Dialect, string>> = {
  claude: 'event: error\ndata: {"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}\n\n',
  chat: 'data: {"error":{"message":"Overloaded","type":"server_error","code":"server_is_overloaded"}}\n\n',
  responses:
    'event: response.failed\ndata: {"type":"response.failed","response":{"id":"resp_fake","object":"response","status":"failed",' +
    '"output":[],"error":{"code":"server_is_overloaded","message":"Overloaded"}}}\n\n',
}

export interface AskOptions extends PostInit {
  readonly isStream?: boolean
  readonly prompt?: string
  /** Members that replace or join the usual ones. */
  readonly body?: object
}

/** Asks a small question in a dialect; as a stream unless said otherwise. */
export function ask(relay: TestRelay, dialect: Dialect, options: AskOptions = {}): Promise<Response> {
  const { isStream = true, prompt = 'Tell me a story.', body, ...init } = options
  const question = { model: 'some-model', stream: isStream, ...questionIn(dialect, prompt, isStream), ...body }
  return relay.post(PATHS[dialect], question, init)
}

function questionIn(dialect: Dialect, prompt: string, isStream: boolean): object {
  const messages = [{ role: 'user', content: prompt }]
  if (dialect === 'responses') return { max_output_tokens: 500, input: messages, store: false }
  const usage = dialect === 'chat' && isStream ? { stream_options: { include_usage: true } } : {}
  return { max_tokens: 500, ...usage, messages }
}

/** The text of an answer, and whether it was the whole answer: with its finish and its end. */
export interface ReadAnswer {
  readonly text: string
  readonly isComplete: boolean
  /** The error object of a stream that broke. */
  readonly error: { readonly type: string; readonly message: string } | undefined
}

interface AnyEvent {
  readonly type?: string
  /** A text in the Responses dialect. */
  readonly delta?: string | { readonly text?: string; readonly stop_reason?: string }
  readonly choices?: readonly { readonly delta: { readonly content?: string }; readonly finish_reason: string | null }[]
  readonly error?: { readonly type: string; readonly message: string }
  readonly sequence_number?: number
  readonly response?: {
    readonly id: string
    readonly status: string
    readonly output: readonly { readonly content: readonly { readonly text: string }[] }[]
    readonly error: { readonly code: string; readonly message: string } | null
  }
}

/** What ends a complete stream. */
const TERMINATORS = /event: message_stop|data: \[DONE\]|event: response\.(?:completed|incomplete)/

/** Reads a stream as a client of this dialect does; nothing may stand behind its end. */
export function readStream(dialect: Dialect, stream: string): ReadAnswer {
  const text = stream.replaceAll(/\r\n?/g, '\n').replace(/^\uFEFF/, '')
  expect(text).toMatch(/\n\n$/) // every event is closed by its blank line
  const frames = text.split(/\n{2,}/)
  const payloads = frames.map(dataOf).filter((data) => data !== undefined)
  const events = payloads.filter((data) => data !== '[DONE]').map((data) => JSON.parse(data) as AnyEvent)
  if (dialect === 'responses') checkLifecycle(events)
  const errors = events.map(errorOf).filter((error) => error !== undefined)
  const last = dialect === 'chat' ? payloads.at(-1) : events.at(-1)?.type
  const isComplete = last === LAST_WORDS[dialect] && events.some(hasFinish)
  if (errors.length > 0) expect(errorOf(events.at(-1) ?? {})).toBeDefined() // the error is the last word
  if (errors.length > 0) expect(stream).not.toMatch(TERMINATORS)
  return { text: events.map(textOf).join(''), isComplete, error: errors[0] }
}

const LAST_WORDS: Readonly<Record<Dialect, string>> = {
  claude: 'message_stop',
  chat: '[DONE]',
  responses: 'response.completed',
}

/** What the OpenAI SDK insists on: it begins with `response.created`, the response keeps its id, numbers never fall. */
function checkLifecycle(events: readonly AnyEvent[]): void {
  expect(events[0]?.type).toBe('response.created')
  const ids = events.map(({ response }) => response?.id).filter((id) => id !== undefined)
  expect(new Set(ids).size).toBe(1)
  const numbers = events.map(({ sequence_number: number }) => number).filter((number) => number !== undefined)
  expect(numbers).toEqual(numbers.toSorted((left, right) => left - right))
  const complete = events.find(({ type }) => type === 'response.completed')?.response
  if (complete !== undefined) expect(textOfOutput(complete.output)).toBe(events.map(textOf).join(''))
}

type Output = NonNullable<AnyEvent['response']>['output']

function textOfOutput(output: Output): string {
  return output
    .flatMap(({ content }) => content)
    .map(({ text }) => text)
    .join('')
}

/** The text of a whole answer. */
export async function readWhole(dialect: Dialect, response: Response): Promise<string> {
  expect(response.headers.get('content-type')).toBe('application/json')
  const body: unknown = await response.json()
  if (dialect === 'claude') {
    const { content } = body as { readonly content: readonly { readonly text: string }[] } // the caller expects success
    return content.map(({ text }) => text).join('')
  }
  if (dialect === 'responses') {
    const response = body as { readonly object: string; readonly status: string; readonly output: Output }
    expect(response).toMatchObject({ object: 'response', status: 'completed' })
    return textOfOutput(response.output)
  }
  const { choices } = body as { readonly choices: readonly { readonly message: { readonly content: string } }[] }
  return choices.map(({ message }) => message.content).join('')
}

/** What an error answer says, whichever the dialect. */
export interface ReadError {
  readonly status: number
  readonly type: string
  readonly code: string | null | undefined
  readonly message: string
}

/** Reads an error answer and checks its envelope: the client's own format, and a request id. */
export async function readError(dialect: Dialect, response: Response): Promise<ReadError> {
  expect(response.headers.get('content-type')).toBe('application/json')
  const requestId = response.headers.get('request-id')
  expect(requestId).toMatch(/^req_\w+$/)
  const body = (await response.json()) as { readonly error: Omit<ReadError, 'status'> } // checked on the next lines
  const shape =
    dialect === 'claude'
      ? { type: 'error', error: { type: expect.any(String), message: expect.any(String) }, request_id: requestId }
      : { error: { type: expect.any(String), message: expect.any(String), param: expect.toSatisfy(isParam) } }
  expect(body).toMatchObject(shape)
  expect('type' in body).toBe(dialect === 'claude')
  const { type, code, message } = body.error
  return { status: response.status, type, code, message }
}

function isParam(value: unknown): boolean {
  return value === null || typeof value === 'string'
}

function dataOf(frame: string): string | undefined {
  const lines = frame.split('\n').filter((line) => line.startsWith('data:'))
  return lines.length === 0 ? undefined : lines.map((line) => line.slice(5).trim()).join('\n')
}

function textOf({ type, delta, choices }: AnyEvent): string {
  if (typeof delta === 'string') return type === 'response.output_text.delta' ? delta : ''
  return delta?.text ?? choices?.[0]?.delta.content ?? ''
}

function hasFinish({ delta, choices, response }: AnyEvent): boolean {
  if (response?.status === 'completed' || typeof choices?.[0]?.finish_reason === 'string') return true
  return typeof delta === 'object' && delta.stop_reason !== undefined
}

/** A failed response has a code where the others have a type. */
function errorOf({ error, response }: AnyEvent): ReadAnswer['error'] {
  const { code, message } = response?.error ?? {}
  return code === undefined || message === undefined ? error : { type: code, message }
}

import { chatAnswer, claudeAnswer } from '@relay/upstreams/testing'
import type { CannedAnswer, CannedContent } from '@relay/upstreams/testing'
import { expect } from 'vitest'

import type { Dialect, PostInit, TestRelay } from './harness.ts'

/** A way through the relay: who asks, and what the upstream speaks. */
export interface Way {
  readonly client: Dialect
  readonly upstream: Dialect
}

/** Both conversions and both byte-exact paths. */
export const WAYS: readonly Way[] = [
  { client: 'claude', upstream: 'chat' },
  { client: 'chat', upstream: 'claude' },
  { client: 'claude', upstream: 'claude' },
  { client: 'chat', upstream: 'chat' },
]

/** Every way with every case of a table. */
export function onEveryWay<Case extends object>(cases: readonly Case[]): readonly (Way & Case)[] {
  return WAYS.flatMap((way) => cases.map((each) => ({ ...way, ...each })))
}

const PATHS: Readonly<Record<Dialect, string>> = { claude: '/v1/messages', chat: '/v1/chat/completions' }

/** What the canned answers say; long enough to be cut in the middle, with characters of several bytes. */
export const STORY = 'Es war einmal ein Relais 🚃, das trug jede Nachricht – unverändert – über den Fluss.'

/** The tokens that the canned story reports. */
export const STORY_TOKENS = { inputTokens: 20, cacheReadTokens: 30, outputTokens: 9 }

/** An answer of an upstream that speaks this dialect. */
export function canned(dialect: Dialect, content: CannedContent = {}): CannedAnswer {
  const story = { text: STORY, inputTokens: 50, cachedTokens: 30, outputTokens: 9, ...content }
  return dialect === 'claude' ? claudeAnswer(story) : chatAnswer(story)
}

export interface AskOptions extends PostInit {
  readonly isStream?: boolean
  /** Members that replace or join the usual ones. */
  readonly body?: object
}

/** Asks a small question in a dialect; as a stream unless said otherwise. */
export function ask(relay: TestRelay, dialect: Dialect, options: AskOptions = {}): Promise<Response> {
  const { isStream = true, body, ...init } = options
  const usage = dialect === 'chat' && isStream ? { stream_options: { include_usage: true } } : {}
  const question = {
    model: 'some-model',
    max_tokens: 500,
    stream: isStream,
    ...usage,
    messages: [{ role: 'user', content: 'Tell me a story.' }],
  }
  return relay.post(PATHS[dialect], { ...question, ...body }, init)
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
  readonly delta?: { readonly text?: string; readonly stop_reason?: string }
  readonly choices?: readonly { readonly delta: { readonly content?: string }; readonly finish_reason: string | null }[]
  readonly error?: { readonly type: string; readonly message: string }
}

/** Reads a stream as a client of this dialect does; nothing may stand behind its end. */
export function readStream(dialect: Dialect, stream: string): ReadAnswer {
  const text = stream.replaceAll(/\r\n?/g, '\n').replace(/^\uFEFF/, '')
  expect(text).toMatch(/\n\n$/) // every event is closed by its blank line
  const frames = text.split(/\n{2,}/)
  const payloads = frames.map(dataOf).filter((data) => data !== undefined)
  const events = payloads.filter((data) => data !== '[DONE]').map((data) => JSON.parse(data) as AnyEvent)
  const errors = events.map(({ error }) => error).filter((error) => error !== undefined)
  const terminator = dialect === 'claude' ? events.at(-1)?.type === 'message_stop' : payloads.at(-1) === '[DONE]'
  const isComplete = terminator && events.some(hasFinish)
  if (errors.length > 0) expect(events.at(-1)?.error).toBeDefined() // the error is the last word
  if (errors.length > 0) expect(stream).not.toMatch(/message_stop|\[DONE\]/)
  return { text: events.map(textOf).join(''), isComplete, error: errors[0] }
}

/** The text of a whole answer. */
export async function readWhole(dialect: Dialect, response: Response): Promise<string> {
  expect(response.headers.get('content-type')).toBe('application/json')
  const body: unknown = await response.json()
  if (dialect === 'claude') {
    const { content } = body as { readonly content: readonly { readonly text: string }[] } // the caller expects success
    return content.map(({ text }) => text).join('')
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

function textOf({ delta, choices }: AnyEvent): string {
  return delta?.text ?? choices?.[0]?.delta.content ?? ''
}

function hasFinish({ delta, choices }: AnyEvent): boolean {
  return delta?.stop_reason !== undefined || typeof choices?.[0]?.finish_reason === 'string'
}

import OpenAI from 'openai'
import type { ChatCompletion } from 'openai/resources/chat/completions'

import {
  createConverter,
  type ConversionOptions,
  type ConvertedAnswer,
  type ConverterOptions,
  type Exchange,
  type FormatName,
  type JsonObject,
  type Loss,
  type StreamConverter,
} from '../../src/index.ts'
import { readSse, type SeenEvent } from '../../src/testing/messages-judge.ts'

export { judgeMessagesStream, readSse, type SeenEvent } from '../../src/testing/messages-judge.ts'

const utf8 = new TextEncoder()

/** The least request of each format; the parts that a test is about are laid over it. */
const REQUESTS: { readonly [Format in FormatName]?: JsonObject } = {
  'anthropic-messages': {
    model: 'asked-model',
    max_tokens: 1000,
    stream: true,
    messages: [{ role: 'user', content: 'x' }],
  },
  'openai-chat': {
    model: 'asked-model',
    stream: true,
    stream_options: { include_usage: true },
    messages: [{ role: 'user', content: 'x' }],
  },
}

export interface Pair {
  readonly client: FormatName
  readonly upstream: FormatName
}

/** Upstream Chat, client Messages. */
export const CHAT_TO_MESSAGES: Pair = { client: 'anthropic-messages', upstream: 'openai-chat' }
/** Upstream Messages, client Chat. */
export const MESSAGES_TO_CHAT: Pair = { client: 'openai-chat', upstream: 'anthropic-messages' }

export interface ExchangeSetup extends Pair {
  /** Laid over the least request of the client's format. */
  readonly request?: JsonObject
  readonly options?: Partial<ConversionOptions>
  readonly converter?: Partial<ConverterOptions>
}

/** An exchange with ids and a clock that never change. */
export function startExchange({ client, upstream, request, options, converter }: ExchangeSetup): Exchange {
  return createConverter({
    client,
    upstream,
    options,
    ids: () => 'a'.repeat(24),
    now: () => 1_700_000_000_000,
    ...converter,
  }).exchange({
    ...REQUESTS[client],
    ...request,
  })
}

export interface SeenStream {
  readonly text: string
  readonly events: readonly SeenEvent[]
  readonly stream: StreamConverter
  readonly exchange: Exchange
  readonly losses: readonly Loss[]
}

/** Sends an upstream's SSE text through the converter. */
export function convertStream(setup: ExchangeSetup, sse: string): SeenStream {
  const exchange = startExchange(setup)
  const stream = exchange.stream()
  const text = stream.push(utf8.encode(sse)) + stream.end()
  return { text, events: readSse(text), stream, exchange, losses: stream.losses }
}

/** Sends an upstream's whole answer through the converter. */
export function convertWhole(setup: ExchangeSetup, body: JsonObject): ConvertedAnswer {
  return startExchange({ ...setup, request: { stream: false, stream_options: undefined, ...setup.request } }).response(
    body,
  )
}

/** SSE text of Chat chunks. `[DONE]` ends it, unless the last chunk is `'cut'`. */
export function chatSse(...chunks: readonly (JsonObject | 'cut')[]): string {
  const frames = chunks
    .filter((chunk) => chunk !== 'cut')
    .map(
      (chunk) =>
        `data: ${JSON.stringify({ id: 'c1', object: 'chat.completion.chunk', created: 1, model: 'up-model', ...chunk })}\n\n`,
    )
  return frames.join('') + (chunks.at(-1) === 'cut' ? '' : 'data: [DONE]\n\n')
}

/** A chunk with one delta. */
export function chunk(delta: JsonObject, finishReason: string | null = null): JsonObject {
  return { choices: [{ index: 0, delta, finish_reason: finishReason }] }
}

/** SSE text of Messages events, each under its own name. */
export function messagesSse(...events: readonly JsonObject[]): string {
  return events.map((event) => `event: ${nameOf(event)}\ndata: ${JSON.stringify(event)}\n\n`).join('')
}

function nameOf({ type }: JsonObject): string {
  return typeof type === 'string' ? type : 'untyped'
}

/** Words of a Messages stream. */
export const wire = {
  start: (message: JsonObject = {}): JsonObject => ({
    type: 'message_start',
    message: {
      id: 'msg_1',
      type: 'message',
      role: 'assistant',
      model: 'up-model',
      content: [],
      stop_reason: null,
      stop_sequence: null,
      usage: { input_tokens: 10, output_tokens: 1 },
      ...message,
    },
  }),
  /** One block: its start, deltas and stop. */
  block: (index: number, start: JsonObject, ...deltas: readonly JsonObject[]): JsonObject[] => [
    { type: 'content_block_start', index, content_block: start },
    ...deltas.map((delta) => ({ type: 'content_block_delta', index, delta })),
    { type: 'content_block_stop', index },
  ],
  text: (index: number, text: string): JsonObject[] =>
    wire.block(index, { type: 'text', text: '' }, { type: 'text_delta', text }),
  thinking: (index: number, thinking: string, signature: string): JsonObject[] =>
    wire.block(
      index,
      { type: 'thinking', thinking: '', signature: '' },
      { type: 'thinking_delta', thinking },
      { type: 'signature_delta', signature },
    ),
  call: (index: number, id: string, input: string): JsonObject[] =>
    wire.block(
      index,
      { type: 'tool_use', id, name: 'w', input: {} },
      { type: 'input_json_delta', partial_json: input },
    ),
  stop: (reason: string, rest: JsonObject = {}, usage: JsonObject = { output_tokens: 5 }): JsonObject[] => [
    { type: 'message_delta', delta: { stop_reason: reason, stop_sequence: null, ...rest }, usage },
    { type: 'message_stop' },
  ],
} as const

/** What the official OpenAI SDK makes of a Chat stream; throws where the SDK throws. */
export async function judgeChatStream(sse: string): Promise<ChatCompletion> {
  const client = new OpenAI({
    apiKey: 'not-a-key',
    maxRetries: 0,
    fetch: async () => new Response(sse, { headers: { 'content-type': 'text/event-stream' } }),
  })
  return client.chat.completions
    .stream({ model: 'asked-model', messages: [{ role: 'user', content: 'x' }] })
    .finalChatCompletion()
}

/** All deltas of a Chat stream, in order. */
export function chatDeltas(events: readonly SeenEvent[]): SeenEvent['data'][] {
  return events.flatMap(({ data }) => (data.choices ?? []).map((choice: { delta: unknown }) => choice.delta))
}

/** Codes of the losses, without those that mean nothing. */
export function codesOf(losses: readonly Loss[]): string[] {
  return losses.filter(({ level }) => level !== 'info').map(({ code }) => code)
}

import { ChatCompletionStream } from 'openai/lib/ChatCompletionStream'
import type { ChatCompletion } from 'openai/resources/chat/completions'

import type { ProfileOverrides, UpstreamProfile } from '../adapt/profile.ts'
import { profiles } from '../adapt/profiles.ts'
import type { DecodeAnswerContext, EncodeAnswerContext } from '../codec.ts'
import type { AnswerEvent } from '../model/answer-event.ts'
import type { JsonObject } from '../model/json.ts'
import type { LossReport } from '../model/loss.ts'
import { decodeAnswer } from '../openai-chat/decode-answer.ts'
import { createStreamDecoder } from '../openai-chat/decode-stream.ts'
import { createStreamEncoder } from '../openai-chat/encode-stream.ts'
import { DEFAULT_OPTIONS } from '../options.ts'
import type { Loose } from './loose.ts'

/** A Chat upstream without habits of its own. */
export function chatProfile(base: ProfileOverrides = {}, model = 'some-model'): UpstreamProfile {
  return profiles.resolve('openai-chat', model, { ...base, dialect: { lenientEnd: false, ...base.dialect } })
}

/** What a decoder made of some input. */
export interface Decoded {
  readonly events: readonly AnswerEvent[]
  readonly losses: readonly LossReport[]
}

export interface ChatDecoding {
  readonly profile?: UpstreamProfile
  readonly stop?: readonly string[]
  /** How the stream ends; `done` = with `[DONE]`. */
  readonly ending?: 'done' | 'closed' | 'open'
}

function decodingContext(losses: LossReport[], init: ChatDecoding): DecodeAnswerContext {
  let ids = 0
  return {
    profile: init.profile ?? chatProfile(),
    newId: () => `minted${(ids += 1)}`,
    stop: init.stop ?? [],
    report: (loss) => losses.push(loss),
  }
}

/** Decodes chunks as a stream would bring them. */
export function decodeChunks(chunks: readonly JsonObject[], init: ChatDecoding = {}): Decoded {
  const events: AnswerEvent[] = []
  const losses: LossReport[] = []
  const decoder = createStreamDecoder(decodingContext(losses, init), (event) => events.push(event))
  for (const chunk of chunks) decoder.push(chunk, undefined)
  if (init.ending === undefined || init.ending === 'done') decoder.done()
  if (init.ending !== 'open') decoder.end()
  return { events, losses }
}

/** Decodes a whole answer. */
export function decodeWhole(body: JsonObject, init: ChatDecoding = {}): Decoded {
  const losses: LossReport[] = []
  return { events: decodeAnswer(body, decodingContext(losses, init)), losses }
}

/** An answer encoder's context that collects its losses. */
export function chatEncodingContext(
  losses: LossReport[] = [],
  overrides: Partial<EncodeAnswerContext> = {},
): EncodeAnswerContext {
  let ids = 0
  return {
    model: 'requested-model',
    id: 'answer',
    newId: () => `minted${(ids += 1)}`,
    createdSeconds: 1_700_000_000,
    nowSeconds: () => 1_700_000_000,
    options: DEFAULT_OPTIONS,
    showsReasoning: true,
    wantsStreamUsage: true,
    usesLegacyFunctions: false,
    upstreamFormat: 'anthropic-messages',
    report: (loss) => losses.push(loss),
    ...overrides,
  }
}

/** Encodes events into a Chat stream. */
export function encodeChunks(events: readonly AnswerEvent[], overrides: Partial<EncodeAnswerContext> = {}): string {
  const encoder = createStreamEncoder(chatEncodingContext([], overrides))
  return events.map((event) => encoder.write(event)).join('')
}

/** The parsed data of each frame of a Chat stream; `[DONE]` as it is. */
export function readChunks(sse: string): Loose[] {
  return sse
    .split('\n\n')
    .filter((frame) => frame.startsWith('data: '))
    .map((frame) => (frame === 'data: [DONE]' ? '[DONE]' : JSON.parse(frame.slice('data: '.length))))
}

/** What the official SDK makes of a Chat stream; rejects where the SDK rejects. */
export async function judgeChatStream(sse: string): Promise<ChatCompletion> {
  const lines = readChunks(sse)
    .filter((chunk) => chunk !== '[DONE]')
    .map((chunk) => `${JSON.stringify(chunk)}\n`)
  const bytes = new Response(lines.join('')).body
  if (bytes === null) throw new Error('a response made of text has a body')
  return ChatCompletionStream.fromReadableStream(bytes).finalChatCompletion()
}

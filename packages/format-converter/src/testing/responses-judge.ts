import OpenAI from 'openai'
import type { Response as OpenAiResponse } from 'openai/resources/responses/responses'

import type { UpstreamProfile } from '../adapt/profile.ts'
import { profiles } from '../adapt/profiles.ts'
import { anthropicMessages } from '../anthropic-messages/index.ts'
import type { Codec, DecodeAnswerContext, EncodeAnswerContext } from '../codec.ts'
import { encodeForUpstream } from '../convert/convert-request.ts'
import { createAnswerFold } from '../convert/fold-answer.ts'
import { createLossLedger } from '../convert/loss-ledger.ts'
import { restoreTools, type RestoreTool, type Restoring } from '../convert/restore-tools.ts'
import { createStreamConverter } from '../convert/stream-converter.ts'
import type { AnswerEvent } from '../model/answer-event.ts'
import { createAnswerGuard } from '../model/answer-grammar.ts'
import type { Answer } from '../model/answer.ts'
import type { FormatName } from '../model/format-name.ts'
import type { JsonObject } from '../model/json.ts'
import type { Loss, LossReport, ReportLoss } from '../model/loss.ts'
import { openaiChat } from '../openai-chat/index.ts'
import { openaiResponses } from '../openai-responses/index.ts'
import { DEFAULT_OPTIONS, type ConversionOptions } from '../options.ts'
import type { Loose } from './loose.ts'

const CODECS: { readonly [Format in FormatName]?: Codec } = {
  'anthropic-messages': anthropicMessages,
  'openai-chat': openaiChat,
  'openai-responses': openaiResponses,
}

function codec(format: FormatName): Codec {
  return CODECS[format] ?? openaiResponses
}

/** Two formats, and what a test changes of the plain case. */
export interface Setup {
  readonly client: FormatName
  readonly upstream: FormatName
  readonly model?: string
  readonly profile?: UpstreamProfile
  readonly options?: Partial<ConversionOptions>
  readonly clientRequest?: JsonObject
  readonly restore?: RestoreTool
  readonly stop?: readonly string[]
  readonly context?: Partial<EncodeAnswerContext>
}

export const CHAT_TO_RESPONSES: Setup = { client: 'openai-responses', upstream: 'openai-chat' }
export const MESSAGES_TO_RESPONSES: Setup = { client: 'openai-responses', upstream: 'anthropic-messages' }
export const RESPONSES_TO_MESSAGES: Setup = { client: 'anthropic-messages', upstream: 'openai-responses' }
export const RESPONSES_TO_CHAT: Setup = { client: 'openai-chat', upstream: 'openai-responses' }
export const RESPONSES_TO_RESPONSES: Setup = { client: 'openai-responses', upstream: 'openai-responses' }

function profileOf({ upstream, model, profile }: Setup): UpstreamProfile {
  return profile ?? profiles.resolve(upstream, model ?? 'some-model')
}

/** An answer decoder's context that collects its losses. */
function decoding(setup: Setup, losses: LossReport[] = []): DecodeAnswerContext {
  let ids = 0
  return {
    profile: profileOf(setup),
    newId: () => `minted${(ids += 1)}`,
    stop: setup.stop ?? [],
    report: (loss) => losses.push(loss),
  }
}

/** An answer encoder's context that collects its losses. */
export function encoding(setup: Setup, losses: LossReport[] = []): EncodeAnswerContext {
  let ids = 0
  return {
    model: 'requested-model',
    id: 'answer',
    newId: () => `made${(ids += 1)}`,
    createdSeconds: 1_700_000_000,
    nowSeconds: () => 1_700_000_000,
    options: { ...DEFAULT_OPTIONS, ...setup.options },
    showsReasoning: true,
    wantsStreamUsage: true,
    usesLegacyFunctions: false,
    clientRequest: setup.clientRequest,
    upstreamFormat: setup.upstream,
    report: (loss) => losses.push(loss),
    ...setup.context,
  }
}

/** What became of an upstream's stream. */
export interface SeenStream {
  readonly text: string
  readonly events: readonly Loose[]
  readonly names: readonly string[]
  readonly stream: ReturnType<typeof createStreamConverter>
  readonly losses: readonly Loss[]
}

function restoring({ restore = () => undefined }: Setup, report: ReportLoss): Restoring {
  return { restore, report }
}

/** Sends an upstream's SSE text through decoder, guard and encoder; `cuts` = the pieces in which it arrives. */
export function convertSse(setup: Setup, sse: string | readonly Uint8Array[]): SeenStream {
  const ledger = createLossLedger({ client: setup.client, upstream: setup.upstream })
  const stream = createStreamConverter({
    client: codec(setup.client),
    upstream: codec(setup.upstream),
    decoding: decoding(setup),
    encoding: { ...encoding(setup), report: (loss) => ledger.report('response', loss) },
    station: (emit) => ({
      push: restoreTools(
        restoring(setup, (loss) => ledger.report('stream', loss)),
        emit,
      ),
      flush: () => {},
    }),
    watch: () => {},
    refusal: () => undefined,
    ledger,
    now: () => 1_700_000_000_000,
  })
  const pieces = typeof sse === 'string' ? [new TextEncoder().encode(sse)] : sse
  const text = pieces.map((piece) => stream.push(piece)).join('') + stream.end()
  const events = readEvents(text)
  return { text, events, names: events.map((event) => event.type), stream, losses: ledger.losses }
}

/** Sends a whole answer the same way; throws where the engine answers with an error. */
export function convertBody(setup: Setup, body: JsonObject, losses: LossReport[] = []): Loose {
  return codec(setup.client).encodeAnswer(foldBody(setup, body, losses), encoding(setup, losses))
}

/** A whole answer as the engine folds it. */
export function foldBody(setup: Setup, body: JsonObject, losses: LossReport[] = []): Answer {
  const fold = createAnswerFold()
  const guard = createAnswerGuard({ emit: fold.push, report: (loss) => losses.push(loss), holdStart: false })
  const emit = restoreTools(
    restoring(setup, (loss) => losses.push(loss)),
    guard.push,
  )
  for (const event of codec(setup.upstream).decodeAnswer(body, decoding(setup, losses))) emit(event)
  return fold.result()
}

/** What a client's request becomes for the upstream. */
export function sendRequest(
  setup: Setup,
  body: JsonObject,
): { readonly body: Loose; readonly losses: readonly Loss[] } {
  const ledger = createLossLedger({ client: setup.client, upstream: setup.upstream })
  const options = { ...DEFAULT_OPTIONS, ...setup.options }
  const profile = profileOf(setup)
  const sent = encodeForUpstream(body, {
    client: codec(setup.client),
    upstream: codec(setup.upstream),
    profile,
    options,
    policy: 'warn',
    ledger,
  })
  return { body: sent.body, losses: ledger.losses }
}

/** Decodes events of a Responses upstream. */
export function decodeEvents(
  events: readonly JsonObject[],
  ending: 'closed' | 'open' = 'closed',
): { readonly events: readonly AnswerEvent[]; readonly losses: readonly LossReport[] } {
  const seen: AnswerEvent[] = []
  const losses: LossReport[] = []
  const decoder = openaiResponses.createStreamDecoder(decoding(RESPONSES_TO_MESSAGES, losses), (event) =>
    seen.push(event),
  )
  for (const event of events) decoder.push(event, undefined)
  if (ending === 'closed') decoder.end()
  return { events: seen, losses }
}

/** SSE text of Responses events, each under its own name and numbered. */
export function responsesSse(...events: readonly Loose[]): string {
  return events
    .map((event, index) => `event: ${event.type}\ndata: ${JSON.stringify({ ...event, sequence_number: index })}\n\n`)
    .join('')
}

/** The parsed data of each frame. */
export function readEvents(sse: string): Loose[] {
  return sse
    .split('\n\n')
    .map((frame) =>
      frame
        .split('\n')
        .find((line) => line.startsWith('data: '))
        ?.slice('data: '.length),
    )
    .filter((data) => data !== undefined && data !== '[DONE]')
    .map((data) => JSON.parse(data ?? ''))
}

/** What the official SDK makes of a Responses stream; rejects where the SDK rejects. */
export async function judgeResponsesStream(sse: string): Promise<OpenAiResponse> {
  const client = new OpenAI({
    apiKey: 'not-a-key',
    maxRetries: 0,
    fetch: async () => new Response(sse, { headers: { 'content-type': 'text/event-stream' } }),
  })
  return client.responses.stream({ model: 'requested-model', input: 'x' }).finalResponse()
}

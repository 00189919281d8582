import type { UpstreamProfile } from './adapt/profile.ts'
import type { AnswerEvent, EmitEvent } from './model/answer-event.ts'
import type { Answer } from './model/answer.ts'
import type { ChatRequest, Parameter, Reasoning } from './model/chat-request.ts'
import type { Failure } from './model/failure.ts'
import type { FormatName } from './model/format-name.ts'
import type { JsonObject, JsonValue } from './model/json.ts'
import type { ReportLoss } from './model/loss.ts'
import type { Usage } from './model/usage.ts'
import type { ConversionOptions } from './options.ts'

/** What a request decoder gets beside the body. */
export interface DecodeRequestContext {
  readonly report: ReportLoss
  /** The body asks for a token count: what only an answer needs (Anthropic `max_tokens`) may be absent. */
  readonly isCount?: boolean
}

/** What a request encoder gets beside the adapted request. */
export interface EncodeRequestContext {
  readonly profile: UpstreamProfile
  readonly options: ConversionOptions
  readonly report: ReportLoss
}

/** Which earlier reasoning is taken out of a request. */
export interface DropReasoningContext {
  /** @param proof - `''` where the reasoning has none */
  readonly isTaken: (proof: string) => boolean
  /** Called with the place of everything that is taken out. */
  readonly report: (path: string) => void
}

/** A request in a target's own words. */
export interface EncodedRequest {
  readonly body: JsonObject
  /** Protocol headers of the format, lower case (`anthropic-version` …); never credentials. */
  readonly headers: Readonly<Record<string, string>>
}

/** An error answer in a client's own words. */
export interface EncodedError {
  readonly status: number
  readonly body: JsonObject
}

/** What an answer decoder must know of the upstream and of the request. */
export interface DecodeAnswerContext {
  readonly profile: UpstreamProfile
  /** Mints an id of 24 characters for a call that came without one. */
  readonly newId: () => string
  /** Stop sequences of the request, to recognise a `stop_sequence` that the upstream only hints at. */
  readonly stop: readonly string[]
  readonly report: ReportLoss
}

/** What an answer encoder must know of the client's request. */
export interface EncodeAnswerContext {
  /** The model name that the client sees. */
  readonly model: string
  /** Id of the answer without its prefix: 24 characters, the same for the whole exchange. */
  readonly id: string
  /** Mints a further id of 24 characters. */
  readonly newId: () => string
  /** Unix time in seconds, the same for the whole exchange. */
  readonly createdSeconds: number
  /** Unix time in seconds, now. */
  readonly nowSeconds: () => number
  readonly options: ConversionOptions
  /** False when the client switched reasoning off or asked for it to be omitted: only sealed blocks are written. */
  readonly showsReasoning: boolean
  /** The client asked for usage in the stream (Chat `include_usage`). */
  readonly wantsStreamUsage: boolean
  readonly usesLegacyFunctions: boolean
  /** Estimate of the input tokens for a stream's first event; never recorded as usage. */
  readonly inputTokenEstimate?: number
  /** Hash of the account, put into seals that Relay wraps. */
  readonly issuer?: string
  /** What {@link Codec.repeatedMembers} took of the client's request, as it came. */
  readonly clientRequest?: JsonObject | undefined
  /** Format of the upstream: a seal of the client's own format travels verbatim, any other in an envelope. */
  readonly upstreamFormat: FormatName
  readonly requestId?: string
  readonly report: ReportLoss
}

/** What a decoder does with an event that is nothing but a piece of text. */
export interface Shortcut {
  /** The piece that the event holds. */
  readonly piece: string
  /** What `push` would do with the same event and another piece, not an empty one. Good until the next `push`. */
  readonly take: (piece: string) => void
}

/** Turns parsed stream events into {@link AnswerEvent}s, which it gives to the sink it was made with. */
export interface StreamDecoder {
  /**
   * One event.
   *
   * @param body - the parsed JSON of its data
   * @param eventName - the SSE `event:` name, when there was one
   */
  push(body: JsonObject, eventName: string | undefined): void
  /**
   * For an event that would do nothing but add a piece of text to something that is open, be it a call's arguments.
   * Whatever `push` reads of such an event is looked at: a text in place of what must stand there makes it another one.
   * Changes nothing. Absent = the decoder knows no shorter way.
   */
  shortcut?(body: JsonObject, eventName: string | undefined): Shortcut | undefined
  /**
   * Finds, in the text of an event, a value of which every digit of its numbers counts: arguments that are no text, as they
   * should be. Not global. Absent = there are none.
   */
  readonly exact?: RegExp
  /** The upstream said `[DONE]`. */
  done(): void
  /** The upstream closed. Emits `end` or a truncation failure, unless the answer had ended before. */
  end(): void
  /**
   * All that matters has come, although the format has a last word that has not: trouble from here on is no harm.
   * Absent = an answer of this format is whole only with its last event.
   */
  hasFinish?(): boolean
}

/** Turns {@link AnswerEvent}s into the text of a client's stream. */
export interface StreamEncoder {
  /** @returns SSE text, `''` when the event writes nothing (yet) */
  write(event: AnswerEvent): string
  /** Commits the stream although nothing meaningful has come: the start event. `''` when already begun. */
  open(): string
  /** A keep-alive frame that is valid in the present state. */
  ping(): string
  /** Events written so far; comments are none, and neither are those of {@link ping}. */
  events(): number
  /** UTF-16 units that are kept for later events; formats that keep nothing leave it out. */
  waiting?(): number
  /** Why the encoder itself had to end the stream (a bound was exceeded); its error event has been written. */
  failure?(): Failure | undefined
}

/** Earlier responses, wherever they are kept. Both look-ups answer `undefined` for what is not known. */
export interface ResponseStore {
  /** All items that an answer was made from and of, in order: the whole conversation up to it, then its output. */
  conversationOf(responseId: string): Promise<readonly JsonObject[] | undefined>
  /** One item of a conversation. */
  itemOf(itemId: string): Promise<JsonObject | undefined>
}

/** How a format counts the input tokens of a request before it answers. */
export interface Counting {
  /** Path of the endpoint below the version segment. */
  readonly endpoint: string
  /** Top-level members of a request that the endpoint takes; it refuses all others. */
  readonly members: readonly string[]
  /** The endpoint's answer. Its count is `input_tokens` in every format that has one. */
  encodeCount(inputTokens: number): JsonObject
}

/** How the byte-exact path recognises what it must look at in a stream of this format. */
export interface StreamTap {
  /**
   * True when an event has to be parsed: it may carry start, usage, finish or error. A cheap look at the text.
   *
   * @param data - the event's data, not parsed
   */
  mustParse(eventName: string | undefined, data: string): boolean
  /** True when the event shows content, a tool call, a finish or an error: the first one opens the gate. */
  isMeaningful(eventName: string | undefined, data: string): boolean
  /**
   * Reads a parsed event.
   *
   * @param earlier - the usage read so far, which helps to understand a report that holds only part of it
   */
  read(body: JsonObject, eventName: string | undefined, earlier?: Usage): TapReading
  /** Finds, from one match to the next, the opening quotes of what the model says in an event. Global. */
  readonly words: RegExp
  /** Whether an event with this data ends the stream on its own, before parsing (`[DONE]`). */
  isDone(data: string): boolean
  /** Frame to append when the upstream gave a finish but left its terminal event out; `''` = then the stream is cut. */
  readonly terminator: string
  /** Keep-alive frame between two events of an upstream's own stream. */
  keepAlive(seen: StreamSeen): string
}

/** What a client has seen of a stream before it broke; formats whose events name the answer need it. */
export interface StreamSeen {
  readonly answerId?: string | undefined
  readonly model?: string | undefined
  /** Events that went out. */
  readonly events?: number | undefined
}

/** What a tap learned from one event. */
export interface TapReading {
  readonly id?: string
  readonly model?: string
  readonly usage?: Usage
  /** The upstream gave a reason to stop. */
  readonly hasFinish?: boolean
  /** Of the answers side by side that the event is about, by their numbers: whether each has its reason to stop. */
  readonly choices?: ReadonlyMap<number, boolean>
  /** The stream's terminal event. */
  readonly isTerminal?: boolean
  /** An answer begins: in one stream only the one with the first id may. */
  readonly isStart?: boolean
  readonly failure?: Failure
  /** The event holds nothing but usage; it is taken out again when only Relay had asked for it. */
  readonly isUsageOnly?: boolean
}

/** A wish for reasoning as another model takes it; `undefined` = none is left. */
export type AdaptWish = (wish: Parameter<Reasoning>) => Reasoning | undefined

/**
 * What every format folder fulfils. Synchronous and pure: no clock, no randomness, no I/O; time and ids come in as
 * arguments. Decoders throw `ConversionError` for bodies that are wrong; encoders are total.
 */
export interface Codec {
  readonly format: FormatName
  /** Path of the endpoint below the version segment: `/messages`, `/chat/completions`. */
  readonly endpoint: string
  /** Prefix of answer ids: `msg_`, `chatcmpl-`. */
  readonly idPrefix: string

  decodeRequest(body: JsonObject, context: DecodeRequestContext): ChatRequest
  encodeRequest(request: ChatRequest, context: EncodeRequestContext): EncodedRequest
  /**
   * A request on its way to an upstream of the same format: the same object, unless Relay must ask for something to be
   * able to count (Chat `stream_options.include_usage`).
   */
  prepareIdentity(body: JsonObject): JsonObject
  /**
   * A request on its way to another model of the same format, with its wish for reasoning as that takes it; the same object
   * where the wish may stay. Formats in which all models take the same leave it out.
   */
  readonly refitReasoning?: (body: JsonObject, adapt: AdaptWish) => JsonObject
  /**
   * A request with everything in it that it refers to; formats that refer to nothing leave it out.
   *
   * @throws ConversionError `previous_response_not_found`
   */
  readonly resolveState?: (body: JsonObject, store: ResponseStore) => Promise<JsonObject>
  /** Top-level members that a retry with the essentials only still has. */
  readonly essentialMembers: readonly string[]
  /** A request on its way to an upstream of the same format, without some of its earlier reasoning; all else stays. */
  dropReasoning(body: JsonObject, context: DropReasoningContext): JsonObject

  /** The members of a request that an answer of this format repeats or depends on; formats without any leave it out. */
  readonly repeatedMembers?: (body: JsonObject) => JsonObject

  /** Top-level members of a whole answer that the format knows, read or not. */
  readonly answerMembers: readonly string[]
  /**
   * Looks whether a whole answer may go to a client of its own format as it is, with the least work.
   *
   * @throws ConversionError when it tells of trouble, or is no answer
   */
  requireAnswer(body: JsonObject): void
  /**
   * A whole answer as the same events that a stream would give.
   *
   * @throws ConversionError as {@link Codec.requireAnswer} does
   */
  decodeAnswer(body: JsonObject, context: DecodeAnswerContext): AnswerEvent[]
  encodeAnswer(answer: Answer, context: EncodeAnswerContext): JsonObject

  createStreamDecoder(context: DecodeAnswerContext, emit: EmitEvent): StreamDecoder
  createStreamEncoder(context: EncodeAnswerContext): StreamEncoder

  /** Status and error body in this format (contract 5.1). */
  encodeError(failure: Failure, requestId: string | undefined): EncodedError
  /**
   * One stream error event (4.5 of the contract), without a terminal event.
   *
   * @param seen - what the client has seen of a stream that went through as it came
   */
  encodeStreamError(failure: Failure, requestId: string | undefined, seen?: StreamSeen): string

  decodeUsage(usage: JsonValue | undefined): Usage | undefined
  /** The usage of a whole answer, with what stands beside the counts, such as the service tier. */
  decodeAnswerUsage(answer: JsonObject): Usage | undefined
  encodeUsage(usage: Usage): JsonObject

  /** Formats that cannot count leave it out. */
  readonly counting?: Counting

  readonly tap: StreamTap
  /** Top-level keys of a request that Relay reads or rewrites on the byte-exact path; none may stand there twice. */
  readonly sensitiveKeys: readonly string[]
}

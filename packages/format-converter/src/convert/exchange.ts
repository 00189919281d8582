import type { UpstreamProfile } from '../adapt/profile.ts'
import type { Codec, DecodeAnswerContext, EncodeAnswerContext, StreamEncoder } from '../codec.ts'
import { ConversionError } from '../conversion-error.ts'
import { decodeFailure } from '../failure/decode-failure.ts'
import { redact } from '../failure/redact.ts'
import type { EventOf, ResponseOf } from '../format-types.ts'
import { codecFor } from '../format.ts'
import type { AnswerEvent, EmitEvent } from '../model/answer-event.ts'
import { createAnswerGuard } from '../model/answer-grammar.ts'
import type { Answer } from '../model/answer.ts'
import type { Failure } from '../model/failure.ts'
import type { FormatName } from '../model/format-name.ts'
import { isJsonObject, type JsonObject } from '../model/json.ts'
import type { Loss } from '../model/loss.ts'
import type { StopReason } from '../model/stop-reason.ts'
import type { Usage } from '../model/usage.ts'
import type { ConversionOptions } from '../options.ts'
import { filterForClient, filterUpstream, type EventStation, type FilterContext } from './answer-filters.ts'
import type { ByteStreamConverter, StreamConverter } from './answer-stream.ts'
import { describeFailure, type ConvertedError } from './converted-error.ts'
import type { ExchangeFacts } from './exchange-facts.ts'
import { explodeAnswer } from './explode-answer.ts'
import { createAnswerFold } from './fold-answer.ts'
import { toHeaderRecord, type HeadersLike } from './headers-like.ts'
import { refusalOf, type LossLedger, type LossPolicy } from './loss-ledger.ts'
import { failureOfNoAnswer } from './no-answer.ts'
import { createPassThrough } from './pass-through.ts'
import { recogniseAnswerFormat } from './recognise-format.ts'
import { createRecognisingStream } from './recognise-stream.ts'
import { restoreTools, type RestoreTool } from './restore-tools.ts'
import { createStreamConverter } from './stream-converter.ts'
import { textOnly, toTransformStream, type ConvertingTransform } from './transform-stream.ts'

/** Everything the answer side of an exchange needs. */
export interface AnswerConversion {
  readonly facts: ExchangeFacts
  readonly profile: UpstreamProfile
  readonly options: ConversionOptions
  readonly ledger: LossLedger
  /** Judges answers too where the option `strictResponses` says so; default `warn`. */
  readonly policy?: LossPolicy | undefined
  /** The format the upstream answers in, unless its body says otherwise. */
  readonly answerFormat: FormatName
  /** Look at the body before believing `answerFormat`. */
  readonly recognisesAnswer: boolean
  readonly newId: () => string
  /** Unix time in milliseconds. */
  readonly nowMs: number
  readonly issuer?: string | undefined
  readonly requestId?: string | undefined
}

/** A whole answer in the client's format. */
export interface ConvertedAnswer<Client extends FormatName = FormatName> {
  readonly body: ResponseOf<Client>
  /** `body` is the upstream's own object: the bytes it came in may be forwarded. */
  readonly isUntouched: boolean
  readonly usage: Usage | undefined
  readonly stop: StopReason | undefined
  readonly upstreamModel: string | undefined
  readonly upstreamId: string | undefined
  readonly losses: readonly Loss[]
}

/** The way back: what the upstream answers, in the client's words. */
export interface AnswerSide<Client extends FormatName = FormatName> {
  /**
   * A whole answer. The same format gives the same object back.
   *
   * @throws ConversionError when the body is an error object, or no answer at all
   */
  response(body: unknown): ConvertedAnswer<Client>
  /** An upstream's error answer. */
  error(status: number, body: unknown, headers?: HeadersLike): ConvertedError<Client>
  /** Trouble that Relay itself met. */
  failure(failure: Failure): ConvertedError<Client>
  /** Converts a stream; always text. */
  stream(): StreamConverter
  /** Like `stream`, but bytes pass untouched where both sides speak the same format. */
  byteStream(): ByteStreamConverter
  /** `stream` as a web stream, for standalone use. */
  transform(): ConvertingTransform
  /** The upstream streams, the client does not: collects the stream into one answer. */
  aggregate(): Aggregator<Client>
  /**
   * The client streams, the upstream does not: a whole answer as the events of a stream. The word `[DONE]`, which ends a
   * Chat stream, is an event of its own.
   *
   * @throws ConversionError when the body is an error object, or no answer at all
   */
  explode(body: unknown): readonly (EventOf<Client> | '[DONE]')[]
}

/** Collects a stream into a whole answer. Never throws before `result`. */
export interface Aggregator<Client extends FormatName = FormatName> {
  push(chunk: Uint8Array | string): void
  /** @throws ConversionError when the stream broke */
  end(): ConvertedAnswer<Client>
}

interface Side extends AnswerConversion {
  readonly client: Codec
  /** Id of the client's answer, the same for stream and whole. */
  readonly answerId: string
  readonly restore: RestoreTool
  readonly decoding: DecodeAnswerContext
}

export function createAnswerSide(conversion: AnswerConversion): AnswerSide {
  const { facts, ledger, requestId } = conversion
  const client = codecFor(facts.client)
  const renamed = new Map(facts.renamedTools.map((tool) => [tool.wireName, tool]))
  const side: Side = {
    ...conversion,
    client,
    answerId: conversion.newId(),
    restore: (name) => renamed.get(name),
    decoding: {
      profile: profileForAnswer(conversion),
      newId: conversion.newId,
      stop: facts.stop,
      report: (loss) => ledger.report('stream', loss),
    },
  }
  const failure = (trouble: Failure): ConvertedError =>
    describeFailure({
      codec: client,
      failure: { ...trouble, message: redact(trouble.message) },
      requestId,
      maxRetryAfterMs: conversion.options.maxRetryAfterMs,
    })

  return {
    response: (body) => convertWhole(side, body),
    error: (status, body, headers = {}) => failure(decodeFailure(status, body, toHeaderRecord(headers))),
    failure,
    stream: () => textOnly(openStream(side)),
    byteStream: () => openStream(side),
    transform: () => toTransformStream(openStream(side)),
    aggregate: () => createAggregator(side),
    explode: (body) => explodeAnswer(streamOfWhole(side, body), body),
  }
}

/** The filter for reasoning in tags is a trait of the upstream, wherever it was switched on. */
function profileForAnswer({ profile, options }: AnswerConversion): UpstreamProfile {
  if (!options.filters.includes('thinkTags')) return profile
  return { ...profile, dialect: { ...profile.dialect, thinkTags: true } }
}

function convertWhole(side: Side, body: unknown): ConvertedAnswer {
  const seen = isJsonObject(body) ? recogniseAnswerFormat(body) : undefined
  if (!isJsonObject(body) || seen === undefined) throw asError(failureOfNoAnswer(body))
  const codec = codecOf(side, seen)
  if (codec.format !== side.client.format) return convertForeign(side, codec, body)
  return {
    body,
    isUntouched: true,
    usage: codec.decodeAnswerUsage(body),
    stop: undefined,
    upstreamId: textMember(body, 'id'),
    upstreamModel: textMember(body, 'model'),
    losses: side.ledger.losses,
  }
}

function convertForeign(side: Side, codec: Codec, body: JsonObject): ConvertedAnswer {
  const answer = foldWhole(side, codec, codec.decodeAnswer(body, side.decoding))
  const unknown = side.options.echoUpstream ? unknownMembers(codec, body) : undefined
  return unknown === undefined ? answer : { ...answer, body: { ...answer.body, x_upstream: unknown } }
}

/** What of an upstream's answer no codec reads; `undefined` when there is nothing. */
function unknownMembers({ answerMembers }: Codec, body: JsonObject): JsonObject | undefined {
  const unknown = Object.entries(body).filter(([name]) => !answerMembers.includes(name))
  return unknown.length === 0 ? undefined : Object.fromEntries(unknown)
}

function foldWhole(side: Side, codec: Codec, events: readonly AnswerEvent[]): ConvertedAnswer {
  const fold = createAnswerFold()
  const guard = createAnswerGuard({ emit: fold.push, report: side.decoding.report, holdStart: false })
  const station = stationOf(side, guard.push, false)
  for (const event of events) station.push(event)
  station.flush()
  if (guard.progress.failure !== undefined) throw asError(guard.progress.failure)
  return encodeWhole(side, codec, fold.result())
}

/** Gives events the client's words, and sends them through the filters that options ask for. */
function stationOf({ facts, options, newId, restore }: Side, emit: EmitEvent, isStream: boolean): EventStation {
  const context: FilterContext = { options, stop: facts.stop, tools: new Set(facts.toolNames), newId, isStream }
  const { push, flush } = filterForClient(context, emit)
  return { push: filterUpstream(context, restoreTools(restore, push)), flush }
}

function encodeWhole(side: Side, upstream: Codec, answer: Answer): ConvertedAnswer {
  const converted = writeWhole(side, upstream, answer)
  const refusal = refusalOfAnswer(side)
  if (refusal !== undefined) throw asError(refusal)
  return converted
}

/** What the policy does not let pass of an answer; nothing unless it is to judge answers. */
function refusalOfAnswer({ options, policy = 'warn', ledger }: Side): Failure | undefined {
  if (!options.strictResponses) return undefined
  const losses = ledger.losses.filter(({ stage }) => stage === 'response' || stage === 'stream')
  return refusalOf(policy, losses)
}

function writeWhole(side: Side, upstream: Codec, answer: Answer): ConvertedAnswer {
  return {
    body: side.client.encodeAnswer(answer, encodingFor(side, upstream, answer.model)),
    isUntouched: false,
    usage: answer.usage,
    stop: answer.stop,
    upstreamId: answer.id,
    upstreamModel: answer.model,
    losses: side.ledger.losses,
  }
}

/** The codec that reads the answer: the recognised one, where recognition is on and has a codec. */
function codecOf(side: Side, seen: FormatName | undefined): Codec {
  return codecFor(side.recognisesAnswer && seen !== undefined ? seen : side.answerFormat)
}

function encodingFor({ options, facts, ...side }: Side, upstream: Codec, upstreamModel?: string): EncodeAnswerContext {
  return {
    model: options.modelEcho === 'upstream' && upstreamModel !== undefined ? upstreamModel : facts.model,
    id: side.answerId,
    newId: side.newId,
    createdSeconds: Math.floor(side.nowMs / 1000),
    options,
    showsReasoning: facts.showsReasoning,
    wantsStreamUsage: facts.wantsStreamUsage,
    usesLegacyFunctions: facts.usesLegacyFunctions,
    inputTokenEstimate: options.estimateInput ? facts.inputTokenEstimate : undefined,
    clientRequest: facts.repeatedMembers,
    issuer: side.issuer,
    upstreamFormat: upstream.format,
    requestId: side.requestId,
    report: (loss) => side.ledger.report('response', loss),
  }
}

function streamOfWhole(side: Side, body: unknown): StreamConverter {
  const seen = isJsonObject(body) ? recogniseAnswerFormat(body) : undefined
  return convertFrom(side, codecOf(side, seen), side.client)
}

function openStream(side: Side): ByteStreamConverter {
  if (!side.recognisesAnswer) return streamFrom(side, codecFor(side.answerFormat), false)
  return createRecognisingStream({
    choose: (seen, isWholeBody) => streamFrom(side, codecOf(side, seen), isWholeBody),
    losses: () => side.ledger.losses,
  })
}

function streamFrom(side: Side, upstream: Codec, isWholeBody: boolean): ByteStreamConverter {
  const { client, ledger, requestId, options, facts } = side
  const isConverted = upstream.format !== client.format || isWholeBody || options.fixUpstreamStream
  if (isConverted) return convertFrom(side, upstream, client)
  return createPassThrough({
    codec: client,
    dropsUsageChunk: !facts.wantsStreamUsage,
    holdStart: options.holdStart,
    requestId,
    ledger,
  })
}

function convertFrom(side: Side, upstream: Codec, client: Codec): StreamConverter {
  const { decoding, ledger } = side
  return createStreamConverter({
    client,
    upstream,
    decoding,
    encoding: encodingFor(side, upstream),
    station: (emit) => stationOf(side, emit, true),
    refusal: () => refusalOfAnswer(side),
    ledger,
  })
}

function createAggregator(side: Side): Aggregator {
  const fold = createAnswerFold()
  const collector: Codec = { ...side.client, createStreamEncoder: () => collect(fold.push) }
  let upstream = codecFor(side.answerFormat)
  const stream = createRecognisingStream({
    choose: (seen) => {
      upstream = codecOf(side, seen)
      return convertFrom(side, upstream, collector)
    },
    losses: () => side.ledger.losses,
  })
  return {
    push: (chunk) => void stream.push(chunk),
    end: () => {
      stream.end()
      if (stream.error !== undefined) throw asError(stream.error)
      return encodeWhole(side, upstream, fold.result())
    },
  }
}

/** An encoder that writes nothing and hands every event on. */
function collect(emit: (event: AnswerEvent) => void): StreamEncoder {
  return {
    write: (event) => {
      emit(event)
      return ''
    },
    open: () => '',
    ping: () => '',
  }
}

function textMember(body: JsonObject, name: string): string | undefined {
  const value = body[name]
  return typeof value === 'string' ? value : undefined
}

function asError(failure: Failure): ConversionError {
  return new ConversionError(failure.kind, failure.message, { param: failure.param, details: failure.details })
}

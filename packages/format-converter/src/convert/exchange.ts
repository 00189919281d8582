import type { Codec, StreamEncoder } from '../codec.ts'
import { ConversionError } from '../conversion-error.ts'
import { decodeFailure } from '../failure/decode-failure.ts'
import { redact } from '../failure/redact.ts'
import type { EventOf, ResponseOf } from '../format-types.ts'
import type { AnswerEvent } from '../model/answer-event.ts'
import type { Failure } from '../model/failure.ts'
import type { FormatName } from '../model/format-name.ts'
import { isJsonObject } from '../model/json.ts'
import type { Loss } from '../model/loss.ts'
import type { StopReason } from '../model/stop-reason.ts'
import type { Usage } from '../model/usage.ts'
import {
  codecOf,
  codecOfWhole,
  encodingFor,
  foreignTo,
  mayPass,
  openSide,
  refusalOfAnswer,
  stationOf,
  watchFor,
  type AnswerConversion,
  type Side,
} from './answer-context.ts'
import type { ByteStreamConverter, StreamConverter } from './answer-stream.ts'
import { describeFailure, type ConvertedError } from './converted-error.ts'
import { explodeAnswer } from './explode-answer.ts'
import { createAnswerFold } from './fold-answer.ts'
import { toHeaderRecord, type HeadersLike } from './headers-like.ts'
import { createPassThrough } from './pass-through.ts'
import { mapRateLimits } from './rate-limit-headers.ts'
import { recogniseAnswerFormat } from './recognise-format.ts'
import { createRecognisingStream } from './recognise-stream.ts'
import { createStreamConverter } from './stream-converter.ts'
import { textOnly, toTransformStream, type ConvertingTransform } from './transform-stream.ts'
import { convertWhole, encodeWhole } from './whole-answer.ts'
import { DEEP_ANSWER, withinDepth } from './within-depth.ts'

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
  /** The rate limits in the upstream's headers, in the client's words; none unless the option `rateLimitHeaders` says so. */
  rateLimits(headers: HeadersLike): Readonly<Record<string, string>>
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

/** Collects a stream into a whole answer. Never throws before `end`. */
export interface Aggregator<Client extends FormatName = FormatName> {
  push(chunk: Uint8Array | string): void
  /** @throws ConversionError when the stream broke */
  end(): ConvertedAnswer<Client>
}

export function createAnswerSide(conversion: AnswerConversion): AnswerSide {
  const side = openSide(conversion)
  const { client, requestId } = side
  const failure = (trouble: Failure): ConvertedError =>
    describeFailure({
      codec: client,
      failure: { ...trouble, message: redact(trouble.message) },
      requestId,
      maxRetryAfterMs: conversion.options.maxRetryAfterMs,
    })

  return {
    response: (body) => withinDepth(DEEP_ANSWER, () => convertWhole(side, body)),
    error: (status, body, headers = {}) => failure(decodeFailure(status, body, toHeaderRecord(headers))),
    failure,
    rateLimits: (headers) =>
      conversion.options.rateLimitHeaders === 'map'
        ? mapRateLimits(headers, { client: client.format, nowMs: conversion.now() })
        : {},
    stream: () => textOnly(openStream(side)),
    byteStream: () => openStream(side),
    transform: () => toTransformStream(openStream(side)),
    aggregate: () => createAggregator(side),
    explode: (body) => withinDepth(DEEP_ANSWER, () => explodeAnswer(streamOfWhole(side, body), body)),
  }
}

function streamOfWhole(side: Side, body: unknown): StreamConverter {
  const seen = isJsonObject(body) ? recogniseAnswerFormat(body) : undefined
  return convertBody(side, codecOfWhole(side, seen))
}

/** Arguments that came whole are made an object, as they are for a client that does not stream. */
function convertBody(side: Side, upstream: Codec): StreamConverter {
  const options = { ...side.options, bufferToolArguments: true }
  return convertFrom({ ...side, options }, { upstream, client: side.client, isLive: false })
}

function openStream(side: Side): ByteStreamConverter {
  return createRecognisingStream({
    choose: (seen, isWholeBody) => streamFrom(side, { seen, isWholeBody }),
    expected: side.answerFormat,
    refuse: (seen) => foreignTo(side, seen),
    losses: () => side.ledger.losses,
  })
}

/** What the beginning of a stream shows. */
interface Beginning {
  readonly seen: FormatName | undefined
  readonly isWholeBody: boolean
}

function streamFrom(side: Side, { seen, isWholeBody }: Beginning): ByteStreamConverter {
  const { client, ledger, requestId, options, facts } = side
  const upstream = codecOf(side, seen)
  if (isWholeBody) return convertBody(side, upstream)
  const isConverted = options.fixUpstreamStream || !mayPass(side, upstream, seen)
  if (isConverted) return convertFrom(side, { upstream, client, isLive: true })
  return createPassThrough({
    codec: client,
    dropsUsageChunk: !facts.wantsStreamUsage,
    holdStart: options.holdStart,
    requestId,
    ledger,
    now: side.now,
  })
}

interface Way {
  readonly upstream: Codec
  readonly client: Codec
  /** The client gets pieces as the upstream makes them. */
  readonly isLive: boolean
}

function convertFrom(side: Side, { upstream, client, isLive }: Way): StreamConverter {
  const { decoding, ledger } = side
  const isStream = client === side.client // a collector writes a whole answer
  return createStreamConverter({
    client,
    upstream,
    decoding,
    encoding: encodingFor(side, upstream),
    station: (emit) => stationOf(side, emit, isLive),
    watch: watchFor(side, upstream, isStream),
    refusal: () => refusalOfAnswer(side),
    ledger,
    now: side.now,
  })
}

function createAggregator(side: Side): Aggregator {
  const fold = createAnswerFold()
  const collector: Codec = { ...side.client, createStreamEncoder: () => collect(fold.push) }
  let upstream = side.codecs.get(side.answerFormat)
  const stream = createRecognisingStream({
    choose: (seen) => {
      upstream = codecOf(side, seen)
      return convertFrom(side, { upstream, client: collector, isLive: false })
    },
    expected: side.answerFormat,
    refuse: (seen) => foreignTo(side, seen),
    losses: () => side.ledger.losses,
  })
  return {
    push: (chunk) => void stream.push(chunk),
    end: () => {
      stream.end()
      if (stream.error !== undefined) throw ConversionError.of(stream.error)
      return withinDepth(DEEP_ANSWER, () => encodeWhole(side, upstream, fold.result()))
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
    events: () => 0,
  }
}

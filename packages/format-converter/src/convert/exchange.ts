import type { UpstreamProfile } from '../adapt/profile.ts'
import type { Codec, DecodeAnswerContext, EncodeAnswerContext } from '../codec.ts'
import { ConversionError } from '../conversion-error.ts'
import { decodeFailure } from '../failure/decode-failure.ts'
import { redact } from '../failure/redact.ts'
import { codecFor } from '../format.ts'
import type { Answer } from '../model/answer.ts'
import { createAnswerGuard } from '../model/answer-grammar.ts'
import type { AnswerEvent } from '../model/answer-event.ts'
import type { Failure } from '../model/failure.ts'
import type { FormatName } from '../model/format-name.ts'
import { isJsonObject, type JsonObject } from '../model/json.ts'
import type { Loss } from '../model/loss.ts'
import type { StopReason } from '../model/stop-reason.ts'
import type { Usage } from '../model/usage.ts'
import type { ConversionOptions } from '../options.ts'
import type { ByteStreamConverter, StreamConverter } from './answer-stream.ts'
import { describeFailure, type ConvertedError } from './converted-error.ts'
import type { ExchangeFacts } from './exchange-facts.ts'
import { createAnswerFold } from './fold-answer.ts'
import type { LossLedger } from './loss-ledger.ts'
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
export interface ConvertedAnswer {
  readonly body: JsonObject
  readonly usage: Usage | undefined
  readonly stop: StopReason | undefined
  readonly upstreamModel: string | undefined
  readonly losses: readonly Loss[]
}

/** The way back: what the upstream answers, in the client's words. */
export interface AnswerSide {
  /**
   * A whole answer. The same format gives the same object back.
   *
   * @throws ConversionError when the body is an error object, or no answer at all
   */
  response(body: unknown): ConvertedAnswer
  /** An upstream's error answer. */
  error(status: number, body: unknown, headers?: Readonly<Record<string, string>>): ConvertedError
  /** Trouble that Relay itself met. */
  failure(failure: Failure): ConvertedError
  /** Converts a stream; always text. */
  stream(): StreamConverter
  /** Like `stream`, but bytes pass untouched where both sides speak the same format. */
  byteStream(): ByteStreamConverter
  /** `stream` as a web stream, for standalone use. */
  transform(): ConvertingTransform
  /** The upstream streams, the client does not: collects the stream into one answer. */
  aggregate(): Aggregator
}

/** Collects a stream into a whole answer. Never throws before `result`. */
export interface Aggregator {
  push(chunk: Uint8Array): void
  /** @throws ConversionError when the stream broke */
  end(): ConvertedAnswer
}

export function createAnswerSide(conversion: AnswerConversion): AnswerSide {
  const { facts, ledger, options } = conversion
  const client = codecFor(facts.client)
  const answerId = conversion.newId()
  const renamed = new Map(facts.renamedTools.map((tool) => [tool.wireName, tool]))
  const restore: RestoreTool = (name) => renamed.get(name)

  const decoding: DecodeAnswerContext = {
    profile: conversion.profile,
    newId: conversion.newId,
    stop: facts.stop,
    report: (loss) => ledger.report('stream', loss),
  }

  function encodingFor(upstreamFormat: FormatName, upstreamModel?: string): EncodeAnswerContext {
    return {
      model: options.modelEcho === 'upstream' && upstreamModel !== undefined ? upstreamModel : facts.model,
      id: answerId,
      newId: conversion.newId,
      createdSeconds: Math.floor(conversion.nowMs / 1000),
      options,
      showsReasoning: facts.showsReasoning,
      wantsStreamUsage: facts.wantsStreamUsage,
      usesLegacyFunctions: facts.usesLegacyFunctions,
      inputTokenEstimate: options.estimateInput ? facts.inputTokenEstimate : undefined,
      issuer: conversion.issuer,
      upstreamFormat,
      requestId: conversion.requestId,
      report: (loss) => ledger.report('response', loss),
    }
  }

  function codecOf(seen: FormatName | undefined): Codec {
    return codecFor(conversion.recognisesAnswer && seen !== undefined ? seen : conversion.answerFormat)
  }

  function response(body: unknown): ConvertedAnswer {
    if (!isJsonObject(body)) throw asError(decodeFailure(undefined, body))
    const seen = recogniseAnswerFormat(body)
    if (seen === undefined) throw asError(decodeFailure(undefined, body))
    const codec = codecOf(seen)
    const model = typeof body['model'] === 'string' ? body['model'] : undefined
    if (codec.format === client.format) {
      return { body, usage: codec.decodeUsage(body['usage']), stop: undefined, upstreamModel: model, losses: ledger.losses }
    }
    return encodeWhole(codec, codec.decodeAnswer(body, decoding))
  }

  function encodeWhole(codec: Codec, events: readonly AnswerEvent[]): ConvertedAnswer {
    const fold = createAnswerFold()
    const guard = createAnswerGuard({ emit: fold.push, report: decoding.report, holdStart: false })
    const emit = restoreTools(restore, guard.push)
    for (const event of events) emit(event)
    if (guard.failure !== undefined) throw asError(guard.failure)
    return finishWhole(codec.format, fold.result())
  }

  function finishWhole(upstreamFormat: FormatName, answer: Answer): ConvertedAnswer {
    const body = client.encodeAnswer(answer, encodingFor(upstreamFormat, answer.model))
    return { body, usage: answer.usage, stop: answer.stop, upstreamModel: answer.model, losses: ledger.losses }
  }

  function byteStream(): ByteStreamConverter {
    if (!conversion.recognisesAnswer) return streamFrom(codecFor(conversion.answerFormat), false)
    return createRecognisingStream({
      choose: (seen, isWholeBody) => streamFrom(codecOf(seen), isWholeBody),
      losses: () => ledger.losses,
    })
  }

  function streamFrom(upstream: Codec, isWholeBody: boolean): ByteStreamConverter {
    if (upstream.format === client.format && !isWholeBody) {
      const dropsUsageChunk = !facts.wantsStreamUsage
      return createPassThrough({ codec: client, dropsUsageChunk, holdStart: options.holdStart, requestId: conversion.requestId, ledger })
    }
    return createStreamConverter({ client, upstream, decoding, encoding: encodingFor(upstream.format), restore, ledger })
  }

  function aggregate(): Aggregator {
    const fold = createAnswerFold()
    const collector: Codec = { ...client, createStreamEncoder: () => collect(fold.push) }
    let upstream = codecFor(conversion.answerFormat)
    const stream = createRecognisingStream({
      choose: (seen) => {
        upstream = codecOf(seen)
        return createStreamConverter({ client: collector, upstream, decoding, encoding: encodingFor(upstream.format), restore, ledger })
      },
      losses: () => ledger.losses,
    })
    return {
      push: (chunk) => void stream.push(chunk),
      end: () => {
        stream.end()
        if (stream.error !== undefined) throw asError(stream.error)
        return finishWhole(upstream.format, fold.result())
      },
    }
  }

  const failure = (trouble: Failure): ConvertedError =>
    describeFailure({ codec: client, failure: { ...trouble, message: redact(trouble.message) }, requestId: conversion.requestId })

  return {
    response,
    error: (status, body, headers) => failure(decodeFailure(status, body, headers)),
    failure,
    stream: () => textOnly(byteStream()),
    byteStream,
    transform: () => toTransformStream(byteStream()),
    aggregate,
  }
}

/** An encoder that writes nothing and hands every event on. */
function collect(emit: (event: AnswerEvent) => void): ReturnType<Codec['createStreamEncoder']> {
  return {
    write: (event) => {
      emit(event)
      return ''
    },
    open: () => '',
    ping: () => '',
  }
}

function asError(failure: Failure): ConversionError {
  return new ConversionError(failure.kind, failure.message, { param: failure.param, details: failure.details })
}

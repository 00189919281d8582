import type { Codec } from '../codec.ts'
import { ConversionError } from '../conversion-error.ts'
import type { AnswerEvent, EmitEvent } from '../model/answer-event.ts'
import { createAnswerGuard } from '../model/answer-grammar.ts'
import type { Answer } from '../model/answer.ts'
import { isJsonObject, type JsonObject } from '../model/json.ts'
import { USAGE_INCONSISTENT } from '../model/usage.ts'
import { clientCallId } from '../wire/call-id.ts'
import { optionalString } from '../wire/loose.ts'
import {
  codecOfWhole,
  encodingFor,
  mayPass,
  refusalOfAnswer,
  stationOf,
  watchFor,
  type Side,
} from './answer-context.ts'
import type { ConvertedAnswer } from './exchange.ts'
import { createAnswerFold } from './fold-answer.ts'
import { failureOfNoAnswer } from './no-answer.ts'
import { recogniseAnswerFormat } from './recognise-format.ts'

/**
 * A whole answer for the client.
 *
 * @throws ConversionError when the body is an error object, or no answer at all
 */
export function convertWhole(side: Side, body: unknown): ConvertedAnswer {
  const seen = isJsonObject(body) ? recogniseAnswerFormat(body) : undefined
  if (!isJsonObject(body) || seen === undefined) throw ConversionError.of(failureOfNoAnswer(body))
  const codec = codecOfWhole(side, seen)
  if (!mayPass(side, codec, seen)) return convertForeign(side, codec, body)
  codec.requireAnswer(body)
  const usage = codec.decodeAnswerUsage(body)
  if (usage?.isInconsistent === true) side.ledger.report('response', USAGE_INCONSISTENT)
  return {
    body,
    isUntouched: true,
    usage,
    stop: undefined,
    upstreamId: optionalString(body['id']),
    upstreamModel: optionalString(body['model']),
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
  const watch = watchFor(side, codec, false)
  const emit: EmitEvent = (event) => {
    watch(event)
    fold.push(event)
  }
  const guard = createAnswerGuard({
    emit,
    report: side.decoding.report,
    holdStart: false,
    callId: (id) => clientCallId(id, side.client.format),
  })
  const station = stationOf(side, guard.push, false)
  for (const event of events) station.push(event)
  station.flush()
  if (guard.progress.failure !== undefined) throw ConversionError.of(guard.progress.failure)
  return encodeWhole(side, codec, fold.result())
}

/** A folded answer in the client's words, judged by the policy where that is wished. */
export function encodeWhole(side: Side, upstream: Codec, answer: Answer): ConvertedAnswer {
  const converted = writeWhole(side, upstream, answer)
  const refusal = refusalOfAnswer(side)
  if (refusal !== undefined) throw ConversionError.of(refusal)
  return converted
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

import type { DecodeAnswerContext } from '../codec.ts'
import { ConversionError } from '../conversion-error.ts'
import type { AnswerEvent } from '../model/answer-event.ts'
import type { Failure } from '../model/failure.ts'
import { isJsonArray, isJsonObject, type JsonObject } from '../model/json.ts'
import type { StopReason } from '../model/stop-reason.ts'
import { createUnreadTeller } from '../wire/unread-members.ts'
import { CHOICES_DROPPED, OTHER_TEXT } from './answer-losses.ts'
import { ANSWER, CHOICE } from './answer-members.ts'
import { hasOtherText, saidBy } from './choice.ts'
import { DeltaDecoder } from './decode-delta.ts'
import { brokenOff, failureOf, finishEvent, stopSequenceOf, usageOf } from './decode-stream.ts'
import { decodeFinishReason } from './stop-reason.ts'

/**
 * A whole Chat answer as events, by the same rules as a stream: a message is one large delta. A missing
 * `finish_reason` is no cut here, because the body is complete.
 *
 * @throws ConversionError when the body is an error, has no choice, or ended in trouble
 */
export function decodeAnswer(body: JsonObject, context: DecodeAnswerContext): AnswerEvent[] {
  const { choice, said, reason, others } = readChoice(body)
  if (others > 0) context.report(CHOICES_DROPPED)
  const events: AnswerEvent[] = []
  const emit = (event: AnswerEvent): void => void events.push(event)

  emit(startEvent(body))
  const tell = createUnreadTeller(context.report)
  const deltas = new DeltaDecoder({ context, tell, emit, fail, isWhole: true })
  tell(body, ANSWER)
  tell(choice, CHOICE)
  if (hasOtherText(choice, said)) context.report(OTHER_TEXT)
  deltas.push(said, choice['logprobs'])
  deltas.finish()

  const usage = usageOf(body)
  if (usage !== undefined) emit({ type: 'usage', usage })
  emit(finishEvent(reason, stopSequenceOf(choice, context.stop), deltas))
  emit({ type: 'end' })
  return events
}

export function requireAnswer(body: JsonObject): void {
  readChoice(body)
}

interface ReadChoice {
  readonly choice: JsonObject
  readonly said: JsonObject
  readonly reason: StopReason
  /** How many choices there are beside it. */
  readonly others: number
}

function readChoice(body: JsonObject): ReadChoice {
  const trouble = failureOf(body)
  if (trouble !== undefined) throw ConversionError.of(trouble)
  const choices = body['choices']
  if (!isJsonArray(choices)) throw invalidAnswer('the answer of the upstream has no choices')
  const first = choices.find((choice) => isJsonObject(choice) && (choice['index'] ?? 0) === 0) ?? choices[0]
  if (!isJsonObject(first)) throw invalidAnswer('the answer of the upstream has an empty list of choices')
  return { choice: first, said: messageOf(first), reason: reasonOf(first), others: choices.length - 1 }
}

function messageOf(choice: JsonObject): JsonObject {
  const message = choice['message'] ?? choice['delta'] ?? choice['text']
  const said = message == null ? undefined : saidBy(message, choice)
  if (said === undefined) throw invalidAnswer('the answer of the upstream has no message')
  return said
}

function startEvent(body: JsonObject): AnswerEvent {
  const { id, model, created, system_fingerprint: fingerprint } = body
  return {
    type: 'start',
    id: typeof id === 'string' && id !== '' ? id : undefined,
    model: typeof model === 'string' && model !== '' ? model : undefined,
    createdSeconds: typeof created === 'number' && created > 0 ? created : undefined,
    fingerprint: typeof fingerprint === 'string' ? fingerprint : undefined,
  }
}

function fail(failure: Failure): void {
  throw ConversionError.of(failure)
}

function reasonOf(choice: JsonObject): StopReason {
  const finish = typeof choice['finish_reason'] === 'string' ? choice['finish_reason'] : ''
  const reason = decodeFinishReason(finish)
  if (reason === 'error') throw ConversionError.of(brokenOff(finish))
  return reason ?? 'unknown'
}

function invalidAnswer(message: string): ConversionError {
  return new ConversionError('upstream_invalid_response', message)
}

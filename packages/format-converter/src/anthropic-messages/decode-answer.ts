import type { DecodeAnswerContext } from '../codec.ts'
import { ConversionError } from '../conversion-error.ts'
import { decodeFailure } from '../failure/decode-failure.ts'
import type { AnswerEvent } from '../model/answer-event.ts'
import { isJsonArray, type JsonObject } from '../model/json.ts'
import { isTrouble } from '../wire/unread-members.ts'
import { createStreamDecoder } from './decode-stream.ts'

/**
 * A whole message as the events that a stream would give: the stream's own decoder reads it, so both always agree.
 *
 * @throws ConversionError for an error object, which may come with status 200; `upstream_invalid_response` for what is no message
 */
export function decodeAnswer(body: JsonObject, context: DecodeAnswerContext): AnswerEvent[] {
  requireAnswer(body)
  const events: AnswerEvent[] = []
  const decoder = createStreamDecoder(context, (event) => events.push(event), true)
  decoder.push({ type: 'message_start', message: body }, undefined)
  decoder.push({ type: 'message_stop' }, undefined)
  return events
}

export function requireAnswer(body: JsonObject): void {
  if (body['type'] === 'error' || isTrouble(body['error'])) throw ConversionError.of(decodeFailure(undefined, body))
  if (!isJsonArray(body['content']))
    throw new ConversionError(
      'upstream_invalid_response',
      'the upstream’s answer is no message: it has no content list',
    )
}

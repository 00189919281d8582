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
 * @throws ConversionError `upstream_invalid_response` for a body that is neither a message nor an error
 */
export function decodeAnswer(body: JsonObject, context: DecodeAnswerContext): AnswerEvent[] {
  if (!isJsonArray(body['content']) || isTrouble(body['error'])) return refuse(body)
  const events: AnswerEvent[] = []
  const decoder = createStreamDecoder(context, (event) => events.push(event))
  decoder.push({ type: 'message_start', message: body }, undefined)
  decoder.push({ type: 'message_stop' }, undefined)
  return events
}

/** An error object that came with status 200 is still an error. */
function refuse(body: JsonObject): AnswerEvent[] {
  if (body['type'] === 'error' || isTrouble(body['error']))
    return [{ type: 'failure', failure: decodeFailure(undefined, body) }]
  throw new ConversionError('upstream_invalid_response', 'the upstream’s answer is no message: it has no content list')
}

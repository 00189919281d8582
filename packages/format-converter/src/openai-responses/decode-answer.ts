import type { DecodeAnswerContext } from '../codec.ts'
import { ConversionError } from '../conversion-error.ts'
import type { AnswerEvent } from '../model/answer-event.ts'
import { isJsonArray, type JsonObject } from '../model/json.ts'
import { createStreamDecoder } from './decode-stream.ts'
import { failureOfResponse, isBroken } from './read-failure.ts'

/** States of a response that is still being made. Other words than OpenAI's own mean an answer. */
const UNFINISHED: ReadonlySet<unknown> = new Set(['queued', 'in_progress'])

/**
 * A whole response as the events of its stream: the terminal event alone holds everything.
 *
 * @throws ConversionError for a response that failed; `upstream_invalid_response` for a body that is no finished response
 */
export function decodeAnswer(body: JsonObject, context: DecodeAnswerContext): AnswerEvent[] {
  requireAnswer(body)
  if (UNFINISHED.has(body['status'])) throw invalid('the upstream gave a response that is not finished')
  const events: AnswerEvent[] = []
  const decoder = createStreamDecoder(context, (event) => events.push(event))
  decoder.push({ type: 'response.completed', response: body }, undefined)
  return events
}

/** One that is still being made may pass: whoever asks for it in the background asks again. */
export function requireAnswer(body: JsonObject): void {
  if (isBroken(body)) throw ConversionError.of(failureOfResponse(body))
  if (!isJsonArray(body['output'])) throw invalid('the upstream gave a response without an output')
}

function invalid(message: string): ConversionError {
  return new ConversionError('upstream_invalid_response', message)
}

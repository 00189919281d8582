import type { EncodeAnswerContext } from '../codec.ts'
import { ConversionError } from '../conversion-error.ts'
import type { AnswerEvent } from '../model/answer-event.ts'
import type { Answer, AnswerBlock } from '../model/answer.ts'
import type { JsonObject } from '../model/json.ts'
import { createResponseWriter } from './response-writer.ts'

/**
 * A whole response: what the stream of the same answer ends with.
 *
 * @throws ConversionError `overflow` for an answer that is larger than Relay keeps
 */
export function encodeAnswer(answer: Answer, context: EncodeAnswerContext): JsonObject {
  const response = createResponseWriter(context)
  for (const event of eventsOf(answer)) response.write(event)
  const failure = response.failure()
  if (failure !== undefined) throw ConversionError.of(failure)
  return response.final() ?? {}
}

function* eventsOf(answer: Answer): Generator<AnswerEvent> {
  yield { type: 'start', id: answer.id, model: answer.model, createdSeconds: answer.createdSeconds }
  for (const [number, block] of answer.blocks.entries()) yield* eventsOfBlock(number, block)
  if (answer.usage !== undefined) yield { type: 'usage', usage: answer.usage }
  yield { type: 'finish', reason: answer.stop, stopSequence: answer.stopSequence, details: answer.stopDetails }
  yield { type: 'end' }
}

function* eventsOfBlock(
  block: number,
  { part, sections, citations, logprobs, seal, raw }: AnswerBlock,
): Generator<AnswerEvent> {
  yield { type: 'open', block, part }
  for (const [index, text] of sections.entries()) {
    if (index > 0) yield { type: 'boundary', block }
    if (text !== '') yield { type: 'delta', block, text, logprobs: index === 0 ? logprobs : undefined }
  }
  for (const citation of citations) yield { type: 'citation', block, citation }
  if (seal !== undefined) yield { type: 'seal', block, seal }
  yield { type: 'close', block, raw }
}

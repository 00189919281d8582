import type { JsonObject } from '../model/json.ts'
import { DECLINED, explanationIn } from '../wire/openai-declines.ts'
import type { AnswerWriter } from './answer-writer.ts'
import { createMessageWriter, type MessageWriter } from './write-message.ts'

/** The model declined without a word: its vendor's explanation is the answer. */
export function writeDecline(writer: AnswerWriter, details: JsonObject | undefined): string {
  const message = createMessageWriter(writer, undefined)
  return message.block('refusal').delta(explanationIn(details) || DECLINED) + message.finish(false)
}

/**
 * The text of the message was the model's refusal, which only the end of an answer tells: it stands once more, in the part
 * that this format has for a refusal. `''` when the text is something else, such as an answer that was cut.
 */
export function repeatDecline(message: MessageWriter | undefined, details: JsonObject | undefined): string {
  const explanation = explanationIn(details)
  if (explanation === '' || message?.says(explanation) !== true) return ''
  return message.block('refusal').delta(explanation)
}

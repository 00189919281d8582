import type { DropReasoningContext } from '../codec.ts'
import { isJsonArray, isJsonObject, type JsonObject, type JsonValue } from '../model/json.ts'
import { pointer } from '../wire/read-object.ts'

/** Takes proofs of reasoning out of a request; its plain text stays, which nobody verifies. */
export function dropReasoning(body: JsonObject, context: DropReasoningContext): JsonObject {
  const messages = body['messages']
  if (!isJsonArray(messages)) return body
  const kept = messages.map((message, index) => dropFromMessage(message, pointer('/messages', index), context))
  return kept.some((message, index) => message !== messages[index]) ? { ...body, messages: kept } : body
}

function dropFromMessage(message: JsonValue, path: string, context: DropReasoningContext): JsonValue {
  if (!isJsonObject(message)) return message
  const { reasoning_details: details, ...bare } = message
  if (!isJsonArray(details)) return message
  const entries = details.filter((entry, index) => {
    const proof = isJsonObject(entry) ? (entry['data'] ?? entry['signature']) : undefined
    const isKept = typeof proof !== 'string' || !context.isTaken(proof)
    if (!isKept) context.report(pointer(pointer(path, 'reasoning_details'), index))
    return isKept
  })
  if (entries.length === details.length) return message
  return entries.length === 0 ? bare : { ...message, reasoning_details: entries }
}

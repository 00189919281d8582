import type { DropReasoningContext } from '../codec.ts'
import { isJsonArray, isJsonObject, type JsonObject } from '../model/json.ts'
import { pointer } from '../wire/read-object.ts'

/** Takes reasoning items out of a request. */
export function dropReasoning(body: JsonObject, context: DropReasoningContext): JsonObject {
  const input = body['input']
  if (!isJsonArray(input)) return body
  const kept = input.filter((item, index) => {
    const proof = isJsonObject(item) && item['type'] === 'reasoning' ? (item['encrypted_content'] ?? '') : undefined
    const isKept = typeof proof !== 'string' || !context.isTaken(proof)
    if (!isKept) context.report(pointer('/input', index))
    return isKept
  })
  return kept.length === input.length ? body : { ...body, input: kept }
}

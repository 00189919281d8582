import type { DropReasoningContext } from '../codec.ts'
import { isJsonArray, isJsonObject, type JsonObject, type JsonValue } from '../model/json.ts'
import { pointer } from '../wire/read-object.ts'

/** Takes thinking blocks out of a request; messages that held nothing else go with them. */
export function dropReasoning(body: JsonObject, context: DropReasoningContext): JsonObject {
  const messages = body['messages']
  if (!isJsonArray(messages)) return body
  const kept = messages.flatMap((message, index) => dropFromMessage(message, pointer('/messages', index), context))
  const hasChanged = kept.length !== messages.length || kept.some((message, index) => message !== messages[index])
  return hasChanged ? yieldToToolLoop({ ...body, messages: kept }, kept, context) : body
}

function dropFromMessage(message: JsonValue, path: string, context: DropReasoningContext): readonly JsonValue[] {
  const content = isJsonObject(message) && message['role'] === 'assistant' ? message['content'] : undefined
  if (!isJsonObject(message) || !isJsonArray(content)) return [message]
  const blocks = content.filter((block, index) => {
    const isKept = !isJsonObject(block) || !isTaken(block, context)
    if (!isKept) context.report(pointer(pointer(path, 'content'), index))
    return isKept
  })
  if (blocks.length === content.length) return [message]
  return blocks.length === 0 ? [] : [{ ...message, content: blocks }]
}

function isTaken({ type, signature, data }: JsonObject, context: DropReasoningContext): boolean {
  if (type === 'thinking') return context.isTaken(typeof signature === 'string' ? signature : '')
  return type === 'redacted_thinking' && context.isTaken(typeof data === 'string' ? data : '')
}

/** A model with a thinking budget refuses an open tool loop that does not begin with its thinking. */
function yieldToToolLoop(body: JsonObject, messages: readonly JsonValue[], context: DropReasoningContext): JsonObject {
  const thinking = body['thinking']
  if (!isJsonObject(thinking) || thinking['type'] !== 'enabled' || !isOpenLoop(messages)) return body
  context.report('/thinking')
  return { ...body, thinking: { type: 'disabled' } }
}

function isOpenLoop(messages: readonly JsonValue[]): boolean {
  const asked = firstBlock(messages.findLast((message) => isJsonObject(message) && message['role'] === 'assistant'))
  return typeOf(firstBlock(messages.at(-1))) === 'tool_result' && !/^(?:redacted_)?thinking$/.test(typeOf(asked))
}

function firstBlock(message: JsonValue | undefined): JsonValue | undefined {
  const content = isJsonObject(message) ? message['content'] : undefined
  return isJsonArray(content) ? content[0] : undefined
}

function typeOf(block: JsonValue | undefined): string {
  return isJsonObject(block) && typeof block['type'] === 'string' ? block['type'] : ''
}

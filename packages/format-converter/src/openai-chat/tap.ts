import type { StreamTap, TapReading } from '../codec.ts'
import { isJsonArray, isJsonObject, type JsonObject, type JsonValue } from '../model/json.ts'
import { failureOf, usageOf } from './decode-stream.ts'
import { decodeFinishReason } from './stop-reason.ts'
import { DONE_FRAME, KEEP_ALIVE_FRAME } from './wire.ts'

/** Members that show that an answer has begun to say something. */
const MEANINGFUL = [
  '"content"',
  '"tool_calls"',
  '"reasoning_content"',
  '"reasoning"',
  '"refusal"',
  '"finish_reason"',
  '"function_call"',
  '"reasoning_details"',
]

/**
 * Looks at Chat events without parsing them. Inside a JSON string every quote is escaped, so a quoted name that is
 * found in the text is a real name (or a whole string of the same letters, which only costs a parse).
 */
export const tap: StreamTap = {
  mustParse(_eventName, data) {
    return (
      hasValue(data, '"usage"') ||
      hasValue(data, '"finish_reason"') ||
      data.includes('"error"') ||
      hasValue(data, '"role"')
    )
  },
  isMeaningful(_eventName, data) {
    return data.includes('"error"') || MEANINGFUL.some((name) => hasValue(data, name))
  },
  read,
  isDone: (data) => data.trim() === '[DONE]',
  terminator: DONE_FRAME,
  keepAlive: KEEP_ALIVE_FRAME,
}

function read(body: JsonObject): TapReading {
  const failure = failureOf(body)
  if (failure !== undefined) return { failure }
  const choices = isJsonArray(body['choices']) ? body['choices'] : []
  const usage = usageOf(body)
  const model = body['model']
  return {
    model: typeof model === 'string' && model !== '' ? model : undefined,
    usage,
    hasFinish: choices.some(hasFinish),
    isUsageOnly: usage !== undefined && choices.length === 0,
  }
}

function hasFinish(choice: JsonValue): boolean {
  return isJsonObject(choice) && decodeFinishReason(choice['finish_reason']) !== undefined
}

/** True when the name stands there with a value that is not `null`, `""`, `[]` or `{}`. */
function hasValue(data: string, name: string): boolean {
  for (let at = data.indexOf(name); at !== -1; at = data.indexOf(name, at + name.length)) {
    const colon = skipSpace(data, at + name.length)
    if (data[colon] === ':' && isFilled(data, skipSpace(data, colon + 1))) return true
  }
  return false
}

function isFilled(data: string, at: number): boolean {
  const first = data[at]
  if (first === 'n') return false
  const next = data[first === '"' ? at + 1 : skipSpace(data, at + 1)]
  return !((first === '"' && next === '"') || (first === '[' && next === ']') || (first === '{' && next === '}'))
}

function skipSpace(data: string, from: number): number {
  let at = from
  while (data[at] === ' ' || data[at] === '\t' || data[at] === '\n' || data[at] === '\r') at += 1
  return at
}

import type { FormatName } from '../model/format-name.ts'
import { isJsonArray, type JsonObject } from '../model/json.ts'

const NUMBERS = [
  'max_tokens',
  'max_completion_tokens',
  'max_output_tokens',
  'temperature',
  'top_p',
  'top_k',
  'n',
  'seed',
  'presence_penalty',
  'frequency_penalty',
  'top_logprobs',
  'max_tool_calls',
]

/**
 * The least a request must be: a model, a conversation, numbers that are numbers.
 *
 * @returns the member that is wrong
 */
export function shapeTrouble(format: FormatName, body: JsonObject): string | undefined {
  if (typeof body['model'] !== 'string' || body['model'] === '') return 'model'
  if (!hasConversation(format, body)) return format === 'openai-responses' ? 'input' : 'messages'
  return NUMBERS.find((name) => {
    const value = Object.hasOwn(body, name) ? body[name] : undefined
    return value !== undefined && value !== null && typeof value !== 'number'
  })
}

function hasConversation(format: FormatName, body: JsonObject): boolean {
  if (format !== 'openai-responses') return isJsonArray(body['messages']) && body['messages'].length > 0
  const input = body['input']
  if (isJsonArray(input)) return input.length > 0
  // A stored prompt or an earlier answer may stand in for it.
  return typeof input === 'string' || body['prompt'] !== undefined || body['previous_response_id'] !== undefined
}

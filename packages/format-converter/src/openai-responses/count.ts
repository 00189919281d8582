import type { JsonObject, JsonValue } from '../model/json.ts'
import { readTokenCount } from '../model/usage.ts'

/** Endpoint that counts the input tokens of a request, below the version segment. */
export const COUNT_ENDPOINT = '/responses/input_tokens'

/** Top-level fields of a request that the endpoint takes; it refuses all others. */
const COUNT_KEYS: ReadonlySet<string> = new Set([
  'conversation',
  'input',
  'instructions',
  'model',
  'parallel_tool_calls',
  'personality',
  'previous_response_id',
  'reasoning',
  'text',
  'tool_choice',
  'tools',
  'truncation',
])

/** A request as the endpoint takes it. */
export function toCountRequest(body: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(body).filter(([name]) => COUNT_KEYS.has(name)))
}

/** The endpoint's answer. */
export function encodeCount(inputTokens: number): JsonObject {
  return { object: 'response.input_tokens', input_tokens: inputTokens }
}

/** Reads the endpoint's answer; `undefined` when it holds no count. */
export function decodeCount(body: JsonObject): number | undefined {
  const count: JsonValue | undefined = body['input_tokens']
  return readTokenCount(count)
}

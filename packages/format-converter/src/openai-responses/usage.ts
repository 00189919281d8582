import { isJsonObject, type JsonObject, type JsonValue } from '../model/json.ts'
import { cacheWriteTotal, inputTotal, readTokenCount, type Usage } from '../model/usage.ts'
import { optionalString } from '../wire/loose.ts'
import { readOpenAiUsage, type UsageNames } from '../wire/openai-usage.ts'

/** Some servers of this format count under the names of Chat. */
const NAMES: UsageNames = {
  input: ['input_tokens', 'prompt_tokens'],
  output: ['output_tokens', 'completion_tokens'],
  inputDetails: ['input_tokens_details', 'prompt_tokens_details'],
  outputDetails: ['output_tokens_details', 'completion_tokens_details'],
}

/** Reads a `usage` object; `undefined` when it holds no count at all. */
export function decodeUsage(value: JsonValue | undefined): Usage | undefined {
  return readOpenAiUsage(value, NAMES)
}

/** The usage of a whole response: its counts, and what stands beside them. */
export function decodeResponseUsage(response: JsonObject): Usage | undefined {
  const usage = decodeUsage(response['usage'])
  if (usage === undefined) return undefined
  const searches = memberOf(memberOf(response['tool_usage'], 'web_search'), 'num_requests')
  return {
    ...usage,
    webSearches: readTokenCount(searches) ?? usage.webSearches,
    serviceTier: optionalString(response['service_tier']),
  }
}

/** The `usage` object for a client. The details are always whole: Codex drops an answer that lacks them. */
export function encodeUsage(usage: Usage): JsonObject {
  const input = inputTotal(usage) ?? 0
  const output = usage.output ?? 0
  return {
    input_tokens: input,
    input_tokens_details: { cached_tokens: usage.cacheRead ?? 0, cache_write_tokens: cacheWriteTotal(usage) },
    output_tokens: output,
    output_tokens_details: { reasoning_tokens: usage.reasoning ?? 0 },
    total_tokens: input + output,
  }
}

function memberOf(value: JsonValue | undefined, name: string): JsonValue | undefined {
  return isJsonObject(value) ? value[name] : undefined
}

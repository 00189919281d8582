import type { JsonObject, JsonValue } from '../model/json.ts'
import { cacheWriteTotal, inputTotal, type Usage } from '../model/usage.ts'
import { isOpenAiTier } from '../wire/openai-tiers.ts'
import { readOpenAiUsage, type UsageNames } from '../wire/openai-usage.ts'

const NAMES: UsageNames = {
  input: ['prompt_tokens'],
  output: ['completion_tokens'],
  inputDetails: ['prompt_tokens_details'],
  outputDetails: ['completion_tokens_details'],
}

/** Reads a `usage` object; `undefined` when it holds no count at all. */
export function decodeUsage(value: JsonValue | undefined): Usage | undefined {
  return readOpenAiUsage(value, NAMES)
}

/** The `usage` object for a Chat client. Unknown counts are written as 0, because every member is required. */
export function encodeUsage(usage: Usage): JsonObject {
  const prompt = inputTotal(usage) ?? 0
  const completion = usage.output ?? 0
  const written = cacheWriteTotal(usage)
  return {
    prompt_tokens: prompt,
    completion_tokens: completion,
    total_tokens: prompt + completion,
    prompt_tokens_details: {
      cached_tokens: usage.cacheRead ?? 0,
      cache_write_tokens: written > 0 ? written : undefined,
      audio_tokens: usage.inputAudio ?? 0,
    },
    completion_tokens_details: {
      reasoning_tokens: usage.reasoning ?? 0,
      audio_tokens: usage.outputAudio ?? 0,
      accepted_prediction_tokens: usage.acceptedPrediction ?? 0,
      rejected_prediction_tokens: usage.rejectedPrediction ?? 0,
    },
  }
}

/** The tier that served an answer, where it is one that Chat knows; `ultrafast` is the one tier of OpenAI that it does not. */
export function tierOf(usage: Usage | undefined): string | undefined {
  const tier = usage?.serviceTier
  return tier !== undefined && tier !== 'ultrafast' && isOpenAiTier(tier) ? tier : undefined
}

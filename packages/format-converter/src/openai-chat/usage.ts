import { isJsonObject, type JsonObject, type JsonValue } from '../model/json.ts'
import { cacheWriteTotal, inputTotal, readTokenCount, type Usage } from '../model/usage.ts'
import { isOpenAiTier } from '../wire/openai-tiers.ts'

/** Counts as the wire has them, before they are made disjoint. */
interface WireCounts {
  readonly prompt: number | undefined
  readonly completion: number | undefined
  readonly total: number | undefined
  readonly cacheRead: number | undefined
  readonly cacheWrite: number | undefined
  readonly reasoning: number | undefined
  /** The cache counts came under Anthropic's names, whose `input` excludes them. */
  readonly hasAnthropicNames: boolean
}

type InputClasses = Pick<Usage, 'inputUncached' | 'cacheRead' | 'cacheWriteOther' | 'isInconsistent'>

const NO_DETAILS: JsonObject = {}

/** Every name under which a compatible server reports a count of its own; any broken value there is flagged. */
const COUNT_NAMES = [
  'prompt_tokens',
  'completion_tokens',
  'total_tokens',
  'prompt_cache_hit_tokens',
  'cached_tokens',
] as const

/**
 * Reads a `usage` object of OpenAI or of a compatible server, whose habits differ in what they include.
 *
 * @returns `undefined` when it holds no count at all
 */
export function decodeUsage(value: JsonValue | undefined): Usage | undefined {
  if (!isJsonObject(value)) return undefined
  const counts = readCounts(value)
  if (counts.prompt === undefined && counts.completion === undefined && counts.total === undefined) return undefined
  const input = splitInput(counts)
  return {
    ...input,
    output: outputOf(counts),
    reasoning: counts.reasoning,
    ...readExtras(value),
    isInconsistent: input.isInconsistent === true || hasBrokenCount(value) ? true : undefined,
    raw: value,
  }
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

function readCounts(usage: JsonObject): WireCounts {
  const details = detailsOf(usage, 'prompt_tokens_details')
  const anthropicRead = readTokenCount(usage['cache_read_input_tokens'])
  const openaiRead = readTokenCount(details['cached_tokens']) ?? dialectCacheRead(usage)
  return {
    prompt: readTokenCount(usage['prompt_tokens']),
    completion: readTokenCount(usage['completion_tokens']),
    total: readTokenCount(usage['total_tokens']),
    cacheRead: openaiRead ?? anthropicRead,
    cacheWrite: readTokenCount(details['cache_write_tokens']) ?? readTokenCount(usage['cache_creation_input_tokens']),
    reasoning: readTokenCount(detailsOf(usage, 'completion_tokens_details')['reasoning_tokens']),
    hasAnthropicNames: openaiRead === undefined && anthropicRead !== undefined,
  }
}

/** DeepSeek, Moonshot and Mistral name the cached part in their own ways. */
function dialectCacheRead(usage: JsonObject): number | undefined {
  return (
    readTokenCount(usage['prompt_cache_hit_tokens']) ??
    readTokenCount(usage['cached_tokens']) ??
    readTokenCount(usage['num_cached_tokens'])
  )
}

function splitInput(counts: WireCounts): InputClasses {
  const { prompt, cacheRead, cacheWrite } = counts
  if (prompt === undefined) return { cacheRead, cacheWriteOther: cacheWrite }
  const read = cacheRead ?? 0
  const write = cacheWrite ?? 0
  if (isExclusive(counts)) {
    return {
      inputUncached: prompt,
      cacheRead,
      cacheWriteOther: cacheWrite,
      isInconsistent: read > prompt && !counts.hasAnthropicNames,
    }
  }
  if (read + write <= prompt) return { inputUncached: prompt - read - write, cacheRead, cacheWriteOther: cacheWrite }
  // The written tokens overlap the read ones: only what is left of the prompt can have been written.
  const left = prompt - read
  return { inputUncached: 0, cacheRead, cacheWriteOther: left, isInconsistent: true }
}

/** True when `prompt_tokens` does not contain the cached ones. */
function isExclusive(counts: WireCounts): boolean {
  const prompt = counts.prompt ?? 0
  const read = counts.cacheRead ?? 0
  if (read > prompt) return true
  const write = counts.cacheWrite ?? 0
  return (
    counts.hasAnthropicNames && read + write > 0 && counts.total === prompt + read + write + (counts.completion ?? 0)
  )
}

/** Output with reasoning inside, whatever the dialect counts. */
function outputOf(counts: WireCounts): number | undefined {
  const { prompt, completion, total, reasoning } = counts
  if (completion === undefined)
    return total === undefined || prompt === undefined ? undefined : Math.max(0, total - prompt)
  if (reasoning === undefined || reasoning === 0) return completion
  const isExcluded = reasoning > completion || (prompt !== undefined && total === prompt + completion + reasoning)
  return isExcluded ? completion + reasoning : completion
}

function readExtras(usage: JsonObject): Usage {
  const input = detailsOf(usage, 'prompt_tokens_details')
  const output = detailsOf(usage, 'completion_tokens_details')
  const cost = usage['cost']
  return {
    inputAudio: readTokenCount(input['audio_tokens']),
    outputAudio: readTokenCount(output['audio_tokens']),
    acceptedPrediction: readTokenCount(output['accepted_prediction_tokens']),
    rejectedPrediction: readTokenCount(output['rejected_prediction_tokens']),
    webSearches: readTokenCount(detailsOf(usage, 'server_tool_use_details')['web_search_requests']),
    reportedCostUsd: typeof cost === 'number' && Number.isFinite(cost) && cost >= 0 ? cost : undefined,
  }
}

/** A count that is there but is negative, fractional or no number: unknown, and said so. */
function hasBrokenCount(usage: JsonObject): boolean {
  return COUNT_NAMES.some((name) => (usage[name] ?? null) !== null && readTokenCount(usage[name]) === undefined)
}

function detailsOf(usage: JsonObject, name: string): JsonObject {
  const details = usage[name]
  return isJsonObject(details) ? details : NO_DETAILS
}

/** The tier that served an answer, where it is one that Chat knows. */
export function tierOf(usage: Usage | undefined): string | undefined {
  const tier = usage?.serviceTier
  return tier !== undefined && isOpenAiTier(tier) ? tier : undefined
}

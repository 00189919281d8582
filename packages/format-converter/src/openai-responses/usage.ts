import { isJsonObject, type JsonObject, type JsonValue } from '../model/json.ts'
import { cacheWriteTotal, inputTotal, readTokenCount, type Usage } from '../model/usage.ts'
import { optionalString } from './wire.ts'

/** Counts as the wire has them, before they are made disjoint. */
interface WireCounts {
  readonly input: number | undefined
  readonly output: number | undefined
  readonly total: number | undefined
  readonly cacheRead: number | undefined
  readonly cacheWrite: number | undefined
  /** The part of the cache writes that lives for 12 hours. */
  readonly longWrite: number
  readonly reasoning: number | undefined
  /** The cache counts came under Anthropic's names, whose input excludes them. */
  readonly hasAnthropicNames: boolean
}

type InputClasses = Pick<Usage, 'inputUncached' | 'cacheRead' | 'cacheWriteOther' | 'cacheWrite1h' | 'isInconsistent'>

const NO_DETAILS: JsonObject = {}
const COUNT_NAMES = ['input_tokens', 'output_tokens', 'total_tokens', 'prompt_tokens', 'completion_tokens'] as const

/**
 * Reads a `usage` object of OpenAI or of a compatible server, whose habits differ in what they include.
 *
 * @returns `undefined` when it holds no count at all
 * @remarks Contract 3.3, "From C/R".
 */
export function decodeUsage(value: JsonValue | undefined): Usage | undefined {
  if (!isJsonObject(value)) return undefined
  const counts = readCounts(value)
  if (counts.input === undefined && counts.output === undefined && counts.total === undefined) return undefined
  const input = splitInput(counts)
  const cost = value['cost']
  return {
    ...input,
    output: outputOf(counts),
    reasoning: counts.reasoning,
    reportedCostUsd: typeof cost === 'number' && Number.isFinite(cost) && cost >= 0 ? cost : undefined,
    isInconsistent: input.isInconsistent === true || hasBrokenCount(value) ? true : undefined,
    raw: value,
  }
}

/** The usage of a whole response: its counts, and what stands beside them. */
export function decodeResponseUsage(response: JsonObject): Usage | undefined {
  const usage = decodeUsage(response['usage'])
  if (usage === undefined) return undefined
  const searches = detailsOf(detailsOf(response, 'tool_usage'), 'web_search')['num_requests']
  return { ...usage, webSearches: readTokenCount(searches), serviceTier: optionalString(response['service_tier']) }
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

function readCounts(usage: JsonObject): WireCounts {
  const details = detailsOf(usage, 'input_tokens_details', 'prompt_tokens_details')
  const outputDetails = detailsOf(usage, 'output_tokens_details', 'completion_tokens_details')
  const ownRead = firstCount(details['cached_tokens'], usage['prompt_cache_hit_tokens'], usage['cached_tokens'])
  const anthropicRead = firstCount(usage['cache_read_input_tokens'])
  return {
    input: firstCount(usage['input_tokens'], usage['prompt_tokens']),
    output: firstCount(usage['output_tokens'], usage['completion_tokens']),
    total: firstCount(usage['total_tokens']),
    cacheRead: ownRead ?? anthropicRead,
    cacheWrite: firstCount(details['cache_write_tokens'], usage['cache_creation_input_tokens']),
    longWrite: firstCount(detailsOf(details, 'cache_write_tokens_details')['ttl_12h_tokens']) ?? 0,
    reasoning: firstCount(outputDetails['reasoning_tokens']),
    hasAnthropicNames: ownRead === undefined && anthropicRead !== undefined,
  }
}

/** The first value that is a count: compatible servers have names of their own. */
function firstCount(...values: readonly (JsonValue | undefined)[]): number | undefined {
  return values.map(readTokenCount).find((count) => count !== undefined)
}

function splitInput(counts: WireCounts): InputClasses {
  const { input, cacheRead } = counts
  const writes = splitWrites(counts.cacheWrite, counts.longWrite)
  if (input === undefined) return { cacheRead, ...writes }
  const read = cacheRead ?? 0
  const write = counts.cacheWrite ?? 0
  if (isExclusive(counts)) {
    return { inputUncached: input, cacheRead, ...writes, isInconsistent: read > input && !counts.hasAnthropicNames }
  }
  if (read + write <= input) return { inputUncached: input - read - write, cacheRead, ...writes }
  // The written tokens overlap the read ones: only what is left of the input can have been written.
  return { inputUncached: 0, cacheRead, ...splitWrites(input - read, counts.longWrite), isInconsistent: true }
}

function splitWrites(total: number | undefined, long: number): InputClasses {
  if (total === undefined || long === 0) return { cacheWriteOther: total }
  const cacheWrite1h = Math.min(long, total)
  return { cacheWrite1h, cacheWriteOther: total - cacheWrite1h }
}

/** True when the input count does not contain the cached tokens. */
function isExclusive({
  input = 0,
  output = 0,
  total,
  cacheRead = 0,
  cacheWrite = 0,
  hasAnthropicNames,
}: WireCounts): boolean {
  if (cacheRead > input) return true
  return hasAnthropicNames && cacheRead + cacheWrite > 0 && total === input + cacheRead + cacheWrite + output
}

/** Output with reasoning inside, whatever the dialect counts. */
function outputOf({ input, output, total, reasoning = 0 }: WireCounts): number | undefined {
  if (output === undefined) return total === undefined || input === undefined ? undefined : Math.max(0, total - input)
  const isExcluded =
    reasoning > output || (reasoning > 0 && input !== undefined && total === input + output + reasoning)
  return isExcluded ? output + reasoning : output
}

/** A count that is there but is negative, fractional or no number: unknown, and said so. */
function hasBrokenCount(usage: JsonObject): boolean {
  return COUNT_NAMES.some((name) => (usage[name] ?? null) !== null && readTokenCount(usage[name]) === undefined)
}

function detailsOf(object: JsonObject, ...names: readonly string[]): JsonObject {
  for (const name of names) {
    const details = object[name]
    if (isJsonObject(details)) return details
  }
  return NO_DETAILS
}

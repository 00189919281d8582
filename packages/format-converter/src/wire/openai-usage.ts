import { isJsonObject, type JsonObject, type JsonValue } from '../model/json.ts'
import { readTokenCount, type Usage } from '../model/usage.ts'

/** Under which names one of OpenAI's formats counts; of several the first that holds a count is read. */
export interface UsageNames {
  readonly input: readonly string[]
  readonly output: readonly string[]
  readonly inputDetails: readonly string[]
  readonly outputDetails: readonly string[]
}

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

/** DeepSeek, Moonshot and Mistral name the cached part in their own ways. */
const CACHE_READ_NAMES = ['prompt_cache_hit_tokens', 'cached_tokens', 'num_cached_tokens'] as const

/** Counts beside input and output, in `usage` itself and in its details. */
const PLAIN_NAMES: ReadonlySet<string> = new Set([
  'total_tokens',
  ...CACHE_READ_NAMES,
  'cache_read_input_tokens',
  'cache_creation_input_tokens',
])
const READ: ReadonlySet<string> = new Set(['cached_tokens', 'cache_write_tokens', 'audio_tokens'])
const WRITTEN: ReadonlySet<string> = new Set(['reasoning_tokens', 'audio_tokens'])

/**
 * Reads a `usage` object of OpenAI or of a compatible server, whose habits differ in what they include.
 *
 * @returns `undefined` when it names no count at all; broken ones are unknown, and said to be inconsistent
 * @remarks Contract 3.3, "From C/R".
 */
export function readOpenAiUsage(value: JsonValue | undefined, names: UsageNames): Usage | undefined {
  if (!isJsonObject(value)) return undefined
  const inputDetails = detailsOf(value, names.inputDetails)
  const outputDetails = detailsOf(value, names.outputDetails)
  const counts = readCounts(value, { names, inputDetails, outputDetails })
  const isBroken = hasBrokenCount(value, { names, inputDetails, outputDetails })
  const isEmpty = counts.input === undefined && counts.output === undefined && counts.total === undefined
  if (isEmpty && !isBroken) return undefined
  const input = splitInput(counts)
  return {
    ...input,
    output: outputOf(counts),
    reasoning: counts.reasoning,
    inputAudio: readTokenCount(inputDetails['audio_tokens']),
    outputAudio: readTokenCount(outputDetails['audio_tokens']),
    acceptedPrediction: readTokenCount(outputDetails['accepted_prediction_tokens']),
    rejectedPrediction: readTokenCount(outputDetails['rejected_prediction_tokens']),
    webSearches: readTokenCount(detailsOf(value, ['server_tool_use_details'])['web_search_requests']),
    reportedCostUsd: costOf(value['cost']) ?? costOfTicks(value['cost_in_usd_ticks']),
    isInconsistent: input.isInconsistent === true || isBroken ? true : undefined,
    raw: value,
  }
}

interface Places {
  readonly names: UsageNames
  readonly inputDetails: JsonObject
  readonly outputDetails: JsonObject
}

function readCounts(usage: JsonObject, { names, inputDetails, outputDetails }: Places): WireCounts {
  const anthropicRead = readTokenCount(usage['cache_read_input_tokens'])
  const ownRead = readTokenCount(inputDetails['cached_tokens']) ?? firstCount(usage, CACHE_READ_NAMES)
  const ownWrite = readTokenCount(inputDetails['cache_write_tokens'])
  return {
    input: firstCount(usage, names.input),
    output: firstCount(usage, names.output),
    total: readTokenCount(usage['total_tokens']),
    cacheRead: ownRead ?? anthropicRead,
    cacheWrite: ownWrite ?? readTokenCount(usage['cache_creation_input_tokens']),
    longWrite: readTokenCount(detailsOf(inputDetails, ['cache_write_tokens_details'])['ttl_12h_tokens']) ?? 0,
    reasoning: readTokenCount(outputDetails['reasoning_tokens']),
    hasAnthropicNames: ownRead === undefined && anthropicRead !== undefined,
  }
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
function isExclusive(counts: WireCounts): boolean {
  const { input = 0, output = 0, total, cacheRead = 0, cacheWrite = 0, hasAnthropicNames } = counts
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

/** A count that is there but is negative, fractional or no number, or details that are none: unknown, and said so. */
function hasBrokenCount(usage: JsonObject, { names, inputDetails, outputDetails }: Places): boolean {
  for (const name of Object.keys(usage)) {
    const value = usage[name] ?? null
    if (value === null) continue
    if (isCount(name, names) && readTokenCount(value) === undefined) return true
    if (isDetails(name, names) && !isJsonObject(value)) return true
  }
  return hasBroken(inputDetails, READ) || hasBroken(outputDetails, WRITTEN)
}

function isCount(name: string, { input, output }: UsageNames): boolean {
  return PLAIN_NAMES.has(name) || input.includes(name) || output.includes(name)
}

/** Where the details of a count belong. */
function isDetails(name: string, { inputDetails, outputDetails }: UsageNames): boolean {
  return inputDetails.includes(name) || outputDetails.includes(name)
}

function hasBroken(counts: JsonObject, names: ReadonlySet<string>): boolean {
  return Object.keys(counts).some((name) => {
    const value = counts[name] ?? null
    return value !== null && names.has(name) && readTokenCount(value) === undefined
  })
}

function firstCount(usage: JsonObject, names: readonly string[]): number | undefined {
  for (const name of names) {
    const count = readTokenCount(usage[name])
    if (count !== undefined) return count
  }
  return undefined
}

function detailsOf(object: JsonObject, names: readonly string[]): JsonObject {
  for (const name of names) {
    const details = object[name]
    if (isJsonObject(details)) return details
  }
  return NO_DETAILS
}

/** xAI counts in ticks. */
const TICKS_OF_A_DOLLAR = 10_000_000_000

function costOfTicks(ticks: JsonValue | undefined): number | undefined {
  const cost = costOf(ticks)
  return cost === undefined ? undefined : cost / TICKS_OF_A_DOLLAR
}

function costOf(cost: JsonValue | undefined): number | undefined {
  return typeof cost === 'number' && Number.isFinite(cost) && cost >= 0 ? cost : undefined
}

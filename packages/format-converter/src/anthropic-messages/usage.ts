import { isJsonObject, type JsonObject, type JsonValue } from '../model/json.ts'
import { cacheWriteTotal, readTokenCount, type Usage } from '../model/usage.ts'
import { listOf } from './wire.ts'

/** Keys that hold token counts; anything there that is no count makes the report inconsistent. */
const COUNT_KEYS = ['input_tokens', 'output_tokens', 'cache_read_input_tokens', 'cache_creation_input_tokens'] as const
const WRITE_KEYS = ['ephemeral_5m_input_tokens', 'ephemeral_1h_input_tokens'] as const
const DETAIL_KEYS = ['thinking_tokens'] as const
const REQUEST_KEYS = ['web_search_requests', 'web_fetch_requests'] as const

/** Messages calls its tiers by other words than the neutral model, which uses OpenAI's. */
const NEUTRAL_TIERS: ReadonlyMap<string, string> = new Map([
  ['standard', 'default'],
  ['batch', 'flex'],
])
const WIRE_TIERS: ReadonlyMap<string, string> = new Map([
  ['priority', 'priority'],
  ['flex', 'batch'],
])

/**
 * Reads a complete `usage` object: of a whole answer, of `message_start`, or of a stream's reports laid over each other.
 * Input classes are disjoint in this format. With `iterations` (beta) the billed sum is taken.
 *
 * @remarks Source: Messages API reference, `usage`; contract 3.3.
 */
export function decodeUsage(usage: JsonValue | undefined): Usage | undefined {
  if (!isJsonObject(usage)) return undefined
  const parts = billedIterations(usage['iterations']) ?? [usage]
  if (!parts.some(hasCounts)) return undefined
  return {
    ...addUp(parts.map(readCounts)),
    ...readRest(usage),
    isInconsistent: isContradictory(usage) || undefined,
    raw: usage,
  }
}

/** A report that names no count is none: nothing is known, which is not 0. */
function hasCounts(usage: JsonObject): boolean {
  return COUNT_KEYS.some((key) => usage[key] != null) || usage['server_tool_use'] != null
}

/**
 * Reads the `usage` of a `message_delta`, which names only what has changed.
 *
 * @param earlier - what is known so far: tells how much of the cache writes is new
 * @returns only what the report says, to be merged over `earlier`
 */
export function decodeUsageReport(usage: JsonValue | undefined, earlier: Usage | undefined): Usage | undefined {
  if (!isJsonObject(usage)) return undefined
  if (billedIterations(usage['iterations']) !== undefined) return decodeUsage(usage)
  return {
    inputUncached: readTokenCount(usage['input_tokens']),
    cacheRead: readTokenCount(usage['cache_read_input_tokens']),
    ...readLaterWrites(usage, earlier),
    output: readTokenCount(usage['output_tokens']),
    ...readRest(usage),
    isInconsistent: isContradictory(usage) || undefined,
  }
}

/** A whole answer's `usage`, with every key that the client's type requires; counts nobody reported are 0 or `null`. */
export function encodeUsage(usage: Usage): JsonObject {
  return {
    cache_creation: {
      ephemeral_5m_input_tokens: (usage.cacheWrite5m ?? 0) + (usage.cacheWriteOther ?? 0),
      ephemeral_1h_input_tokens: usage.cacheWrite1h ?? 0,
    },
    ...encodeInput(usage),
    inference_geo: null,
    output_tokens: usage.output ?? 0,
    output_tokens_details: encodeDetails(usage),
    server_tool_use: encodeServerTools(usage),
    service_tier: tierOnWire(usage),
    speed: usage.speed ?? null,
  }
}

/**
 * The `usage` of `message_start`. Output is always 0 here: some clients add this figure to the final one.
 *
 * @param estimate - shown when the upstream has not said how long the input is
 */
export function encodeStartUsage(usage: Usage | undefined, estimate: number | undefined): JsonObject {
  const isKnown = usage?.inputUncached !== undefined
  return {
    cache_creation: null,
    cache_creation_input_tokens: isKnown ? cacheWriteTotal(usage) : null,
    cache_read_input_tokens: isKnown ? (usage.cacheRead ?? 0) : null,
    input_tokens: isKnown ? usage.inputUncached : (estimate ?? 0),
    inference_geo: null,
    output_tokens: 0,
    output_tokens_details: null,
    server_tool_use: null,
    service_tier: tierOnWire(usage),
    speed: usage?.speed ?? null,
  }
}

function tierOnWire(usage: Usage | undefined): string {
  return WIRE_TIERS.get(usage?.serviceTier ?? '') ?? 'standard'
}

/** The `usage` of `message_delta`: final counts, `null` where nothing is known, so that the start's figure stays. */
export function encodeFinalUsage(usage: Usage | undefined): JsonObject {
  const isInputKnown = usage?.inputUncached !== undefined
  return {
    ...(isInputKnown ? encodeInput(usage) : encodePartOfInput(usage ?? {})),
    output_tokens: usage?.output ?? 0,
    output_tokens_details: encodeDetails(usage),
    server_tool_use: encodeServerTools(usage),
  }
}

function encodeInput(usage: Usage): JsonObject {
  return {
    cache_creation_input_tokens: cacheWriteTotal(usage),
    cache_read_input_tokens: usage.cacheRead ?? 0,
    input_tokens: usage.inputUncached ?? 0,
  }
}

/** Of an input whose length is not known, what was said of the cache. */
function encodePartOfInput(usage: Usage): JsonObject {
  const written = cacheWriteTotal(usage)
  return {
    cache_creation_input_tokens: written === 0 ? null : written,
    cache_read_input_tokens: usage.cacheRead ?? null,
    input_tokens: null,
  }
}

function encodeDetails(usage: Usage | undefined): JsonObject | null {
  return usage?.reasoning === undefined ? null : { thinking_tokens: usage.reasoning }
}

function encodeServerTools(usage: Usage | undefined): JsonObject | null {
  if (usage?.webSearches === undefined && usage?.webFetches === undefined) return null
  return { web_fetch_requests: usage.webFetches ?? 0, web_search_requests: usage.webSearches ?? 0 }
}

interface Counts {
  readonly inputUncached?: number
  readonly cacheRead?: number
  readonly cacheWrite5m?: number
  readonly cacheWrite1h?: number
  readonly cacheWriteOther?: number
  readonly output?: number
}

/** The iterations that are billed; `undefined` = the top-level numbers count. */
function billedIterations(iterations: JsonValue | undefined): readonly JsonObject[] | undefined {
  const objects = listOf(iterations).filter((entry) => isJsonObject(entry))
  if (objects.some((entry) => entry['type'] === 'fallback_message')) return undefined
  const billed = objects.filter((entry) => entry['type'] === 'message' || entry['type'] === 'compaction')
  return billed.length === 0 ? undefined : billed
}

function readCounts(raw: JsonObject): Counts {
  const inputUncached = readTokenCount(raw['input_tokens'])
  const absent = inputUncached === undefined ? undefined : 0 // a report with an input count is complete: no cache key, no cache
  return {
    inputUncached,
    cacheRead: readTokenCount(raw['cache_read_input_tokens']) ?? absent,
    ...readWrites(raw, absent),
    output: readTokenCount(raw['output_tokens']),
  }
}

function readWrites(raw: JsonObject, absent: number | undefined): Counts {
  const total = readTokenCount(raw['cache_creation_input_tokens'])
  const split = raw['cache_creation']
  if (!isJsonObject(split)) return { cacheWrite5m: total ?? absent }
  const cacheWrite5m = readTokenCount(split['ephemeral_5m_input_tokens'])
  const cacheWrite1h = readTokenCount(split['ephemeral_1h_input_tokens'])
  const cacheWriteOther = Math.max(0, (total ?? 0) - (cacheWrite5m ?? 0) - (cacheWrite1h ?? 0))
  return { cacheWrite5m, cacheWrite1h, cacheWriteOther: cacheWriteOther === 0 ? undefined : cacheWriteOther }
}

/** A later total without a split: what the split so far does not explain has an unknown lifetime. */
function readLaterWrites(raw: JsonObject, earlier: Usage | undefined): Counts {
  const total = readTokenCount(raw['cache_creation_input_tokens'])
  if (isJsonObject(raw['cache_creation']) || earlier?.cacheWrite1h === undefined) return readWrites(raw, undefined)
  if (total === undefined || total <= cacheWriteTotal(earlier)) return {}
  return { cacheWriteOther: total - (earlier.cacheWrite5m ?? 0) - earlier.cacheWrite1h }
}

function addUp(parts: readonly Counts[]): Counts {
  const [first, ...others] = parts
  return others.reduce<Counts>(
    (sum, counts) => ({
      inputUncached: plus(sum.inputUncached, counts.inputUncached),
      cacheRead: plus(sum.cacheRead, counts.cacheRead),
      cacheWrite5m: plus(sum.cacheWrite5m, counts.cacheWrite5m),
      cacheWrite1h: plus(sum.cacheWrite1h, counts.cacheWrite1h),
      cacheWriteOther: plus(sum.cacheWriteOther, counts.cacheWriteOther),
      output: plus(sum.output, counts.output),
    }),
    first ?? {},
  )
}

/** An unknown summand adds nothing; two unknown ones stay unknown. */
function plus(left: number | undefined, right: number | undefined): number | undefined {
  return left === undefined ? right : left + (right ?? 0)
}

function readRest(raw: JsonObject): Usage {
  const details = raw['output_tokens_details']
  const serverTools = raw['server_tool_use']
  const tier = raw['service_tier']
  const speed = raw['speed']
  return {
    isOutputBroken: hasBroken(raw, ['output_tokens']) || undefined,
    reasoning: isJsonObject(details) ? readTokenCount(details['thinking_tokens']) : undefined,
    webSearches: isJsonObject(serverTools) ? readTokenCount(serverTools['web_search_requests']) : undefined,
    webFetches: isJsonObject(serverTools) ? readTokenCount(serverTools['web_fetch_requests']) : undefined,
    serviceTier: typeof tier === 'string' ? (NEUTRAL_TIERS.get(tier) ?? tier) : undefined,
    speed: typeof speed === 'string' ? speed : undefined,
  }
}

function isContradictory(raw: JsonObject): boolean {
  const split = raw['cache_creation']
  const total = readTokenCount(raw['cache_creation_input_tokens'])
  if (isJsonObject(split) && total !== undefined && cacheWriteTotal(readWrites(raw, undefined)) > total) return true
  return (
    hasBroken(raw, COUNT_KEYS) ||
    hasBroken(split, WRITE_KEYS) ||
    hasBroken(raw['output_tokens_details'], DETAIL_KEYS) ||
    hasBroken(raw['server_tool_use'], REQUEST_KEYS)
  )
}

/** Counts that are none, or something else where counts belong. */
function hasBroken(counts: JsonValue | undefined, keys: readonly string[]): boolean {
  if (!isJsonObject(counts)) return counts != null
  return keys.some((key) => counts[key] != null && readTokenCount(counts[key]) === undefined)
}

import type { JsonValue } from './json.ts'
import type { LossReport } from './loss.ts'

/**
 * Token counts of one answer, in disjoint input classes, so that a sum is always right. `undefined` = not known, which is
 * never the same as 0.
 */
export interface Usage {
  /** Input tokens that were neither read from nor written to a cache. */
  readonly inputUncached?: number
  readonly cacheRead?: number
  readonly cacheWrite5m?: number
  readonly cacheWrite1h?: number
  /** Cache writes whose lifetime is not known. */
  readonly cacheWriteOther?: number
  /** Output tokens, reasoning included. */
  readonly output?: number
  /** The part of `output` that was reasoning. */
  readonly reasoning?: number
  readonly inputAudio?: number
  readonly outputAudio?: number
  readonly acceptedPrediction?: number
  readonly rejectedPrediction?: number
  readonly webSearches?: number
  readonly webFetches?: number
  readonly serviceTier?: string
  readonly speed?: string
  /** A cost in US dollars that the upstream itself reported, e.g. OpenRouter's `usage.cost` or xAI's `usage.cost_in_usd_ticks`. */
  readonly reportedCostUsd?: number
  /** True when the numbers are Relay's own estimate. */
  readonly isEstimated?: boolean
  /** The numbers contradicted each other and were read by the documented rule. */
  readonly isInconsistent?: boolean
  /** The newest report had an output count that is none: what was known before it is no total. */
  readonly isOutputBroken?: boolean
  /** The vendor's own object. */
  readonly raw?: JsonValue
}

/** Told of a report whose numbers contradict each other. */
export const USAGE_INCONSISTENT: LossReport = {
  code: 'usage_inconsistent',
  level: 'repaired',
  path: '#usage',
  message: 'the token counts of the upstream contradict each other, or are no counts',
}

/** All input tokens, cached ones included; `undefined` when no input class is known. */
export function inputTotal(usage: Usage): number | undefined {
  const known = [
    usage.inputUncached,
    usage.cacheRead,
    usage.cacheWrite5m,
    usage.cacheWrite1h,
    usage.cacheWriteOther,
  ].filter((count) => count !== undefined)
  return known.length === 0 ? undefined : known.reduce((sum, count) => sum + count, 0)
}

/** Whether a report says how many tokens there were; one whose counts are all broken says nothing. */
export function knowsTokens(usage: Usage | undefined): usage is Usage {
  return usage !== undefined && (usage.output !== undefined || inputTotal(usage) !== undefined)
}

/** All tokens written to a cache; 0 when none is known. */
export function cacheWriteTotal(usage: Usage): number {
  return (usage.cacheWrite5m ?? 0) + (usage.cacheWrite1h ?? 0) + (usage.cacheWriteOther ?? 0)
}

/**
 * Merges two reports of one answer; counts known later win.
 *
 * @param later - cumulative counts of the newest report, not a difference
 * @returns a new object; neither argument is changed
 */
export function mergeUsage(earlier: Usage | undefined, later: Usage): Usage {
  if (earlier === undefined) return later
  const merged: Record<string, unknown> = { ...earlier }
  for (const [name, value] of Object.entries(later)) {
    if (value !== undefined) merged[name] = value
  }
  if (later.isOutputBroken === true) delete merged['output']
  return merged
}

/** More than any model reads or writes in a year; with counts up to here sums over thousands of answers stay exact. */
const MAX_TOKENS = 1_000_000_000_000

/**
 * A token count as a vendor may send it: only finite non-negative integers up to 10¹² count, everything else is unknown.
 */
export function readTokenCount(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= MAX_TOKENS ? value : undefined
}

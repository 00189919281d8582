import type { Effort } from '../model/chat-request.ts'

/** All levels, weakest first. */
export const EFFORTS: readonly Effort[] = ['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max']

/** Thinking budgets that stand for an effort, in tokens. Chosen so that {@link effortOfBudget} gives the effort back. */
const BUDGETS: { readonly [Level in Effort]: number } = {
  none: 0,
  minimal: 1_024,
  low: 4_096,
  medium: 12_288,
  high: 24_576,
  xhigh: 49_152,
  max: 98_304,
}

/** The thinking budget that stands for an effort, in tokens. */
export function budgetOfEffort(effort: Effort): number {
  return BUDGETS[effort]
}

/** The effort that a thinking budget stands for. */
export function effortOfBudget(tokens: number): Effort {
  if (tokens <= 1_024) return 'minimal'
  if (tokens <= 4_096) return 'low'
  if (tokens <= 16_384) return 'medium'
  if (tokens <= 32_768) return 'high'
  return tokens <= 65_535 ? 'xhigh' : 'max'
}

/**
 * The nearest level that the model takes: itself, else the next lower one, else the lowest there is.
 *
 * @returns `undefined` when the model takes no effort at all
 */
export function clampEffort(effort: Effort, supported: 'any' | readonly Effort[]): Effort | undefined {
  if (supported === 'any' || supported.includes(effort)) return effort
  // `none` is a switch rather than a level: nobody gets it who did not ask for it.
  const ladder = EFFORTS.filter((level) => level !== 'none' && supported.includes(level))
  return ladder.findLast((level) => EFFORTS.indexOf(level) < EFFORTS.indexOf(effort)) ?? ladder[0]
}

/** What a window counts. */
export type RateCount = 'requests' | 'tokens' | 'cost'

/**
 * So much in a span of time. The span begins with the first request in it and lasts its whole length; then a new one can begin.
 */
export interface RateLimit {
  readonly counts: RateCount
  /** 1000 (a second) to 31 days. */
  readonly windowMs: number
  /** Requests, tokens, or millionths of a US dollar; at least 1. */
  readonly max: number
}

/** The spans of the calendar that a budget knows; `total` never ends. */
export type BudgetPeriod = 'day' | 'week' | 'month' | 'total'

/**
 * What may be spent, in millionths of a US dollar; 0 means no limit. Weeks begin on Monday.
 *
 * A budget that is set in the middle of its period counts what usage says was spent since the beginning; only requests that
 * run at that moment go without.
 */
export interface CostBudget {
  /** IANA name of the zone in which days, weeks and months begin; `UTC` unless said otherwise. */
  readonly timeZone: string
  readonly dayMicroUsd: number
  readonly weekMicroUsd: number
  readonly monthMicroUsd: number
  readonly totalMicroUsd: number
}

/** Bounds of a relay key, an owner or a team, over all nodes. */
export interface Limits {
  /** Requests at once; 0 means no limit. */
  readonly maxConcurrency: number
  /** All of them hold; at most 20, no two of one kind and length. */
  readonly rateLimits: readonly RateLimit[]
  readonly budget: CostBudget
}

/** All periods, the shortest first. */
export const BUDGET_PERIODS: readonly BudgetPeriod[] = ['day', 'week', 'month', 'total']

/** What a budget allows in a period; 0 means no limit. */
export function budgetLimit(budget: CostBudget, period: BudgetPeriod): number {
  return budget[LIMIT_FIELDS[period]]
}

const LIMIT_FIELDS = {
  day: 'dayMicroUsd',
  week: 'weekMicroUsd',
  month: 'monthMicroUsd',
  total: 'totalMicroUsd',
} as const satisfies Record<BudgetPeriod, keyof CostBudget>

/** A budget without limits. */
export const NO_BUDGET: CostBudget = {
  timeZone: 'UTC',
  dayMicroUsd: 0,
  weekMicroUsd: 0,
  monthMicroUsd: 0,
  totalMicroUsd: 0,
}

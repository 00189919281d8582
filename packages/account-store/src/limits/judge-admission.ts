import type { BoundState, ReservedUse } from '../admission.ts'
import type { PlannedBudget, PlannedWindow, SubjectPlan } from './plan-admission.ts'

/** What of a subject's bounds is used up. */
export interface SubjectUse {
  /** Requests that run. */
  readonly inUse: number
  /** What they have reserved. */
  readonly reserved: ReservedUse
  counterOf(bound: string, period: string): Counter | undefined
}

/** What was counted in a span of time. */
export interface Counter {
  /** Milliseconds since the epoch. */
  readonly startedAt: number
  readonly used: number
}

/** A plan with what is used up of it. */
export interface JudgedSubject {
  readonly plan: SubjectPlan
  readonly use: SubjectUse
}

/** The period of a window's counter among the counters: it has only one. */
export const WINDOW_PERIOD = ''

/**
 * The first bound that keeps a request out: of all subjects first concurrency, then windows, then budgets.
 *
 * @param nowMs - milliseconds since the epoch
 */
export function findMetBound(
  subjects: readonly JudgedSubject[],
  reserve: ReservedUse,
  nowMs: number,
): BoundState | undefined {
  for (const states of [concurrencyState, windowStates, budgetStates]) {
    for (const subject of subjects) {
      const met = states(subject, nowMs).find((state) => isMet(state, reserve))
      if (met !== undefined) return met
    }
  }
  return undefined
}

/** Every bound of a subject and what of it is used up. */
export function boundStates(subject: JudgedSubject, nowMs: number): readonly BoundState[] {
  return [...concurrencyState(subject), ...windowStates(subject, nowMs), ...budgetStates(subject)]
}

/**
 * What counts of a window now. A window from the future was begun before the clock was set back: it keeps its count and begins now,
 * so that it locks nobody out for longer than it lasts.
 */
function windowCounter(counter: Counter | undefined, windowMs: number, nowMs: number): Counter {
  if (counter === undefined || nowMs - counter.startedAt >= windowMs) return { startedAt: nowMs, used: 0 }
  return { startedAt: Math.min(counter.startedAt, nowMs), used: counter.used }
}

/** Whether a request of this size is kept out. */
function isMet(state: BoundState, reserve: ReservedUse): boolean {
  const { bound } = state
  const isCounted = bound.type === 'concurrency' || (bound.type === 'window' && bound.counts === 'requests')
  if (isCounted) return state.used >= state.limit
  const isTokens = bound.type === 'window' && bound.counts === 'tokens'
  return hasNoRoom(state, isTokens ? reserve.tokens : reserve.costMicroUsd)
}

/** Whether what is left has no room for so much more. Somebody alone is always let in: nobody could use the rest up otherwise. */
export function hasNoRoom(
  { limit, used, reserved }: Pick<BoundState, 'limit' | 'used' | 'reserved'>,
  reserve: number,
): boolean {
  if (used + reserved >= limit) return true
  return reserved > 0 && used + reserved + reserve > limit
}

function concurrencyState({ plan, use }: JudgedSubject): readonly BoundState[] {
  if (plan.maxConcurrency === 0) return []
  const { holder, maxConcurrency: limit } = plan
  return [{ holder, bound: { type: 'concurrency' }, limit, used: use.inUse, reserved: 0, resetsAt: undefined }]
}

function windowStates({ plan, use }: JudgedSubject, nowMs: number): readonly BoundState[] {
  return plan.windows.map((window) => {
    const { bound, counts, windowMs, max } = window
    const { startedAt, used } = windowCounter(use.counterOf(bound, WINDOW_PERIOD), windowMs, nowMs)
    return {
      holder: plan.holder,
      bound: { type: 'window', counts, windowMs },
      limit: max,
      used,
      reserved: reservedOf(window, use),
      resetsAt: startedAt + windowMs,
    }
  })
}

function reservedOf({ counts }: PlannedWindow, { reserved }: SubjectUse): number {
  if (counts === 'requests') return 0
  return counts === 'tokens' ? reserved.tokens : reserved.costMicroUsd
}

function budgetStates({ plan, use }: JudgedSubject): readonly BoundState[] {
  return plan.budgets.map((budget) => budgetState(plan, budget, use))
}

function budgetState({ holder }: SubjectPlan, budget: PlannedBudget, use: SubjectUse): BoundState {
  const { bound: period, label, timeZone, max, startsAt, endsAt } = budget
  const counter = use.counterOf(period, label)
  return {
    holder,
    bound: { type: 'budget', period, timeZone },
    limit: max,
    // A period of the same name that started at another time is that of another zone.
    used: counter?.startedAt === startsAt ? counter.used : 0,
    reserved: use.reserved.costMicroUsd,
    resetsAt: endsAt,
  }
}

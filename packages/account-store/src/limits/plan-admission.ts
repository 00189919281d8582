import type { BoundHolder } from '../admission.ts'
import type { BudgetHolder } from '../budget-holder.ts'
import type { RelayKey } from '../relay-key.ts'
import { calendarPeriod } from './calendar.ts'
import type { BudgetPeriod, Limits, RateCount } from './limits.ts'
import { BUDGET_PERIODS, budgetLimit } from './limits.ts'

/** A window that holds for a subject. */
export interface PlannedWindow {
  /** Its name among the counters of the subject. */
  readonly bound: string
  readonly counts: RateCount
  readonly windowMs: number
  readonly max: number
}

/** A budget that holds for a subject, in the period that is now. */
export interface PlannedBudget {
  /** Its name among the counters of the subject. */
  readonly bound: BudgetPeriod
  /** Names the period. */
  readonly label: string
  readonly timeZone: string
  /** Milliseconds since the epoch. */
  readonly startsAt: number
  /** Milliseconds since the epoch; `undefined` for a period that never ends. */
  readonly endsAt: number | undefined
  readonly max: number
}

/** All bounds of a key, an owner or a team. */
export interface SubjectPlan {
  /** Whose counters and slots these are: `key:<id>`, `owner:<name>` or `team:<name>`. */
  readonly subject: string
  readonly holder: BoundHolder
  /** 0 means no limit. */
  readonly maxConcurrency: number
  readonly windows: readonly PlannedWindow[]
  readonly budgets: readonly PlannedBudget[]
  /**
   * When the bounds were last set, milliseconds since the epoch; what was spent before counts, too. `undefined` where nothing
   * can have been spent before.
   */
  readonly setAt: number | undefined
  /** Whether a request holds something of it until it is settled; windows of requests alone do not need that. */
  readonly isHeld: boolean
}

/** Who a request belongs to. */
export interface AdmissionParties {
  readonly key: RelayKey
  readonly owner: BudgetHolder | undefined
  readonly team: BudgetHolder | undefined
}

/** What has to be checked for a request: those that have no limit are left out. */
export function planAdmission({ key, owner, team }: AdmissionParties, nowMs: number): readonly SubjectPlan[] {
  // A key that was never changed has spent nothing before it had its budgets.
  const setAt = key.updatedAt === key.createdAt ? undefined : key.updatedAt
  const own = isUnlimited(key)
    ? []
    : [planSubject(`key:${key.id}`, { kind: 'key', name: key.name }, { limits: key, setAt, nowMs })]
  if (owner === undefined && team === undefined) return own // nearly always
  return [...own, ...planHolder(owner, nowMs), ...planHolder(team, nowMs)]
}

/** The bounds of an owner or a team alone; empty where there are none. */
export function planHolder(holder: BudgetHolder | undefined, nowMs: number): readonly SubjectPlan[] {
  if (holder === undefined || isUnlimited(holder)) return []
  const { kind, name, updatedAt: setAt } = holder
  return [planSubject(`${kind}:${name}`, { kind, name }, { limits: holder, setAt, nowMs })]
}

/** Most keys are; told without a look at the clock. */
function isUnlimited({ maxConcurrency, rateLimits, budget }: Limits): boolean {
  return (
    maxConcurrency === 0 &&
    rateLimits.length === 0 &&
    BUDGET_PERIODS.every((period) => budgetLimit(budget, period) === 0)
  )
}

interface LimitsToPlan extends Pick<SubjectPlan, 'setAt'> {
  readonly limits: Limits
  readonly nowMs: number
}

function planSubject(subject: string, holder: BoundHolder, { limits, setAt, nowMs }: LimitsToPlan): SubjectPlan {
  const { maxConcurrency, rateLimits, budget } = limits
  const windows = rateLimits.map((limit) => ({ ...limit, bound: `${limit.counts}:${limit.windowMs}` }))
  const budgets = BUDGET_PERIODS.flatMap((period) => planBudget(period, { budget, nowMs }))
  const isHeld = maxConcurrency > 0 || budgets.length > 0 || windows.some(({ counts }) => counts !== 'requests')
  return { subject, holder, maxConcurrency, windows, budgets, setAt, isHeld }
}

function planBudget(
  period: BudgetPeriod,
  { budget, nowMs }: { readonly budget: Limits['budget']; readonly nowMs: number },
): readonly PlannedBudget[] {
  const max = budgetLimit(budget, period)
  if (max === 0) return []
  const { timeZone } = budget
  return [{ bound: period, timeZone, max, ...calendarPeriod({ period, timeZone, at: nowMs }) }]
}

import type { UsageFilter, UsageSums } from '../usage-record.ts'
import type { JudgedSubject } from './judge-admission.ts'
import type { PlannedBudget, SubjectPlan } from './plan-admission.ts'

/** The counter that says for which setting the budgets of a subject were seeded: it was started when they were set. */
export const SEEDED: { readonly bound: string; readonly period: string } = { bound: 'seeded', period: 'set' }

/** What a subject had spent in the periods of its budgets when these were set. */
export interface PlanSeed {
  readonly plan: SubjectPlan
  /** Milliseconds since the epoch. */
  readonly setAt: number
  readonly budgets: readonly (PlannedBudget & { readonly usedMicroUsd: number })[]
}

/**
 * When the budgets were set, if that was within one of their periods: then they were not counted from its beginning.
 *
 * @returns milliseconds since the epoch
 */
export function seedingTime({ setAt, budgets }: SubjectPlan): number | undefined {
  return setAt !== undefined && budgets.some(({ startsAt }) => startsAt <= setAt) ? setAt : undefined
}

/** Whether budgets were set anew since their counters were made. */
export function isUnseeded({ plan, use }: JudgedSubject): boolean {
  const setAt = seedingTime(plan)
  if (setAt === undefined) return false
  return (use.counterOf(SEEDED.bound, SEEDED.period)?.startedAt ?? -Infinity) < setAt
}

/** Asks usage what was spent in the periods of budgets before they were set. */
export async function readSeeds(
  plans: readonly SubjectPlan[],
  sumUsage: (filter: UsageFilter) => Promise<UsageSums>,
): Promise<readonly PlanSeed[]> {
  const seeds: PlanSeed[] = []
  for (const plan of plans) {
    const setAt = seedingTime(plan)
    if (setAt === undefined) continue
    const budgets: PlanSeed['budgets'][number][] = []
    for (const budget of plan.budgets.filter(({ startsAt }) => startsAt <= setAt)) {
      const from = budget.bound === 'total' ? undefined : budget.startsAt
      const { costMicroUsd: usedMicroUsd } = await sumUsage({ ...usageOf(plan), from })
      budgets.push({ ...budget, usedMicroUsd })
    }
    seeds.push({ plan, setAt, budgets })
  }
  return seeds
}

function usageOf({ subject, holder }: SubjectPlan): UsageFilter {
  const { kind, name } = holder
  if (kind === 'key') return { keyId: subject.slice('key:'.length) }
  return kind === 'owner' ? { owner: name } : { team: name }
}

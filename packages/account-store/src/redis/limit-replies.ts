import type { Counter, JudgedSubject } from '../limits/judge-admission.ts'
import type { SubjectPlan } from '../limits/plan-admission.ts'
import type { PlanSeed } from '../limits/seed-budgets.ts'
import { seedingTime } from '../limits/seed-budgets.ts'
import type { RedisKeys } from './redis-keys.ts'
import { toPairs, toTexts } from './reply.ts'

/** A request that hung is still counted when it ends this long after its slot was given to others. */
export const LATE_SETTLE_MS = 3_600_000

/** The keys of a script on limits: three for each subject. */
export function placesOf(keys: RedisKeys, plans: readonly SubjectPlan[]): readonly string[] {
  return plans.flatMap(({ subject }) => {
    const { slots, reserved, counters } = keys.limitsOf(subject)
    return [slots, reserved, counters]
  })
}

/** A plan as `ADMIT` reads it. */
export function takenPlan(plan: SubjectPlan): object {
  const { isHeld, maxConcurrency, windows, budgets } = plan
  return {
    held: isHeld,
    set: seedingTime(plan),
    max: maxConcurrency,
    windows: windows.map(({ bound, counts, windowMs, max }) => ({ bound, counts, ms: windowMs, max })),
    budgets: budgets.map(({ bound, label, startsAt, max }) => ({ bound, label, startsAt, max })),
  }
}

/** A plan as `SETTLE` reads it. */
export function settledPlan({ windows, budgets }: SubjectPlan): object {
  return {
    windows: windows.map(({ bound, counts, windowMs }) => ({ bound, counts, ms: windowMs })),
    budgets: budgets.map(({ bound, label, startsAt }) => ({ bound, label, startsAt })),
  }
}

/** What was spent before, as `SEED_BUDGETS` reads it. */
export function plannedSeed({ setAt, budgets }: PlanSeed): object {
  return {
    set: setAt,
    budgets: budgets.map(({ bound, label, startsAt, usedMicroUsd: used }) => ({ bound, label, startsAt, used })),
  }
}

/** What the scripts say is used up, for the judge. */
export function readUses(plans: readonly SubjectPlan[], uses: readonly unknown[]): readonly JudgedSubject[] {
  return plans.map((plan, index) => {
    const [inUse, tokens, costMicroUsd, ...rest] = toTexts(uses[index])
    const counters = new Map(toPairs(rest).map(([name, text]) => [name, readCounter(text)]))
    return {
      plan,
      use: {
        inUse: Number(inUse),
        reserved: { tokens: Number(tokens), costMicroUsd: Number(costMicroUsd) },
        counterOf: (bound, period) => counters.get(`${bound} ${period}`),
      },
    }
  })
}

function readCounter(text: string): Counter {
  const [startedAt, used] = text.split(' ').map(Number)
  return { startedAt: startedAt ?? 0, used: used ?? 0 }
}

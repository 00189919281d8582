import type { ReservedUse } from '../admission.ts'
import type { JudgedSubject } from '../limits/judge-admission.ts'
import type { SubjectPlan } from '../limits/plan-admission.ts'
import { createLocalCounters } from './local-counters.ts'

/** A request that this node has let in. */
export interface LocalAdmission {
  readonly id: string
  readonly plans: readonly SubjectPlan[]
  readonly reserve: ReservedUse
  readonly ttlMs: number
  /** The store was away: it knows nothing of it. */
  readonly isAlone: boolean
}

/**
 * What this node itself has let in and counted, by its own clock. While the store is away the limits are judged by it, so that they
 * hold for each node; when it is back it is told what was forgotten there.
 */
export interface LocalLimits {
  /** What of a plan this node has used up. */
  judge(plan: SubjectPlan): JudgedSubject
  take(admission: LocalAdmission): void
  /** Ends a request and counts what it has used; `undefined` when it is not known here, or not any more. */
  end(id: string, used: ReservedUse): LocalAdmission | undefined
  /** What is held and has not run out. */
  find(id: string): LocalAdmission | undefined
  prolong(id: string, ttlMs: number): void
}

/** The clocks that local limits go by. */
export interface LocalClocks {
  /** Milliseconds since the epoch. */
  readonly now: () => number
  /** Milliseconds that only ever grow. */
  readonly steadyClock: () => number
}

interface Running extends LocalAdmission {
  endsAtMs: number
}

/** Makes an empty list. */
export function createLocalLimits({ now, steadyClock }: LocalClocks): LocalLimits {
  const running = new Map<string, Running>()
  const bySubject = new Map<string, Set<string>>()
  const counters = createLocalCounters(now)

  function judge(plan: SubjectPlan): JudgedSubject {
    const ids = plan.isHeld ? [...(bySubject.get(plan.subject) ?? [])] : []
    const live = ids.map(find).filter((admission) => admission !== undefined)
    const reserved = {
      tokens: live.reduce((sum, { reserve }) => sum + reserve.tokens, 0),
      costMicroUsd: live.reduce((sum, { reserve }) => sum + reserve.costMicroUsd, 0),
    }
    const counterOf = counters.of(plan.subject)
    return { plan, use: { inUse: live.length, reserved, counterOf } }
  }

  function find(id: string): Running | undefined {
    const admission = running.get(id)
    if (admission === undefined || admission.endsAtMs > steadyClock()) return admission
    forget(admission)
    return undefined
  }

  function forget({ id, plans }: LocalAdmission): void {
    running.delete(id)
    for (const { subject } of plans) {
      const ids = bySubject.get(subject)
      ids?.delete(id)
      if (ids?.size === 0) bySubject.delete(subject)
    }
  }

  function take(admission: LocalAdmission): void {
    const held = admission.isAlone ? admission.plans : admission.plans.filter(({ isHeld }) => isHeld)
    // Nobody settles what holds nothing, and was counted by the store.
    if (held.length > 0) running.set(admission.id, { ...admission, endsAtMs: steadyClock() + admission.ttlMs })
    for (const { subject } of held) bySubject.set(subject, (bySubject.get(subject) ?? new Set()).add(admission.id))
    for (const { subject, windows } of admission.plans) {
      for (const window of windows) if (window.counts === 'requests') counters.addToWindow(subject, window, 1)
    }
  }

  function end(id: string, { tokens, costMicroUsd }: ReservedUse): LocalAdmission | undefined {
    const admission = running.get(id)
    if (admission === undefined) return undefined
    forget(admission)
    for (const { subject, windows, budgets } of admission.plans) {
      for (const window of windows) {
        if (window.counts === 'tokens') counters.addToWindow(subject, window, tokens)
        if (window.counts === 'cost') counters.addToWindow(subject, window, costMicroUsd)
      }
      for (const budget of budgets) counters.addToBudget(subject, budget, costMicroUsd)
    }
    return admission
  }

  return {
    judge,
    take,
    end,
    find,
    prolong: (id, ttlMs) => {
      const admission = running.get(id)
      if (admission !== undefined) admission.endsAtMs = steadyClock() + ttlMs
    },
  }
}

import type { Counter } from '../limits/judge-admission.ts'
import { WINDOW_PERIOD } from '../limits/judge-admission.ts'
import type { PlannedBudget, PlannedWindow } from '../limits/plan-admission.ts'

/** What was counted for keys, owners and teams, in memory. */
export interface LocalCounters {
  /** Makes the look-up for the judge. */
  of(subject: string): (bound: string, period: string) => Counter | undefined
  addToWindow(subject: string, window: PlannedWindow, amount: number): void
  addToBudget(subject: string, budget: PlannedBudget, amount: number): void
}

/** Beyond this many keys, owners and teams with limits in use on one node, counting begins anew. */
const MAX_SUBJECTS = 50_000

/**
 * Makes counters at nothing.
 *
 * @param now - milliseconds since the epoch
 */
export function createLocalCounters(now: () => number): LocalCounters {
  const counters = new Map<string, Map<string, Counter>>()

  function addToWindow(subject: string, { bound, windowMs }: PlannedWindow, amount: number): void {
    const name = nameOf(bound, WINDOW_PERIOD)
    const known = counters.get(subject)?.get(name)
    if (known !== undefined && now() - known.startedAt >= windowMs) counters.get(subject)?.delete(name)
    add(subject, name, { startedAt: now(), used: amount })
  }

  function add(subject: string, name: string, { startedAt, used }: Counter): void {
    if (counters.size >= MAX_SUBJECTS) counters.clear()
    const own = counters.get(subject) ?? new Map<string, Counter>()
    const known = own.get(name)
    own.set(name, { startedAt: Math.min(known?.startedAt ?? startedAt, startedAt), used: (known?.used ?? 0) + used })
    counters.set(subject, own)
  }

  return {
    of: (subject) => (bound, period) => counters.get(subject)?.get(nameOf(bound, period)),
    addToWindow,
    addToBudget: (subject, { bound, label, startsAt }, amount) =>
      add(subject, nameOf(bound, label), { startedAt: startsAt, used: amount }),
  }
}

function nameOf(bound: string, period: string): string {
  return `${bound} ${period}`
}

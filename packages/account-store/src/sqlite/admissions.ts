import type { AdmissionAnswer } from '../admission.ts'
import type { Settlement } from '../away/settlements.ts'
import type { AdmissionDesk, AdmissionWish, HeldShare, LimitLedger } from '../limits/admission-desk.ts'
import { createAdmissionDesk } from '../limits/admission-desk.ts'
import { findMetBound } from '../limits/judge-admission.ts'
import type { SubjectUse } from '../limits/judge-admission.ts'
import type { SubjectPlan } from '../limits/plan-admission.ts'
import { isUnseeded } from '../limits/seed-budgets.ts'
import type { UsageRoom } from '../store/usage-room.ts'
import type { BudgetHolders } from './budget-holders.ts'
import type { StoreContext } from './context.ts'
import { createLimitTable } from './limit-table.ts'
import { createUseReader } from './limit-use.ts'

/** How often what is over for long is taken off the disk. */
const SWEEP_MS = 60_000

/** What limits are made of. */
export interface SqliteAdmissionParts {
  readonly context: StoreContext
  readonly holders: Pick<BudgetHolders, 'find'>
  readonly sumUsage: UsageRoom['sumUsage']
}

/** Limits in the embedded store: one transaction. */
export function createAdmissions({ context, holders, sumUsage }: SqliteAdmissionParts): AdmissionDesk {
  const ledger = createLedger(context)
  return createAdmissionDesk({ ledger, grace: context.grace, clocks: context, findHolder: holders.find, sumUsage })
}

function createLedger(context: StoreContext): LimitLedger {
  const { fast, now, self, relayKeyRevision } = context
  const table = createLimitTable(context)
  const reader = createUseReader(context)
  const noteFirstUse = fast.prepare(
    'UPDATE relay_keys SET first_used_at = :now WHERE id = :id AND first_used_at IS NULL',
  )
  let sweptAtMs = performance.now()

  function take({ admission, plans, request, isFirstUse }: AdmissionWish): AdmissionAnswer | undefined {
    const { key, reserve, ttlMs } = request
    return fast.transaction((): AdmissionAnswer | undefined => {
      sweepSometimes()
      const judged = plans.map(reader.judge)
      if (judged.some(isUnseeded)) return undefined
      const met = findMetBound(judged, reserve, now())
      if (met !== undefined) return { type: 'refused', met }
      for (const subject of plans) table.take(subject, { admission, reserve, ttlMs })
      if (isFirstUse && noteFirstUse.run({ id: key.id, now: now() }) > 0) relayKeyRevision.bump('fast')
      return { type: 'admitted', admission }
    })
  }

  function sweepSometimes(): void {
    if (performance.now() - sweptAtMs < SWEEP_MS) return
    sweptAtMs = performance.now()
    table.removeOld()
  }

  function settle({ admission, used, isAlone }: Settlement): void {
    fast.transaction(() => {
      for (const subject of admission.subjects) {
        const isHeld = table.giveBack(subject, admission.id)
        // Where it was put back it was counted, too.
        if (isAlone && !isHeld) table.countRequest(subject)
        if (isAlone || isHeld) table.count(subject, used)
      }
    })
  }

  function renew(shares: readonly HeldShare[], ttlMs: number): readonly boolean[] {
    return fast.transaction(() => {
      self.sign()
      return shares.map((share) => table.renew(share, ttlMs))
    })
  }

  function recall(plan: SubjectPlan): SubjectUse['counterOf'] {
    try {
      return reader.counters(plan)
    } catch {
      return () => undefined // what this process has counted itself has to do
    }
  }

  return {
    take: async (wish) => take(wish),
    seed: async (seeds) =>
      fast.transaction(() => {
        for (const each of seeds) table.seed(each)
      }),
    look: async (plans) => ({ subjects: plans.map(reader.judge), nowMs: now() }),
    settle: async (settlement) => settle(settlement),
    renew: async (shares, ttlMs) => renew(shares, ttlMs),
    recall,
  }
}

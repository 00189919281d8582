import type { Admission, ReservedUse } from '../admission.ts'
import type { HeldShare } from '../limits/admission-desk.ts'
import { WINDOW_PERIOD } from '../limits/judge-admission.ts'
import type { PlannedWindow, SubjectPlan } from '../limits/plan-admission.ts'
import type { PlanSeed } from '../limits/seed-budgets.ts'
import { SEEDED } from '../limits/seed-budgets.ts'
import type { Parameters } from './connection.ts'
import type { StoreContext } from './context.ts'

/** What a request takes of a subject. */
export interface TakenShare {
  readonly admission: Admission
  readonly ttlMs: number
  readonly reserve: ReservedUse
}

/** Steps on slots and counters; each of those that write runs inside a transaction of its caller. */
export interface LimitTable {
  /** Takes a slot with its reservations and counts the request. */
  take(plan: SubjectPlan, share: TakenShare): void
  /** @returns whether there was something to give back */
  giveBack(plan: SubjectPlan, admissionId: string): boolean
  /** Counts a request in the windows of requests. */
  countRequest(plan: SubjectPlan): void
  /** Counts what an ended request has used. */
  count(plan: SubjectPlan, used: ReservedUse): void
  /** Counts what was spent before budgets were set. */
  seed(seed: PlanSeed): void
  /** Puts a share back that is known to be held.
   * @returns whether it is held */
  renew(share: HeldShare, ttlMs: number): boolean
  /** Takes what is over for long off the disk. */
  removeOld(): void
}

/** A request that hung is still counted when it ends this long after its slot was given to others. */
const LATE_SETTLE_MS = 3_600_000
/** No window and no month is longer; two of them bridge a clock that is set back. */
const COUNTER_LIFE_MS = 62 * 86_400_000

/** Prepares the statements on limits. */
export function createLimitTable(context: StoreContext): LimitTable {
  const { now, self } = context
  const statements = prepareStatements(context)

  function take(plan: SubjectPlan, { admission, ttlMs, reserve }: TakenShare): void {
    const { subject } = plan
    const { tokens, costMicroUsd } = reserve
    if (plan.isHeld) {
      const expiresAt = now() + ttlMs
      insertSlot({ subject, admission: admission.id, expiresAt, tokens, costMicroUsd })
    }
    countRequest(plan)
  }

  function insertSlot(slot: Parameters): void {
    self.join()
    statements.insertSlot.run({ ...slot, process: self.id, now: now() })
  }

  function countRequest({ subject, windows }: SubjectPlan): void {
    for (const window of windows) if (window.counts === 'requests') addToWindow(subject, window, 1)
  }

  function count({ subject, windows, budgets }: SubjectPlan, { tokens, costMicroUsd }: ReservedUse): void {
    for (const window of windows) {
      if (window.counts === 'tokens') addToWindow(subject, window, tokens)
      if (window.counts === 'cost') addToWindow(subject, window, costMicroUsd)
    }
    if (costMicroUsd === 0) return
    for (const { bound, label, startsAt } of budgets) {
      statements.addToPeriod.run({ subject, bound, period: label, startsAt, amount: costMicroUsd })
    }
  }

  function seed({ plan: { subject }, setAt, budgets }: PlanSeed): void {
    for (const { bound, label, startsAt, usedMicroUsd: used } of budgets) {
      statements.seedPeriod.run({ subject, bound, period: label, startsAt, used })
    }
    statements.noteSeeded.run({ subject, ...SEEDED, setAt })
  }

  function addToWindow(subject: string, { bound, windowMs }: PlannedWindow, amount: number): void {
    if (amount === 0) return
    statements.addToWindow.run({ subject, bound, period: WINDOW_PERIOD, now: now(), windowMs, amount })
  }

  function renew({ subject, admissionId: admission, known, uncounted }: HeldShare, ttlMs: number): boolean {
    const expiresAt = now() + ttlMs
    if (statements.renew.run({ subject, admission, expiresAt }) === 1) return true
    if (known === undefined) return false
    const { tokens, costMicroUsd } = known
    insertSlot({ subject, admission, expiresAt, tokens, costMicroUsd })
    if (uncounted !== undefined) countRequest(uncounted)
    return true
  }

  function removeOld(): void {
    statements.removeSlots.run({ before: now() - LATE_SETTLE_MS })
    statements.removeCounters.run({ before: now() - COUNTER_LIFE_MS })
  }

  return {
    take,
    giveBack: ({ subject }, admission) => statements.removeSlot.run({ subject, admission }) === 1,
    countRequest,
    count,
    seed,
    renew,
    removeOld,
  }
}

function prepareStatements({ fast }: StoreContext) {
  return {
    insertSlot: fast.prepare(`
      INSERT INTO admission_slots
        (subject, admission, process, admitted_at, expires_at, reserved_tokens, reserved_micro_usd)
      VALUES (:subject, :admission, :process, :now, :expiresAt, :tokens, :costMicroUsd)`),
    removeSlot: fast.prepare('DELETE FROM admission_slots WHERE subject = :subject AND admission = :admission'),
    renew: fast.prepare(
      'UPDATE admission_slots SET expires_at = :expiresAt WHERE subject = :subject AND admission = :admission',
    ),
    addToWindow: fast.prepare(`
      INSERT INTO limit_counters (subject, bound, period, started_at, used)
      VALUES (:subject, :bound, :period, :now, :amount)
      ON CONFLICT DO UPDATE SET
        used = CASE WHEN :now - started_at >= :windowMs THEN :amount ELSE used + :amount END,
        started_at = CASE WHEN :now - started_at >= :windowMs THEN :now ELSE min(started_at, :now) END`),
    addToPeriod: fast.prepare(`
      INSERT INTO limit_counters (subject, bound, period, started_at, used)
      VALUES (:subject, :bound, :period, :startsAt, :amount)
      ON CONFLICT DO UPDATE SET
        used = CASE WHEN started_at < :startsAt THEN :amount ELSE used + :amount END,
        started_at = :startsAt
      WHERE started_at <= :startsAt`),
    // A period of the same name that started at another time is that of another zone.
    seedPeriod: fast.prepare(`
      INSERT INTO limit_counters (subject, bound, period, started_at, used)
      VALUES (:subject, :bound, :period, :startsAt, :used)
      ON CONFLICT DO UPDATE SET
        used = CASE WHEN started_at = :startsAt THEN max(used, :used) ELSE :used END, started_at = :startsAt`),
    noteSeeded: fast.prepare(`
      INSERT INTO limit_counters (subject, bound, period, started_at, used) VALUES (:subject, :bound, :period, :setAt, 0)
      ON CONFLICT DO UPDATE SET started_at = max(started_at, :setAt)`),
    removeSlots: fast.prepare('DELETE FROM admission_slots WHERE expires_at < :before'),
    removeCounters: fast.prepare(
      `DELETE FROM limit_counters WHERE started_at < :before AND bound NOT IN ('total', '${SEEDED.bound}')`,
    ),
  }
}

import { randomUUID } from 'node:crypto'

import type { Admission, AdmissionAnswer, AdmissionRequest, BoundState, ReservedUse, SettledUse } from '../admission.ts'
import { checkNumber, checkText } from '../check-field.ts'
import { MAX_LEASE_TTL_MS } from '../lease.ts'
import { boundStates, findMetBound } from '../limits/judge-admission.ts'
import type { SubjectPlan } from '../limits/plan-admission.ts'
import { planAdmission, planHolder } from '../limits/plan-admission.ts'
import { isUnseeded, readSeeds } from '../limits/seed-budgets.ts'
import type { RelayKey } from '../relay-key.ts'
import type { AdmissionRoom } from '../store/admission-room.ts'
import type { UsageRoom } from '../store/usage-room.ts'
import type { BudgetHolders } from './budget-holders.ts'
import type { StoreContext } from './context.ts'
import type { LimitTable } from './limit-table.ts'
import { createLimitTable } from './limit-table.ts'
import { createUseReader } from './limit-use.ts'

const MAX_RESERVE = 1_000_000_000_000_000
/** How often what is over for long is taken off the disk. */
const SWEEP_MS = 60_000

/** What limits are made of. */
export interface AdmissionParts {
  readonly context: StoreContext
  readonly holders: Pick<BudgetHolders, 'find'>
  readonly sumUsage: UsageRoom['sumUsage']
}

/** Limits in the embedded store: one transaction, and none where nobody has a limit. */
export function createAdmissionRoom({ context, holders, sumUsage }: AdmissionParts): AdmissionRoom {
  const { fast, now, relayKeyRevision } = context
  const table = createLimitTable(context)
  const judge = createUseReader(context)
  const noteFirstUse = fast.prepare(
    'UPDATE relay_keys SET first_used_at = :now WHERE id = :id AND first_used_at IS NULL',
  )
  let sweptAtMs = performance.now()

  function plan(key: RelayKey): readonly SubjectPlan[] {
    const owner = holders.find({ kind: 'owner', name: key.owner })
    const team = key.team === undefined ? undefined : holders.find({ kind: 'team', name: key.team })
    return planAdmission({ key, owner, team }, now())
  }

  async function admit(request: AdmissionRequest): Promise<AdmissionAnswer> {
    const checked = checkRequest(request)
    const plans = plan(checked.key)
    const answer = tryToAdmit(checked, plans)
    if (answer !== undefined) return answer
    await seed(plans)
    return tryToAdmit(checked, plans) ?? admit(request)
  }

  /** @returns `undefined` when budgets have to be seeded before */
  function tryToAdmit(request: AdmissionRequest, plans: readonly SubjectPlan[]): AdmissionAnswer | undefined {
    const { key, reserve, ttlMs, process } = request
    const admission: Admission = { id: randomUUID(), admittedAt: now(), subjects: plans.filter(({ isHeld }) => isHeld) }
    const isFirstUse = key.expiresAfterFirstUseMs !== undefined && key.firstUsedAt === undefined
    if (plans.length === 0 && !isFirstUse) return { type: 'admitted', admission }
    return fast.transaction((): AdmissionAnswer | undefined => {
      sweepSometimes()
      const judged = plans.map(judge)
      if (judged.some(isUnseeded)) return undefined
      const met = findMetBound(judged, reserve, now())
      if (met !== undefined) return { type: 'refused', met }
      for (const subject of plans) table.take(subject, { admission, reserve, ttlMs, process })
      if (isFirstUse && noteFirstUse.run({ id: key.id, now: now() }) > 0) relayKeyRevision.bump('fast')
      return { type: 'admitted', admission }
    })
  }

  /** Budgets that were set a moment ago begin with what was spent in their periods before. */
  async function seed(plans: readonly SubjectPlan[]): Promise<void> {
    const seeds = await readSeeds(plans, sumUsage)
    fast.transaction(() => {
      for (const each of seeds) table.seed(each)
    })
  }

  function sweepSometimes(): void {
    if (performance.now() - sweptAtMs < SWEEP_MS) return
    sweptAtMs = performance.now()
    table.removeOld()
  }

  async function readPlans(plans: readonly SubjectPlan[]): Promise<readonly BoundState[]> {
    const unseeded = plans.map(judge).filter(isUnseeded)
    // A look must not fail where nothing can be written: then it shows what was counted so far.
    if (unseeded.length > 0) await seed(unseeded.map((subject) => subject.plan)).catch(() => undefined)
    return plans.flatMap((subject) => boundStates(judge(subject), now()))
  }

  return {
    admit,
    ...createSettling(context, table),
    readBounds: async (key) => readPlans(plan(key)),
    readHolderBounds: async (place) => readPlans(planHolder(holders.find(place), now())),
  }
}

/** What comes after a request was let in. */
function createSettling(
  { fast, now }: StoreContext,
  table: LimitTable,
): Pick<AdmissionRoom, 'settle' | 'renewAdmissions'> {
  async function settle(admission: Admission, used: SettledUse): Promise<void> {
    if (admission.subjects.length === 0) return
    const counted = {
      tokens: checkUse('tokens', used.tokens),
      costMicroUsd: checkUse('costMicroUsd', used.costMicroUsd),
    }
    fast.transaction(() => {
      for (const subject of admission.subjects) {
        if (table.giveBack(subject, admission.id)) table.count(subject, counted)
      }
    })
  }

  async function renewAdmissions(admissions: readonly Admission[], ttlMs: number): Promise<readonly string[]> {
    const expiresAt = now() + checkTtl(ttlMs)
    const kept = fast.transaction(() => admissions.filter((admission) => table.renew(admission, expiresAt)))
    return kept.map(({ id }) => id)
  }

  return { settle, renewAdmissions }
}

function checkRequest({ key, process, ttlMs, reserve }: AdmissionRequest): AdmissionRequest {
  return {
    key,
    process: checkText('process', process, { min: 1, max: 200 }),
    ttlMs: checkTtl(ttlMs),
    reserve: {
      tokens: checkUse('tokens', reserve.tokens),
      costMicroUsd: checkUse('costMicroUsd', reserve.costMicroUsd),
    },
  }
}

function checkTtl(ttlMs: number): number {
  return checkNumber('ttlMs', ttlMs, { min: 1, max: MAX_LEASE_TTL_MS })
}

function checkUse(field: keyof ReservedUse, value: number | undefined): number {
  return value === undefined ? 0 : checkNumber(field, value, { min: 0, max: MAX_RESERVE })
}

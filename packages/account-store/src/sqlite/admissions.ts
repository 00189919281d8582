import { randomUUID } from 'node:crypto'

import type { Admission, AdmissionAnswer, AdmissionRequest, BoundState, ReservedUse, SettledUse } from '../admission.ts'
import type { BudgetHolderPlace } from '../budget-holder.ts'
import { checkNumber, checkText } from '../check-field.ts'
import { MAX_LEASE_TTL_MS } from '../lease.ts'
import { boundStates, findMetBound } from '../limits/judge-admission.ts'
import type { SubjectPlan } from '../limits/plan-admission.ts'
import { planAdmission, planHolder } from '../limits/plan-admission.ts'
import type { RelayKey } from '../relay-key.ts'
import type { AdmissionRoom } from '../store/admission-room.ts'
import type { BudgetHolders } from './budget-holders.ts'
import type { StoreContext } from './context.ts'
import { createLimitTable } from './limit-table.ts'
import { createUseReader } from './limit-use.ts'

const MAX_RESERVE = 1_000_000_000_000_000
/** How often what is over for long is taken off the disk. */
const SWEEP_MS = 60_000

/** Limits in the embedded store: one transaction, and none where nobody has a limit. */
export function createAdmissionRoom(context: StoreContext, holders: Pick<BudgetHolders, 'find'>): AdmissionRoom {
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
    const { key, reserve, ttlMs, process } = checkRequest(request)
    const plans = plan(key)
    const admission: Admission = { id: randomUUID(), admittedAt: now(), subjects: plans.filter(({ isHeld }) => isHeld) }
    const isFirstUse = key.expiresAfterFirstUseMs !== undefined && key.firstUsedAt === undefined
    if (plans.length === 0 && !isFirstUse) return { type: 'admitted', admission }
    return fast.transaction((): AdmissionAnswer => {
      sweepSometimes()
      const met = findMetBound(plans.map(judge), reserve, now())
      if (met !== undefined) return { type: 'refused', met }
      for (const subject of plans) table.take(subject, { admission, reserve, ttlMs, process })
      if (isFirstUse && noteFirstUse.run({ id: key.id, now: now() }) > 0) relayKeyRevision.bump('fast')
      return { type: 'admitted', admission }
    })
  }

  function sweepSometimes(): void {
    if (performance.now() - sweptAtMs < SWEEP_MS) return
    sweptAtMs = performance.now()
    table.removeOld()
  }

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

  async function readBounds(key: RelayKey): Promise<readonly BoundState[]> {
    return plan(key).flatMap((subject) => boundStates(judge(subject), now()))
  }

  async function readHolderBounds(place: BudgetHolderPlace): Promise<readonly BoundState[]> {
    return planHolder(holders.find(place), now()).flatMap((subject) => boundStates(judge(subject), now()))
  }

  return { admit, settle, renewAdmissions, readBounds, readHolderBounds }
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

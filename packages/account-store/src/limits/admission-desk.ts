import { randomUUID } from 'node:crypto'

import type { Admission, AdmissionAnswer, AdmissionRequest, BoundState, ReservedUse, SettledUse } from '../admission.ts'
import type { Grace } from '../away/grace.ts'
import { isAway } from '../away/grace.ts'
import { createLocalLimits } from '../away/local-limits.ts'
import type { LocalClocks, LocalLimits } from '../away/local-limits.ts'
import type { PutBack } from '../away/put-back.ts'
import { createPutBack } from '../away/put-back.ts'
import type { Settlement } from '../away/settlements.ts'
import { createSettlements } from '../away/settlements.ts'
import type { BudgetHolder, BudgetHolderPlace } from '../budget-holder.ts'
import { checkNumber, checkText } from '../check-field.ts'
import { MAX_LEASE_TTL_MS } from '../lease.ts'
import type { RelayKey } from '../relay-key.ts'
import type { AdmissionRoom } from '../store/admission-room.ts'
import type { UsageRoom } from '../store/usage-room.ts'
import { boundStates, findMetBound } from './judge-admission.ts'
import type { JudgedSubject, SubjectUse } from './judge-admission.ts'
import type { SubjectPlan } from './plan-admission.ts'
import { planAdmission, planHolder } from './plan-admission.ts'
import type { PlanSeed } from './seed-budgets.ts'
import { isUnseeded, readSeeds } from './seed-budgets.ts'

/** Where limits are kept; each of these is one step. */
export interface LimitLedger {
  /** Judges a request and takes its share; nothing is taken when a bound is met.
   * @returns `undefined` when budgets have to be seeded before */
  take(wish: AdmissionWish): Promise<AdmissionAnswer | undefined>
  /** Budgets that were set a moment ago begin with what was spent in their periods before. */
  seed(seeds: readonly PlanSeed[]): Promise<void>
  look(plans: readonly SubjectPlan[]): Promise<LookedLimits>
  /** Gives back and counts, once. */
  settle(settlement: Settlement): Promise<void>
  /** Prolongs shares, and puts those back that are known to be held; says of each whether it is held. */
  renew(shares: readonly HeldShare[], ttlMs: number): Promise<readonly boolean[]>
  /** Of requests that were not let in, though the question has had no answer: one that is still on its way takes nothing. */
  takeBack?(admissions: readonly Admission[]): Promise<unknown>
  /** What was counted, where that can be read while nothing can be written. */
  recall?(plan: SubjectPlan): SubjectUse['counterOf']
}

/** A request to be let in, and what has a say in it. */
export interface AdmissionWish {
  readonly admission: Admission
  readonly plans: readonly SubjectPlan[]
  readonly request: AdmissionRequest
  /** The key begins to be used, and its end counts from there. */
  readonly isFirstUse: boolean
}

/** What limits are now. */
export interface LookedLimits {
  readonly subjects: readonly JudgedSubject[]
  /** Milliseconds since the epoch, by the clock that limits are counted by. */
  readonly nowMs: number
}

/** What a request holds of one subject. */
export interface HeldShare {
  readonly subject: string
  readonly admissionId: string
  /** What this node knows that it has reserved; `undefined` when it does not know it to be held. */
  readonly known: ReservedUse | undefined
  /** Of a request that this node let in by itself: nobody has counted it, which putting it back does. */
  readonly uncounted: SubjectPlan | undefined
}

/** What the desk is made of. */
export interface AdmissionParts {
  readonly ledger: LimitLedger
  readonly grace: Grace
  readonly clocks: LocalClocks
  readonly findHolder: (place: BudgetHolderPlace) => FoundHolder
  readonly sumUsage: UsageRoom['sumUsage']
}

type FoundHolder = BudgetHolder | undefined | Promise<BudgetHolder | undefined>

/** The desk, and what has to be closed. */
export interface AdmissionDesk {
  readonly room: AdmissionRoom
  /** Settles what could not be settled yet. */
  stop(): Promise<void>
}

/** Holds nothing, so that there is nothing to settle. */
const UNLIMITED: AdmissionAnswer = { type: 'admitted', admission: { id: '', admittedAt: 0, subjects: [] } }

const MAX_RESERVE = 1_000_000_000_000_000

/** Limits: one step in the store, and none where nobody has a limit. While the store is away they hold for this node alone. */
export function createAdmissionDesk(parts: AdmissionParts): AdmissionDesk {
  const { ledger, grace, clocks, findHolder } = parts
  const local = createLocalLimits(clocks)
  const settlements = createSettlements((settlement) => ledger.settle(settlement), grace)
  const putBack = createPutBack<PutBackItem>((items) => putAllBack({ ledger, local }, items))
  const takeBack = createPutBack<Admission>(async (admissions) => ledger.takeBack?.(admissions))
  const desk = { ...parts, local, putBack, takeBack }

  function planOf(key: RelayKey): readonly SubjectPlan[] | Promise<readonly SubjectPlan[]> {
    const owner = findHolder({ kind: 'owner', name: key.owner })
    const team = key.team === undefined ? undefined : findHolder({ kind: 'team', name: key.team })
    if (owner instanceof Promise || team instanceof Promise) return planLater(key, { owner, team })
    return planAdmission({ key, owner, team }, clocks.now())
  }

  async function planLater(
    key: RelayKey,
    holders: { readonly owner: FoundHolder; readonly team: FoundHolder },
  ): Promise<readonly SubjectPlan[]> {
    const owner = await holders.owner
    return planAdmission({ key, owner, team: await holders.team }, clocks.now())
  }

  async function admit(given: AdmissionRequest): Promise<AdmissionAnswer> {
    const request = checkRequest(given)
    const { key } = request
    const plans = await planOf(key)
    const isFirstUse = key.expiresAfterFirstUseMs !== undefined && key.firstUsedAt === undefined
    if (plans.length === 0 && !isFirstUse) return UNLIMITED
    const subjects = plans.filter(({ isHeld }) => isHeld)
    const admission: Admission = { id: randomUUID(), admittedAt: clocks.now(), subjects }
    return take(desk, { admission, plans, request, isFirstUse })
  }

  async function settle(admission: Admission, used: SettledUse): Promise<void> {
    if (admission.subjects.length === 0) return
    const counted = {
      tokens: checkUse('tokens', used.tokens),
      costMicroUsd: checkUse('costMicroUsd', used.costMicroUsd),
    }
    putBack.remove(admission.id)
    const known = local.end(admission.id, counted)
    await settlements.settle({ admission, used: counted, isAlone: known?.isAlone ?? false })
  }

  const room: AdmissionRoom = {
    admit,
    settle,
    renewAdmissions: async (admissions, ttlMs) => renew(desk, admissions, checkTtl(ttlMs)),
    readBounds: async (key) => readPlans(parts, await planOf(key)),
    readHolderBounds: async (place) => readPlans(parts, planHolder(await findHolder(place), clocks.now())),
  }
  return { room, stop: settlements.stop }
}

async function readPlans(
  parts: Pick<AdmissionParts, 'ledger' | 'sumUsage'>,
  plans: readonly SubjectPlan[],
): Promise<readonly BoundState[]> {
  if (plans.length === 0) return []
  const found = await parts.ledger.look(plans)
  const unseeded = found.subjects.filter(isUnseeded)
  if (unseeded.length === 0) return statesOf(found)
  // A look must not fail where nothing can be written: then it shows what was counted so far.
  await seed(
    parts,
    unseeded.map(({ plan }) => plan),
  ).catch(() => undefined)
  return statesOf(await parts.ledger.look(plans))
}

function statesOf({ subjects, nowMs }: LookedLimits): readonly BoundState[] {
  return subjects.flatMap((subject) => boundStates(subject, nowMs))
}

async function seed(
  { ledger, sumUsage }: Pick<AdmissionParts, 'ledger' | 'sumUsage'>,
  plans: readonly SubjectPlan[],
): Promise<void> {
  await ledger.seed(await readSeeds(plans, sumUsage))
}

interface Desk extends AdmissionParts {
  readonly local: LocalLimits
  readonly putBack: PutBack<PutBackItem>
  readonly takeBack: PutBack<Admission>
}

/** A request that this node let in by itself. */
interface PutBackItem {
  readonly admission: Admission
  readonly ttlMs: number
}

async function take(desk: Desk, wish: AdmissionWish): Promise<AdmissionAnswer> {
  const { grace, local, clocks } = desk
  const { admission, plans, request } = wish
  const { reserve, ttlMs } = request
  const taken = { id: admission.id, plans, reserve, ttlMs }
  // The store has counted nothing: the end of the request is told to all that have a limit, also to those that hold nothing.
  const alone: Admission = { ...admission, subjects: plans }
  try {
    const answer = await takeSeeded(desk, wish)
    if (answer.type === 'admitted') local.take({ ...taken, isAlone: false })
    return answer
  } catch (error) {
    if (!grace.covers(error)) {
      if (isAway(error)) desk.takeBack.add(alone.id, alone)
      throw error
    }
    const judged = plans.map((plan) => judgeAlone(desk, plan))
    const met = findMetBound(judged, reserve, clocks.now())
    if (met !== undefined) {
      desk.takeBack.add(alone.id, alone)
      return { type: 'refused', met }
    }
    local.take({ ...taken, isAlone: true })
    desk.putBack.add(alone.id, { admission: alone, ttlMs })
    return { type: 'admitted', admission: alone }
  }
}

async function takeSeeded(desk: Desk, wish: AdmissionWish): Promise<AdmissionAnswer> {
  const answer = await desk.ledger.take(wish)
  if (answer !== undefined) return answer
  await seed(desk, wish.plans)
  return takeSeeded(desk, wish)
}

/** By what runs on this node, and by what was counted here or can still be read, whichever is more. */
function judgeAlone({ local, ledger }: Desk, plan: SubjectPlan): JudgedSubject {
  const judged = local.judge(plan)
  const recalled = ledger.recall?.(plan)
  if (recalled === undefined) return judged
  const counterOf: SubjectUse['counterOf'] = (bound, period) => {
    const [own, kept] = [judged.use.counterOf(bound, period), recalled(bound, period)]
    return (own?.used ?? 0) > (kept?.used ?? 0) ? own : kept
  }
  return { plan, use: { ...judged.use, counterOf } }
}

async function renew(
  { ledger, grace, local }: Desk,
  admissions: readonly Admission[],
  ttlMs: number,
): Promise<readonly string[]> {
  const shares = admissions.flatMap((admission) => sharesOf(local, admission))
  const ids = admissions.map(({ id }) => id)
  try {
    const flags = shares.length === 0 ? [] : await ledger.renew(shares, ttlMs)
    const lost = new Set(shares.filter((_, index) => flags[index] !== true).map(({ admissionId }) => admissionId))
    const held = ids.filter((id) => !lost.has(id))
    for (const id of held) local.prolong(id, ttlMs)
    return held
  } catch (error) {
    if (!grace.covers(error)) throw error
    const held = admissions.filter(({ id, subjects }) => subjects.length === 0 || local.find(id) !== undefined)
    for (const { id } of held) local.prolong(id, ttlMs)
    return held.map(({ id }) => id)
  }
}

function sharesOf(local: LocalLimits, { id: admissionId, subjects }: Admission): readonly HeldShare[] {
  const found = local.find(admissionId)
  return subjects.map((plan) => ({
    subject: plan.subject,
    admissionId,
    known: found?.reserve,
    uncounted: found?.isAlone === true ? plan : undefined,
  }))
}

async function putAllBack(
  { ledger, local }: Pick<Desk, 'ledger' | 'local'>,
  items: readonly PutBackItem[],
): Promise<void> {
  const shares = items.flatMap(({ admission }) => sharesOf(local, admission))
  const ttlMs = Math.min(...items.map((item) => item.ttlMs))
  if (shares.length > 0) await ledger.renew(shares, ttlMs)
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

import { randomUUID } from 'node:crypto'

import type { Admission, AdmissionAnswer, AdmissionRequest, BoundState, ReservedUse, SettledUse } from '../admission.ts'
import { checkNumber, checkText } from '../check-field.ts'
import { MAX_LEASE_TTL_MS } from '../lease.ts'
import { boundStates, findMetBound } from '../limits/judge-admission.ts'
import type { JudgedSubject } from '../limits/judge-admission.ts'
import type { SubjectPlan } from '../limits/plan-admission.ts'
import { planAdmission, planHolder } from '../limits/plan-admission.ts'
import { isUnseeded, readSeeds } from '../limits/seed-budgets.ts'
import type { RelayKey } from '../relay-key.ts'
import type { AdmissionRoom } from '../store/admission-room.ts'
import type { UsageRoom } from '../store/usage-room.ts'
import type { BudgetHolders } from './budget-holders.ts'
import type { RedisContext } from './context.ts'
import { noteFirstUse } from './first-use.ts'
import type { Grace } from './grace.ts'
import { readUses, LATE_SETTLE_MS, placesOf, plannedSeed, takenPlan } from './limit-replies.ts'
import { createLocalLimits } from './local-limits.ts'
import type { LocalLimits } from './local-limits.ts'
import { toList } from './reply.ts'
import { ADMIT, READ_LIMITS, RENEW_ADMISSIONS, SEED_BUDGETS } from './scripts/admission.ts'
import { createSettlements } from './settlements.ts'

/** What `ADMIT` answers. */
const ADMITTED = 1
const UNSEEDED = 2

const MAX_RESERVE = 1_000_000_000_000_000

/** What limits are made of. */
export interface AdmissionParts {
  readonly context: RedisContext
  readonly grace: Grace
  readonly holders: Pick<BudgetHolders, 'find'>
  readonly sumUsage: UsageRoom['sumUsage']
}

/** Limits in Redis, and what has to be closed. */
export interface RedisAdmissions {
  readonly room: AdmissionRoom
  /** Settles what could not be settled yet. */
  stop(): Promise<void>
}

/** Limits in Redis: one script, and none where nobody has a limit. While Redis is away they hold for this node alone. */
export function createAdmissions({ context, grace, holders, sumUsage }: AdmissionParts): RedisAdmissions {
  const local = createLocalLimits(context)
  const settlements = createSettlements(context, grace)

  async function plan(key: RelayKey): Promise<readonly SubjectPlan[]> {
    const owner = await holders.find({ kind: 'owner', name: key.owner })
    const team = key.team === undefined ? undefined : await holders.find({ kind: 'team', name: key.team })
    return planAdmission({ key, owner, team }, context.now())
  }

  async function admit(request: AdmissionRequest): Promise<AdmissionAnswer> {
    const checked = checkRequest(request)
    const { key } = checked
    const plans = await plan(key)
    const subjects = plans.filter(({ isHeld }) => isHeld)
    const admission: Admission = { id: randomUUID(), admittedAt: context.now(), subjects }
    const isFirstUse = key.expiresAfterFirstUseMs !== undefined && key.firstUsedAt === undefined
    const answer =
      plans.length === 0
        ? ({ type: 'admitted', admission } as const)
        : await take({ context, grace, local, sumUsage }, { admission, plans, request: checked })
    if (answer.type === 'admitted' && isFirstUse) await noteFirstUse(context, key.id)
    return answer
  }

  async function settle(admission: Admission, used: SettledUse): Promise<void> {
    if (admission.subjects.length === 0) return
    const counted = {
      tokens: checkUse('tokens', used.tokens),
      costMicroUsd: checkUse('costMicroUsd', used.costMicroUsd),
    }
    const known = local.end(admission.id, counted)
    await settlements.settle({ admission, used: counted, isAlone: known?.isAlone ?? false })
  }

  async function readPlans(plans: readonly SubjectPlan[]): Promise<readonly BoundState[]> {
    if (plans.length === 0) return []
    const found = await readLimits(context, plans)
    if (!found.subjects.some(isUnseeded)) return statesOf(found)
    // A look must not fail where nothing can be written: then it shows what was counted so far.
    await seed({ context, sumUsage }, plans).catch(() => undefined)
    return statesOf(await readLimits(context, plans))
  }

  const room: AdmissionRoom = {
    admit,
    settle,
    renewAdmissions: async (admissions, ttlMs) => renew({ context, grace, local }, admissions, checkTtl(ttlMs)),
    readBounds: async (key) => readPlans(await plan(key)),
    readHolderBounds: async (place) => readPlans(planHolder(await holders.find(place), context.now())),
  }
  return { room, stop: settlements.stop }
}

interface FoundLimits {
  readonly subjects: readonly JudgedSubject[]
  readonly nowMs: number
}

async function readLimits(context: RedisContext, plans: readonly SubjectPlan[]): Promise<FoundLimits> {
  const windows = plans.map((each) => each.windows.map(({ bound, windowMs }) => ({ bound, ms: windowMs })))
  const [time, ...uses] = toList(
    await context.link.run(READ_LIMITS, {
      keys: placesOf(context.keys, plans),
      args: [context.scriptClock(), MAX_LEASE_TTL_MS, JSON.stringify(windows)],
    }),
  )
  return { subjects: readUses(plans, uses), nowMs: Number(time) }
}

function statesOf({ subjects, nowMs }: FoundLimits): readonly BoundState[] {
  return subjects.flatMap((subject) => boundStates(subject, nowMs))
}

/** Budgets that were set a moment ago begin with what was spent in their periods before. */
async function seed(
  { context, sumUsage }: Pick<Desk, 'context' | 'sumUsage'>,
  plans: readonly SubjectPlan[],
): Promise<void> {
  const seeds = await readSeeds(plans, sumUsage)
  await context.link.run(SEED_BUDGETS, {
    keys: seeds.map(({ plan: { subject } }) => context.keys.limitsOf(subject).counters),
    args: [JSON.stringify(seeds.map(plannedSeed))],
  })
}

interface Desk {
  readonly context: RedisContext
  readonly sumUsage: UsageRoom['sumUsage']
  readonly grace: Grace
  readonly local: LocalLimits
}

type RenewalDesk = Omit<Desk, 'sumUsage'>

interface Wish {
  readonly admission: Admission
  readonly plans: readonly SubjectPlan[]
  readonly request: AdmissionRequest
}

async function take({ context, grace, local, sumUsage }: Desk, wish: Wish): Promise<AdmissionAnswer> {
  const { admission, plans, request } = wish
  const { reserve, ttlMs } = request
  const taken = { id: admission.id, plans, reserve, ttlMs }
  try {
    const answer = await askSeeded({ context, sumUsage }, wish)
    if (answer.type === 'admitted') local.take({ ...taken, isAlone: false })
    return answer
  } catch (error) {
    if (!grace.covers(error)) throw error
    const met = findMetBound(plans.map(local.judge), reserve, context.now())
    if (met !== undefined) return { type: 'refused', met }
    local.take({ ...taken, isAlone: true })
    // Redis has counted nothing: the end of the request is told to all that have a limit, also to those that hold nothing.
    return { type: 'admitted', admission: { ...admission, subjects: plans } }
  }
}

async function askSeeded(desk: Pick<Desk, 'context' | 'sumUsage'>, wish: Wish): Promise<AdmissionAnswer> {
  const answer = await askRedis(desk.context, wish)
  if (answer !== undefined) return answer
  await seed(desk, wish.plans)
  return askSeeded(desk, wish)
}

/** @returns `undefined` when budgets have to be seeded before */
async function askRedis(
  context: RedisContext,
  { admission, plans, request }: Wish,
): Promise<AdmissionAnswer | undefined> {
  const { reserve, ttlMs } = request
  const [outcome, time, ...uses] = toList(
    await context.link.run(ADMIT, {
      keys: placesOf(context.keys, plans),
      args: [
        context.scriptClock(),
        JSON.stringify({
          id: admission.id,
          ttl: ttlMs,
          maxTtl: MAX_LEASE_TTL_MS,
          late: LATE_SETTLE_MS,
          tokens: reserve.tokens,
          cost: reserve.costMicroUsd,
          subjects: plans.map(takenPlan),
        }),
      ],
    }),
  )
  if (outcome === UNSEEDED) return undefined
  if (outcome === ADMITTED) return { type: 'admitted', admission }
  return { type: 'refused', met: whatWasMet(readUses(plans, uses), reserve, Number(time)) }
}

/** The script has judged by the same rules; here its judgement gets its words. */
function whatWasMet(subjects: readonly JudgedSubject[], reserve: ReservedUse, nowMs: number): BoundState {
  const met = findMetBound(subjects, reserve, nowMs) ?? subjects.flatMap((subject) => boundStates(subject, nowMs))[0]
  if (met === undefined) throw new Error('a request was refused by a bound that is not there')
  return met
}

async function renew(
  { context, grace, local }: RenewalDesk,
  admissions: readonly Admission[],
  ttlMs: number,
): Promise<readonly string[]> {
  const places = admissions.flatMap(({ subjects }) => subjects.map(({ subject }) => context.keys.limitsOf(subject)))
  const held = await askToRenew({ context, grace, local }, { admissions, places, ttlMs })
  for (const id of held) local.prolong(id, ttlMs)
  return held
}

interface Renewal {
  readonly admissions: readonly Admission[]
  readonly places: readonly { readonly slots: string; readonly reserved: string }[]
  readonly ttlMs: number
}

async function askToRenew({ context, grace, local }: RenewalDesk, renewal: Renewal): Promise<readonly string[]> {
  const { admissions, places, ttlMs } = renewal
  const shares = admissions.flatMap(({ id, subjects }) => subjects.map(() => shareOf(id, local)))
  if (shares.length === 0) return admissions.map(({ id }) => id)
  try {
    const flags = toList(
      await context.link.run(RENEW_ADMISSIONS, {
        keys: places.flatMap(({ slots, reserved }) => [slots, reserved]),
        args: [
          context.scriptClock(),
          JSON.stringify({ ttl: ttlMs, maxTtl: MAX_LEASE_TTL_MS, late: LATE_SETTLE_MS, shares }),
        ],
      }),
    )
    const lost = new Set(shares.filter((_, index) => flags[index] !== 1).map(({ id }) => id))
    return admissions.map(({ id }) => id).filter((id) => !lost.has(id))
  } catch (error) {
    if (!grace.covers(error)) throw error
    const held = admissions.filter(({ id, subjects }) => subjects.length === 0 || local.find(id) !== undefined)
    return held.map(({ id }) => id)
  }
}

function shareOf(id: string, local: LocalLimits): { id: string; reserved: string; known: boolean } {
  const known = local.find(id)
  const { tokens, costMicroUsd } = known?.reserve ?? { tokens: 0, costMicroUsd: 0 }
  return { id, known: known !== undefined, reserved: tokens + costMicroUsd === 0 ? '' : `${tokens} ${costMicroUsd}` }
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

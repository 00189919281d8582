import type { AdmissionAnswer, ReservedUse } from '../admission.ts'
import type { Grace } from '../away/grace.ts'
import type { Settlement } from '../away/settlements.ts'
import { MAX_LEASE_TTL_MS } from '../lease.ts'
import type { AdmissionDesk, AdmissionWish, HeldShare, LimitLedger, LookedLimits } from '../limits/admission-desk.ts'
import { createAdmissionDesk } from '../limits/admission-desk.ts'
import { boundStates, findMetBound } from '../limits/judge-admission.ts'
import type { SubjectPlan } from '../limits/plan-admission.ts'
import type { PlanSeed } from '../limits/seed-budgets.ts'
import type { UsageRoom } from '../store/usage-room.ts'
import type { BudgetHolders } from './budget-holders.ts'
import type { RedisContext } from './context.ts'
import { noteFirstUse } from './first-use.ts'
import { LATE_SETTLE_MS, placesOf, plannedSeed, readUses, settledPlan, takenPlan } from './limit-replies.ts'
import { toList } from './reply.ts'
import { ADMIT, READ_LIMITS, RENEW_ADMISSIONS, SEED_BUDGETS, SETTLE } from './scripts/admission.ts'

/** What `ADMIT` answers. */
const ADMITTED = 1
const UNSEEDED = 2

/** No window and no month is longer; two of them bridge a clock that is set back. */
const COUNTER_LIFE_MS = 62 * 86_400_000

/** What limits are made of. */
export interface RedisAdmissionParts {
  readonly context: RedisContext
  readonly grace: Grace
  readonly holders: Pick<BudgetHolders, 'find'>
  readonly sumUsage: UsageRoom['sumUsage']
}

/** Limits in Redis: one script. */
export function createAdmissions({ context, grace, holders, sumUsage }: RedisAdmissionParts): AdmissionDesk {
  const ledger: LimitLedger = {
    take: async (wish) => take(context, wish),
    seed: async (seeds) => seed(context, seeds),
    look: async (plans) => look(context, plans),
    settle: async (settlement) => settle(context, settlement),
    takeBack: async (admissions) =>
      Promise.all(admissions.map(async (admission) => settle(context, { admission, used: NOTHING, isVain: true }))),
    renew: async (shares, ttlMs) => renew(context, shares, ttlMs),
  }
  return createAdmissionDesk({ ledger, grace, clocks: context, findHolder: holders.find, sumUsage })
}

async function take(context: RedisContext, wish: AdmissionWish): Promise<AdmissionAnswer | undefined> {
  const { admission, plans, request, isFirstUse } = wish
  const answer = plans.length === 0 ? ({ type: 'admitted', admission } as const) : await ask(context, wish)
  if (answer?.type === 'admitted' && isFirstUse) await noteFirstUse(context, request.key.id)
  return answer
}

async function ask(
  { link, keys, scriptClock }: RedisContext,
  { admission, plans, request }: AdmissionWish,
): Promise<AdmissionAnswer | undefined> {
  const { reserve, ttlMs } = request
  const order = {
    id: admission.id,
    ttl: ttlMs,
    maxTtl: MAX_LEASE_TTL_MS,
    late: LATE_SETTLE_MS,
    tokens: reserve.tokens,
    cost: reserve.costMicroUsd,
    subjects: plans.map(takenPlan),
  }
  const args = [scriptClock(), JSON.stringify(order)]
  const [outcome, time, ...uses] = toList(
    await link.hurried.run(ADMIT, { keys: [...placesOf(keys, plans), keys.settled(admission.id)], args }),
  )
  if (outcome === UNSEEDED) return undefined
  if (outcome === ADMITTED) return { type: 'admitted', admission }
  return { type: 'refused', met: whatWasMet({ subjects: readUses(plans, uses), nowMs: Number(time) }, reserve) }
}

/** The script has judged by the same rules; here its judgement gets its words. */
function whatWasMet({ subjects, nowMs }: LookedLimits, reserve: ReservedUse) {
  const met = findMetBound(subjects, reserve, nowMs) ?? subjects.flatMap((subject) => boundStates(subject, nowMs))[0]
  if (met === undefined) throw new Error('a request was refused by a bound that is not there')
  return met
}

async function seed({ link, keys }: RedisContext, seeds: readonly PlanSeed[]): Promise<void> {
  const places = seeds.map(({ plan: { subject } }) => keys.limitsOf(subject).counters)
  await link.run(SEED_BUDGETS, { keys: places, args: [JSON.stringify(seeds.map(plannedSeed))] })
}

async function look({ link, keys, scriptClock }: RedisContext, plans: readonly SubjectPlan[]): Promise<LookedLimits> {
  const windows = plans.map((each) => each.windows.map(({ bound, windowMs }) => ({ bound, ms: windowMs })))
  const args = [scriptClock(), MAX_LEASE_TTL_MS, JSON.stringify(windows)]
  const [time, ...uses] = toList(await link.run(READ_LIMITS, { keys: placesOf(keys, plans), args }))
  return { subjects: readUses(plans, uses), nowMs: Number(time) }
}

const NOTHING: ReservedUse = { tokens: 0, costMicroUsd: 0 }

/** A request that was not let in has nothing to count. */
type RedisSettlement = Settlement | (Omit<Settlement, 'isAlone'> & { readonly isVain: true })

async function settle({ link, keys, scriptClock }: RedisContext, settlement: RedisSettlement): Promise<void> {
  const { admission, used } = settlement
  const isVain = 'isVain' in settlement
  const isAlone = isVain || settlement.isAlone
  const { id, subjects } = admission
  const places = placesOf(keys, subjects)
  const order = {
    id,
    tokens: used.tokens,
    cost: used.costMicroUsd,
    alone: isAlone,
    vain: isVain,
    late: LATE_SETTLE_MS,
    old: COUNTER_LIFE_MS,
    subjects: subjects.map(settledPlan),
  }
  const args = [scriptClock(), JSON.stringify(order)]
  await link.run(SETTLE, { keys: isAlone ? [...places, keys.settled(id)] : places, args })
}

async function renew(
  { link, keys, scriptClock }: RedisContext,
  shares: readonly HeldShare[],
  ttlMs: number,
): Promise<readonly boolean[]> {
  const places = shares.map(({ subject }) => keys.limitsOf(subject))
  const order = { ttl: ttlMs, maxTtl: MAX_LEASE_TTL_MS, late: LATE_SETTLE_MS, shares: shares.map(renewedShare) }
  const flags = toList(
    await link.run(RENEW_ADMISSIONS, {
      keys: [
        ...places.flatMap(({ slots, reserved, counters }) => [slots, reserved, counters]),
        ...shares.map(({ admissionId }) => keys.settled(admissionId)),
      ],
      args: [scriptClock(), JSON.stringify(order)],
    }),
  )
  return flags.map((flag) => flag === 1)
}

function renewedShare({ admissionId, known, uncounted }: HeldShare): object {
  const { tokens, costMicroUsd } = known ?? { tokens: 0, costMicroUsd: 0 }
  const reserved = tokens + costMicroUsd === 0 ? '' : `${tokens} ${costMicroUsd}`
  const plan = uncounted === undefined ? undefined : settledPlan(uncounted)
  return { id: admissionId, known: known !== undefined, reserved, uncounted: plan }
}

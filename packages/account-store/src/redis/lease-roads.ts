import type { QuotaState } from '../account.ts'
import type { HeldLeases } from '../away/held-leases.ts'
import type { LeaseAnswer, LeaseSettlement } from '../lease.ts'
import { MAX_LEASE_TTL_MS } from '../lease.ts'
import { calendarPeriod } from '../limits/calendar.ts'
import { hasNoRoom } from '../limits/judge-admission.ts'
import type { RedisContext } from './context.ts'
import { resourceOf } from './lease-ids.ts'
import { toList, toNumber } from './reply.ts'
import { ACQUIRE_LEASE, ACQUIRE_QUOTA_LEASE, SETTLE_LEASE, TAKE_BACK_LEASES } from './scripts/leases.ts'

/** A slot that is asked for. */
export interface LeaseOrder {
  readonly leaseId: string
  readonly resource: string
  readonly ttlMs: number
  readonly max: number
}

/** How a slot is taken. */
export interface LeaseRoad {
  /** In Redis. */
  ask(order: LeaseOrder): Promise<LeaseAnswer>
  /** By what this node holds itself. */
  count(order: LeaseOrder): LeaseAnswer
}

/** The ways to a slot, and the way back from one at an account with a quota. */
export interface LeaseRoads {
  /** @param reserve - micro-USD, where a quota is to be looked at */
  roadFor(id: string, reserve: number | undefined): LeaseRoad
  settle(settlement: LeaseSettlement): Promise<void>
  /** Slots whose question has had no answer: one that is still on its way takes nothing. */
  takeBack(leaseIds: readonly string[]): Promise<void>
}

/** The quota of an account on the day that is now. */
interface QuotaNow {
  readonly day: string
  readonly limit: number
  /** As this node knows it. */
  readonly used: number
}

/** A sum is of no use when its day is over; two more bridge a clock that is set back. */
const SUM_LIFE_MS = 3 * 86_400_000

export function createLeaseRoads(context: RedisContext, held: HeldLeases): LeaseRoads {
  const { link, keys, scriptClock, feed, now } = context

  function argsOf({ leaseId, ttlMs, max }: LeaseOrder): (string | number)[] {
    return [scriptClock(), leaseId, ttlMs, max, MAX_LEASE_TTL_MS]
  }

  const plain: LeaseRoad = {
    ask: async (order) =>
      toAnswer(
        await link.hurried.run(ACQUIRE_LEASE, {
          keys: [keys.leases(order.resource), keys.settled(order.leaseId)],
          args: argsOf(order),
        }),
        order,
      ),
    count: ({ leaseId, resource, max }) => {
      const inUse = held.count(resource)
      return inUse >= max ? { type: 'full', inUse, max } : { type: 'taken', leaseId }
    },
  }

  function quotaOf(accountId: string): QuotaNow | undefined {
    const account = feed.accounts().get(accountId)?.account
    if (account?.dailyQuota === undefined) return undefined
    const { label: day } = calendarPeriod({ period: 'day', ...account.dailyQuota, at: now() })
    return { day, limit: account.dailyQuota.limitMicroUsd, used: usedToday(account.state.quota, now()) }
  }

  function withQuota(accountId: string, { day, limit, used }: QuotaNow, reserve: number): LeaseRoad {
    return {
      ask: async (order) => {
        const places = [keys.leases(order.resource), keys.quota(accountId), keys.settled(order.leaseId)]
        const args = [...argsOf(order), reserve, day, limit, used]
        return toAnswer(await link.hurried.run(ACQUIRE_QUOTA_LEASE, { keys: places, args }), order)
      },
      count: (order) => {
        const reserved = held.reserved(order.resource)
        return hasNoRoom({ limit, used, reserved }, reserve) ? { type: 'spent' } : plain.count(order)
      },
    }
  }

  function roadFor(id: string, reserve: number | undefined): LeaseRoad {
    const quota = reserve === undefined ? undefined : quotaOf(id)
    return quota === undefined || reserve === undefined ? plain : withQuota(id, quota, reserve)
  }

  async function settle({ leaseId, accountId, costMicroUsd }: LeaseSettlement): Promise<void> {
    const slots = keys.leases(resourceOf(leaseId))
    const quota = quotaOf(accountId)
    if (quota === undefined) return void (await link.send(['ZREM', slots, leaseId]))
    const args = [leaseId, quota.day, costMicroUsd, quota.used, SUM_LIFE_MS]
    await link.run(SETTLE_LEASE, { keys: [slots, keys.quota(accountId)], args })
  }

  async function takeBack(leaseIds: readonly string[]): Promise<void> {
    const places = leaseIds.flatMap((id) => [keys.leases(resourceOf(id)), keys.settled(id)])
    await link.run(TAKE_BACK_LEASES, { keys: places, args: [MAX_LEASE_TTL_MS, ...leaseIds] })
  }

  return { roadFor, settle, takeBack }
}

/** What is noted of a day that is over says nothing. */
function usedToday(quota: QuotaState | undefined, nowMs: number): number {
  return quota === undefined || quota.resetsAt <= nowMs ? 0 : quota.usedMicroUsd
}

function toAnswer(reply: unknown, { leaseId, max }: LeaseOrder): LeaseAnswer {
  const [outcome, inUse] = toList(reply).map(toNumber)
  if (outcome === 1) return { type: 'taken', leaseId }
  return outcome === 2 ? { type: 'spent' } : { type: 'full', inUse: inUse ?? max, max }
}

import type { Grace } from '../away/grace.ts'
import { isAway } from '../away/grace.ts'
import type { HeldLeases } from '../away/held-leases.ts'
import { createHeldLeases } from '../away/held-leases.ts'
import type { PutBack } from '../away/put-back.ts'
import { createPutBack } from '../away/put-back.ts'
import { checkNumber, checkText } from '../check-field.ts'
import { checkCost, checkReserve, checkTtl, nameOf } from '../lease-checks.ts'
import type { LeaseAnswer, LeaseRequest, LeaseResource, LeaseSettlement } from '../lease.ts'
import { MAX_LEASE_TTL_MS } from '../lease.ts'
import type { AccountStateRoom } from '../store/account-state-room.ts'
import type { LeaseRoom } from '../store/lease-room.ts'
import type { RedisContext } from './context.ts'
import { leaseIdFor, reservedBy, resourceOf } from './lease-ids.ts'
import type { LeaseOrder, LeaseRoad } from './lease-roads.ts'
import { createLeaseRoads } from './lease-roads.ts'
import { toList, toNumber } from './reply.ts'
import { COUNT_LEASES, RENEW_LEASES } from './scripts/leases.ts'

/** What leases are made of. */
export interface LeaseParts {
  readonly context: RedisContext
  readonly grace: Grace
  readonly recordAccountCost: AccountStateRoom['recordAccountCost']
}

/**
 * Leases in Redis. While Redis is away, this node counts its own: the limit then holds for each node.
 *
 * A lease's id names what it is a slot of, so that nothing has to be looked up to renew it or to give it back.
 */
export function createLeaseRoom({ context, grace, recordAccountCost }: LeaseParts): LeaseRoom {
  const { link, keys, scriptClock, feed } = context
  const held = createHeldLeases(context.steadyClock)
  const roads = createLeaseRoads(context, held)
  const putBack = createPutBack<LeaseOrder>(async (orders) => {
    const ids = orders.map(({ leaseId }) => leaseId).filter(held.has)
    await askToRenew({ context, held }, ids, Math.min(...orders.map(({ ttlMs }) => ttlMs)))
  })
  const takeBack = createPutBack<string>(roads.takeBack)
  const askOrCount = createAsking({ grace, putBack, takeBack })

  async function acquireLease(request: LeaseRequest): Promise<LeaseAnswer> {
    checkText('owner', request.owner, { min: 1, max: 200 })
    const ttlMs = checkTtl(request.ttlMs)
    const max = checkNumber('max', request.max, { min: 1, max: 1_000_000 })
    const resource = nameOf(request.resource)
    const reserve = checkReserve(request)
    if (reserve !== undefined) await grace.orMemory(feed.catchUp()) // of a request that has just looked at all accounts: nothing to do
    const road = roads.roadFor(request.resource.id, reserve)
    const order = { leaseId: leaseIdFor(resource, reserve), resource, ttlMs, max }
    const { answer, isUnanswered } = await askOrCount(road, order)
    if (answer.type === 'taken') held.add({ ...order, reserved: reserve ?? 0, isUnanswered })
    return answer
  }

  async function renewLeases(leaseIds: readonly string[], ttlMs: number): Promise<readonly string[]> {
    const renewed = await renewOrCount(leaseIds, checkTtl(ttlMs))
    for (const id of leaseIds) {
      if (renewed.includes(id)) held.add({ leaseId: id, resource: resourceOf(id), ttlMs, reserved: reservedBy(id) })
      else held.remove(id)
    }
    return renewed
  }

  async function renewOrCount(leaseIds: readonly string[], ttlMs: number): Promise<readonly string[]> {
    try {
      return await askToRenew({ context, held }, leaseIds, ttlMs)
    } catch (error) {
      if (!grace.covers(error)) throw error
      return leaseIds.filter((id) => held.has(id))
    }
  }

  async function releaseLease(leaseId: string): Promise<void> {
    putBack.remove(leaseId)
    const isUnanswered = held.find(leaseId)?.isUnanswered === true
    held.remove(leaseId)
    if (isUnanswered) await roads.takeBack([leaseId]).catch(() => takeBack.add(leaseId, leaseId))
    else await link.send(['ZREM', keys.leases(resourceOf(leaseId)), leaseId])
  }

  async function settleLease({ leaseId, accountId, costMicroUsd }: LeaseSettlement): Promise<void> {
    const cost = checkCost('costMicroUsd', costMicroUsd)
    if (cost === 0) return releaseLease(leaseId)
    putBack.remove(leaseId)
    await roads.settle({ leaseId, accountId, costMicroUsd: cost })
    if (held.find(leaseId)?.isUnanswered === true) takeBack.add(leaseId, leaseId)
    held.remove(leaseId) // until then its reservation counts, here at least
    await recordAccountCost(accountId, cost)
  }

  async function countLeases(resource: LeaseResource): Promise<number> {
    const places = [keys.leases(nameOf(resource))]
    return toNumber(await link.run(COUNT_LEASES, { keys: places, args: [scriptClock(), MAX_LEASE_TTL_MS] }))
  }

  return { acquireLease, renewLeases, releaseLease, settleLease, countLeases }
}

interface AskingParts {
  readonly grace: Grace
  readonly putBack: PutBack<LeaseOrder>
  readonly takeBack: PutBack<string>
}

/** Asks Redis or, while it is away, counts what this node holds. */
function createAsking({ grace, putBack, takeBack }: AskingParts) {
  return async (road: LeaseRoad, order: LeaseOrder): Promise<CountedAnswer> => {
    try {
      return { answer: await road.ask(order), isUnanswered: false }
    } catch (error) {
      if (!grace.covers(error)) {
        if (isAway(error)) takeBack.add(order.leaseId, order.leaseId)
        throw error
      }
      const answer = road.count(order)
      if (answer.type === 'taken') putBack.add(order.leaseId, order)
      else takeBack.add(order.leaseId, order.leaseId)
      return { answer, isUnanswered: true }
    }
  }
}

interface CountedAnswer {
  readonly answer: LeaseAnswer
  /** Redis gave none: this node has counted, and the question may still be on its way. */
  readonly isUnanswered: boolean
}

/** @returns those that are held */
async function askToRenew(
  { context: { link, keys, scriptClock }, held }: { readonly context: RedisContext; readonly held: HeldLeases },
  leaseIds: readonly string[],
  ttlMs: number,
): Promise<readonly string[]> {
  if (leaseIds.length === 0) return []
  const places = leaseIds.map((id) => keys.leases(resourceOf(id)))
  const known = leaseIds.flatMap((id) => [id, held.has(id) ? '1' : '0'])
  const args = [scriptClock(), ttlMs, MAX_LEASE_TTL_MS, ...known]
  const flags = toList(await link.run(RENEW_LEASES, { keys: places, args }))
  return leaseIds.filter((_, index) => flags[index] === 1)
}

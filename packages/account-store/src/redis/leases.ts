import { randomUUID } from 'node:crypto'

import { checkNumber, checkText } from '../check-field.ts'
import type { LeaseAnswer, LeaseRequest, LeaseResource } from '../lease.ts'
import { MAX_LEASE_TTL_MS } from '../lease.ts'
import type { LeaseRoom } from '../store/lease-room.ts'
import type { RedisContext } from './context.ts'
import type { Grace } from './grace.ts'
import { createHeldLeases } from './held-leases.ts'
import { toList, toNumber } from './reply.ts'
import { ACQUIRE_LEASE, COUNT_LEASES, RENEW_LEASES } from './scripts/leases.ts'

/**
 * Leases in Redis. While Redis is away, this node counts its own: the limit then holds for each node.
 *
 * A lease's id names what it is a slot of, so that nothing has to be looked up to renew it or to give it back.
 */
export function createLeaseRoom(context: RedisContext, grace: Grace): LeaseRoom {
  const { link, keys, scriptClock } = context
  const held = createHeldLeases(context.steadyClock)

  async function acquireLease(request: LeaseRequest): Promise<LeaseAnswer> {
    checkText('owner', request.owner, { min: 1, max: 200 })
    const ttlMs = checkTtl(request.ttlMs)
    const max = checkNumber('max', request.max, { min: 1, max: 1_000_000 })
    const resource = nameOf(request.resource)
    const leaseId = `${resource}${SEPARATOR}${randomUUID()}`
    try {
      const answer = await link.run(ACQUIRE_LEASE, {
        keys: [keys.leases(resource)],
        args: [scriptClock(), leaseId, ttlMs, max, MAX_LEASE_TTL_MS],
      })
      const [isTaken, inUse] = toList(answer).map(toNumber)
      if (isTaken !== 1) return { type: 'full', inUse: inUse ?? max, max }
    } catch (error) {
      if (!grace.covers(error)) throw error
      const inUse = held.count(resource)
      if (inUse >= max) return { type: 'full', inUse, max }
    }
    held.add({ leaseId, resource, ttlMs })
    return { type: 'taken', leaseId }
  }

  async function renewLeases(leaseIds: readonly string[], ttlMs: number): Promise<readonly string[]> {
    const args = leaseIds.flatMap((id) => [id, held.has(id) ? '1' : '0'])
    const renewed = await askToRenew(leaseIds, [scriptClock(), checkTtl(ttlMs), MAX_LEASE_TTL_MS, ...args])
    for (const id of leaseIds) {
      if (renewed.includes(id)) held.add({ leaseId: id, resource: resourceOf(id), ttlMs })
      else held.remove(id)
    }
    return renewed
  }

  async function askToRenew(leaseIds: readonly string[], args: (string | number)[]): Promise<readonly string[]> {
    if (leaseIds.length === 0) return []
    try {
      const places = leaseIds.map((id) => keys.leases(resourceOf(id)))
      const flags = toList(await link.run(RENEW_LEASES, { keys: places, args }))
      return leaseIds.filter((_, index) => flags[index] === 1)
    } catch (error) {
      if (!grace.covers(error)) throw error
      return leaseIds.filter((id) => held.has(id))
    }
  }

  async function releaseLease(leaseId: string): Promise<void> {
    held.remove(leaseId)
    await link.send(['ZREM', keys.leases(resourceOf(leaseId)), leaseId])
  }

  async function countLeases(resource: LeaseResource): Promise<number> {
    const places = [keys.leases(nameOf(resource))]
    return toNumber(await link.run(COUNT_LEASES, { keys: places, args: [scriptClock(), MAX_LEASE_TTL_MS] }))
  }

  return { acquireLease, renewLeases, releaseLease, countLeases }
}

/** Between the resource and the random part of a lease's id. */
const SEPARATOR = '#'

function resourceOf(leaseId: string): string {
  return leaseId.slice(0, Math.max(0, leaseId.lastIndexOf(SEPARATOR)))
}

function checkTtl(ttlMs: number): number {
  return checkNumber('ttlMs', ttlMs, { min: 1, max: MAX_LEASE_TTL_MS })
}

function nameOf({ kind, id }: LeaseResource): string {
  return `${kind}:${checkText('resource.id', id, { min: 1, max: 500 })}`
}

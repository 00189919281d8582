import { randomUUID } from 'node:crypto'

import { checkNumber, checkText } from '../check-field.ts'
import type { LeaseAnswer, LeaseRequest, LeaseResource } from '../lease.ts'
import { MAX_LEASE_TTL_MS } from '../lease.ts'
import { readNumber } from '../rows/row.ts'
import type { LeaseRoom } from '../store/lease-room.ts'
import type { StoreContext } from './context.ts'

/**
 * A slot counts as taken when it has not run out, and when it does not run out later than any slot may: that one was taken before
 * the clock was set back, and must not be missing for as long.
 */
const IS_TAKEN = 'resource = :resource AND expires_at > :now AND expires_at <= :now + :maxTtlMs'

/** Leases in the embedded store. */
export function createLeaseRoom({ fast, now }: StoreContext): LeaseRoom {
  const removeDead = fast.prepare('DELETE FROM leases WHERE resource = :resource AND expires_at <= :now')
  const count = fast.prepare(`SELECT count(*) AS taken FROM leases WHERE ${IS_TAKEN}`)
  const insert = fast.prepare(`
    INSERT INTO leases (id, resource, owner, taken_at, expires_at)
    VALUES (:id, :resource, :owner, :now, :now + :ttlMs)`)
  const renew = fast.prepare('UPDATE leases SET expires_at = :expiresAt WHERE id = :id')
  const release = fast.prepare('DELETE FROM leases WHERE id = :id')

  function countTaken(resource: string): number {
    return readNumber(count.get({ resource, now: now(), maxTtlMs: MAX_LEASE_TTL_MS }) ?? {}, 'taken')
  }

  async function acquireLease(request: LeaseRequest): Promise<LeaseAnswer> {
    const owner = checkText('owner', request.owner, { min: 1, max: 200 })
    const ttlMs = checkTtl(request.ttlMs)
    const max = checkNumber('max', request.max, { min: 1, max: 1_000_000 })
    const resource = nameOf(request.resource)
    return fast.transaction((): LeaseAnswer => {
      removeDead.run({ resource, now: now() })
      const inUse = countTaken(resource)
      if (inUse >= max) return { type: 'full', inUse, max }
      const id = randomUUID()
      insert.run({ id, resource, owner, now: now(), ttlMs })
      return { type: 'taken', leaseId: id }
    })
  }

  async function renewLeases(leaseIds: readonly string[], ttlMs: number): Promise<readonly string[]> {
    const expiresAt = now() + checkTtl(ttlMs)
    return fast.transaction(() => leaseIds.filter((id) => renew.run({ id, expiresAt }) === 1))
  }

  async function releaseLease(leaseId: string): Promise<void> {
    release.run({ id: leaseId })
  }

  return { acquireLease, renewLeases, releaseLease, countLeases: async (resource) => countTaken(nameOf(resource)) }
}

function checkTtl(ttlMs: number): number {
  return checkNumber('ttlMs', ttlMs, { min: 1, max: MAX_LEASE_TTL_MS })
}

function nameOf({ kind, id }: LeaseResource): string {
  return `${kind}:${checkText('resource.id', id, { min: 1, max: 500 })}`
}

import { randomUUID } from 'node:crypto'

import { checkNumber, checkText } from '../check-field.ts'
import { checkCost, checkReserve, checkTtl, nameOf } from '../lease-checks.ts'
import type { LeaseAnswer, LeaseRequest, LeaseResource, LeaseSettlement } from '../lease.ts'
import { MAX_LEASE_TTL_MS } from '../lease.ts'
import { hasNoRoom } from '../limits/judge-admission.ts'
import { readNumber } from '../rows/row.ts'
import type { LeaseRoom } from '../store/lease-room.ts'
import type { AccountQuota } from './account-quota.ts'
import type { AccountSnapshot } from './account-snapshot.ts'
import type { StoreContext } from './context.ts'

/**
 * A slot counts as taken when it has not run out, and when it does not run out later than any slot may: that one was taken before
 * the clock was set back, and must not be missing for as long.
 */
const IS_TAKEN = 'resource = :resource AND expires_at > :now AND expires_at <= :now + :maxTtlMs'

/** What leases are made of. */
export interface LeaseParts {
  readonly context: StoreContext
  readonly snapshot: AccountSnapshot
  readonly quota: AccountQuota
}

/** Leases in the embedded store. */
export function createLeaseRoom({ context, snapshot, quota }: LeaseParts): LeaseRoom {
  const { fast, now, accountRevision } = context
  const removeDead = fast.prepare('DELETE FROM leases WHERE resource = :resource AND expires_at <= :now')
  const count = fast.prepare(`SELECT count(*) AS taken FROM leases WHERE ${IS_TAKEN}`)
  const insert = fast.prepare(`
    INSERT INTO leases (id, resource, owner, taken_at, expires_at, reserved_micro_usd)
    VALUES (:id, :resource, :owner, :now, :now + :ttlMs, :reserved)`)
  const sumReserved = fast.prepare(
    `SELECT coalesce(sum(reserved_micro_usd), 0) AS reserved FROM leases WHERE ${IS_TAKEN}`,
  )
  const stamp = fast.prepare('UPDATE accounts SET revision = :revision WHERE id = :id')
  const renew = fast.prepare('UPDATE leases SET expires_at = :expiresAt WHERE id = :id')
  const release = fast.prepare('DELETE FROM leases WHERE id = :id')

  function countTaken(resource: string): number {
    return readNumber(count.get({ resource, now: now(), maxTtlMs: MAX_LEASE_TTL_MS }) ?? {}, 'taken')
  }

  function isSpent({ id }: LeaseResource, reserve: number): boolean {
    const dailyQuota = snapshot.get(id)?.dailyQuota
    if (dailyQuota === undefined) return false
    const { usedMicroUsd: used } = quota.read(id, dailyQuota)
    const place = { resource: nameOf({ kind: 'account', id }), now: now(), maxTtlMs: MAX_LEASE_TTL_MS }
    const reserved = readNumber(sumReserved.get(place) ?? {}, 'reserved')
    return hasNoRoom({ limit: dailyQuota.limitMicroUsd, used, reserved }, reserve)
  }

  async function acquireLease(request: LeaseRequest): Promise<LeaseAnswer> {
    const owner = checkText('owner', request.owner, { min: 1, max: 200 })
    const ttlMs = checkTtl(request.ttlMs)
    const max = checkNumber('max', request.max, { min: 1, max: 1_000_000 })
    const resource = nameOf(request.resource)
    const reserved = checkReserve(request)
    return fast.transaction((): LeaseAnswer => {
      removeDead.run({ resource, now: now() })
      const inUse = countTaken(resource)
      if (inUse >= max) return { type: 'full', inUse, max }
      if (reserved !== undefined && isSpent(request.resource, reserved)) return { type: 'spent' }
      const id = randomUUID()
      insert.run({ id, resource, owner, now: now(), ttlMs, reserved: reserved ?? 0 })
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

  async function settleLease({ leaseId, accountId, costMicroUsd }: LeaseSettlement): Promise<void> {
    const dailyQuota = snapshot.get(accountId)?.dailyQuota
    const cost = checkCost('costMicroUsd', costMicroUsd)
    fast.transaction(() => {
      release.run({ id: leaseId })
      if (dailyQuota === undefined || cost === 0) return
      quota.add(accountId, dailyQuota, cost)
      stamp.run({ id: accountId, revision: accountRevision.bump('fast') })
    })
  }

  const countLeases = async (resource: LeaseResource): Promise<number> => countTaken(nameOf(resource))
  return { acquireLease, renewLeases, releaseLease, settleLease, countLeases }
}

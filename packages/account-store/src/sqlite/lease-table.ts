import { MAX_LEASE_TTL_MS } from '../lease.ts'
import { readNumber } from '../rows/row.ts'
import type { StoreContext } from './context.ts'

/** A slot to be written down. */
export interface LeaseRow {
  readonly id: string
  readonly resource: string
  readonly ttlMs: number
  /** Of a daily quota, micro-USD. */
  readonly reserved: number
}

/** What is taken of something. */
export interface TakenSlots {
  readonly count: number
  /** Of a daily quota, micro-USD. */
  readonly reserved: number
}

/** Steps on slots; what belongs together runs inside a transaction of the caller. */
export interface LeaseTable {
  removeDead(resource: string): void
  taken(resource: string): TakenSlots
  /** Puts a slot there, or prolongs it. */
  put(row: LeaseRow): void
  /** @returns whether it is there */
  renew(id: string, ttlMs: number): boolean
  remove(id: string): void
}

/**
 * A slot counts as taken when it has not run out, and when it does not run out later than any slot may: that one was taken before
 * the clock was set back, and must not be missing for as long.
 */
const IS_TAKEN = 'resource = :resource AND expires_at > :now AND expires_at <= :now + :maxTtlMs'

export function createLeaseTable({ fast, now, self }: StoreContext): LeaseTable {
  const removeDead = fast.prepare('DELETE FROM leases WHERE resource = :resource AND expires_at <= :now')
  const taken = fast.prepare(`
    SELECT count(*) AS taken, coalesce(sum(reserved_micro_usd), 0) AS reserved FROM leases WHERE ${IS_TAKEN}`)
  const put = fast.prepare(`
    INSERT INTO leases (id, resource, owner, taken_at, expires_at, reserved_micro_usd)
    VALUES (:id, :resource, :owner, :now, :now + :ttlMs, :reserved)
    ON CONFLICT (id) DO UPDATE SET expires_at = :now + :ttlMs`)
  const renew = fast.prepare('UPDATE leases SET expires_at = :expiresAt WHERE id = :id')
  const remove = fast.prepare('DELETE FROM leases WHERE id = :id')

  return {
    removeDead: (resource) => void removeDead.run({ resource, now: now() }),
    taken: (resource) => {
      const row = taken.get({ resource, now: now(), maxTtlMs: MAX_LEASE_TTL_MS }) ?? {}
      return { count: readNumber(row, 'taken'), reserved: readNumber(row, 'reserved') }
    },
    put: (row) => {
      self.join()
      put.run({ ...row, owner: self.id, now: now() })
    },
    renew: (id, ttlMs) => renew.run({ id, expiresAt: now() + ttlMs }) === 1,
    remove: (id) => void remove.run({ id }),
  }
}

import type { Grace } from '../away/grace.ts'
import { GRACE_MS } from '../away/grace.ts'
import { StoreError } from '../store-error.ts'
import type { Database } from './open-database.ts'

/** A counter of changes that all processes on one file share. */
export interface Revision {
  /** Counts a change, on the connection and inside the transaction that makes it: the other one would wait for its lock. */
  bump(on: keyof Database): number
  /** The newest count, at most {@link MAX_STALE_MS} old; a change by this process is seen at once. */
  latest(): number
}

/** How old a cached answer may be (reliability 6.5 asks for a second at most). */
const MAX_STALE_MS = 250

/** Makes the counter for one kind of object. */
export function createRevision(
  database: Database,
  grace: Grace,
  name: 'accounts-revision' | 'relay-keys-revision',
): Revision {
  const sql = 'UPDATE meta SET value = value + 1 WHERE name = :name RETURNING value'
  const increment = { durable: database.durable.prepare(sql), fast: database.fast.prepare(sql) }
  const select = database.durable.prepare('SELECT value FROM meta WHERE name = :name')
  let known = 0
  // The monotonic clock: setting the wall clock back must not make the cache live longer.
  let readAtMs = -Infinity
  let lastReadMs = -Infinity

  function latest(): number {
    const nowMs = performance.now()
    if (nowMs - readAtMs < MAX_STALE_MS) return known
    try {
      known = toCount(select.get({ name })?.['value'])
      readAtMs = lastReadMs = nowMs
    } catch (error) {
      // What is in memory goes on for a while, as it was known last.
      if (!grace.covers(error) || nowMs - lastReadMs > GRACE_MS) throw error
    }
    return known
  }

  function bump(on: keyof Database): number {
    readAtMs = -Infinity
    return toCount(increment[on].get({ name })?.['value'])
  }

  return { bump, latest }
}

function toCount(value: unknown): number {
  if (typeof value === 'number') return value
  throw new StoreError('store-damaged', 'the revision counter is missing; restore a backup')
}

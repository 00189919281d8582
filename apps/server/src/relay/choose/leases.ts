import { hostname } from 'node:os'

import type { Account, AccountStore, LeaseResource } from '@relay/account-store'

import type { Log } from '../../observe/log.ts'
import { createSeldomWarning } from '../../observe/seldom-warning.ts'
import type { LateReturns } from './late-returns.ts'

/** A dead process's slots come back within this time: well inside the minute that is promised, clocks and all. */
export const SLOT_TTL_MS = 45_000
/** Two renewals may fail before a slot that is in use is lost. */
export const SLOT_RENEW_MS = 15_000

/** One slot of something that only so many requests may use at once. */
export interface HeldLease {
  release(): void
}

/** A place at an account, and what the request may cost of the account's daily quota. */
export interface HeldQuota {
  /** Gives both back and counts what was spent; every call but the first does nothing. */
  settle(costMicroUsd: number): void
}

/** Slots that this process holds over all nodes, renewed while they are held. */
export interface Leases {
  /**
   * @param max - 0 = no limit, then nothing is taken
   * @returns `undefined` when all slots are taken
   */
  take(resource: LeaseResource, max: number): HeldLease | Promise<HeldLease | undefined>
  /**
   * A slot at an account with a daily quota, and so much of what is left of it.
   *
   * @returns `undefined` when all slots are taken, or when the quota has no room
   */
  takeWithQuota(
    account: Pick<Account, 'id' | 'maxConcurrency'>,
    reserveMicroUsd: number,
  ): Promise<HeldQuota | undefined>
  /**
   * The only slot of something, for so long unless it is given back earlier.
   *
   * @returns `undefined` when it is taken
   */
  takeFor(ttlMs: number, resource: LeaseResource): Promise<HeldLease | undefined>
  close(): void
}

const UNLIMITED: HeldLease = { release: () => {} }
/** More than there ever are at an account that has no limit of its own. */
const MANY = 1_000_000

interface LeaseRooms {
  readonly store: AccountStore
  readonly returns: Pick<LateReturns, 'give'>
  readonly log: Log
}

export function createLeases({ store, returns, log }: LeaseRooms): Leases {
  const owner = `${hostname()}:${process.pid}`
  const held = new Set<string>()
  const warnOfReturn = createSeldomWarning(log, 'a slot could not be given back; it is tried again')
  const timer = setInterval(renew, SLOT_RENEW_MS)
  timer.unref()

  function renew(): void {
    if (held.size > 0)
      store
        .renewLeases([...held], SLOT_TTL_MS)
        .catch((error: unknown) => log.warn({ error }, 'slots could not be renewed'))
  }

  function take(resource: LeaseResource, max: number): HeldLease | Promise<HeldLease | undefined> {
    return max === 0 ? UNLIMITED : acquire(resource, max)
  }

  async function acquire(resource: LeaseResource, max: number): Promise<HeldLease | undefined> {
    const answer = await store.acquireLease({ resource, owner, ttlMs: SLOT_TTL_MS, max })
    if (answer.type !== 'taken') return undefined
    held.add(answer.leaseId)
    return { release: () => giveBack(answer.leaseId) }
  }

  async function takeWithQuota(
    { id: accountId, maxConcurrency }: Pick<Account, 'id' | 'maxConcurrency'>,
    reserveMicroUsd: number,
  ): Promise<HeldQuota | undefined> {
    const resource = { kind: 'account', id: accountId } as const
    const max = maxConcurrency === 0 ? MANY : maxConcurrency
    const answer = await store.acquireLease({ resource, owner, ttlMs: SLOT_TTL_MS, max, reserveMicroUsd })
    if (answer.type !== 'taken') return undefined
    const { leaseId } = answer
    held.add(leaseId)
    return {
      settle: (costMicroUsd) => {
        if (!held.delete(leaseId)) return
        giveInTime(async () => store.settleLease({ leaseId, accountId, costMicroUsd }))
      },
    }
  }

  async function takeFor(ttlMs: number, resource: LeaseResource): Promise<HeldLease | undefined> {
    const answer = await store.acquireLease({ resource, owner, ttlMs, max: 1 })
    return answer.type === 'taken' ? { release: () => release(answer.leaseId) } : undefined
  }

  function giveBack(leaseId: string): void {
    if (held.delete(leaseId)) release(leaseId)
  }

  function release(leaseId: string): void {
    giveInTime(async () => store.releaseLease(leaseId))
  }

  function giveInTime(work: () => Promise<void>): void {
    void returns.give(work, warnOfReturn)
  }

  return { take, takeWithQuota, takeFor, close: () => clearInterval(timer) }
}

import { hostname } from 'node:os'

import type { AccountStore, Admission, BoundState, RelayKey, ReservedUse, SettledUse } from '@relay/account-store'

import type { Log } from '../observe/log.ts'
import type { LateReturns } from '../relay/choose/late-returns.ts'
import { SLOT_RENEW_MS, SLOT_TTL_MS } from '../relay/choose/leases.ts'
import type { Leases } from '../relay/choose/leases.ts'
import type { LiveRequest } from '../relay/live-request.ts'
import { limitError, limitReason } from './limit-error.ts'
import { createWaitingRoom } from './waiting-room.ts'

/** A request that shows a key that may be served. */
export interface EnteringRequest {
  readonly live: LiveRequest
  readonly key: RelayKey
  /** What it may use at most; asked for only where somebody has a limit that needs it. */
  readonly reserve: () => Promise<ReservedUse>
}

/** Who is in: every request passes here once, after its permissions and before its journey. */
export interface Admissions {
  /**
   * Takes everything that is limited, waiting for a slot where the key has a queue.
   *
   * @throws ServerError `rate_limit`, `billing`; StoreError when the store cannot be asked
   */
  enter(request: EnteringRequest): Promise<void>
  /** Gives everything back and counts what was used; for a request that took nothing, nothing happens. */
  settle(live: LiveRequest, used: SettledUse): void
  close(): void
}

interface AdmissionRooms {
  readonly store: AccountStore
  readonly leases: Leases
  readonly returns: Pick<LateReturns, 'give'>
  readonly log: Log
}

const NOTHING: ReservedUse = { tokens: 0, costMicroUsd: 0 }
const UNUSED: SettledUse = { tokens: 0, costMicroUsd: 0 }

export function createAdmissions({ store, leases, returns, log }: AdmissionRooms): Admissions {
  const owner = `${hostname()}:${process.pid}`
  const held = new Set<Admission>()
  const waiting = createWaitingRoom(leases, store)
  const timer = setInterval(renew, SLOT_RENEW_MS)
  timer.unref()

  function renew(): void {
    if (held.size === 0) return
    store
      .renewAdmissions([...held], SLOT_TTL_MS)
      .catch((error: unknown) => log.warn({ error }, 'admissions could not be renewed'))
  }

  async function enter({ live, key, reserve }: EnteringRequest): Promise<void> {
    const reserved = (await needsReserve(store, key)) ? await reserve() : NOTHING
    const ask = (): Promise<BoundState | undefined> => tryOnce({ live, key }, reserved)
    const met = (await waiting.hasWaiting(key)) ? await concurrencyOf(store, key) : await ask()
    const left = met === undefined || !mayWait(key, met) ? met : await waiting.wait({ live, key, ask, met })
    if (left === undefined) return
    live.facts.isKeptOut = true
    store.recordRejection({ keyId: key.id, reason: limitReason(left) })
    throw limitError(left, Date.now())
  }

  async function tryOnce(
    { live, key }: Pick<EnteringRequest, 'live' | 'key'>,
    reserve: ReservedUse,
  ): Promise<BoundState | undefined> {
    const answer = await store.admit({ key, process: owner, ttlMs: SLOT_TTL_MS, reserve })
    if (answer.type === 'refused') return answer.met
    if (answer.admission.subjects.length === 0) return undefined
    held.add(answer.admission)
    live.facts.admission = answer.admission
    // The client left while the store was asked: the end of the request has passed.
    if (live.isFinished) settle(live, UNUSED)
    return undefined
  }

  function settle(live: LiveRequest, used: SettledUse): void {
    const { admission } = live.facts
    if (admission === undefined) return
    live.facts.admission = undefined
    held.delete(admission)
    const keyId = live.facts.key?.id
    const requestId = live.id
    void returns.give(
      async () => {
        await store.settle(admission, used)
        waiting.wake(keyId)
      },
      (error) => log.error({ requestId, error }, 'what a request has used could not be counted; it is tried again'),
    )
  }

  return { enter, settle, close: () => clearInterval(timer) }
}

/** What keeps a request out that comes behind others who wait. */
async function concurrencyOf(store: AccountStore, key: RelayKey): Promise<BoundState> {
  const states = (await store.readBounds(key)).filter(({ bound }) => bound.type === 'concurrency')
  const met = states.find(({ used, limit }) => used >= limit) ?? states[0]
  const { name, maxConcurrency: limit } = key
  // Nobody has a limit any more: those who wait find that out with their next question.
  return met ?? { holder: { kind: 'key', name }, bound: { type: 'concurrency' }, limit, used: limit, ...NO_CLOCK }
}

const NO_CLOCK = { reserved: 0, resetsAt: undefined }

/** Only a missing slot of the key itself is worth waiting for: the operator said for how long. */
function mayWait(key: RelayKey, { bound }: BoundState): boolean {
  return key.concurrencyQueue !== undefined && bound.type === 'concurrency'
}

/** Estimating a cost takes a look at the accounts; most keys have no limit that asks for it. */
async function needsReserve(store: AccountStore, key: RelayKey): Promise<boolean> {
  const holders = await store.listBudgetHolders()
  const isMeant = ({ kind, name }: { readonly kind: string; readonly name: string }): boolean =>
    kind === 'owner' ? name === key.owner : name === key.team
  return countsUse(key) || holders.some((holder) => isMeant(holder) && countsUse(holder))
}

function countsUse({ rateLimits, budget }: Pick<RelayKey, 'rateLimits' | 'budget'>): boolean {
  const sum = budget.dayMicroUsd + budget.weekMicroUsd + budget.monthMicroUsd + budget.totalMicroUsd
  return sum > 0 || rateLimits.some(({ counts }) => counts !== 'requests')
}

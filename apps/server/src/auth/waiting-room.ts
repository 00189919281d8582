import type { AccountStore, BoundState, LeaseResource, RelayKey } from '@relay/account-store'

import type { Leases } from '../relay/choose/leases.ts'
import type { LiveRequest } from '../relay/live-request.ts'

/** How often a waiting request asks again; slots of this process wake it at once, those of others do not. */
const POLL_MS = 250

/** A request that found no slot. */
export interface WaitingRequest {
  readonly live: LiveRequest
  readonly key: RelayKey
  /** Asks once more; `undefined` when it was let in. */
  readonly ask: () => Promise<BoundState | undefined>
  /** What kept it out. */
  readonly met: BoundState
}

/**
 * Where requests wait for a slot of their key, at most as many and as long as the key says, over all nodes. First come, first
 * served: those of one node in their order, and nobody who comes passes those who wait, on whichever node.
 */
export interface WaitingRoom {
  /** Whether somebody waits for a slot of the key: then whoever comes waits, too. */
  hasWaiting(key: RelayKey): boolean | Promise<boolean>
  /** @returns `undefined` when it was let in or its client has left, else what kept it out last */
  wait(request: WaitingRequest): Promise<BoundState | undefined>
  /** A slot of the key may be free: its longest waiting request asks again. */
  wake(keyId: string | undefined): void
}

interface Place {
  wake: () => void
}

/** @param store - knows who waits on other nodes */
export function createWaitingRoom(leases: Leases, store: Pick<AccountStore, 'countLeases'>): WaitingRoom {
  /** By key, in the order in which they came. */
  const lines = new Map<string, Set<Place>>()

  function hasWaiting(key: RelayKey): boolean | Promise<boolean> {
    return key.concurrencyQueue !== undefined && (lines.has(key.id) || hasWaitingElsewhere(key))
  }

  async function hasWaitingElsewhere(key: RelayKey): Promise<boolean> {
    try {
      return (await store.countLeases(queueOf(key))) > 0
    } catch {
      return false // nobody is kept out by not knowing; the slots themselves are asked for next
    }
  }

  async function wait({ live, key, ask, met }: WaitingRequest): Promise<BoundState | undefined> {
    const queue = key.concurrencyQueue
    if (queue === undefined) return met
    const { place, leave } = join(key.id)
    try {
      const lease = await leases.take(queueOf(key), queue.maxWaiting)
      if (lease === undefined) return met
      live.own(lease.release)
      live.own(leave)
      const isFirst = (): boolean => firstOf(key.id) === place
      const state = await askUntil({ live, ask, met, place, isFirst }, performance.now() + queue.maxWaitMs)
      lease.release()
      return state
    } finally {
      leave()
    }
  }

  /** Goes to the end of the line. */
  function join(keyId: string): { readonly place: Place; leave(): void } {
    const place: Place = { wake: () => undefined }
    const line = lines.get(keyId) ?? new Set()
    line.add(place)
    lines.set(keyId, line)
    const leave = (): void => {
      if (!line.delete(place)) return
      if (line.size === 0) lines.delete(keyId)
      place.wake()
      wake(keyId)
    }
    return { place, leave }
  }

  function firstOf(keyId: string): Place | undefined {
    const [first] = lines.get(keyId) ?? []
    return first
  }

  function wake(keyId: string | undefined): void {
    if (keyId !== undefined) firstOf(keyId)?.wake()
  }

  return { hasWaiting, wait, wake }
}

function queueOf({ id }: RelayKey): LeaseResource {
  return { kind: 'queue', id }
}

interface Asking extends Omit<WaitingRequest, 'key'> {
  readonly place: Place
  readonly isFirst: () => boolean
}

async function askUntil(asking: Asking, deadlineMs: number): Promise<BoundState | undefined> {
  const { live, ask, met, place, isFirst } = asking
  let last = met
  for (;;) {
    const leftMs = deadlineMs - performance.now()
    if (leftMs <= 0) return last
    await nextTurn(place, Math.min(POLL_MS, leftMs))
    if (live.isFinished) return undefined
    if (!isFirst()) continue
    const state = await ask()
    if (state === undefined || state.bound.type !== 'concurrency') return state
    last = state
  }
}

function nextTurn(place: Place, waitMs: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const timer = setTimeout(resolve, waitMs)
  place.wake = () => {
    clearTimeout(timer)
    resolve()
  }
  return promise
}

import type { BoundState, RelayKey } from '@relay/account-store'

import type { Leases } from '../relay/leases.ts'
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

/** Where requests wait for a slot of their key, at most as many and as long as the key says, over all nodes. */
export interface WaitingRoom {
  /** @returns `undefined` when it was let in or its client has left, else what kept it out last */
  wait(request: WaitingRequest): Promise<BoundState | undefined>
  /** A slot of the key may be free: its longest waiting request asks again. */
  wake(keyId: string | undefined): void
}

interface Place {
  readonly keyId: string
  wake: () => void
}

export function createWaitingRoom(leases: Leases): WaitingRoom {
  /** In the order in which they came. */
  const places = new Set<Place>()

  async function wait({ live, key, ask, met }: WaitingRequest): Promise<BoundState | undefined> {
    const queue = key.concurrencyQueue
    const lease = queue === undefined ? undefined : await leases.take({ kind: 'queue', id: key.id }, queue.maxWaiting)
    if (queue === undefined || lease === undefined) return met
    const place: Place = { keyId: key.id, wake: () => undefined }
    places.add(place)
    const leave = (): void => {
      places.delete(place)
      lease.release()
      place.wake()
    }
    live.own(leave)
    try {
      return await askUntil({ live, ask, met, place }, performance.now() + queue.maxWaitMs)
    } finally {
      leave()
    }
  }

  function wake(keyId: string | undefined): void {
    for (const place of places) if (place.keyId === keyId) return place.wake()
  }

  return { wait, wake }
}

interface Asking extends Omit<WaitingRequest, 'key'> {
  readonly place: Place
}

async function askUntil({ live, ask, met, place }: Asking, deadlineMs: number): Promise<BoundState | undefined> {
  let last = met
  for (;;) {
    const leftMs = deadlineMs - performance.now()
    if (leftMs <= 0) return last
    await nextTurn(place, Math.min(POLL_MS, leftMs))
    if (live.isFinished) return undefined
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

import type { Admission, ReservedUse } from '../admission.ts'
import type { Grace } from './grace.ts'

/** The end of a request. */
export interface Settlement {
  readonly admission: Admission
  readonly used: ReservedUse
  /** This node let it in by itself: the store has nothing to give back, and counts it all the same. */
  readonly isAlone: boolean
}

/** Settles requests, later when the store is away. */
export interface Settlements {
  /** Ends well when it is settled, or kept to be settled within a second after the store is back. */
  settle(settlement: Settlement): Promise<void>
  /** Tries a last time. */
  stop(): Promise<void>
}

/** Until a settlement is there, what the request held counts against others. */
const RETRY_MS = 250
/** Requests that end while the store is away; beyond that the oldest are forgotten: then a limit counts too little, and nobody is kept out. */
const MAX_WAITING = 20_000

/**
 * Makes the desk where requests end.
 *
 * @param settleNow - in the store; doing it a second time has no effect
 */
export function createSettlements(settleNow: (settlement: Settlement) => Promise<void>, grace: Grace): Settlements {
  const waiting = new Map<string, Settlement>()
  let timer: NodeJS.Timeout | undefined

  async function settle(settlement: Settlement): Promise<void> {
    try {
      await settleNow(settlement)
    } catch (error) {
      if (!grace.covers(error)) throw error
      keep(settlement)
    }
  }

  function keep(settlement: Settlement): void {
    const [oldest] = waiting.keys()
    if (waiting.size >= MAX_WAITING && oldest !== undefined) waiting.delete(oldest)
    waiting.set(settlement.admission.id, settlement)
    timer ??= setTimeout(() => {
      timer = undefined
      void settleWaiting()
    }, RETRY_MS).unref()
  }

  async function settleWaiting(): Promise<void> {
    for (const [id, settlement] of waiting) {
      try {
        await settleNow(settlement)
        waiting.delete(id)
      } catch {
        // Still away: this one and all behind it wait for the next turn.
        keep(settlement)
        return
      }
    }
  }

  async function stop(): Promise<void> {
    clearTimeout(timer)
    timer = undefined
    await settleWaiting()
    clearTimeout(timer)
  }

  return { settle, stop }
}

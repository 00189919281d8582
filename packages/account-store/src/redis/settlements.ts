import type { Admission, ReservedUse } from '../admission.ts'
import type { RedisContext } from './context.ts'
import type { Grace } from './grace.ts'
import { LATE_SETTLE_MS, placesOf, settledPlan } from './limit-replies.ts'
import { SETTLE } from './scripts/admission.ts'

/** The end of a request. */
export interface Settlement {
  readonly admission: Admission
  readonly used: ReservedUse
  /** This node let it in by itself: Redis has nothing to give back, and counts it all the same. */
  readonly isAlone: boolean
}

/** Settles requests, later when Redis is away. */
export interface Settlements {
  /** Ends well when it is settled, or kept to be settled within a second after Redis is back. */
  settle(settlement: Settlement): Promise<void>
  /** Tries a last time. */
  stop(): Promise<void>
}

const RETRY_MS = 1000
/** Requests that end while Redis is away; beyond that the oldest are forgotten: then a limit counts too little, and nobody is kept out. */
const MAX_WAITING = 20_000
/** No window and no month is longer; two of them bridge a clock that is set back. */
const COUNTER_LIFE_MS = 62 * 86_400_000

/** Makes the desk where requests end. */
export function createSettlements(context: RedisContext, grace: Grace): Settlements {
  const waiting = new Map<string, Settlement>()
  let timer: NodeJS.Timeout | undefined

  async function settle(settlement: Settlement): Promise<void> {
    try {
      await ask(context, settlement)
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
        await ask(context, settlement)
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

async function ask({ link, keys, scriptClock }: RedisContext, { admission, used, isAlone }: Settlement): Promise<void> {
  const { id, subjects } = admission
  const places = placesOf(keys, subjects)
  await link.run(SETTLE, {
    keys: isAlone ? [...places, keys.settled(id)] : places,
    args: [
      scriptClock(),
      JSON.stringify({
        id,
        tokens: used.tokens,
        cost: used.costMicroUsd,
        alone: isAlone,
        late: LATE_SETTLE_MS,
        old: COUNTER_LIFE_MS,
        subjects: subjects.map(settledPlan),
      }),
    ],
  })
}

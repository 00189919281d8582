import type { AccountAttention } from '@relay/account-store'

/** What happened that somebody may want to be told of. Times are milliseconds since the epoch, costs millionths of a US dollar. */
export type RelayEvent =
  /** An account serves nobody, or not all models, for now: its credential was refused, it rests for long, or its quota is used up. */
  | {
      readonly type: 'account.down'
      readonly at: number
      readonly accountId: string
      readonly accountName: string
      readonly cause: 'attention' | 'cooldown' | 'rate-limited' | 'quota' | 'expired'
      /** What somebody has to look at, where `cause` is `attention`. */
      readonly reason?: AccountAttention['reason']
      /** When it comes back by itself; left out where somebody has to act. */
      readonly untilMs?: number | undefined
      /** As sent to the upstream, where it rests for these alone. */
      readonly models?: readonly string[]
    }
  | { readonly type: 'account.up'; readonly at: number; readonly accountId: string; readonly accountName: string }
  /** A budget has been used to so many per cent; told once per period and step. */
  | {
      readonly type: 'budget.reached'
      readonly at: number
      readonly holder: 'key' | 'owner' | 'team' | 'account'
      readonly name: string
      readonly period: 'day' | 'week' | 'month' | 'total'
      readonly percent: 80 | 90 | 100
      readonly usedMicroUsd: number
      readonly limitMicroUsd: number
    }
  /** More requests than usual end with an error of ours or of the upstreams. */
  | {
      readonly type: 'errors.many'
      readonly at: number
      readonly failed: number
      readonly requests: number
      readonly windowMs: number
    }
  | {
      readonly type: 'errors.few'
      readonly at: number
      readonly failed: number
      readonly requests: number
      readonly windowMs: number
    }

/** All types, as one may choose among them. */
export const EVENT_TYPES = ['account.down', 'account.up', 'budget.reached', 'errors.many', 'errors.few'] as const

/** Hands events on to whoever listens in this process. */
export interface EventBus {
  /** Calls each listener once; one that throws does not keep it from the others. */
  emit(event: RelayEvent): void
  /** @returns takes the listener away again */
  listen(listener: (event: RelayEvent) => void): () => void
}

/** @param onTrouble - is told what a listener threw */
export function createEventBus(onTrouble: (error: unknown) => void): EventBus {
  const listeners = new Set<(event: RelayEvent) => void>()

  function tell(listener: (event: RelayEvent) => void, event: RelayEvent): void {
    try {
      listener(event)
    } catch (error) {
      onTrouble(error)
    }
  }

  return {
    emit: (event) => {
      for (const listener of listeners) tell(listener, event)
    },
    listen: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}

import type { AccountStore } from '@relay/account-store'

import type { LiveNumbers } from './contract/index.ts'

/** Tells listeners what happens now, over all nodes. The store is asked once for all of them, and only while somebody listens. */
export interface LiveFeed {
  /** Calls back at once and then whenever it is asked again; returns the way to stop. */
  listen(tell: (numbers: LiveNumbers) => void): () => void
}

const EVERY_MS = 2_000
const MINUTE_MS = 60_000

export function createLiveFeed(store: AccountStore, onTrouble: (error: unknown) => void): LiveFeed {
  const listeners = new Set<(numbers: LiveNumbers) => void>()
  let timer: ReturnType<typeof setInterval> | undefined

  async function ask(): Promise<void> {
    const at = Date.now()
    try {
      const { requests, requestsFailed, tokens } = await store.sumUsage({
        from: at - MINUTE_MS,
        before: at + MINUTE_MS,
      })
      const numbers: LiveNumbers = {
        at,
        requestsLastMinute: requests,
        failedLastMinute: requestsFailed,
        outputTokensLastMinute: tokens.outputTokens,
      }
      for (const tell of listeners) tell(numbers)
    } catch (error) {
      onTrouble(error) // the next round tries again
    }
  }

  return {
    listen(tell) {
      listeners.add(tell)
      timer ??= setInterval(() => void ask(), EVERY_MS)
      void ask()
      return () => {
        listeners.delete(tell)
        if (listeners.size > 0) return
        clearInterval(timer)
        timer = undefined
      }
    },
  }
}

/** What has been asked and asked again lately, in steps of a second (reliability 4.5). */
const WINDOW_SECONDS = 10
/** Retries for each request of the window. */
const SHARE = 0.2
/** Retries that are always free, so that a quiet relay may retry at all. */
const ALLOWANCE = 10

/** Keeps retries from multiplying the load while much of it fails. */
export interface RetryBudget {
  /** A request came. */
  noteRequest(): void
  /** Takes one retry; `false` when the budget of the last seconds is spent. */
  take(): boolean
}

interface Second {
  at: number
  requests: number
  retries: number
}

/** @param now - monotonic milliseconds */
export function createRetryBudget(now: () => number = () => performance.now()): RetryBudget {
  const ring: Second[] = Array.from({ length: WINDOW_SECONDS }, () => ({ at: -1, requests: 0, retries: 0 }))

  function present(): Second {
    const at = Math.floor(now() / 1000)
    const second = ring[at % WINDOW_SECONDS] ?? { at, requests: 0, retries: 0 }
    if (second.at !== at) Object.assign(second, { at, requests: 0, retries: 0 })
    return second
  }

  function sum(kind: 'requests' | 'retries', from: number): number {
    return ring.reduce((total, second) => (second.at > from ? total + second[kind] : total), 0)
  }

  return {
    noteRequest: () => void (present().requests += 1),
    take: () => {
      const second = present()
      const from = second.at - WINDOW_SECONDS
      if (sum('retries', from) >= sum('requests', from) * SHARE + ALLOWANCE) return false
      second.retries += 1
      return true
    },
  }
}

import type { EventBus } from '../observe/events.ts'

const SLICE_MS = 30_000
const SLICES = 10
/** Fewer requests say nothing. */
const MIN_REQUESTS = 20
/** Per cent of failed requests from which on it is told, and under which it is over. */
const MANY_PERCENT = 25
const FEW_PERCENT = 10

interface Slice {
  readonly startsAt: number
  requests: number
  failed: number
}

/** Counts how requests end over the last five minutes, and tells when many of them fail and when that is over. */
export interface ErrorWatch {
  /** @param status - HTTP status the client got */
  note(status: number): void
}

export function createErrorWatch(events: EventBus, now: () => number = Date.now): ErrorWatch {
  let slices: Slice[] = []
  let isTold = false

  function note(status: number): void {
    const at = now()
    const slice = currentSlice(at)
    slice.requests += 1
    if (status >= 500) slice.failed += 1
    judge(at)
  }

  function currentSlice(at: number): Slice {
    const newest = slices.at(-1)
    if (newest !== undefined && at - newest.startsAt < SLICE_MS && at >= newest.startsAt) return newest
    const slice = { startsAt: at, requests: 0, failed: 0 }
    slices = [...slices.filter(({ startsAt }) => at - startsAt < SLICE_MS * SLICES && startsAt <= at), slice]
    return slice
  }

  function judge(at: number): void {
    const requests = slices.reduce((sum, slice) => sum + slice.requests, 0)
    const failed = slices.reduce((sum, slice) => sum + slice.failed, 0)
    const percent = (failed / requests) * 100
    const facts = { at, failed, requests, windowMs: SLICE_MS * SLICES }
    if (!isTold && requests >= MIN_REQUESTS && percent >= MANY_PERCENT) {
      isTold = true
      events.emit({ type: 'errors.many', ...facts })
    } else if (isTold && percent < FEW_PERCENT) {
      isTold = false
      events.emit({ type: 'errors.few', ...facts })
    }
  }

  return { note }
}

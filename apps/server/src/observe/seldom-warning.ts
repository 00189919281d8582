import type { Log } from './log.ts'

const INTERVAL_MS = 10_000

/**
 * A warning of what may go wrong with every request while a store is away or full: given at once, and then every ten seconds
 * at most, with the number of those that were not.
 */
export function createSeldomWarning(log: Pick<Log, 'warn'>, message: string): (error: unknown) => void {
  let givenAt = -Infinity
  let unsaid = 0
  return (error) => {
    const nowMs = performance.now()
    if (nowMs - givenAt < INTERVAL_MS) {
      unsaid += 1
      return
    }
    log.warn(unsaid === 0 ? { error } : { error, unsaid }, message)
    givenAt = nowMs
    unsaid = 0
  }
}

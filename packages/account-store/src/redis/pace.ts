/** Parts of the longest wait for a command: an answer that took so much of it is slow, and two in a row say that the server is. */
const SLOW = 0.4
/** So slow that one answer says it. */
const TOO_SLOW = 0.7

/** How soon a server answers. */
export interface Pace {
  /** Does something that costs the server next to nothing. A failure that comes at once is no matter of pace. */
  measure<Result>(work: () => Promise<Result>): Promise<Result>
  /** Whether the several answers that a request needs would take longer than it may wait (reliability 9.2). */
  isTooSlow(): boolean
}

/**
 * Makes a judgement of a server that is there and slow: it lasts until an answer comes in time.
 *
 * Only time in which this process had nothing else to do counts. Where it was busy itself, answers lie in their socket.
 *
 * @param patienceMs - longest wait for one command
 * @param idleMs - for how long this process has had nothing to do
 */
export function createPace(
  patienceMs: number,
  idleMs: () => number = () => performance.eventLoopUtilization().idle,
): Pace {
  let slowInARow = 0
  let isTooSlow = false

  async function measure<Result>(work: () => Promise<Result>): Promise<Result> {
    const startMs = idleMs()
    try {
      return await work()
    } finally {
      const waited = (idleMs() - startMs) / patienceMs
      slowInARow = waited < SLOW ? 0 : slowInARow + 1
      isTooSlow = slowInARow >= 2 || waited >= TOO_SLOW
    }
  }

  return { measure, isTooSlow: () => isTooSlow }
}

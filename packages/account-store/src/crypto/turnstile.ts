/** Lets one task in at a time. */
export interface Turnstile {
  /** Runs the task when it is its turn, or returns `undefined` at once when too many are waiting. */
  enter<Result>(task: () => Promise<Result>): Promise<Result> | undefined
}

/**
 * Makes a turnstile. One password hash takes 19 MiB and tens of milliseconds of a thread: without a bound a flood of
 * attempts would take all of them.
 *
 * @param maxWaiting - how many tasks may wait for their turn
 */
export function createTurnstile(maxWaiting: number): Turnstile {
  let inside = 0
  let last: Promise<unknown> = Promise.resolve()

  function enter<Result>(task: () => Promise<Result>): Promise<Result> | undefined {
    if (inside > maxWaiting) return undefined
    inside += 1
    const turn = last.then(task).finally(() => {
      inside -= 1
    })
    // The next one waits for the end of this task, whether it went well or not; its own caller sees the failure.
    last = turn.catch(() => undefined)
    return turn
  }

  return { enter }
}

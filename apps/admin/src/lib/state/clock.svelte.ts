/** The time, for what counts down or grows older on the screen. */
export interface Clock {
  /** Milliseconds since the epoch, moved on once a second. */
  readonly now: number
}

/**
 * Starts a clock that runs as long as the component that makes it.
 *
 * @param offsetMs - how far the server's clock is ahead of the browser's
 */
export function createClock(offsetMs: () => number = () => 0): Clock {
  let now = $state(Date.now())
  $effect(() => {
    const timer = setInterval(() => (now = Date.now()), 1000)
    return () => clearInterval(timer)
  })
  return {
    get now() {
      return now + offsetMs()
    },
  }
}

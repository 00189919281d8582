/** When something is done: first, and then again and again; in milliseconds. */
export interface Rhythm {
  readonly firstMs: number
  readonly everyMs: number
}

/** Does something from time to time, until it is stopped. It keeps no process alive. */
export function repeat(task: () => void, { firstMs, everyMs }: Rhythm): { stop(): void } {
  const first = setTimeout(task, firstMs)
  const timer = setInterval(task, everyMs)
  first.unref()
  timer.unref()
  return {
    stop: () => {
      clearTimeout(first)
      clearInterval(timer)
    },
  }
}

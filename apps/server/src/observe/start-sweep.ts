import type { Log } from './log.ts'

/** Work that is done from time to time: it removes what is old. */
export interface Sweep {
  /** What is removed, in the plural, for the log. */
  readonly what: string
  readonly firstAfterMs: number
  readonly everyMs: number
  /** @returns how many went */
  readonly work: () => Promise<number>
  readonly log: Pick<Log, 'info' | 'warn'>
}

/** Sweeps from time to time; trouble is for the log, and the next turn. */
export function startSweep({ what, firstAfterMs, everyMs, work, log }: Sweep): { stop(): void } {
  const sweep = (): void => {
    work().then(
      (count) => count > 0 && log.info({ count }, `old ${what} were removed`),
      (error: unknown) => log.warn({ error }, `old ${what} could not be removed`),
    )
  }
  const first = setTimeout(sweep, firstAfterMs)
  const timer = setInterval(sweep, everyMs)
  first.unref()
  timer.unref()
  return {
    stop: () => {
      clearTimeout(first)
      clearInterval(timer)
    },
  }
}

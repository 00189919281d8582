import type { Log } from './log.ts'
import { repeat, type Rhythm } from './repeat.ts'

/** Work that is done from time to time: it removes what is old. */
export interface Sweep {
  /** What is removed, in the plural, for the log. */
  readonly what: string
  readonly rhythm: Rhythm
  /** @returns how many went */
  readonly work: () => Promise<number>
  readonly log: Pick<Log, 'info' | 'warn'>
}

/** Sweeps from time to time; trouble is for the log, and the next turn. */
export function startSweep({ what, rhythm, work, log }: Sweep): { stop(): void } {
  const sweep = (): void => {
    work().then(
      (count) => count > 0 && log.info({ count }, `old ${what} were removed`),
      (error: unknown) => log.warn({ error }, `old ${what} could not be removed`),
    )
  }
  return repeat(sweep, rhythm)
}

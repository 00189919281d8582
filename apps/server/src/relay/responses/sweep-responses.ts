import type { AccountStore } from '@relay/account-store'

import type { Log } from '../../observe/log.ts'

/** Nobody can read an expired response; so long it may still lie on the disk. */
const SWEEP_MS = 60_000

/** Takes kept responses, and where things went on, off the disk when their time is over, until it is stopped. */
export function sweepResponses(store: AccountStore, log: Log): { stop(): void } {
  const sweep = (): void => {
    store
      .removeExpiredResponses()
      .catch((error: unknown) => log.warn({ error }, 'expired responses could not be taken off the disk'))
    store
      .removeExpiredPlaces()
      .catch((error: unknown) => log.warn({ error }, 'expired places could not be taken off the disk'))
  }
  sweep()
  const timer = setInterval(sweep, SWEEP_MS)
  timer.unref()
  return { stop: () => clearInterval(timer) }
}

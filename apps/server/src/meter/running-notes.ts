import type { AccountStore } from '@relay/account-store'

import type { Log } from '../observe/log.ts'
import type { LiveRequest } from '../relay/live-request.ts'
import type { PriceBook } from './prices/price-book.ts'
import { usageRecord } from './usage-record.ts'

/** How often requests of dead processes are looked for. */
const LOOK_MS = 30_000

/** Requests that run, noted so that none is forgotten when a process dies (`reliability` 5.4). */
export interface RunningNotes {
  /** Once it is known whose request it is. */
  note(live: LiveRequest): void
  stop(): void
}

export interface RunningNoteRooms {
  readonly store: Pick<AccountStore, 'noteRunning' | 'recordInterrupted'>
  readonly prices: PriceBook
  readonly log: Log
}

/** Records what dead processes left behind, now and from time to time, and notes what runs here. */
export function createRunningNotes({ store, prices, log }: RunningNoteRooms): RunningNotes {
  const look = (): void => {
    store.recordInterrupted().then(
      (count) => count > 0 && log.warn({ count }, 'requests of a process that died are recorded as interrupted'),
      (error: unknown) => log.warn({ error }, 'requests of dead processes could not be looked for'),
    )
  }
  look()
  const timer = setInterval(look, LOOK_MS)
  timer.unref()
  return {
    note: (live) => store.noteRunning(live.id, () => usageRecord(live, { reason: 'shutdown', status: 0 }, prices)),
    stop: () => clearInterval(timer),
  }
}

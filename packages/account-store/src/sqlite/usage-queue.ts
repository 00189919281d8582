import { StoreError } from '../store-error.ts'
import type { UsageQueueState } from '../store/store-health.ts'
import { toStoreError } from './connection.ts'

/** Rows that wait for the next batch. */
export interface UsageQueue<Item> {
  /** @returns whether there was room */
  push(item: Item): boolean
  /** Writes everything that waits.
   * @throws what writing throws; the rows stay in the queue */
  flush(): void
  state(): UsageQueueState
  /** Stops the timer; what waits has to be flushed before. */
  stop(): void
}

/** How long a record waits for others (reliability 9.7 allows a second to be lost on a hard kill). */
const BATCH_MS = 150
/** After a batch that could not be written. */
const RETRY_MS = 1000
/** Bounds memory while the disk is full: some 10 MB. */
const MAX_WAITING = 10_000
/** Bounds the time the event loop stands still: a row costs some 20 µs. */
const MAX_BATCH = 500

/**
 * Makes the queue in front of the table of usage records.
 *
 * @param write - writes a batch in one transaction, or throws and writes nothing
 */
export function createUsageQueue<Item>(write: (batch: readonly Item[]) => void): UsageQueue<Item> {
  let waiting: Item[] = []
  let dropped = 0
  let lastError: string | undefined
  let timer: NodeJS.Timeout | undefined
  let isStopped = false

  function schedule(delayMs: number): void {
    if (timer !== undefined || isStopped) return
    timer = setTimeout(() => {
      timer = undefined
      writeBatchBehind()
    }, delayMs)
  }

  function writeBatchBehind(): void {
    try {
      writeBatch()
    } catch {
      // Nobody waits for this batch. `state()` tells what went wrong, and the rows are tried again.
      schedule(RETRY_MS)
      return
    }
    if (waiting.length > 0) schedule(0)
  }

  function writeBatch(): void {
    if (waiting.length === 0) return
    try {
      write(waiting.slice(0, MAX_BATCH))
    } catch (cause) {
      const error = toStoreError(cause)
      lastError = StoreError.is(error) ? error.message : 'the batch could not be written'
      throw error
    }
    waiting = waiting.slice(MAX_BATCH)
    lastError = undefined
  }

  function push(item: Item): boolean {
    if (isStopped || waiting.length >= MAX_WAITING) {
      dropped += 1
      return false
    }
    waiting.push(item)
    schedule(BATCH_MS)
    return true
  }

  function flush(): void {
    while (waiting.length > 0) writeBatch()
  }

  function stop(): void {
    isStopped = true
    clearTimeout(timer)
  }

  return { push, flush, stop, state: () => ({ waiting: waiting.length, dropped, lastError }) }
}

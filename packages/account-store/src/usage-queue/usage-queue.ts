import { StoreError } from '../store-error.ts'
import type { UsageQueueState } from '../store/store-health.ts'
import type { Spool } from './spool.ts'

/** Records that wait for the next batch. */
export interface UsageQueue<Item> {
  /** @returns whether there was room */
  push(item: Item): boolean
  /** Writes everything that waits, what lies on the disk too.
   * @throws what writing throws; the records stay in the queue */
  flush(): Promise<void>
  state(): UsageQueueState
  /** Takes nothing more and writes what waits, to the disk if the store cannot have it.
   * @throws what writing throws, when there is no other place either */
  stop(): Promise<void>
}

/** What a queue is made of. */
export interface UsageQueueParts<Item> {
  /** Writes a batch wholly, or fails and writes nothing; records that are there already are ignored. */
  readonly write: (batch: readonly Item[]) => void | Promise<void>
  /** Where records go while they cannot be written; without it they wait in memory. */
  readonly spool?: Spool<Item> | undefined
}

/**
 * How long a record waits for others (reliability 9.7 allows a second to be lost on a hard kill): about that long, for
 * requests that come at even times would each time meet the write of an earlier one.
 */
const BATCH_MS = 150
/** After a batch that could not be written. */
const RETRY_MS = 1000
/** Bounds memory while nothing can be written: some 10 MB. */
const MAX_WAITING = 10_000
/** Bounds the time the event loop stands still: a row of the embedded store costs some 20 µs. */
const MAX_BATCH = 500

/** Makes the queue in front of the usage records. */
export function createUsageQueue<Item>(parts: UsageQueueParts<Item>): UsageQueue<Item> {
  const backlog = createBacklog(parts)
  let dropped = 0
  let timer: NodeJS.Timeout | undefined
  let isStopped = false

  function schedule(delayMs: number): void {
    if (timer !== undefined || isStopped) return
    timer = setTimeout(() => {
      timer = undefined
      void writeBehind()
    }, delayMs)
  }

  async function writeBehind(): Promise<void> {
    try {
      await backlog.writeOldest()
    } catch {
      // Nobody waits for this batch. `state()` tells what went wrong, and the records are tried again.
      await backlog.moveToDisk()
      schedule(RETRY_MS)
      return
    }
    if (backlog.size() > 0) schedule(0)
  }

  function push(item: Item): boolean {
    if (!isStopped && backlog.add(item)) {
      schedule(BATCH_MS * (0.5 + Math.random()))
      return true
    }
    dropped += 1
    return false
  }

  async function flush(): Promise<void> {
    while (backlog.size() > 0) await backlog.writeOldest()
  }

  async function stop(): Promise<void> {
    isStopped = true
    clearTimeout(timer)
    try {
      await flush()
    } catch (error) {
      await backlog.moveToDisk()
      if (backlog.isInMemory()) throw error
    }
  }

  // What an earlier process has left on the disk is written as soon as this one has started.
  if (backlog.size() > 0) schedule(0)
  return {
    push,
    flush,
    stop,
    state: () => ({ waiting: backlog.size(), dropped, lastError: backlog.lastError() }),
  }
}

/** What waits, in memory and on the disk. */
interface Backlog<Item> {
  /** @returns whether there was room in memory */
  add(item: Item): boolean
  writeOldest(): Promise<void>
  moveToDisk(): Promise<void>
  size(): number
  isInMemory(): boolean
  lastError(): string | undefined
}

function createBacklog<Item>({ write, spool }: UsageQueueParts<Item>): Backlog<Item> {
  let waiting: Item[] = []
  let lastError: string | undefined
  let last: Promise<void> = Promise.resolve()

  /** One thing at a time: a batch that is under way must not be written again, or its records be moved. */
  async function inTurn(work: () => Promise<void>): Promise<void> {
    const turn = last.then(work)
    last = turn.catch(() => undefined) // the caller sees the failure
    await turn
  }

  function onDisk(): number {
    return spool?.state().waiting ?? 0
  }

  async function writeOldest(): Promise<void> {
    try {
      if (spool !== undefined && onDisk() > 0) await spool.take(MAX_BATCH, async (batch) => write(batch))
      else await writeFromMemory()
    } catch (error) {
      lastError = StoreError.is(error) ? error.message : 'the batch could not be written'
      throw error
    }
    lastError = undefined
  }

  async function writeFromMemory(): Promise<void> {
    const batch = waiting.slice(0, MAX_BATCH)
    if (batch.length === 0) return
    await write(batch)
    waiting = waiting.slice(batch.length)
  }

  async function moveToDisk(): Promise<void> {
    const moved = waiting.slice()
    if (spool === undefined || moved.length === 0) return
    // What finds no room there stays in memory, which has a bound of its own.
    if (await spool.add(moved)) waiting = waiting.slice(moved.length)
  }

  function add(item: Item): boolean {
    if (waiting.length >= MAX_WAITING) return false
    waiting.push(item)
    return true
  }

  return {
    add,
    writeOldest: async () => inTurn(writeOldest),
    moveToDisk: async () => inTurn(moveToDisk),
    size: () => waiting.length + onDisk(),
    isInMemory: () => waiting.length > 0,
    lastError: () => lastError,
  }
}

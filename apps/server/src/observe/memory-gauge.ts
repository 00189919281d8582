import { totalmem } from 'node:os'

import { collectGarbage } from './collect-garbage.ts'

/** How much room is left: `tight` from 80 % of the limit, `full` from 90 % (reliability 7.3). */
export type MemoryLevel = 'roomy' | 'tight' | 'full'

const TIGHT = 0.8
const FULL = 0.9
/** Reading costs a system call, and memory does not jump. */
const TTL_MS = 250
/** Collecting stops the process for a moment; while memory is truly used, doing it again and again would help nobody. */
const COLLECT_EVERY_MS = 10_000

/** Watches the memory of this process. */
export interface MemoryGauge {
  /** Cheap enough for every request. */
  level(): MemoryLevel
}

export interface MemoryGaugeOptions {
  /** Bytes; 0 = what the container allows, or the machine has. */
  readonly limitBytes: number
  /** How many processes share it; 1 unless given. */
  readonly processes?: number
  /** Bytes in use now. */
  readonly read?: () => number
  /** Gives back what is used by nobody any more. */
  readonly collect?: () => void
  /** Monotonic milliseconds. */
  readonly now?: () => number
}

export function createMemoryGauge(options: MemoryGaugeOptions): MemoryGauge {
  const { read = readUsed, collect = collectGarbage, now = () => performance.now(), processes = 1 } = options
  const limitBytes = (options.limitBytes > 0 ? options.limitBytes : availableBytes()) / processes
  let level: MemoryLevel = 'roomy'
  let readAt = -Infinity
  let collectedAt = -Infinity

  function look(): MemoryLevel {
    const share = read() / limitBytes
    return share >= FULL ? 'full' : share >= TIGHT ? 'tight' : 'roomy'
  }

  return {
    level: () => {
      if (now() - readAt < TTL_MS) return level
      readAt = now()
      level = look()
      if (level === 'roomy' || now() - collectedAt < COLLECT_EVERY_MS) return level
      // Nobody is sent away for bodies of requests that are over.
      collectedAt = now()
      collect()
      level = look()
      return level
    },
  }
}

/** Node's own code and stacks, which no counter of the engine names. */
const OVERHEAD_BYTES = 60 * 1024 * 1024

/** What is in use, and not what the engine keeps for later: else one busy hour would shut the door for good. */
function readUsed(): number {
  const { rss, heapUsed, external } = process.memoryUsage()
  return Math.min(rss, heapUsed + external + OVERHEAD_BYTES)
}

function availableBytes(): number {
  const allowed = process.constrainedMemory()
  return allowed > 0 ? Math.min(allowed, totalmem()) : totalmem()
}

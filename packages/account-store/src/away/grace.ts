import { StoreError } from '../store-error.ts'

/** What a node may still do from memory while the store is away (reliability 9.3). */
export interface Grace {
  /** Waits; when that fails because the store is away and memory may be used, it ends well.
   * @throws StoreError */
  orMemory(reading: Promise<void>): Promise<void>
  /** What is done in the store or, when that fails because it is away and memory may be used, alone.
   * @throws StoreError */
  orAlone<Result>(together: () => Result, alone: () => Result): Result
  /** Whether trouble of this kind is bridged from memory. */
  covers(error: unknown): boolean
}

/** Keys that were used within this time keep working from memory. */
export const GRACE_MS = 60_000

/** Trouble with the store itself; anything else is an answer. */
const AWAY: ReadonlySet<string> = new Set([
  'store-unavailable',
  'store-busy',
  'store-full',
  'store-read-only',
  'store-damaged',
])

/** Whether an error is trouble with the store itself. */
export function isAway(error: unknown): boolean {
  return StoreError.is(error) && AWAY.has(error.code)
}

/**
 * Makes the rule of this node.
 *
 * @param isStrict - nothing is bridged: without the store every request is refused
 */
export function createGrace(isStrict: boolean): Grace {
  function covers(error: unknown): boolean {
    return !isStrict && isAway(error)
  }

  async function orMemory(reading: Promise<void>): Promise<void> {
    try {
      await reading
    } catch (error) {
      if (!covers(error)) throw error
    }
  }

  function orAlone<Result>(together: () => Result, alone: () => Result): Result {
    try {
      return together()
    } catch (error) {
      if (!covers(error)) throw error
      return alone()
    }
  }

  return { orMemory, orAlone, covers }
}

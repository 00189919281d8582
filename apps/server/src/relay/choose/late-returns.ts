import { mayPass } from '../../passing-trouble.ts'

/** Gives back what was taken from the store, also when the store cannot be asked just then. */
export interface LateReturns {
  /**
   * Does the work now or, when that fails, in turn with all others each second; never rejects. What is given back a second
   * time has no effect in the store, so that work whose answer was lost may be done again.
   *
   * @param onTrouble - is told of the first failure
   */
  give(work: () => Promise<void>, onTrouble: (error: unknown) => void): Promise<void>
  close(): void
}

const RETRY_MS = 1000
/** Beyond this the oldest are forgotten: slots come back by themselves within a minute. */
const MAX_WAITING = 20_000

export function createLateReturns(): LateReturns {
  const waiting = new Set<() => Promise<void>>()
  let timer: NodeJS.Timeout | undefined
  let isClosed = false

  async function give(work: () => Promise<void>, onTrouble: (error: unknown) => void): Promise<void> {
    try {
      await work()
    } catch (error) {
      onTrouble(error)
      if (mayPass(error)) keep(work)
    }
  }

  function keep(work: () => Promise<void>): void {
    const [oldest] = waiting
    if (waiting.size >= MAX_WAITING && oldest !== undefined) waiting.delete(oldest)
    waiting.add(work)
    schedule()
  }

  function schedule(): void {
    if (isClosed || waiting.size === 0) return
    timer ??= setTimeout(() => {
      timer = undefined
      void giveWaiting()
    }, RETRY_MS).unref()
  }

  async function giveWaiting(): Promise<void> {
    for (const work of waiting) {
      try {
        await work()
        waiting.delete(work)
      } catch (error) {
        // What the store is away for now it is away for behind it, too.
        if (mayPass(error)) break
        waiting.delete(work)
      }
    }
    schedule()
  }

  return {
    give,
    close: () => {
      isClosed = true
      clearTimeout(timer)
    },
  }
}

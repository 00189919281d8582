import { isAway } from './grace.ts'

/** What this node has given out by itself while the store was away, until the store knows it. */
export interface PutBack<Item> {
  add(id: string, item: Item): void
  /** It is over. */
  remove(id: string): void
}

/** How often the store is asked whether it is back: other nodes give out too much until it knows. */
const RETRY_MS = 250
/** In one step of the store. */
const MAX_AT_ONCE = 100
/** Beyond this the others have to wait for the next renewal. */
const MAX_WAITING = 20_000

/**
 * Makes an empty list.
 *
 * @param putBack - tells the store; doing it a second time has no effect
 */
export function createPutBack<Item>(putBack: (items: readonly Item[]) => Promise<unknown>): PutBack<Item> {
  const waiting = new Map<string, Item>()
  let timer: NodeJS.Timeout | undefined

  function schedule(): void {
    timer ??= setTimeout(() => void turn(), RETRY_MS).unref()
  }

  async function turn(): Promise<void> {
    try {
      while (waiting.size > 0) {
        const batch = [...waiting].slice(0, MAX_AT_ONCE)
        await putBack(batch.map(([, item]) => item))
        for (const [id] of batch) waiting.delete(id)
      }
    } catch (error) {
      // Anything but an absence would be the same the next time: then renewals have to do.
      if (!isAway(error)) waiting.clear()
    } finally {
      timer = undefined
    }
    if (waiting.size > 0) schedule()
  }

  return {
    add: (id, item) => {
      if (waiting.size >= MAX_WAITING) return
      waiting.set(id, item)
      schedule()
    },
    remove: (id) => void waiting.delete(id),
  }
}

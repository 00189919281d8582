import type { ErrandWord } from '../upkeep/errand-words.ts'
import { ERRAND_VARIABLE } from '../upkeep/errand-words.ts'

/** Whether the server has sent this process, and hears what it says. */
export function isErrand(): boolean {
  return process.send !== undefined && process.env[ERRAND_VARIABLE] === '1'
}

/** Tells the server something; settles when it is on its way, so that a process that ends then has said it. */
export async function tellServer(word: ErrandWord): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  // A server that has gone hears nothing; the work goes on.
  process.send?.(word, undefined, undefined, () => resolve())
  await promise
}

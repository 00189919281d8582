import { setImmediate } from 'node:timers/promises'

import type { Connection } from './connection.ts'

/**
 * Does long work in short transactions, between which requests go on, until a step finds nothing more.
 *
 * @param step - returns how much it has done
 * @returns what all of them have done
 */
export async function stepByStep(connection: Connection, step: () => number): Promise<number> {
  let done = 0
  for (;;) {
    const count = connection.transaction(step)
    done += count
    if (count === 0) return done
    await setImmediate()
  }
}

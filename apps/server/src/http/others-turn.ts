import { setImmediate as nextTurn } from 'node:timers/promises'

/** With more bytes, whatever is done with all of them takes some milliseconds. */
const MANY_BYTES = 1024 * 1024

/** Lets others have their turn between two things that are done with all bytes of a long body. */
export function othersTurn({ length }: Uint8Array): Promise<void> | undefined {
  return length > MANY_BYTES ? nextTurn() : undefined
}

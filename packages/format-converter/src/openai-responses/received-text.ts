/**
 * What of a text has come in fragments, kept small: its length and its last fragment are enough to find what the final
 * text adds.
 */
export interface ReceivedText {
  length: number
  last: string
}

export function createReceivedText(): ReceivedText {
  return { length: 0, last: '' }
}

/** Notes a fragment. */
export function receive(received: ReceivedText, fragment: string): void {
  received.length += fragment.length
  received.last = fragment
}

/**
 * What the final text adds to the fragments.
 *
 * @returns `undefined` when the fragments are no beginning of it
 */
export function remainderOf(received: ReceivedText, final: string): string | undefined {
  const { length, last } = received
  if (final.length < length || !final.startsWith(last, length - last.length)) return undefined
  return final.slice(length)
}

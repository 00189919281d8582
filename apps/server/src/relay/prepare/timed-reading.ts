/** How old what was read may be; other processes change it. */
const TTL_MS = 1000

/**
 * Something that is read from the store when it is older than a second. Until it has been read all wait for the same
 * reading; one that failed is tried again by whoever comes next.
 */
export function createTimedReading<Value>(read: () => Promise<Value>): () => Value | Promise<Value> {
  let known: { readonly value: Value; readonly until: number } | undefined
  let reading: Promise<Value> | undefined

  async function readNow(): Promise<Value> {
    const until = performance.now() + TTL_MS
    try {
      const value = await read()
      known = { value, until }
      return value
    } finally {
      reading = undefined
    }
  }

  return () => {
    if (known !== undefined && known.until > performance.now()) return known.value
    reading ??= readNow()
    return reading
  }
}

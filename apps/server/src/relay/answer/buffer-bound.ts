/** What all streams together may hold for clients that do not read (reliability 7.1). */
export const MAX_BUFFERED_BYTES: number = 256 * 1024 * 1024

/** A stream whose client may be slower than its upstream. */
export interface BufferedStream {
  /** Bytes that wait for the client. */
  bufferedBytes(): number
  /** Since when the client has not taken all that there was, in monotonic milliseconds; `undefined` while it keeps up. */
  stuckSinceMs(): number | undefined
  /** Ends the stream and frees what it holds. */
  giveUp(): void
}

/** Ends the slowest streams until the others fit: those that have waited longest for their client. */
export function relieve(streams: Iterable<BufferedStream>, maxBytes: number): void {
  const stuck = [...streams].flatMap((stream) => {
    const sinceMs = stream.stuckSinceMs()
    return sinceMs === undefined ? [] : [{ stream, sinceMs, bytes: stream.bufferedBytes() }]
  })
  let total = stuck.reduce((sum, { bytes }) => sum + bytes, 0)
  for (const { stream, bytes } of stuck.toSorted((left, right) => left.sinceMs - right.sinceMs)) {
    if (total <= maxBytes) return
    if (bytes === 0) continue
    stream.giveUp()
    total -= bytes
  }
}

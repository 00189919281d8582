import { Roster } from '../roster.ts'
import { type BufferedStream, MAX_BUFFERED_BYTES, relieve } from './buffer-bound.ts'

/** How often running streams are looked at. */
const TICK_MS = 250

/** Something that wants to know the time while it lives. */
export interface Beating {
  /** @param nowMs - monotonic milliseconds */
  beat(nowMs: number): void
  /** What it holds for its client. */
  readonly buffered?: BufferedStream
}

/** One timer for all streams: keep-alives and gates need no timer of their own, and no work per chunk. */
export interface Heartbeat {
  /** @returns stops the beat for this one */
  add(stream: Beating): () => void
}

/** @param maxBufferedBytes - what all streams may hold for clients that do not read */
export function createHeartbeat(maxBufferedBytes: number = MAX_BUFFERED_BYTES): Heartbeat {
  const streams = new Roster<Beating>()
  let timer: NodeJS.Timeout | undefined

  function tick(): void {
    const nowMs = performance.now()
    for (const stream of streams) stream.beat(nowMs)
    relieve(
      [...streams].flatMap(({ buffered }) => (buffered === undefined ? [] : [buffered])),
      maxBufferedBytes,
    )
  }

  function add(stream: Beating): () => void {
    const leave = streams.enter(stream)
    timer ??= setInterval(tick, TICK_MS)
    return () => {
      leave()
      if (streams.size > 0) return
      clearInterval(timer)
      timer = undefined
    }
  }

  return { add }
}

import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

import type { Heartbeat } from './heartbeat.ts'
import type { StreamRhythm } from './stream-rhythm.ts'

/** The system takes less than this from us, whether or not a client reads. */
const SMALL_BYTES = 64 * 1024

/** What time and place an answer that is not taken has. */
export interface UnreadRooms {
  readonly heartbeat: Heartbeat
  readonly rhythm: StreamRhythm
}

/**
 * Watches an answer that was given and waits for its client: it counts towards what all answers may hold, and is given up
 * when its place is needed, or when the client has taken nothing for long. Its request is over.
 */
export function watchUnread(outgoing: ServerResponse, { heartbeat, rhythm }: UnreadRooms): void {
  if (outgoing.destroyed || outgoing.writableLength < SMALL_BYTES) return
  let left = leftBytes(outgoing)
  let takenAt = performance.now()

  function look(nowMs: number): void {
    const nowLeft = leftBytes(outgoing)
    if (nowLeft < left) takenAt = nowMs
    left = nowLeft
    if (nowMs - takenAt > rhythm.unreadMs) outgoing.destroy()
  }

  const stop = heartbeat.add({
    beat: look,
    buffered: {
      bufferedBytes: () => outgoing.writableLength,
      stuckSinceMs: () => takenAt,
      giveUp: () => outgoing.destroy(),
    },
  })
  outgoing.once('close', stop)
}

/** A connection of Node, whose handle knows what the system has not taken yet. */
interface WritingSocket extends Socket {
  readonly _handle?: { readonly writeQueueSize?: number } | null
}

/** One write counts as a whole until all of it is gone; what is left of it only the handle tells. */
function leftBytes({ writableLength, socket }: ServerResponse): number {
  const { _handle: handle }: WritingSocket = socket ?? NO_SOCKET
  return Math.min(writableLength, handle?.writeQueueSize ?? writableLength)
}

const NO_SOCKET = {} as WritingSocket // an answer that waits behind another one has none yet

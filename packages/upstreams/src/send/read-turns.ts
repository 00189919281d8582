import type { Socket } from 'node:net'

/** What a turn of the event loop gives to upstreams that send faster than their answers are dealt with. */
const TURN_MS = 10

/** Reads of this size say that more is waiting; smaller ones are never put off. */
const LARGE_BYTES = 32 * 1024

/** Keeps sockets that pour from taking whole turns of the event loop. */
export interface ReadTurns {
  /** From now on the socket gives large reads only while a turn has time left for them. */
  share(socket: Socket): void
}

/**
 * Makes the turns of the sockets of one sender.
 *
 * Node reads a full socket up to 32 times in a row, 64 KB each. With thirty upstreams that pour, everybody else (a health
 * check, a new request, a client that leaves) waited until up to 60 MB were dealt with. Here large reads beyond the share of
 * a turn wait for the next one, in order; the kernel holds what comes meanwhile.
 */
export function createReadTurns(): ReadTurns {
  const waiting = new Set<Socket>()
  /** When this turn began to deal with large reads, in monotonic milliseconds. */
  let busySince: number | undefined

  function isOver(): boolean {
    return busySince !== undefined && performance.now() - busySince > TURN_MS
  }

  function begin(): void {
    busySince = performance.now()
    for (const socket of waiting) {
      if (isOver()) break
      waiting.delete(socket)
      socket.emit('readable') // whose reader has been told that there was nothing
    }
    if (waiting.size > 0) setImmediate(begin)
    else busySince = undefined
  }

  function mayRead(socket: Socket): boolean {
    if (socket.readableLength < LARGE_BYTES || socket.destroyed) return true
    if (isOver()) waiting.add(socket)
    if (waiting.has(socket)) return false
    if (busySince === undefined) {
      busySince = performance.now()
      setImmediate(begin)
    }
    return true
  }

  return {
    share: (socket) => {
      const read = socket.read.bind(socket) as (size?: number) => Buffer | null // no encoding is set
      socket.read = (size?: number): Buffer | null => (mayRead(socket) ? read(size) : null)
      socket.once('close', () => waiting.delete(socket))
    },
  }
}

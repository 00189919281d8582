import type { Socket } from 'node:net'

/** No proxy says more before a tunnel stands. */
const MAX_BYTES = 16 * 1024

/** Reads the few answers of a proxy off a socket. */
export interface SocketReader {
  /** @throws Error when the connection ends first, or the answer has no end */
  readBytes(count: number): Promise<Buffer>
  /** Up to and with the mark. */
  readUntil(mark: string): Promise<Buffer>
  /**
   * Leaves the socket to others.
   *
   * @throws Error when something came behind the last answer: whoever stands behind a tunnel is silent until it is asked
   */
  release(): void
}

export function createSocketReader(socket: Socket): SocketReader {
  let bytes: Buffer = Buffer.alloc(0)
  let ended: Error | undefined
  let wake: (() => void) | undefined
  const onReadable = (): void => {
    for (let chunk = take(socket); chunk !== null; chunk = take(socket)) bytes = Buffer.concat([bytes, chunk])
    wake?.()
  }
  const onEnd = (): void => {
    ended ??= new Error('the proxy closed the connection')
    wake?.()
  }
  const onError = (error: Error): void => {
    ended ??= error
    wake?.()
  }
  socket.on('readable', onReadable).on('end', onEnd).on('close', onEnd).on('error', onError)

  /** @param lengthOf - bytes of the answer, or -1 while it is not all there */
  async function read(lengthOf: () => number): Promise<Buffer> {
    for (let length = lengthOf(); ; length = lengthOf()) {
      if (length >= 0) {
        const answer = bytes.subarray(0, length)
        bytes = bytes.subarray(length)
        return answer
      }
      if (ended !== undefined) throw ended
      if (bytes.length > MAX_BYTES) throw new Error('the answer of the proxy has no end')
      await new Promise<void>((resolve) => (wake = resolve))
    }
  }

  return {
    readBytes: (count) => read(() => (bytes.length >= count ? count : -1)),
    readUntil: (mark) =>
      read(() => {
        const at = bytes.indexOf(mark)
        return at === -1 ? -1 : at + mark.length
      }),
    release: () => {
      socket.off('readable', onReadable).off('end', onEnd).off('close', onEnd).off('error', onError)
      if (bytes.length > 0) throw new Error('the proxy sent more than its answer')
    },
  }
}

function take(socket: Socket): Buffer | null {
  return socket.read() as Buffer | null // no encoding is set
}

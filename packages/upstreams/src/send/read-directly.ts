import type { Socket } from 'node:net'

/** Larger reads are rare, and others take turns with them. */
const MAX_DIRECT_BYTES = 32 * 1024

/**
 * Hands what a socket receives to the one who listens for `readable` at once.
 *
 * A stream lays each read into its buffer, tells its reader in a later tick, and takes it out again: a tenth of what a
 * small packet costs here (bench goal 4). What the reader leaves, because it waits for its own reader, goes into the
 * buffer as always.
 */
export function readDirectly(socket: Socket): void {
  const push = socket.push.bind(socket)
  const read = socket.read.bind(socket) as (size?: number) => Buffer | null // no encoding is set
  let offered: Buffer | null = null

  socket.push = (chunk: Buffer | null, encoding?: BufferEncoding): boolean => {
    if (chunk === null || chunk.length > MAX_DIRECT_BYTES || socket.readableLength > 0) return push(chunk, encoding)
    offered = chunk
    socket.emit('readable')
    if (offered === null) return true
    offered = null
    return push(chunk, encoding)
  }

  socket.read = (size?: number): Buffer | null => {
    if (offered === null || size !== undefined) return read(size)
    const chunk = offered
    offered = null
    return chunk
  }
}

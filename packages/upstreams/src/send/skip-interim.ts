import type { Socket } from 'node:net'

import { HEAD_END, type Line } from './line.ts'

/** No server sends more of it; a longer one is left for the parser. */
const MAX_INTERIM_BYTES = 16 * 1024

/**
 * Takes interim responses out of what the socket reads: servers send them unasked, `100 Continue` among them.
 *
 * End of this workaround: when undici ignores a 100 like other interim responses (8.12 ends the
 * connection with "bad response").
 */
export function skipInterim(socket: Socket, line: Line): void {
  const read = socket.read.bind(socket) as (size?: number) => Buffer | null // no encoding is set
  let held: Buffer | undefined
  socket.read = (size?: number): Buffer | null => {
    const chunk = read(size)
    if (!line.expectsHead || chunk === null) return chunk
    let bytes = held === undefined ? chunk : Buffer.concat([held, chunk])
    held = undefined
    while (startsLikeInterim(bytes)) {
      const end = bytes.indexOf(HEAD_END)
      if ((end === -1 ? bytes.length : end) > MAX_INTERIM_BYTES) break
      if (end === -1) {
        held = bytes
        return null
      }
      line.hasInterim = true
      bytes = bytes.subarray(end + HEAD_END.length)
      if (bytes.length === 0) return null
    }
    line.expectsHead = false
    return bytes
  }
}

/** 101 is none: it begins another protocol, for which nobody has asked. */
const INTERIM = /^HTTP\/1\.[01] 1(?:0[02-9]|[1-9]\d)/
const INTERIM_BYTES = 'HTTP/1.1 100'.length
const BEGINNINGS = ['HTTP/1.1 1', 'HTTP/1.0 1']
const STATUS_AT = 'HTTP/1.1 '.length
const ONE = 0x31

/** Whether the bytes are, or may still become, an interim response. */
function startsLikeInterim(bytes: Buffer): boolean {
  const status = bytes[STATUS_AT]
  if (status !== undefined && status !== ONE) return false // nearly every answer
  const start = bytes.toString('latin1', 0, INTERIM_BYTES)
  if (start.length === INTERIM_BYTES) return INTERIM.test(start)
  return BEGINNINGS.some((beginning) => beginning.startsWith(start.slice(0, beginning.length)))
}

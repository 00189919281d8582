/** What stands at the beginning of bytes in chunked coding. */
export interface Taken {
  /** The data of all whole chunks, in one piece. */
  readonly data: Buffer | undefined
  /** What follows them: the beginning of a chunk, the last chunk, or anything else. */
  readonly rest: Buffer | undefined
}

/**
 * Takes all whole chunks from bytes that begin where a chunk begins (RFC 9112, 7.1).
 *
 * @param bytes - they are changed: the data of chunks that came together is moved together
 */
export function takeChunks(bytes: Buffer): Taken {
  let from = 0
  let to = 0
  let next = 0
  for (;;) {
    const chunk = chunkAt(bytes, next)
    if (chunk === undefined || chunk.end > bytes.length) break
    if (to === 0) from = to = chunk.from
    if (to !== chunk.from) bytes.copyWithin(to, chunk.from, chunk.to)
    to += chunk.to - chunk.from
    next = chunk.end
  }
  return {
    data: to === 0 ? undefined : bytes.subarray(from, to),
    rest: next === bytes.length ? undefined : bytes.subarray(next),
  }
}

/** How many bytes are missing of the chunk that these begin; `undefined` when they do not say it. */
export function missingOfChunk(bytes: Buffer): number | undefined {
  const chunk = chunkAt(bytes, 0)
  return chunk === undefined ? undefined : chunk.end - bytes.length
}

/** Where a chunk lies in bytes that may end before it does. */
interface Chunk {
  /** Its data. */
  readonly from: number
  readonly to: number
  /** Behind its line break. */
  readonly end: number
}

const CR = 0x0d
const LF = 0x0a
const LINE_BREAK_BYTES = 2

/** A chunk whose size has more digits is larger than any read. */
const MAX_DIGITS = 7

/** `undefined` when there is no chunk with data, or when there is more about it than its size. */
function chunkAt(bytes: Buffer, at: number): Chunk | undefined {
  let size = 0
  let next = at
  for (let digit = hexDigit(bytes[next]); digit !== -1 && next - at < MAX_DIGITS; digit = hexDigit(bytes[next])) {
    size = size * 16 + digit
    next += 1
  }
  if (size === 0 || !isLineBreak(bytes, next)) return undefined
  const from = next + LINE_BREAK_BYTES
  const to = from + size
  const end = to + LINE_BREAK_BYTES
  return end > bytes.length || isLineBreak(bytes, to) ? { from, to, end } : undefined
}

function isLineBreak(bytes: Buffer, at: number): boolean {
  return bytes[at] === CR && bytes[at + 1] === LF
}

/** -1 for what is none. */
function hexDigit(code: number | undefined): number {
  if (code === undefined) return -1
  if (code >= 0x30 && code <= 0x39) return code - 0x30 // 0–9
  const letter = code | 0x20 // lower case
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1 // a–f
}

/**
 * Cuts a byte stream at its event boundaries without decoding or copying it: the byte-exact path forwards whole events
 * only. Linear in the bytes, however they are cut.
 */
export interface EventSplitter {
  /**
   * @returns the whole events that are complete now, in order; bytes of an unfinished event are kept for the next call.
   * An event that ends in CR is complete, so an LF that belongs to it may come as a piece of its own. Blank lines before an
   * event are a piece too, or some pieces.
   */
  push(chunk: Uint8Array): readonly Uint8Array[]
  /** @returns the bytes of an event that lacks its blank line; empty when there are none */
  end(): Uint8Array
  pendingBytes(): number
}

const LF = 10
const CR = 13
/** Bytes of a run of blank lines that are looked at one by one: its end decides how the next line is read. */
const LAST_LINE_ENDS = 2
const NOTHING: readonly Uint8Array[] = []

/** Starts with no bytes seen. One splitter serves one stream. */
export function createEventSplitter(): EventSplitter {
  const findBoundaries = createBoundaryFinder()
  let pending: Uint8Array[] = []
  let pendingBytes = 0

  function push(chunk: Uint8Array): readonly Uint8Array[] {
    if (chunk.length === 0) return NOTHING
    let start = 0
    const events = findBoundaries(chunk, pendingBytes === 0).map((end) => {
      keep(chunk.subarray(start, end))
      start = end
      return take()
    })
    keep(chunk.subarray(start))
    return events
  }

  function take(): Uint8Array {
    const event = concatenate(pending)
    pending = []
    pendingBytes = 0
    return event
  }

  function keep(bytes: Uint8Array): void {
    if (bytes.length === 0) return
    pending.push(bytes)
    pendingBytes += bytes.length
  }

  return { push, end: take, pendingBytes: () => pendingBytes }
}

/**
 * @param beginsPiece - nothing of an earlier chunk is unfinished
 * @returns offsets right behind each blank line of the chunk
 */
type BoundaryFinder = (chunk: Uint8Array, beginsPiece: boolean) => number[]

/** Knows of the chunks before what the lines of the next one depend on. */
function createBoundaryFinder(): BoundaryFinder {
  let lineIsEmpty = true
  let endedWithCarriageReturn = false
  /** The line before ended in CRLF: so will the next one. */
  let endedWithPair = false
  /** The blank line is complete, but for the LF that follows its CR. */
  let boundaryIsOpen = false

  function skipSplitLineFeed(chunk: Uint8Array): number {
    if (!endedWithCarriageReturn || chunk[0] !== LF) return 0
    endedWithPair = true
    return 1
  }

  function endsEvent({ isPair, mayGrow }: Line): boolean {
    const isBlank = lineIsEmpty
    boundaryIsOpen = isBlank && mayGrow && endedWithPair
    lineIsEmpty = true
    endedWithPair = isPair
    return isBlank && !boundaryIsOpen
  }

  return (chunk, beginsPiece) => {
    let from = skipSplitLineFeed(chunk)
    const ends = boundaryIsOpen || (from > 0 && beginsPiece) ? [from] : []
    boundaryIsOpen = false
    if (beginsPiece || ends.length > 0) from = lastBlankLines(chunk, from)
    while (from < chunk.length) {
      const line = readLine(chunk, from)
      if (line.length > 0) lineIsEmpty = false
      if (line.next > chunk.length) break
      from = line.next
      if (!endsEvent(line)) continue
      ends.push(from)
      from = lastBlankLines(chunk, from)
    }
    endedWithCarriageReturn = chunk[chunk.length - 1] === CR
    return ends
  }
}

/** Of blank lines before an event there may be millions, and only the last of them decide how the next line is read. */
function lastBlankLines(chunk: Uint8Array, from: number): number {
  let end = from
  while (chunk[end] === LF || chunk[end] === CR) end += 1
  return Math.max(from, end - LAST_LINE_ENDS)
}

interface Line {
  /** Bytes of the line that are in this chunk, without its end. */
  readonly length: number
  /** Offset behind the line's end; beyond the chunk where that has not come. */
  readonly next: number
  /** The end is CRLF. */
  readonly isPair: boolean
  /** The end is a CR at the end of the chunk: an LF may belong to it. */
  readonly mayGrow: boolean
}

function readLine(chunk: Uint8Array, from: number): Line {
  const lineFeed = chunk.indexOf(LF, from)
  const limit = lineFeed === -1 ? chunk.length : lineFeed
  // a CR is looked for only up to the next LF, so that the search stays linear
  const carriageReturn = chunk.subarray(from, limit).indexOf(CR)
  const end = carriageReturn === -1 ? limit : from + carriageReturn
  const isReturn = chunk[end] === CR
  const isPair = isReturn && chunk[end + 1] === LF
  const next = isPair ? end + 2 : end + 1
  return { length: end - from, next, isPair, mayGrow: isReturn && !isPair && next === chunk.length }
}

/** One array from several; the only copy the byte-exact path makes, for events cut by the network. */
export function concatenate(parts: readonly Uint8Array[]): Uint8Array {
  const first = parts[0]
  if (parts.length === 1 && first !== undefined) return first
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let offset = 0
  for (const part of parts) {
    whole.set(part, offset)
    offset += part.length
  }
  return whole
}

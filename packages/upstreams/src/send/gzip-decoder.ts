import { crc32, createInflateRaw, type InflateRaw } from 'node:zlib'

import type { BodyDecoder, DecodedSink } from './body-decoder.ts'

const MAGIC = [0x1f, 0x8b, 8]
const FIXED_HEADER_BYTES = 10
const TRAILER_BYTES = 8
/** Flags of a header: what stands behind its fixed part, in this order; a reserved one makes it none. */
const HAS_EXTRA = 4
const HAS_NAME = 8
const HAS_COMMENT = 16
const HAS_CHECKSUM = 2
const RESERVED = 0xe0
/** Names and comments are a few letters long. */
const MAX_HEADER_BYTES = 64 * 1024
const NO_HEADER = -1

/** So much may wait before the source should. */
const HIGH_WATER_BYTES = 64 * 1024

/** The running member: its data, and what its trailer must say of it. */
interface Member {
  readonly inflate: InflateRaw
  checksum: number
  bytes: number
  /** The packet that is being read, and how much had been read before it: the member may end inside. */
  running: Buffer
  before: number
}

const NOTHING = Buffer.alloc(0)

/**
 * Takes gzip off a body as browsers, curl and gzip itself do: members one after the other are one content, and what stands
 * behind the last and begins none is left out. The engine's own decoder ends with an error there, and loses what came in the
 * same packet.
 *
 * @remarks RFC 1952.
 */
export class GzipDecoder implements BodyDecoder {
  readonly #sink: DecodedSink
  /** Not read yet; of the running packet what follows the member's data. */
  #queue: Buffer[] = []
  #queuedBytes = 0
  #member: Member | undefined = undefined
  /** A member's data has ended: its trailer comes first. */
  #ended: Member | undefined = undefined
  #hasMember = false
  /** What comes now belongs to no member. */
  #isBehind = false
  #isBusy = false
  #isInputOver = false
  #isOver = false
  #isPaused = false
  #hasToDrain = false

  constructor(sink: DecodedSink) {
    this.#sink = sink
  }

  write(chunk: Uint8Array): boolean {
    this.#putBack(Buffer.from(chunk), 'last')
    this.#advance()
    this.#hasToDrain ||= this.#queuedBytes > HIGH_WATER_BYTES
    return !this.#hasToDrain
  }

  end(): void {
    this.#isInputOver = true
    this.#advance()
  }

  pause(): void {
    this.#isPaused = true
    this.#member?.inflate.pause()
  }

  resume(): void {
    this.#isPaused = false
    this.#member?.inflate.resume()
  }

  destroy(): void {
    this.#isOver = true
    this.#queue = []
    this.#member?.inflate.destroy()
  }

  #advance(): void {
    while (!this.#isBusy && !this.#isOver && this.#step());
    if (!this.#hasToDrain || this.#isOver || this.#queuedBytes > 0) return
    this.#hasToDrain = false
    this.#sink.onDrain()
  }

  /** @returns false when nothing more can be done now */
  #step(): boolean {
    if (this.#member !== undefined) return this.#inflate(this.#member)
    const bytes = Buffer.concat(this.#queue)
    this.#queue = []
    this.#queuedBytes = 0
    if (this.#isBehind) return this.#leaveOut()
    return this.#ended === undefined ? this.#readHeader(bytes) : this.#readTrailer(bytes, this.#ended)
  }

  #inflate(member: Member): boolean {
    const { inflate } = member
    const chunk = this.#queue.shift()
    if (chunk === undefined && !this.#isInputOver) return false
    this.#isBusy = true
    if (chunk === undefined) {
      inflate.end()
      return false
    }
    this.#queuedBytes -= chunk.length
    member.running = chunk
    member.before = inflate.bytesWritten
    inflate.write(chunk, () => {
      if (this.#member !== member || inflate.bytesWritten - member.before < chunk.length) return // its `end` comes
      member.running = NOTHING
      this.#isBusy = false
      this.#advance()
    })
    return false
  }

  #readTrailer(bytes: Buffer, { checksum, bytes: size }: Member): boolean {
    if (bytes.length < TRAILER_BYTES) return this.#waitFor(bytes)
    const isRight = bytes.readUInt32LE(0) === checksum && bytes.readUInt32LE(4) === size % 2 ** 32
    if (!isRight) return this.#fail(false)
    this.#ended = undefined
    this.#hasMember = true
    this.#putBack(bytes.subarray(TRAILER_BYTES), 'first')
    return true
  }

  #readHeader(bytes: Buffer): boolean {
    const end = endOfHeader(bytes)
    if (end === undefined && (!this.#isInputOver || !this.#hasMember)) return this.#waitFor(bytes)
    if (end === undefined || end === NO_HEADER) return this.#hasMember ? this.#leaveOut() : this.#fail(false)
    this.#member = this.#openMember()
    this.#putBack(bytes.subarray(end), 'first')
    return true
  }

  /** An empty body has nothing to take off. */
  #waitFor(bytes: Buffer): false {
    this.#putBack(bytes, 'first')
    if (!this.#isInputOver) return false
    return bytes.length === 0 && this.#ended === undefined ? this.#complete() : this.#fail(true)
  }

  #leaveOut(): false {
    this.#isBehind = true
    return this.#isInputOver ? this.#complete() : false
  }

  #complete(): false {
    this.#isOver = true
    this.#sink.onEnd()
    return false
  }

  #fail(isCut: boolean): false {
    this.#isOver = true
    this.#sink.onError({ isCut })
    return false
  }

  #openMember(): Member {
    const inflate = createInflateRaw()
    const member: Member = { inflate, checksum: 0, bytes: 0, running: NOTHING, before: 0 }
    inflate.on('data', (data: Buffer) => {
      member.checksum = crc32(data, member.checksum)
      member.bytes += data.length
      this.#sink.onData(data)
    })
    inflate.on('end', () => {
      this.#member = undefined
      this.#ended = member
      this.#putBack(member.running.subarray(inflate.bytesWritten - member.before), 'first')
      this.#isBusy = false
      this.#advance()
    })
    inflate.on('error', (error: NodeJS.ErrnoException) => {
      if (!this.#isOver) this.#fail(error.code === 'Z_BUF_ERROR')
    })
    if (this.#isPaused) inflate.pause()
    return member
  }

  #putBack(bytes: Buffer, place: 'first' | 'last'): void {
    if (bytes.length === 0 || this.#isOver) return
    this.#queuedBytes += bytes.length
    if (place === 'first') this.#queue.unshift(bytes)
    else this.#queue.push(bytes)
  }
}

/** @returns the offset behind the header; `undefined` when more of it must come, -1 when it is none */
function endOfHeader(bytes: Buffer): number | undefined {
  if (MAGIC.some((byte, at) => at < bytes.length && bytes[at] !== byte)) return NO_HEADER
  const flags = bytes[3]
  if (flags === undefined) return undefined
  const end = (flags & RESERVED) === 0 ? endOfExtras(bytes, flags) : NO_HEADER
  const isTooLong = end === undefined && bytes.length > MAX_HEADER_BYTES + FIXED_HEADER_BYTES
  return isTooLong ? NO_HEADER : end
}

function endOfExtras(bytes: Buffer, flags: number): number | undefined {
  let at = FIXED_HEADER_BYTES
  if ((flags & HAS_EXTRA) !== 0) at += bytes.length < at + 2 ? MAX_HEADER_BYTES : 2 + bytes.readUInt16LE(at)
  for (const flag of [HAS_NAME, HAS_COMMENT]) {
    if ((flags & flag) === 0) continue
    const zero = bytes.indexOf(0, at)
    if (zero === -1) return undefined
    at = zero + 1
  }
  if ((flags & HAS_CHECKSUM) !== 0) at += 2
  return at <= bytes.length ? at : undefined
}

import type { StreamSeen } from '../codec.ts'
import { type Failure, TRUNCATED } from '../model/failure.ts'
import type { Loss } from '../model/loss.ts'
import { concatenate, createEventSplitter } from '../sse/split-events.ts'
import { bytesOf, NO_STATS, type ByteStreamConverter, type StreamStats } from './answer-stream.ts'
import { inspect, isPlain, MAX_EVENT_BYTES, noteLate, OVERFLOW } from './inspect-passing.ts'
import { MALFORMED, MALFORMED_EVENT } from './malformed-event.ts'
import { PassingReader } from './passing-reader.ts'
import { hasFinish, isOver, openGate, type PassThrough, type PassThroughInit, reject } from './passing-stream.ts'

/** More than this is never held back by the first-event gate. */
const MAX_HELD_BYTES = 1024 * 1024
const NOTHING = new Uint8Array(0)
const BLANK_LINE = new TextEncoder().encode('\n\n')

/**
 * The byte-exact path: client and upstream speak the same format, so whole events pass as they came. A tap looks only at
 * the few events that carry start, usage, finish or error; every other event is checked for being whole.
 */
export function createPassThrough(init: PassThroughInit): ByteStreamConverter {
  return new PassThroughStream(init)
}

class PassThroughStream implements PassThrough, ByteStreamConverter {
  readonly init: PassThroughInit
  readonly splitter = createEventSplitter()
  readonly reader: PassingReader
  held: Uint8Array[] | undefined
  heldBytes = 0
  state: PassThrough['state'] = 'idle'
  learned: PassThrough['learned'] = {}
  readonly choices = new Map<number, boolean>()
  usage: PassThrough['usage'] = undefined
  failure: Failure | undefined = undefined
  isTerminated = false
  gateIsOpen = false
  hasContent = false
  committed = false
  bytesIn = 0
  bytesOut = 0
  eventsIn = 0
  eventsPassed = 0
  bufferedPeak = 0
  firstDeltaAt: number | undefined = undefined
  tokensSaid = 0
  readonly stop = undefined

  constructor(init: PassThroughInit) {
    this.init = init
    this.reader = new PassingReader(init.codec.tap.words)
    this.held = init.holdStart ? [] : undefined
  }

  push(chunk: Uint8Array | string): string | Uint8Array {
    return push(this, bytesOf(chunk))
  }

  end(): string | Uint8Array {
    return end(this)
  }

  fail(failure: Failure): string | Uint8Array {
    return fail(this, failure)
  }

  open(): string | Uint8Array {
    return open(this)
  }

  ping(): string | Uint8Array {
    // an unfinished event is never written, so a frame may stand between any two writes
    return isOver(this) ? NOTHING : this.init.codec.tap.keepAlive(shown(this))
  }

  get lacksOnlyEnd(): boolean {
    return !isOver(this) && isComplete(this)
  }

  get error(): Failure | undefined {
    return this.failure
  }

  get upstreamId(): string | undefined {
    return this.learned.id
  }

  get upstreamModel(): string | undefined {
    return this.learned.model
  }

  get losses(): readonly Loss[] {
    return this.init.ledger.losses
  }

  get stats(): StreamStats {
    const { bytesIn, bytesOut, eventsIn, bufferedPeak, firstDeltaAt, tokensSaid, usage } = this
    const eventsOut = bytesOut === 0 ? 0 : this.eventsPassed
    return { ...NO_STATS, bytesIn, bytesOut, eventsIn, eventsOut, bufferedPeak, firstDeltaAt, tokensSaid, usage }
  }
}

function push(stream: PassThrough, chunk: Uint8Array): string | Uint8Array {
  if (isOver(stream)) {
    noteLate(stream, chunk)
    return NOTHING
  }
  stream.bytesIn += chunk.length
  return isPlain(stream, chunk) ? count(stream, chunk) : takeApart(stream, chunk)
}

function takeApart(stream: PassThrough, chunk: Uint8Array): string | Uint8Array {
  const beginsWithEvent = stream.splitter.pendingBytes() === 0
  const passed = stream.splitter.push(chunk).filter((event) => inspect(stream, event))
  noteBuffered(stream, passed)
  if (stream.splitter.pendingBytes() > MAX_EVENT_BYTES) reject(stream, OVERFLOW)
  if (stream.state === 'failed') return breakOff(stream, passed)
  if (stream.held !== undefined && stream.state !== 'streaming') return hold(stream, passed)
  // equal sizes alone prove nothing: the end of one event and the beginning of the next may be as long as one event
  const isUncut = beginsWithEvent && stream.held === undefined && sizeOf(passed) === chunk.length
  const output = isUncut ? count(stream, chunk) : deliver(stream, passed)
  if (stream.isTerminated) stream.state = 'finished'
  return output
}

function end(stream: PassThrough): string | Uint8Array {
  if (isOver(stream)) return NOTHING
  const tail = stream.splitter.end()
  const passed = tail.length > 0 && inspect(stream, tail) ? [tail, BLANK_LINE] : []
  if (stream.failure === MALFORMED) stream.failure = undefined // what the end has cut is as if it had not come
  if (!isComplete(stream)) reject(stream, stream.failure ?? TRUNCATED)
  return stream.failure === undefined ? finish(stream, passed) : breakOff(stream, [])
}

function finish(stream: PassThrough, passed: Uint8Array[]): string | Uint8Array {
  if (!stream.isTerminated) {
    passed.push(new TextEncoder().encode(stream.init.codec.tap.terminator))
    stream.eventsPassed += 1
  }
  const output = deliver(stream, passed)
  stream.state = 'finished'
  return output
}

/** The terminal event was seen, or all that it would say. */
function isComplete(stream: PassThrough): boolean {
  return stream.isTerminated || (stream.init.codec.tap.terminator !== '' && hasFinish(stream))
}

function fail(stream: PassThrough, failure: Failure): string | Uint8Array {
  if (isOver(stream)) return NOTHING
  if (isComplete(stream)) return finish(stream, [])
  reject(stream, failure)
  return failure.kind === 'client_abort' ? NOTHING : breakOff(stream, []) // nobody reads on
}

function open(stream: PassThrough): string | Uint8Array {
  if (isOver(stream)) return NOTHING
  openGate(stream)
  stream.committed = true
  return deliver(stream, [])
}

/** Called before the held events are given up, so they are counted with what has just come to them. */
function noteBuffered(stream: PassThrough, passed: readonly Uint8Array[]): void {
  const waits = stream.state === 'streaming' || stream.held === undefined ? 0 : stream.heldBytes + sizeOf(passed)
  const buffered = stream.splitter.pendingBytes() + waits
  if (buffered > stream.bufferedPeak) stream.bufferedPeak = buffered
}

function hold(stream: PassThrough, passed: readonly Uint8Array[]): Uint8Array {
  if (passed.length > 0) stream.state = 'held'
  for (const event of passed) stream.held?.push(event) // of blank lines there may be more than a call takes arguments
  stream.heldBytes += sizeOf(passed)
  if (stream.heldBytes <= MAX_HELD_BYTES) return NOTHING
  openGate(stream)
  return deliver(stream, [])
}

/** Everything that waited and everything new, in one piece. */
function deliver(stream: PassThrough, passed: readonly Uint8Array[]): Uint8Array {
  const parts = [...(stream.held ?? []), ...passed]
  stream.held = undefined
  return parts.length === 0 ? NOTHING : count(stream, concatenate(parts))
}

function count(stream: PassThrough, output: Uint8Array): Uint8Array {
  stream.committed ||= output.length > 0
  stream.bytesOut += output.length
  return output
}

/** The client's own error event after what had gone out; nothing when nothing had. */
function breakOff(stream: PassThrough, passed: readonly Uint8Array[]): Uint8Array {
  if (!stream.gateIsOpen && !stream.committed) return NOTHING
  const { codec, ledger, requestId } = stream.init
  const failure = stream.failure ?? TRUNCATED
  if (failure === MALFORMED) ledger.report('stream', MALFORMED_EVENT)
  const event = codec.encodeStreamError(failure, requestId, seen(stream))
  stream.eventsPassed += 1
  return deliver(stream, [...passed, new TextEncoder().encode(event)])
}

/** What the client has seen once everything that came has gone out. */
function seen({ learned, eventsIn }: PassThrough): StreamSeen {
  return { answerId: learned.id, model: learned.model, events: eventsIn }
}

/** What the client has seen by now: nothing of what is held back. */
function shown(stream: PassThrough): StreamSeen {
  return stream.held === undefined ? seen(stream) : {}
}

function sizeOf(parts: readonly Uint8Array[]): number {
  let bytes = 0
  for (const part of parts) bytes += part.length
  return bytes
}

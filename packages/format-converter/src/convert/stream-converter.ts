import type { Codec, DecodeAnswerContext, EncodeAnswerContext, StreamDecoder, StreamEncoder } from '../codec.ts'
import { ConversionError, failureOfError } from '../conversion-error.ts'
import { pieceWeight } from '../count/estimate-tokens.ts'
import type { AnswerEvent, EmitEvent } from '../model/answer-event.ts'
import { createAnswerGuard, type AnswerGuard, type AnswerState } from '../model/answer-grammar.ts'
import type { Failure } from '../model/failure.ts'
import { isJsonObject } from '../model/json.ts'
import type { Loss } from '../model/loss.ts'
import type { StopReason } from '../model/stop-reason.ts'
import type { Usage } from '../model/usage.ts'
import { createSseDecoder, type SseDecoder, type SseMessage } from '../sse/decode-sse.ts'
import { clientCallId } from '../wire/call-id.ts'
import { readBody } from '../wire/raw-json.ts'
import type { EventStation } from './answer-filters.ts'
import { bytesOf, NO_STATS, type StreamConverter, type StreamStats } from './answer-stream.ts'
import { beginsLikeBody, createBodyText, type BodyText } from './body-text.ts'
import { EventReader } from './event-reader.ts'
import type { LossLedger } from './loss-ledger.ts'
import { MALFORMED, MALFORMED_EVENT } from './malformed-event.ts'
import { failureOfNoAnswer } from './no-answer.ts'
import { recogniseAnswerFormat } from './recognise-format.ts'
import { DEEP_ANSWER } from './within-depth.ts'

export interface StreamConverterInit {
  readonly client: Codec
  /** Reads what the upstream says. */
  readonly upstream: Codec
  readonly decoding: DecodeAnswerContext
  readonly encoding: EncodeAnswerContext
  /** What stands between the decoder and the guard: the client's names, and filters. */
  readonly station: (emit: EmitEvent) => EventStation
  /** Reports what the client's format has no word for. Deltas hold nothing of the kind. */
  readonly watch: (event: AnswerEvent) => void
  /** A loss in the answer that its policy does not let pass. */
  readonly refusal: () => Failure | undefined
  readonly ledger: LossLedger
  /** Unix time in milliseconds. */
  readonly now: () => number
}

/** Converts a stream event by event: bytes → SSE → events → guard → the client's SSE text. */
export function createStreamConverter(init: StreamConverterInit): StreamConverter {
  return new Conversion(init)
}

/** One stream: its stations in the order of the bytes, and what has passed. */
class Conversion implements StreamConverter {
  readonly init: StreamConverterInit
  readonly sse: SseDecoder
  readonly decoder: StreamDecoder
  readonly station: EventStation
  readonly guard: AnswerGuard
  readonly encoder: StreamEncoder
  readonly reader: EventReader
  /** The upstream answered with one body in place of a stream. */
  body: BodyText | undefined = undefined
  /** Text that the running call will return. */
  output = ''
  wasOpened = false
  /** No more bytes will come: an event that is not whole now was cut. */
  isAtEnd = false
  bytesIn = 0
  bytesOut = 0
  eventsIn = 0
  /** Bytes since the last event that was whole. */
  unfinished = 0
  bufferedPeak = 0
  firstDeltaAt: number | undefined = undefined
  tokensSaid = 0

  constructor(init: StreamConverterInit) {
    this.init = init
    this.encoder = init.client.createStreamEncoder(init.encoding)
    this.guard = createAnswerGuard({
      holdStart: init.encoding.options.holdStart,
      report: (loss) => init.ledger.report('stream', loss),
      emit: (event) => takeEvent(this, event),
      callId: (id) => clientCallId(id, init.client.format),
    })
    this.station = init.station(this.guard.push)
    this.sse = createSseDecoder({
      onMessage: (message) => takeMessage(this, message),
      onComment: () => takeComment(this),
      onOverflow: (message) => this.guard.fail({ kind: 'overflow', message }),
    })
    this.decoder = init.upstream.createStreamDecoder(init.decoding, this.station.push)
    this.reader = new EventReader(this.decoder)
  }

  push(chunk: Uint8Array | string): string {
    const wasWhole = this.state === 'finished' // what comes after the end is told of
    return run(this, () => takeBytes(this, bytesOf(chunk)), wasWhole)
  }

  end(): string {
    return run(this, () => takeEnd(this))
  }

  open(): string {
    return run(this, () => openNow(this))
  }

  fail(failure: Failure): string {
    const isHarmless = this.lacksOnlyEnd
    return run(this, () => (isHarmless ? this.decoder.end() : this.guard.fail(failure)))
  }

  ping(): string {
    return isOver(this) ? '' : this.encoder.ping()
  }

  get state(): AnswerState {
    return this.guard.progress.state
  }

  get committed(): boolean {
    return this.wasOpened || this.bytesOut > 0
  }

  get hasContent(): boolean {
    return this.guard.progress.hasContent
  }

  get lacksOnlyEnd(): boolean {
    return !isOver(this) && this.decoder.hasFinish?.() === true
  }

  get usage(): Usage | undefined {
    return this.guard.progress.usage
  }

  get stop(): StopReason | undefined {
    return this.guard.progress.stop
  }

  get error(): Failure | undefined {
    return this.guard.progress.failure
  }

  get upstreamId(): string | undefined {
    return this.guard.progress.upstreamId
  }

  get upstreamModel(): string | undefined {
    return this.guard.progress.upstreamModel
  }

  get losses(): readonly Loss[] {
    return this.init.ledger.losses
  }

  get stats(): StreamStats {
    const { bytesIn, bytesOut, eventsIn, bufferedPeak, firstDeltaAt, tokensSaid, usage } = this
    const { blocks, toolCalls } = this.guard.progress
    const { convertNs, rules } = NO_STATS
    const eventsOut = this.encoder.events()
    const passed = { bytesIn, bytesOut, eventsIn, eventsOut, bufferedPeak, firstDeltaAt, tokensSaid }
    return { ...passed, blocks, toolCalls, usage, convertNs, rules }
  }
}

function takeEvent(conversion: Conversion, event: AnswerEvent): void {
  const { init, guard, encoder } = conversion
  if (event.type === 'delta') {
    conversion.firstDeltaAt ??= init.now()
    conversion.tokensSaid += pieceWeight(event.text)
  } else if (event.type !== 'failure') {
    init.watch(event)
    const refusal = init.refusal()
    if (refusal !== undefined) return guard.fail(refusal)
  }
  conversion.output += encoder.write(event)
  const failure = encoder.failure?.()
  if (failure !== undefined) guard.fail(failure) // its error event has been written
}

function takeComment(conversion: Conversion): void {
  conversion.unfinished = 0
  conversion.station.push({ type: 'ping' })
}

const BRACE = 0x7b

/** Runs a step; whatever goes wrong inside becomes a failure of the stream. */
function run(conversion: Conversion, step: () => void, isForLate = false): string {
  if (isOver(conversion) && !isForLate) return ''
  const { guard, station } = conversion
  try {
    step()
    station.flush()
  } catch (error) {
    guard.fail(asFailure(error))
  }
  const text = conversion.output
  conversion.output = ''
  conversion.bytesOut += text.length
  const buffered = conversion.unfinished + (conversion.encoder.waiting?.() ?? 0)
  if (buffered > conversion.bufferedPeak) conversion.bufferedPeak = buffered
  return text
}

function isOver({ guard }: Conversion): boolean {
  return guard.progress.state === 'finished' || guard.progress.state === 'failed'
}

function takeBytes(conversion: Conversion, chunk: Uint8Array): void {
  if (conversion.bytesIn === 0 && beginsLikeBody(chunk)) conversion.body = createBodyText()
  conversion.bytesIn += chunk.length
  conversion.unfinished += chunk.length
  if (conversion.body === undefined) conversion.sse.push(chunk)
  else if (!conversion.body.add(chunk)) conversion.guard.fail({ kind: 'overflow', message: 'the answer is too large' })
}

function takeMessage(conversion: Conversion, message: SseMessage): void {
  if (isOver(conversion)) return takeLate(conversion, message)
  conversion.unfinished = 0
  const { data } = message
  if (data.charCodeAt(0) !== BRACE && isNoObject(conversion, data)) return
  conversion.eventsIn += 1
  const isEvent = conversion.reader.push(data, message.event)
  if (!isEvent && !conversion.isAtEnd) conversion.guard.fail(malformed(conversion))
}

/** An event after the end is written nowhere; the decoder tells of it. */
function takeLate({ state, reader }: Conversion, { data, event }: SseMessage): void {
  if (state === 'finished' && data.charCodeAt(0) === BRACE) reader.push(data, event)
}

/** What may stand where almost always an object stands: nothing, or the word that the answer is over. */
function isNoObject(conversion: Conversion, data: string): boolean {
  const word = data.trim()
  if (word === '' || word === 'null') return true
  if (word !== '[DONE]') return false
  conversion.eventsIn += 1
  conversion.decoder.done()
  return true
}

function takeEnd(conversion: Conversion): void {
  if (conversion.body !== undefined) return replayBody(conversion, conversion.body.text())
  conversion.isAtEnd = true
  conversion.sse.end()
  conversion.decoder.end()
}

/** The upstream answered a stream request with one body: a valid answer is replayed as events. */
function replayBody({ init, guard, station }: Conversion, text: string): void {
  const value = readBody(text)
  if (!isJsonObject(value) || recogniseAnswerFormat(value) === undefined)
    return guard.fail(failureOfNoAnswer(value ?? text))
  for (const event of init.upstream.decodeAnswer(value, init.decoding)) station.push(event)
}

function openNow(conversion: Conversion): void {
  conversion.wasOpened = true
  conversion.guard.release()
  conversion.output += conversion.encoder.open()
}

function malformed({ init }: Conversion): Failure {
  init.ledger.report('stream', MALFORMED_EVENT)
  return MALFORMED
}

/** Anything thrown inside a stream as a failure; unknown errors do not show their message. */
function asFailure(error: unknown): Failure {
  if (ConversionError.is(error)) return failureOfError(error)
  if (error instanceof RangeError) return DEEP_ANSWER
  return { kind: 'internal', message: 'the answer could not be converted' }
}

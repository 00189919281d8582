import type { Codec, DecodeAnswerContext, EncodeAnswerContext, StreamDecoder, StreamEncoder } from '../codec.ts'
import { ConversionError } from '../conversion-error.ts'
import type { AnswerEvent, EmitEvent } from '../model/answer-event.ts'
import { createAnswerGuard, type AnswerGuard } from '../model/answer-grammar.ts'
import type { Failure } from '../model/failure.ts'
import { isJsonObject } from '../model/json.ts'
import { createSseDecoder, type SseDecoder, type SseMessage } from '../sse/decode-sse.ts'
import { parseJson, readBody } from '../wire/raw-json.ts'
import type { EventStation } from './answer-filters.ts'
import { bytesOf, NO_STATS, type StreamConverter } from './answer-stream.ts'
import { beginsLikeBody, createBodyText, type BodyText } from './body-text.ts'
import type { LossLedger } from './loss-ledger.ts'
import { failureOfNoAnswer } from './no-answer.ts'
import { recogniseAnswerFormat } from './recognise-format.ts'

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

/** One stream: its stations in the order of the bytes, and what has passed. */
interface Conversion {
  readonly init: StreamConverterInit
  readonly sse: SseDecoder
  readonly decoder: StreamDecoder
  readonly station: EventStation
  readonly guard: AnswerGuard
  readonly encoder: StreamEncoder
  /** The upstream answered with one body in place of a stream. */
  body: BodyText | undefined
  /** Text that the running call will return. */
  output: string
  wasOpened: boolean
  bytesIn: number
  bytesOut: number
  eventsIn: number
  eventsOut: number
  /** Bytes since the last event that was whole. */
  unfinished: number
  bufferedPeak: number
  firstDeltaAt: number | undefined
}

/** Converts a stream event by event: bytes → SSE → events → guard → the client's SSE text. */
export function createStreamConverter(init: StreamConverterInit): StreamConverter {
  const conversion = assemble(init)
  const { guard } = conversion
  const { progress } = guard
  return {
    push: (chunk) => run(conversion, () => takeBytes(conversion, bytesOf(chunk))),
    end: () => run(conversion, () => takeEnd(conversion)),
    open: () => run(conversion, () => openNow(conversion)),
    fail: (failure) => run(conversion, () => guard.fail(failure)),
    ping: () => (isOver(conversion) ? '' : conversion.encoder.ping()),
    get state() {
      return progress.state
    },
    get committed() {
      return conversion.wasOpened || conversion.bytesOut > 0
    },
    get hasContent() {
      return progress.hasContent
    },
    get usage() {
      return progress.usage
    },
    get stop() {
      return progress.stop
    },
    get error() {
      return progress.failure
    },
    get upstreamId() {
      return progress.upstreamId
    },
    get upstreamModel() {
      return progress.upstreamModel
    },
    get losses() {
      return init.ledger.losses
    },
    get stats() {
      const { bytesIn, bytesOut, eventsIn, eventsOut, bufferedPeak, firstDeltaAt } = conversion
      const { blocks, toolCalls } = progress
      return { ...NO_STATS, bytesIn, bytesOut, eventsIn, eventsOut, bufferedPeak, firstDeltaAt, blocks, toolCalls }
    },
  }
}

function assemble(init: StreamConverterInit): Conversion {
  const encoder = init.client.createStreamEncoder(init.encoding)
  const guard = createAnswerGuard({
    holdStart: init.encoding.options.holdStart,
    report: (loss) => init.ledger.report('stream', loss),
    emit: (event) => {
      if (event.type !== 'delta' && event.type !== 'failure') {
        init.watch(event)
        const refusal = init.refusal()
        if (refusal !== undefined) return guard.fail(refusal)
      }
      if (event.type === 'delta') conversion.firstDeltaAt ??= init.now()
      conversion.output += encoder.write(event)
      if (encoder.failure !== undefined) guard.fail(encoder.failure) // its error event has been written
    },
  })
  const station = init.station(guard.push)
  const conversion: Conversion = {
    init,
    sse: createSseDecoder({
      onMessage: (message) => takeMessage(conversion, message),
      onComment: () => {
        conversion.unfinished = 0
        station.push({ type: 'ping' })
      },
      onOverflow: (message) => guard.fail({ kind: 'overflow', message }),
    }),
    decoder: init.upstream.createStreamDecoder(init.decoding, station.push),
    station,
    guard,
    encoder,
    body: undefined,
    output: '',
    wasOpened: false,
    bytesIn: 0,
    bytesOut: 0,
    eventsIn: 0,
    eventsOut: 0,
    unfinished: 0,
    bufferedPeak: 0,
    firstDeltaAt: undefined,
  }
  return conversion
}

const COLON = 0x3a

/**
 * Events in text for a client: each ends with an empty line, and JSON has none in it. Looked at once for a whole push,
 * because a look into every piece would copy it.
 */
function countEvents(text: string): number {
  let events = 0
  let start = 0
  for (let end = text.indexOf('\n\n'); end !== -1; end = text.indexOf('\n\n', start)) {
    if (text.charCodeAt(start) !== COLON) events += 1 // a comment is none
    start = end + 2
  }
  return events
}

/** Runs a step; whatever goes wrong inside becomes a failure of the stream. */
function run(conversion: Conversion, step: () => void): string {
  if (isOver(conversion)) return ''
  const { guard, station } = conversion
  try {
    step()
    station.flush()
  } catch (error) {
    guard.fail(asFailure(error))
  }
  const text = conversion.output
  conversion.output = ''
  if (text !== '') conversion.eventsOut += countEvents(text)
  conversion.bytesOut += text.length
  const buffered = conversion.unfinished + (conversion.encoder.waiting ?? 0)
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
  if (isOver(conversion)) return
  conversion.unfinished = 0
  const { data } = message
  if (data === '' || data === 'null') return
  conversion.eventsIn += 1
  if (data.trim() === '[DONE]') return conversion.decoder.done()
  const event = parseJson(data)
  if (isJsonObject(event)) conversion.decoder.push(event, message.event)
  else if (data.trim() !== '') conversion.guard.fail(malformed(conversion))
}

function takeEnd(conversion: Conversion): void {
  if (conversion.body !== undefined) return replayBody(conversion, conversion.body.text())
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
  init.ledger.report('stream', {
    code: 'malformed_event',
    level: 'lossy',
    path: '#event',
    message: 'an event of the upstream was not a JSON object; the stream was ended',
  })
  return { kind: 'upstream_protocol', message: 'the upstream sent an event that is not valid JSON' }
}

/** Anything thrown inside a stream as a failure; unknown errors do not show their message. */
function asFailure(error: unknown): Failure {
  if (ConversionError.is(error))
    return { kind: error.kind, message: error.message, param: error.param, details: error.details }
  return { kind: 'internal', message: 'the answer could not be converted' }
}

import { convertFailure, type Failure } from '@relay/format-converter'
import { createSseDecoder, type SseDecoder } from '@relay/format-converter/sse'
import type { TransportFailure, UpstreamCall, UpstreamHeaders } from '@relay/upstreams'

import { type AttemptOutcome, failedAnswer, failedTransport } from '../attempt.ts'
import { createErrorBody, type ErrorBody } from '../error-body.ts'
import { giveUp } from '../give-up.ts'
import type { StreamRooms } from '../stream-answer.ts'
import { failureOfTransport } from '../upstream-failure.ts'
import { noteUse } from './passage-use.ts'
import type { PreparedPassage } from './prepared-passage.ts'

/** Limits of an answer (`reliability` 3.5). */
const MAX_WHOLE_BYTES = 64 * 1024 * 1024
const MAX_STREAM_BYTES = 256 * 1024 * 1024

/** How an answer goes to the client: read to its end first, as events, or as bytes that come. */
type Way = 'whole' | 'events' | 'bytes'

interface Pump {
  readonly rooms: StreamRooms
  readonly passage: PreparedPassage
  readonly settle: (outcome: AttemptOutcome) => void
  readonly chunks: Uint8Array[]
  call: UpstreamCall | undefined
  way: Way | undefined
  errorBody: ErrorBody | undefined
  events: SseDecoder | undefined
  status: number
  contentType: string
  headers: UpstreamHeaders
  bytesIn: number
  lastWriteAt: number
  /** The last byte that went out ended an event. */
  isBetweenEvents: boolean
  /** Since when the client has not taken all that there was, monotonic milliseconds. */
  pausedAt: number | undefined
  isOver: boolean
}

/** Sends, and passes the answer on as its kind demands; nothing goes out before the answer has begun. */
export function pumpPassage(rooms: StreamRooms, passage: PreparedPassage): Promise<AttemptOutcome> {
  const { promise, resolve } = Promise.withResolvers<AttemptOutcome>()
  const pump: Pump = {
    rooms,
    passage,
    settle: resolve,
    chunks: [],
    call: undefined,
    way: undefined,
    errorBody: undefined,
    events: undefined,
    status: 0,
    contentType: '',
    headers: new Map(),
    bytesIn: 0,
    lastWriteAt: performance.now(),
    isBetweenEvents: true,
    pausedAt: undefined,
    isOver: false,
  }
  pump.call = rooms.sender.send(passage.request, {
    onHeaders: (status, headers) => accept(pump, status, headers),
    onData: (chunk) => take(pump, chunk),
    onEnd: () => takeEnd(pump),
    onFailure: (failure) => takeFailure(pump, failure),
  })
  const stopBeat = rooms.heartbeat.add({
    beat: (nowMs) => keepAlive(pump, nowMs),
    buffered: {
      bufferedBytes: () => passage.live.outgoing.writableLength,
      stuckSinceMs: () => pump.pausedAt,
      giveUp: () => giveUp(passage.live),
    },
  })
  passage.live.own(() => pump.call?.abort())
  passage.live.onInterrupt((failure) => breakOff(pump, failure, { type: 'answered' }))
  return promise.finally(stopBeat)
}

const CONTENT_TYPE = /^[\w.+-]+\/[\w.+-]+(?:\s*;[\x20-\x7e]*)?$/

function accept(pump: Pump, status: number, headers: UpstreamHeaders): void {
  const said = headers.get('content-type') ?? 'application/json'
  pump.status = status
  pump.headers = headers
  pump.contentType = CONTENT_TYPE.test(said) && said.length < 200 ? said.toLowerCase() : 'application/octet-stream'
  if (status < 200 || status >= 300) pump.errorBody = createErrorBody()
  else pump.way = wayOf(pump.contentType)
  if (pump.way === 'events') pump.events = createUsageReader(pump)
}

function wayOf(contentType: string): Way {
  if (contentType.startsWith('text/event-stream')) return 'events'
  return /^(?:audio|image|video)\/|^application\/octet-stream/.test(contentType) ? 'bytes' : 'whole'
}

/** Looks for the few events that tell the use. */
function createUsageReader({ passage }: Pump): SseDecoder {
  return createSseDecoder({
    onMessage: ({ data }) => {
      if (!data.includes('"usage"') && !data.includes('"model"')) return
      try {
        noteUse(passage.live, JSON.parse(data))
      } catch {
        // it passes as it is: whoever reads it will see
      }
    },
    onOverflow: () => undefined, // the stream's own limit counts
  })
}

/** @returns whether the upstream may go on sending */
function take(pump: Pump, chunk: Uint8Array): boolean {
  if (pump.isOver) return true
  pump.bytesIn += chunk.length
  if (pump.errorBody !== undefined) {
    if (!pump.errorBody.add(chunk)) refuse(pump, pump.errorBody)
  } else if (pump.bytesIn > (pump.way === 'whole' ? MAX_WHOLE_BYTES : MAX_STREAM_BYTES)) tooLarge(pump)
  else if (pump.way === 'whole') pump.chunks.push(chunk)
  else write(pump, chunk)
  return pump.pausedAt === undefined
}

function write(pump: Pump, chunk: Uint8Array): void {
  const { live } = pump.passage
  const { outgoing, facts, isFinished } = live
  if (chunk.length === 0 || isFinished) return
  if (!outgoing.headersSent) outgoing.writeHead(200, pump.passage.headers(pump.contentType, pump.headers))
  facts.firstTokenMs ??= live.elapsedMs()
  facts.bytesOut += chunk.length
  pump.events?.push(chunk)
  pump.lastWriteAt = performance.now()
  pump.isBetweenEvents = endsEvent(chunk)
  if (outgoing.write(chunk) || pump.pausedAt !== undefined) return
  pump.pausedAt = pump.lastWriteAt
  pump.call?.pause()
  outgoing.once('drain', () => {
    pump.pausedAt = undefined
    pump.call?.resume()
  })
}

const LINE_END = 0x0a

function endsEvent(chunk: Uint8Array): boolean {
  return chunk.at(-1) === LINE_END && (chunk.at(-2) === LINE_END || chunk.at(-3) === LINE_END)
}

function takeEnd(pump: Pump): void {
  if (pump.isOver) return
  const { passage, status, headers, contentType, errorBody } = pump
  if (errorBody !== undefined) return refuse(pump, errorBody)
  pump.isOver = true
  if (contentType.startsWith('text/html')) return pump.settle(failedAnswer(status, HTML))
  if (pump.way === 'whole') {
    const body = Buffer.concat(pump.chunks)
    return pump.settle(passage.deliver({ status, headers, contentType, body }))
  }
  const { live } = passage
  if (!live.outgoing.headersSent) return pump.settle(failedAnswer(status, NOTHING))
  live.outgoing.end()
  pump.settle({ type: 'answered' })
  live.finish({ reason: 'completed', status: 200 })
}

const HTML: Failure = { kind: 'upstream_protocol', message: 'the upstream answered with an HTML page' }
const NOTHING: Failure = { kind: 'upstream_truncated', message: 'the upstream began an answer and sent nothing of it' }

function takeFailure(pump: Pump, failure: TransportFailure): void {
  if (pump.isOver) return
  if (pump.errorBody !== undefined && failure.code !== 'aborted') return refuse(pump, pump.errorBody)
  const failed = failedTransport(failure, pump.status === 0 ? undefined : pump.status)
  if (!pump.passage.live.outgoing.headersSent) {
    pump.isOver = true
    return pump.settle(failed)
  }
  breakOff(pump, failureOfTransport(failure), { type: 'broken', attempt: failed })
}

function tooLarge(pump: Pump): void {
  const failure: Failure = { kind: 'overflow', message: 'the answer is larger than Relay passes on' }
  const failed = failedAnswer(pump.status, failure)
  if (pump.passage.live.outgoing.headersSent) breakOff(pump, failure, { type: 'broken', attempt: failed })
  else {
    pump.isOver = true
    pump.settle(failed)
  }
  pump.call?.abort()
}

/** After the first byte: an error event where the answer is events; bytes just stop, and never look finished. */
function breakOff(pump: Pump, failure: Failure, outcome: AttemptOutcome): void {
  if (pump.isOver || !pump.passage.live.outgoing.headersSent) return
  pump.isOver = true
  const { live, hider } = pump.passage
  const { outgoing } = live
  if (pump.way === 'events') {
    const { body } = convertFailure({ to: 'openai-chat', failure: hider.hideInFailure(failure), requestId: live.id })
    outgoing.end(`${pump.isBetweenEvents ? '' : '\n\n'}data: ${JSON.stringify(body)}\n\n`)
  } else outgoing.destroy()
  pump.settle(outcome)
  if (outcome.type !== 'broken') return
  const reason = failure.kind === 'timeout' ? 'upstream_timeout' : 'upstream_error'
  live.finish({ reason, status: 200, message: failure.message })
}

function refuse(pump: Pump, body: ErrorBody): void {
  pump.isOver = true
  pump.settle(pump.passage.refuse(pump.status, pump.headers, body.text()))
  pump.call?.abort()
}

function keepAlive(pump: Pump, nowMs: number): void {
  const { way, passage, rooms, isOver } = pump
  if (isOver || way !== 'events' || !passage.live.outgoing.headersSent || !pump.isBetweenEvents) return
  if (nowMs - pump.lastWriteAt <= rooms.rhythm.keepAliveMs) return
  passage.live.outgoing.write(': keep-alive\n\n')
  pump.lastWriteAt = nowMs
}

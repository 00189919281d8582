import type { ServerResponse } from 'node:http'

import { convertFailure, type Failure } from '@relay/format-converter'
import type { TransportFailure, UpstreamCall, UpstreamHeaders } from '@relay/upstreams'

import { drivePump } from '../answer/drive-pump.ts'
import { createErrorBody, type ErrorBody } from '../answer/error-body.ts'
import { createLastWord, type LastWord } from '../answer/last-word.ts'
import type { StreamRooms } from '../answer/stream-answer.ts'
import { failureOfTransport } from '../answer/upstream-failure.ts'
import { type AttemptOutcome, failedAnswer, type FailedAttempt, failedTransport } from '../attempt.ts'
import { createUseNotes } from './passage-use.ts'
import { createPassingEvents, type PassingEvents } from './passing-events.ts'
import type { PreparedPassage } from './prepared-passage.ts'
import { beginsLikeJson } from './read-passed.ts'

/** Limits of an answer (`reliability` 3.5). */
const MAX_WHOLE_BYTES = 64 * 1024 * 1024
const MAX_STREAM_BYTES = 256 * 1024 * 1024

/** How an answer goes to the client: read to its end first, as events, or as bytes that come. */
type Way = 'whole' | 'events' | 'bytes'

interface Pump {
  readonly rooms: StreamRooms
  readonly passage: PreparedPassage
  readonly settle: (outcome: AttemptOutcome | Promise<AttemptOutcome>) => void
  readonly chunks: Uint8Array[]
  readonly lastWord: LastWord
  call: UpstreamCall | undefined
  way: Way | undefined
  errorBody: ErrorBody | undefined
  events: PassingEvents | undefined
  status: number
  contentType: string
  headers: UpstreamHeaders
  /** Since when the answer is awaited, monotonic milliseconds. */
  acceptedAt: number
  bytesIn: number
  lastWriteAt: number
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
    lastWord: createLastWord(rooms.rhythm.lastWordMs),
    call: undefined,
    way: undefined,
    errorBody: undefined,
    events: undefined,
    status: 0,
    contentType: '',
    headers: new Map(),
    acceptedAt: performance.now(),
    bytesIn: 0,
    lastWriteAt: performance.now(),
    pausedAt: undefined,
    isOver: false,
  }
  const { call, stop } = drivePump(rooms, {
    live: passage.live,
    request: passage.request,
    moves: {
      onHeaders: (status, headers) => accept(pump, status, headers),
      onData: (chunk) => take(pump, chunk),
      onEnd: () => takeEnd(pump),
      onFailure: (failure) => takeFailure(pump, failure),
      beat: (nowMs) => beat(pump, nowMs),
    },
    stuckSinceMs: () => pump.pausedAt,
    leave: () => pump.events?.isOver === true,
    settle: () => resolve({ type: 'untried' }),
  })
  pump.call = call
  passage.live.onInterrupt((failure) => breakOff(pump, failure, { type: 'answered' }))
  return promise.finally(stop)
}

const CONTENT_TYPE = /^[\w.+-]+\/[\w.+-]+(?:\s*;[\x20-\x7e]*)?$/

function accept(pump: Pump, status: number, headers: UpstreamHeaders): void {
  const said = headers.get('content-type') ?? 'application/json'
  pump.status = status
  pump.headers = headers
  pump.contentType = CONTENT_TYPE.test(said) && said.length < 200 ? said.toLowerCase() : 'application/octet-stream'
  if (status < 200 || status >= 300) pump.errorBody = createErrorBody()
  else pump.way = wayOf(pump.contentType)
  if (pump.way === 'events') pump.events = createPassingEvents(createUseNotes(pump.passage.live))
  pump.acceptedAt = performance.now()
}

function wayOf(contentType: string): Way {
  if (contentType.startsWith('text/event-stream')) return 'events'
  return /^(?:audio|image|video)\/|^application\/octet-stream/.test(contentType) ? 'bytes' : 'whole'
}

/** @returns whether the upstream may go on sending */
function take(pump: Pump, chunk: Uint8Array): boolean {
  if (pump.isOver) return true
  if (pump.bytesIn === 0) seeBeginning(pump, chunk)
  pump.bytesIn += chunk.length
  if (pump.errorBody !== undefined) {
    if (!pump.errorBody.add(chunk)) refuse(pump, pump.errorBody)
  } else if (pump.bytesIn > (pump.way === 'whole' ? MAX_WHOLE_BYTES : MAX_STREAM_BYTES)) fail(pump, OVERFLOW)
  else if (pump.way === 'whole') pump.chunks.push(chunk)
  else if (pump.events === undefined) write(pump, chunk)
  else passEvents(pump, pump.events, pump.events.push(chunk))
  return pump.pausedAt === undefined
}

/** What is called a stream may be none; where signs of life have gone out, that is no answer any more. */
function seeBeginning(pump: Pump, chunk: Uint8Array): void {
  if (pump.events === undefined || pump.passage.live.outgoing.headersSent || !beginsLikeJson(chunk)) return
  pump.way = 'whole'
  pump.events = undefined
  pump.contentType = 'application/json'
}

/** Before the first event nothing goes out, so that a failure leaves every way open. */
function passEvents(pump: Pump, events: PassingEvents, passed: readonly Uint8Array[]): void {
  for (const event of passed) pump.chunks.push(event) // of blank lines there may be more than a call takes arguments
  if (events.hasBegun || pump.passage.live.outgoing.headersSent) {
    pump.passage.live.facts.firstTokenMs ??= pump.passage.live.elapsedMs()
    flush(pump)
  }
  if (events.failure !== undefined) return fail(pump, events.failure)
  if (events.isOver) complete(pump)
}

function flush(pump: Pump): void {
  write(pump, Buffer.concat(pump.chunks.splice(0)))
}

function begin({ passage, contentType, headers }: Pump): void {
  const { outgoing } = passage.live
  if (!outgoing.headersSent) outgoing.writeHead(200, passage.headers(contentType, headers))
}

function write(pump: Pump, chunk: Uint8Array): void {
  const { live } = pump.passage
  const { outgoing, facts, isFinished } = live
  if (chunk.length === 0 || isFinished) return
  begin(pump)
  if (pump.events === undefined) facts.firstTokenMs ??= live.elapsedMs()
  facts.bytesOut += chunk.length
  pump.lastWriteAt = performance.now()
  if (outgoing.write(chunk) || pump.pausedAt !== undefined) return
  pump.pausedAt = pump.lastWriteAt
  pump.call?.pause()
  outgoing.once('drain', () => {
    pump.pausedAt = undefined
    pump.call?.resume()
  })
}

function takeEnd(pump: Pump): void {
  if (pump.isOver) return
  const { passage, status, headers, contentType, errorBody } = pump
  if (errorBody !== undefined) return refuse(pump, errorBody)
  if (pump.events !== undefined) return endEvents(pump, pump.events)
  pump.isOver = true
  if (contentType.startsWith('text/html')) return pump.settle(failedAnswer(status, HTML))
  if (pump.way === 'whole') {
    const body = Buffer.concat(pump.chunks)
    return pump.settle(passage.deliver({ status, headers, contentType, body }))
  }
  if (!passage.live.outgoing.headersSent) return pump.settle(failedAnswer(status, NOTHING))
  complete(pump)
}

function endEvents(pump: Pump, events: PassingEvents): void {
  passEvents(pump, events, events.end())
  if (!pump.isOver) complete(pump)
}

function complete(pump: Pump): void {
  const { live } = pump.passage
  pump.isOver = true
  live.outgoing.end()
  pump.settle({ type: 'answered' })
  live.finish({ reason: 'completed', status: 200 })
}

const HTML: Failure = { kind: 'upstream_protocol', message: 'the upstream answered with an HTML page' }
const NOTHING: Failure = { kind: 'upstream_truncated', message: 'the upstream began an answer and sent nothing of it' }

function takeFailure(pump: Pump, failure: TransportFailure): void {
  if (pump.isOver) return
  if (pump.errorBody !== undefined && failure.code !== 'aborted') return refuse(pump, pump.errorBody)
  if (pump.events?.isComplete === true) return complete(pump)
  const failed = failedTransport(failure, pump.status === 0 ? undefined : pump.status)
  giveUpAnswer(pump, failureOfTransport(failure), failed)
}

/** The upstream sends what is no answer. */
function fail(pump: Pump, seen: Failure): void {
  const failure = pump.passage.hider.hideInFailure(seen)
  giveUpAnswer(pump, failure, failedAnswer(pump.status, failure))
  pump.call?.abort()
}

/** Another account may try as long as nothing has gone out. */
function giveUpAnswer(pump: Pump, failure: Failure, attempt: FailedAttempt): void {
  if (pump.passage.live.outgoing.headersSent) return breakOff(pump, failure, { type: 'broken', attempt })
  pump.isOver = true
  pump.settle(attempt)
}

const OVERFLOW: Failure = { kind: 'overflow', message: 'the answer is larger than Relay passes on' }

/** After the first byte: an error event where the answer is events; bytes just stop, and never look finished. */
function breakOff(pump: Pump, failure: Failure, outcome: AttemptOutcome): void {
  if (pump.isOver || !pump.passage.live.outgoing.headersSent) return
  pump.isOver = true
  const { live, hider } = pump.passage
  const { outgoing } = live
  if (pump.way === 'events') {
    const { body } = convertFailure({ to: 'openai-chat', failure: hider.hideInFailure(failure), requestId: live.id })
    outgoing.end(`data: ${JSON.stringify(body)}\n\n`)
  } else cutOff(outgoing)
  pump.settle(outcome)
  if (outcome.type !== 'broken') return
  const reason = failure.kind === 'timeout' ? 'upstream_timeout' : 'upstream_error'
  live.finish({ reason, status: 200, message: failure.message })
}

/** A client of HTTP/1.0, as a proxy may be, takes the end of a connection for that of an answer: only a reset says otherwise. */
function cutOff(outgoing: ServerResponse): void {
  if (outgoing.chunkedEncoding) outgoing.destroy()
  else outgoing.socket?.resetAndDestroy()
}

function refuse(pump: Pump, body: ErrorBody): void {
  pump.isOver = true
  pump.settle(pump.passage.refuse(pump.status, pump.headers, body.text()))
  pump.call?.abort()
}

/** An upstream that has accepted and is merely slow gets its time, and the client signs of life. */
function beat(pump: Pump, nowMs: number): void {
  const { events, passage, rooms, isOver, errorBody, acceptedAt } = pump
  const { gateMs, keepAliveMs, refusalMs } = rooms.rhythm
  if (isOver) return
  if (errorBody !== undefined && nowMs - acceptedAt > refusalMs) return refuse(pump, errorBody)
  if (events === undefined) return
  const isEnding = events.lacksOnlyEnd && pump.pausedAt === undefined // what is not taken yet may hide the last word
  if (pump.lastWord.isOverdue(nowMs, isEnding ? events.eventsIn : undefined)) return complete(pump)
  const { outgoing } = passage.live
  const isQuiet = outgoing.headersSent ? nowMs - pump.lastWriteAt > keepAliveMs : nowMs - acceptedAt > gateMs
  if (!isQuiet) return
  begin(pump)
  flush(pump)
  outgoing.write(': keep-alive\n\n')
  pump.lastWriteAt = nowMs
}

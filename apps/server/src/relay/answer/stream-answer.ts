import type { ByteStreamConverter, Failure } from '@relay/format-converter'
import type { Sender, TransportFailure, UpstreamCall, UpstreamHeaders } from '@relay/upstreams'

import type { Log } from '../../observe/log.ts'
import { type AttemptOutcome, failedAnswer, failedTransport, ownClass, refusedAnswer } from '../attempt.ts'
import type { LiveRequest } from '../live-request.ts'
import type { PreparedAttempt } from '../prepare/prepare-attempt.ts'
import { answerHeaders, noteAnswerHead } from './answer-headers.ts'
import { type AnswerWriter, createAnswerWriter } from './answer-writer.ts'
import { drivePump } from './drive-pump.ts'
import { createErrorBody, type ErrorBody } from './error-body.ts'
import type { Heartbeat } from './heartbeat.ts'
import { createLastWord, type LastWord } from './last-word.ts'
import type { StreamRhythm } from './stream-rhythm.ts'
import { failureOfTransport } from './upstream-failure.ts'

const MAX_STREAM_BYTES = 256 * 1024 * 1024
const TOO_LARGE: Failure = { kind: 'overflow', message: `the answer is larger than ${MAX_STREAM_BYTES} bytes` }
const NO_FIRST_EVENT: Failure = {
  kind: 'timeout',
  message: 'the upstream accepted the request but began no answer in time',
}
const NO_LAST_WORD: Failure = { kind: 'timeout', message: 'the upstream left its answer without an end' }

export interface StreamRooms {
  readonly log: Log
  readonly sender: Sender
  readonly heartbeat: Heartbeat
  readonly rhythm: StreamRhythm
}

/** One stream on its way: what it belongs to and where it stands. */
interface Pump {
  readonly live: LiveRequest
  readonly attempt: PreparedAttempt
  readonly rhythm: StreamRhythm
  readonly writer: AnswerWriter
  readonly lastWord: LastWord
  /** Counts once. */
  readonly settle: (outcome: AttemptOutcome) => void
  call: UpstreamCall | undefined
  /** What reads the answer once there is one: built while the upstream thinks. */
  reader: ByteStreamConverter | undefined
  stream: ByteStreamConverter | undefined
  errorBody: ErrorBody | undefined
  upstreamHeaders: UpstreamHeaders
  status: number
  acceptedAt: number
  lastWriteAt: number
  bytesIn: number
  /** Time spent converting, in milliseconds. */
  convertedMs: number
  /** Since when the client does not keep up, in monotonic milliseconds. */
  pausedAt: number | undefined
  isOver: boolean
}

/**
 * Sends a request and pumps the answer to the client as it comes: one write for each read, the upstream paused while the
 * client does not read. Until the first meaningful event nothing goes out, so that a failure leaves every way open.
 */
export function streamAnswer(rooms: StreamRooms, live: LiveRequest, attempt: PreparedAttempt): Promise<AttemptOutcome> {
  const { promise, resolve } = Promise.withResolvers<AttemptOutcome>()
  const pump: Pump = {
    live,
    attempt,
    rhythm: rooms.rhythm,
    writer: createAnswerWriter(live.outgoing),
    lastWord: createLastWord(rooms.rhythm.lastWordMs),
    settle: resolve,
    call: undefined,
    reader: undefined,
    stream: undefined,
    errorBody: undefined,
    upstreamHeaders: new Map(),
    status: 0,
    acceptedAt: 0,
    lastWriteAt: 0,
    bytesIn: 0,
    convertedMs: 0,
    pausedAt: undefined,
    isOver: false,
  }
  const { call, stop } = drivePump(rooms, {
    live,
    request: attempt.request,
    moves: {
      onHeaders: (status, headers) => accept(pump, status, headers),
      onData: (chunk) => takeChunk(pump, chunk),
      onEnd: () => takeEnd(pump),
      onFailure: (failure) => takeFailure(pump, failure),
      beat: (nowMs) => beat(pump, nowMs),
    },
    stuckSinceMs: () => pump.pausedAt,
    leave: () => leave(pump),
    settle: () => resolve({ type: 'untried' }),
  })
  pump.call = call
  pump.reader = attempt.exchange.byteStream()
  live.onInterrupt((failure) => interrupt(pump, failure))
  return promise.finally(stop)
}

function accept(pump: Pump, status: number, headers: UpstreamHeaders): void {
  pump.status = status
  pump.upstreamHeaders = headers
  pump.acceptedAt = performance.now()
  pump.lastWriteAt = pump.acceptedAt
  const { hider, exchange } = pump.attempt
  noteAnswerHead(pump.live, { headers, hider, exchange })
  pump.attempt.recording?.seeHead(status, headers.get('content-type'))
  if (status >= 200 && status < 300) pump.stream = pump.reader
  else pump.errorBody = createErrorBody()
}

/** @returns whether the upstream may go on sending */
function takeChunk(pump: Pump, chunk: Uint8Array): boolean {
  if (pump.isOver) return true
  pump.bytesIn += chunk.length
  pump.attempt.recording?.seeBytes(chunk)
  const { stream, errorBody } = pump
  if (errorBody !== undefined && !errorBody.add(chunk)) refuse(pump, errorBody)
  if (stream !== undefined) advance(pump, stream, convert(pump, stream, chunk))
  return pump.pausedAt === undefined
}

function convert(pump: Pump, stream: ByteStreamConverter, chunk: Uint8Array): string | Uint8Array {
  if (pump.bytesIn > MAX_STREAM_BYTES) return stream.fail(TOO_LARGE)
  const startedAt = performance.now()
  const output = stream.push(chunk)
  pump.convertedMs += performance.now() - startedAt
  return output
}

function takeEnd(pump: Pump): void {
  if (pump.isOver) return
  if (pump.errorBody !== undefined) refuse(pump, pump.errorBody)
  else if (pump.stream !== undefined) advance(pump, pump.stream, pump.stream.end())
}

function takeFailure(pump: Pump, failure: TransportFailure): void {
  if (pump.isOver) return
  const { stream, errorBody, live } = pump
  if (errorBody !== undefined && failure.code !== 'aborted') return refuse(pump, errorBody)
  if (stream !== undefined && (stream.committed || live.outgoing.headersSent))
    return advance(pump, stream, stream.fail(failureOfTransport(failure)))
  pump.isOver = true
  if (stream !== undefined) noteFacts(pump, stream)
  pump.settle(failedTransport(failure, pump.status === 0 ? undefined : pump.status))
}

/** Writes what the converter gave, and sees whether it was the end. */
function advance(pump: Pump, stream: ByteStreamConverter, output: string | Uint8Array): void {
  if (stream.hasContent) noteContent(pump)
  if (stream.error !== undefined) {
    const { hider } = pump.attempt
    write(pump, hider.hideInOutput(output), true)
    return breakOff(pump, stream, hider.hideInFailure(stream.error))
  }
  const isLast = stream.state === 'finished'
  write(pump, output, isLast)
  if (isLast) complete(pump, stream)
}

function noteContent({ live, attempt }: Pump): void {
  if (live.facts.firstTokenMs !== undefined) return
  live.facts.firstTokenMs = live.elapsedMs()
  attempt.onContent?.()
}

function write(pump: Pump, output: string | Uint8Array, isLast = false): void {
  const { outgoing, facts, isFinished } = pump.live
  if (output.length === 0 || isFinished) return
  if (!outgoing.headersSent) outgoing.writeHead(200, streamHeaders(pump))
  pump.attempt.keeper?.see(output)
  pump.lastWriteAt = performance.now()
  facts.bytesOut += output.length
  if (pump.writer.write(output, isLast) || pump.pausedAt !== undefined) return
  pump.pausedAt = pump.lastWriteAt
  pump.call?.pause()
  pump.writer.onDrain(() => {
    pump.pausedAt = undefined
    pump.call?.resume()
  })
}

function streamHeaders({ live, attempt, upstreamHeaders }: Pump): Record<string, string> {
  return answerHeaders({
    live,
    contentType: 'text/event-stream; charset=utf-8',
    losses: attempt.exchange.losses,
    upstreamHeaders,
    hider: attempt.hider,
  })
}

function complete(pump: Pump, stream: ByteStreamConverter): void {
  const { live } = pump
  pump.isOver = true
  noteFacts(pump, stream)
  pump.writer.end()
  pump.attempt.keeper?.keepStreamed()
  pump.settle({ type: 'answered' })
  live.finish({ reason: 'completed', status: 200 })
}

/** The stream broke: before the first byte another account may try, after it the client has its error event. */
function breakOff(pump: Pump, stream: ByteStreamConverter, failure: Failure): void {
  const { live, status, upstreamHeaders: headers } = pump
  pump.isOver = true
  noteFacts(pump, stream)
  pump.call?.abort()
  const own = ownClass(pump.attempt.account, { status, headers, text: failure.message }, failure)
  const attempt = failedAnswer(status, own ?? failure)
  if (!stream.committed && !live.outgoing.headersSent) return pump.settle(attempt)
  pump.writer.end()
  pump.settle({ type: 'broken', attempt })
  live.finish({
    reason: failure.kind === 'timeout' ? 'upstream_timeout' : 'upstream_error',
    status: 200,
    message: failure.message,
  })
}

/** The upstream said no, and enough of its words have come. */
function refuse(pump: Pump, body: ErrorBody): void {
  const { attempt, status, upstreamHeaders: headers } = pump
  pump.isOver = true
  pump.settle(refusedAnswer(attempt, { status, headers, text: body.text() }))
  pump.call?.abort()
}

/** What the client never saw is not its output: it counts only where the upstream itself did. */
function noteFacts({ live, bytesIn, convertedMs }: Pump, stream: ByteStreamConverter): void {
  const { conversion } = live.facts
  const { eventsIn, eventsOut, tokensSaid } = stream.stats
  if (conversion !== undefined) {
    conversion.answerMs = convertedMs
    conversion.bytesIn = bytesIn
    conversion.eventsIn = eventsIn
    conversion.eventsOut = eventsOut
  }
  live.facts.usage = stream.usage
  live.facts.modelServed = stream.upstreamModel
  live.facts.answerId = stream.upstreamId
  live.facts.losses = stream.losses
  live.facts.outputEstimate = stream.hasContent ? Math.max(1, Math.ceil(tokensSaid)) : 0
}

function beat(pump: Pump, nowMs: number): void {
  const { stream, errorBody, rhythm, acceptedAt, isOver } = pump
  if (isOver) return
  if (stream !== undefined) beatStream(pump, stream, nowMs)
  else if (errorBody !== undefined && nowMs - acceptedAt > rhythm.refusalMs) refuse(pump, errorBody)
}

function beatStream(pump: Pump, stream: ByteStreamConverter, nowMs: number): void {
  const { rhythm, acceptedAt, lastWriteAt } = pump
  const waitedMs = nowMs - acceptedAt
  if (!stream.hasContent && waitedMs > pump.attempt.firstEventMs)
    return advance(pump, stream, stream.fail(NO_FIRST_EVENT))
  if (pump.lastWord.isOverdue(nowMs, eventsAtEnd(pump, stream))) return advance(pump, stream, stream.fail(NO_LAST_WORD))
  if (!stream.committed && waitedMs > rhythm.gateMs) {
    // The upstream is merely slow: the client hears so, and a failover is given up.
    write(pump, stream.open())
    write(pump, stream.ping())
  } else if (stream.committed && nowMs - lastWriteAt > rhythm.keepAliveMs) {
    write(pump, stream.ping())
  }
}

/** @returns `undefined` while more than the last word is missing; behind what the client has not taken it may have come */
function eventsAtEnd({ pausedAt }: Pump, stream: ByteStreamConverter): number | undefined {
  return stream.lacksOnlyEnd && pausedAt === undefined ? stream.stats.eventsIn : undefined
}

/** Relay itself ends the stream. The caller finishes the request. */
function interrupt(pump: Pump, failure: Failure): void {
  const { stream, live, isOver } = pump
  if (isOver || stream === undefined) return
  pump.isOver = true
  write(pump, stream.fail(failure))
  noteFacts(pump, stream)
  if (live.outgoing.headersSent) pump.writer.end()
  pump.settle({ type: 'answered' })
}

/** The request is over. @returns whether its answer was complete */
function leave(pump: Pump): boolean {
  const { stream, isOver } = pump
  if (stream?.state === 'finished') return true
  if (stream !== undefined && !isOver) noteFacts(pump, stream) // the client left; an earlier attempt has noted its own
  return false
}

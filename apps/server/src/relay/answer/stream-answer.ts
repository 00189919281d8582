import type { ByteStreamConverter, Failure } from '@relay/format-converter'
import type { TransportFailure, UpstreamHeaders } from '@relay/upstreams'

import { type AttemptOutcome, failedAnswer, failedTransport, ownClass, refusedAnswer } from '../attempt.ts'
import type { LiveRequest } from '../live-request.ts'
import type { PreparedAttempt } from '../prepare/prepare-attempt.ts'
import { answerHeaders, noteAnswerHead } from './answer-headers.ts'
import { AnswerWriter } from './answer-writer.ts'
import type { ErrorBody } from './error-body.ts'
import { Pump, type PumpRooms } from './pump.ts'
import { failureOfTransport } from './upstream-failure.ts'

const MAX_STREAM_BYTES = 256 * 1024 * 1024
const TOO_LARGE: Failure = { kind: 'overflow', message: `the answer is larger than ${MAX_STREAM_BYTES} bytes` }
const NO_FIRST_EVENT: Failure = {
  kind: 'timeout',
  message: 'the upstream accepted the request but began no answer in time',
}
const NO_LAST_WORD: Failure = { kind: 'timeout', message: 'the upstream left its answer without an end' }

/**
 * Sends a request and pumps the answer to the client as it comes: one write for each read, the upstream paused while the
 * client does not read. Until the first meaningful event nothing goes out, so that a failure leaves every way open.
 */
export function streamAnswer(rooms: PumpRooms, live: LiveRequest, attempt: PreparedAttempt): Promise<AttemptOutcome> {
  const pump = new AnswerPump(rooms, live, attempt)
  const outcome = pump.run(attempt.request)
  pump.buildReader()
  return outcome
}

/** One stream on its way: what it belongs to and where it stands. */
class AnswerPump extends Pump {
  readonly #attempt: PreparedAttempt
  readonly #writer: AnswerWriter
  /** What reads the answer once there is one: built while the upstream thinks. */
  #reader: ByteStreamConverter | undefined = undefined
  #stream: ByteStreamConverter | undefined = undefined
  /** Time spent converting, in milliseconds. */
  #convertedMs = 0

  constructor(rooms: PumpRooms, live: LiveRequest, attempt: PreparedAttempt) {
    super(rooms, live)
    this.#attempt = attempt
    this.#writer = new AnswerWriter(live.outgoing)
  }

  buildReader(): void {
    this.#reader = this.#attempt.exchange.byteStream()
  }

  protected override takeHead(headers: UpstreamHeaders): void {
    const { hider, exchange } = this.#attempt
    noteAnswerHead(this.live, { headers, hider, exchange })
    this.#attempt.recording?.seeHead(this.status, headers.get('content-type'))
    if (this.errorBody === undefined) this.#stream = this.#reader
  }

  protected override takeChunk(chunk: Uint8Array): boolean {
    if (this.isOver) return true
    this.bytesIn += chunk.length
    this.#attempt.recording?.seeBytes(chunk)
    const stream = this.#stream
    const errorBody = this.errorBody
    if (errorBody !== undefined && !errorBody.add(chunk)) this.#refuse(errorBody)
    if (stream !== undefined) this.#advance(stream, this.#convert(stream, chunk))
    return this.pausedAt === undefined
  }

  #convert(stream: ByteStreamConverter, chunk: Uint8Array): string | Uint8Array {
    if (this.bytesIn > MAX_STREAM_BYTES) return stream.fail(TOO_LARGE)
    const startedAt = performance.now()
    const output = stream.push(chunk)
    this.#convertedMs += performance.now() - startedAt
    return output
  }

  protected override takeEnd(): void {
    if (this.isOver) return
    if (this.errorBody !== undefined) this.#refuse(this.errorBody)
    else if (this.#stream !== undefined) this.#advance(this.#stream, this.#stream.end())
  }

  protected override takeFailure(failure: TransportFailure): void {
    if (this.isOver) return
    const stream = this.#stream
    const errorBody = this.errorBody
    if (errorBody !== undefined && failure.code !== 'aborted') return this.#refuse(errorBody)
    if (stream !== undefined && (stream.committed || this.live.outgoing.headersSent))
      return this.#advance(stream, stream.fail(failureOfTransport(failure)))
    this.isOver = true
    if (stream !== undefined) this.#noteFacts(stream)
    this.settle(failedTransport(failure, this.status === 0 ? undefined : this.status))
  }

  /** Writes what the converter gave, and sees whether it was the end. */
  #advance(stream: ByteStreamConverter, output: string | Uint8Array): void {
    if (stream.hasContent) this.#noteContent()
    if (stream.error !== undefined) {
      const { hider } = this.#attempt
      this.#write(hider.hideInOutput(output), true)
      return this.#breakOff(stream, hider.hideInFailure(stream.error))
    }
    const isLast = stream.state === 'finished'
    this.#write(output, isLast)
    if (isLast) this.#complete(stream)
  }

  #noteContent(): void {
    const { live } = this
    if (live.facts.firstTokenMs !== undefined) return
    live.facts.firstTokenMs = live.elapsedMs()
    this.#attempt.onContent?.()
  }

  #write(output: string | Uint8Array, isLast = false): void {
    const { outgoing, facts, isFinished } = this.live
    if (output.length === 0 || isFinished) return
    if (!outgoing.headersSent) outgoing.writeHead(200, this.#streamHeaders())
    this.#attempt.keeper?.see(output)
    this.lastWriteAt = performance.now()
    facts.bytesOut += output.length
    if (!this.#writer.write(output, isLast)) this.pause((resume) => this.#writer.onDrain(resume))
  }

  #streamHeaders(): Record<string, string> {
    const { exchange, hider } = this.#attempt
    return answerHeaders({
      live: this.live,
      contentType: 'text/event-stream; charset=utf-8',
      losses: exchange.losses,
      upstreamHeaders: this.headers,
      hider,
    })
  }

  #complete(stream: ByteStreamConverter): void {
    this.isOver = true
    this.#noteFacts(stream)
    this.#writer.end()
    this.#attempt.keeper?.keepStreamed()
    this.settle({ type: 'answered' })
    this.live.finish({ reason: 'completed', status: 200 })
  }

  /** The stream broke: before the first byte another account may try, after it the client has its error event. */
  #breakOff(stream: ByteStreamConverter, failure: Failure): void {
    const { live } = this
    const status = this.status
    this.isOver = true
    this.#noteFacts(stream)
    this.call?.abort()
    const own = ownClass(this.#attempt.account, { status, headers: this.headers, text: failure.message }, failure)
    const attempt = failedAnswer(status, own ?? failure)
    if (!stream.committed && !live.outgoing.headersSent) return this.settle(attempt)
    this.#writer.end()
    this.settle({ type: 'broken', attempt })
    live.finish({
      reason: failure.kind === 'timeout' ? 'upstream_timeout' : 'upstream_error',
      status: 200,
      message: failure.message,
    })
  }

  /** The upstream said no, and enough of its words have come. */
  #refuse(body: ErrorBody): void {
    const answer = { status: this.status, headers: this.headers, text: body.text() }
    this.isOver = true
    this.settle(refusedAnswer(this.#attempt, answer))
    this.call?.abort()
  }

  /** What the client never saw is not its output: it counts only where the upstream itself did. */
  #noteFacts(stream: ByteStreamConverter): void {
    const { facts } = this.live
    const { conversion } = facts
    const { eventsIn, eventsOut, tokensSaid } = stream.stats
    if (conversion !== undefined) {
      conversion.answerMs = this.#convertedMs
      conversion.bytesIn = this.bytesIn
      conversion.eventsIn = eventsIn
      conversion.eventsOut = eventsOut
    }
    facts.usage = stream.usage
    facts.modelServed = stream.upstreamModel
    facts.answerId = stream.upstreamId
    facts.losses = stream.losses
    facts.outputEstimate = stream.hasContent ? Math.max(1, Math.ceil(tokensSaid)) : 0
  }

  protected override takeTime(nowMs: number): void {
    const errorBody = this.errorBody
    if (this.isOver) return
    if (this.#stream !== undefined) this.#beatStream(this.#stream, nowMs)
    else if (errorBody !== undefined && nowMs - this.acceptedAt > this.rhythm.refusalMs) this.#refuse(errorBody)
  }

  #beatStream(stream: ByteStreamConverter, nowMs: number): void {
    const { gateMs, keepAliveMs } = this.rhythm
    const waitedMs = nowMs - this.acceptedAt
    if (!stream.hasContent && waitedMs > this.#attempt.firstEventMs)
      return this.#advance(stream, stream.fail(NO_FIRST_EVENT))
    if (this.lastWord.isOverdue(nowMs, this.#eventsAtEnd(stream)))
      return this.#advance(stream, stream.fail(NO_LAST_WORD))
    if (!stream.committed && waitedMs > gateMs) {
      // The upstream is merely slow: the client hears so, and a failover is given up.
      this.#write(stream.open())
      this.#write(stream.ping())
    } else if (stream.committed && nowMs - this.lastWriteAt > keepAliveMs) {
      this.#write(stream.ping())
    }
  }

  /** @returns `undefined` while more than the last word is missing; behind what the client has not taken it may have come */
  #eventsAtEnd(stream: ByteStreamConverter): number | undefined {
    return stream.lacksOnlyEnd && this.pausedAt === undefined ? stream.stats.eventsIn : undefined
  }

  protected override interrupt(failure: Failure): void {
    const stream = this.#stream
    if (this.isOver || stream === undefined) return
    this.isOver = true
    this.#write(stream.fail(failure))
    this.#noteFacts(stream)
    if (this.live.outgoing.headersSent) this.#writer.end()
    this.settle({ type: 'answered' })
  }

  protected override leave(): boolean {
    const stream = this.#stream
    if (stream?.state === 'finished') return true
    if (stream !== undefined && !this.isOver) this.#noteFacts(stream) // the client left; an earlier attempt has noted its own
    return false
  }
}

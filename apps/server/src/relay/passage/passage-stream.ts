import type { ServerResponse } from 'node:http'

import { convertFailure, type Failure } from '@relay/format-converter'
import type { TransportFailure, UpstreamHeaders } from '@relay/upstreams'

import type { ErrorBody } from '../answer/error-body.ts'
import { Pump, type PumpRooms } from '../answer/pump.ts'
import { failureOfTransport } from '../answer/upstream-failure.ts'
import { type AttemptOutcome, failedAnswer, type FailedAttempt, failedTransport } from '../attempt.ts'
import { createUseNotes } from './passage-use.ts'
import { createPassingEvents, type PassingEvents } from './passing-events.ts'
import type { PreparedPassage } from './prepared-passage.ts'
import { beginsLikeJson } from './read-passed.ts'

/** Limits of an answer (`reliability` 3.5). */
const MAX_WHOLE_BYTES = 64 * 1024 * 1024
const MAX_STREAM_BYTES = 256 * 1024 * 1024

const CONTENT_TYPE = /^[\w.+-]+\/[\w.+-]+(?:\s*;[\x20-\x7e]*)?$/

const HTML: Failure = { kind: 'upstream_protocol', message: 'the upstream answered with an HTML page' }
const NOTHING: Failure = { kind: 'upstream_truncated', message: 'the upstream began an answer and sent nothing of it' }
const OVERFLOW: Failure = { kind: 'overflow', message: 'the answer is larger than Relay passes on' }

/** How an answer goes to the client: read to its end first, as events, or as bytes that come. */
type Way = 'whole' | 'events' | 'bytes'

/** Sends, and passes the answer on as its kind demands; nothing goes out before the answer has begun. */
export function pumpPassage(rooms: PumpRooms, passage: PreparedPassage): Promise<AttemptOutcome> {
  return new PassagePump(rooms, passage).run(passage.request)
}

class PassagePump extends Pump {
  readonly #passage: PreparedPassage
  readonly #chunks: Uint8Array[] = []
  #way: Way | undefined = undefined
  #events: PassingEvents | undefined = undefined
  #contentType = ''

  constructor(rooms: PumpRooms, passage: PreparedPassage) {
    super(rooms, passage.live)
    this.#passage = passage
  }

  protected override takeHead(headers: UpstreamHeaders): void {
    const said = headers.get('content-type') ?? 'application/json'
    this.#contentType = CONTENT_TYPE.test(said) && said.length < 200 ? said.toLowerCase() : 'application/octet-stream'
    if (this.errorBody === undefined) this.#way = wayOf(this.#contentType)
    if (this.#way === 'events') this.#events = createPassingEvents(createUseNotes(this.live))
  }

  protected override takeChunk(chunk: Uint8Array): boolean {
    if (this.isOver) return true
    if (this.bytesIn === 0) this.#seeBeginning(chunk)
    this.bytesIn += chunk.length
    if (this.errorBody !== undefined) {
      if (!this.errorBody.add(chunk)) this.#refuse(this.errorBody)
    } else if (this.bytesIn > (this.#way === 'whole' ? MAX_WHOLE_BYTES : MAX_STREAM_BYTES)) this.#fail(OVERFLOW)
    else if (this.#way === 'whole') this.#chunks.push(chunk)
    else if (this.#events === undefined) this.#write(chunk)
    else this.#passEvents(this.#events, this.#events.push(chunk))
    return this.pausedAt === undefined
  }

  /** What is called a stream may be none; where signs of life have gone out, that is no answer any more. */
  #seeBeginning(chunk: Uint8Array): void {
    if (this.#events === undefined || this.live.outgoing.headersSent || !beginsLikeJson(chunk)) return
    this.#way = 'whole'
    this.#events = undefined
    this.#contentType = 'application/json'
  }

  /** Before the first event nothing goes out, so that a failure leaves every way open. */
  #passEvents(events: PassingEvents, passed: readonly Uint8Array[]): void {
    for (const event of passed) this.#chunks.push(event) // of blank lines there may be more than a call takes arguments
    if (events.hasBegun || this.live.outgoing.headersSent) {
      this.live.facts.firstTokenMs ??= this.live.elapsedMs()
      this.#flush()
    }
    if (events.failure !== undefined) return this.#fail(events.failure)
    if (events.isOver) this.#complete()
  }

  #flush(): void {
    this.#write(Buffer.concat(this.#chunks.splice(0)))
  }

  #begin(): void {
    const { outgoing } = this.live
    if (!outgoing.headersSent) outgoing.writeHead(200, this.#passage.headers(this.#contentType, this.headers))
  }

  #write(chunk: Uint8Array): void {
    const { live } = this
    const { outgoing, facts, isFinished } = live
    if (chunk.length === 0 || isFinished) return
    this.#begin()
    if (this.#events === undefined) facts.firstTokenMs ??= live.elapsedMs()
    facts.bytesOut += chunk.length
    this.lastWriteAt = performance.now()
    if (!outgoing.write(chunk)) this.pause((resume) => void outgoing.once('drain', resume))
  }

  protected override takeEnd(): void {
    if (this.isOver) return
    if (this.errorBody !== undefined) return this.#refuse(this.errorBody)
    if (this.#events !== undefined) return this.#endEvents(this.#events)
    const status = this.status
    const contentType = this.#contentType
    this.isOver = true
    if (contentType.startsWith('text/html')) return this.settle(failedAnswer(status, HTML))
    if (this.#way === 'whole') {
      const body = Buffer.concat(this.#chunks)
      return this.settle(this.#passage.deliver({ status, headers: this.headers, contentType, body }))
    }
    if (!this.live.outgoing.headersSent) return this.settle(failedAnswer(status, NOTHING))
    this.#complete()
  }

  #endEvents(events: PassingEvents): void {
    this.#passEvents(events, events.end())
    if (!this.isOver) this.#complete()
  }

  #complete(): void {
    this.isOver = true
    this.live.outgoing.end()
    this.settle({ type: 'answered' })
    this.live.finish({ reason: 'completed', status: 200 })
  }

  protected override takeFailure(failure: TransportFailure): void {
    if (this.isOver) return
    if (this.errorBody !== undefined && failure.code !== 'aborted') return this.#refuse(this.errorBody)
    if (this.#events?.isComplete === true) return this.#complete()
    const failed = failedTransport(failure, this.status === 0 ? undefined : this.status)
    this.#giveUpAnswer(failureOfTransport(failure), failed)
  }

  /** The upstream sends what is no answer. */
  #fail(seen: Failure): void {
    const failure = this.#passage.hider.hideInFailure(seen)
    this.#giveUpAnswer(failure, failedAnswer(this.status, failure))
    this.call?.abort()
  }

  /** Another account may try as long as nothing has gone out. */
  #giveUpAnswer(failure: Failure, attempt: FailedAttempt): void {
    if (this.live.outgoing.headersSent) return this.#breakOff(failure, { type: 'broken', attempt })
    this.isOver = true
    this.settle(attempt)
  }

  /** After the first byte: an error event where the answer is events; bytes just stop, and never look finished. */
  #breakOff(failure: Failure, outcome: AttemptOutcome): void {
    if (this.isOver || !this.live.outgoing.headersSent) return
    this.isOver = true
    const { live } = this
    const { outgoing } = live
    if (this.#way === 'events') {
      const hidden = this.#passage.hider.hideInFailure(failure)
      const { body } = convertFailure({ to: 'openai-chat', failure: hidden, requestId: live.id })
      outgoing.end(`data: ${JSON.stringify(body)}\n\n`)
    } else cutOff(outgoing)
    this.settle(outcome)
    if (outcome.type !== 'broken') return
    const reason = failure.kind === 'timeout' ? 'upstream_timeout' : 'upstream_error'
    live.finish({ reason, status: 200, message: failure.message })
  }

  #refuse(body: ErrorBody): void {
    this.isOver = true
    this.settle(this.#passage.refuse(this.status, this.headers, body.text()))
    this.call?.abort()
  }

  /** An upstream that has accepted and is merely slow gets its time, and the client signs of life. */
  protected override takeTime(nowMs: number): void {
    const { gateMs, keepAliveMs, refusalMs } = this.rhythm
    const errorBody = this.errorBody
    const events = this.#events
    const waitedMs = nowMs - this.acceptedAt
    if (this.isOver) return
    if (errorBody !== undefined && waitedMs > refusalMs) return this.#refuse(errorBody)
    if (events === undefined) return
    const isEnding = events.lacksOnlyEnd && this.pausedAt === undefined // what is not taken yet may hide the last word
    if (this.lastWord.isOverdue(nowMs, isEnding ? events.eventsIn : undefined)) return this.#complete()
    const { outgoing } = this.live
    const isQuiet = outgoing.headersSent ? nowMs - this.lastWriteAt > keepAliveMs : waitedMs > gateMs
    if (!isQuiet) return
    this.#begin()
    this.#flush()
    outgoing.write(': keep-alive\n\n')
    this.lastWriteAt = nowMs
  }

  protected override interrupt(failure: Failure): void {
    this.#breakOff(failure, { type: 'answered' })
  }

  protected override leave(): boolean {
    return this.#events?.isOver === true
  }
}

function wayOf(contentType: string): Way {
  if (contentType.startsWith('text/event-stream')) return 'events'
  return /^(?:audio|image|video)\/|^application\/octet-stream/.test(contentType) ? 'bytes' : 'whole'
}

/** A client of HTTP/1.0, as a proxy may be, takes the end of a connection for that of an answer: only a reset says otherwise. */
function cutOff(outgoing: ServerResponse): void {
  if (outgoing.chunkedEncoding) outgoing.destroy()
  else outgoing.socket?.resetAndDestroy()
}

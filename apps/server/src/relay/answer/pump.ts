import type { Failure } from '@relay/format-converter'
import type {
  Sender,
  TransportFailure,
  UpstreamCall,
  UpstreamHandler,
  UpstreamHeaders,
  UpstreamRequest,
} from '@relay/upstreams'

import type { Log } from '../../observe/log.ts'
import type { AttemptOutcome } from '../attempt.ts'
import type { LiveRequest } from '../live-request.ts'
import type { BufferedStream } from './buffer-bound.ts'
import { endBroken } from './end-live-request.ts'
import { createErrorBody, type ErrorBody } from './error-body.ts'
import { giveUp } from './give-up.ts'
import type { Beating, Heartbeat } from './heartbeat.ts'
import { LastWord } from './last-word.ts'
import type { StreamRhythm } from './stream-rhythm.ts'

export interface PumpRooms {
  readonly log: Log
  readonly sender: Sender
  readonly heartbeat: Heartbeat
  readonly rhythm: StreamRhythm
}

const NO_HEADERS: UpstreamHeaders = new Map()

/**
 * An answer on its way from its upstream to its client, moved by what the upstream sends, by time and by the end of its
 * request. A bug in a move ends this one request.
 */
export abstract class Pump implements UpstreamHandler, Beating, BufferedStream {
  protected readonly live: LiveRequest
  /** Ends the attempt; counts once. */
  protected readonly settle: (outcome: AttemptOutcome | Promise<AttemptOutcome>) => void
  protected readonly rhythm: StreamRhythm
  protected readonly lastWord: LastWord
  protected call: UpstreamCall | undefined = undefined
  /** Of the upstream's answer; 0 before there is one. */
  protected status = 0
  protected headers: UpstreamHeaders = NO_HEADERS
  /** Where the upstream said no. */
  protected errorBody: ErrorBody | undefined = undefined
  /** When status and headers came, and when the client was last written to, in monotonic milliseconds. */
  protected acceptedAt = 0
  protected lastWriteAt = 0
  /** Bytes of the upstream's body. */
  protected bytesIn = 0
  protected isOver = false
  /** Since when the client does not keep up, in monotonic milliseconds. */
  protected pausedAt: number | undefined = undefined
  readonly #rooms: PumpRooms
  readonly #outcome: Promise<AttemptOutcome>
  #isUpstreamOver = false
  #linger: NodeJS.Timeout | undefined = undefined

  constructor(rooms: PumpRooms, live: LiveRequest) {
    const { promise, resolve } = Promise.withResolvers<AttemptOutcome>()
    this.live = live
    this.settle = resolve
    this.rhythm = rooms.rhythm
    this.lastWord = new LastWord(rooms.rhythm.lastWordMs)
    this.#rooms = rooms
    this.#outcome = promise
  }

  /** Status and headers are known, and whether the upstream said no. */
  protected abstract takeHead(headers: UpstreamHeaders): void
  /** @returns whether the upstream may go on sending */
  protected abstract takeChunk(chunk: Uint8Array): boolean
  protected abstract takeEnd(): void
  protected abstract takeFailure(failure: TransportFailure): void
  /** @param nowMs - monotonic milliseconds */
  protected abstract takeTime(nowMs: number): void
  /** Relay itself ends the answer. The caller finishes the request. */
  protected abstract interrupt(failure: Failure): void
  /** The request is over. @returns whether the answer was complete, so that its upstream may close by itself */
  protected abstract leave(): boolean

  /** Sends the request; what comes moves the pump until it has settled. */
  run(request: UpstreamRequest): Promise<AttemptOutcome> {
    const { live } = this
    this.call = this.#rooms.sender.send(request, this)
    const stop = this.#rooms.heartbeat.add(this)
    live.own(() => this.#release())
    live.onInterrupt((failure) => this.interrupt(failure))
    return this.#outcome.finally(stop) // time does not matter to it any more
  }

  onSending(): void {
    this.live.noteSending()
  }

  onHeaders(status: number, headers: UpstreamHeaders): void {
    this.status = status
    this.headers = headers
    this.acceptedAt = performance.now()
    this.lastWriteAt = this.acceptedAt
    if (status < 200 || status >= 300) this.errorBody = createErrorBody()
    try {
      this.takeHead(headers)
    } catch (error) {
      this.#meetBug(error)
    }
  }

  onData(chunk: Uint8Array): boolean {
    try {
      return this.takeChunk(chunk)
    } catch (error) {
      this.#meetBug(error)
      return true
    }
  }

  onEnd(): void {
    this.#endUpstream()
    try {
      this.takeEnd()
    } catch (error) {
      this.#meetBug(error)
    }
  }

  onFailure(failure: TransportFailure): void {
    this.#endUpstream()
    try {
      this.takeFailure(failure)
    } catch (error) {
      this.#meetBug(error)
    }
  }

  beat(nowMs: number): void {
    try {
      this.takeTime(nowMs)
    } catch (error) {
      this.#meetBug(error)
    }
  }

  get buffered(): BufferedStream {
    return this
  }

  bufferedBytes(): number {
    return this.live.outgoing.writableLength
  }

  stuckSinceMs(): number | undefined {
    return this.pausedAt
  }

  giveUp(): void {
    giveUp(this.live)
  }

  /** The client does not keep up: the upstream rests until it has read what there is. */
  protected pause(onDrain: (resume: () => void) => void): void {
    if (this.pausedAt !== undefined) return
    this.pausedAt = performance.now()
    this.call?.pause()
    onDrain(() => {
      this.pausedAt = undefined
      this.call?.resume()
    })
  }

  /** What is thrown in a move is a bug: sockets and timers call, where nobody else would catch it. */
  #meetBug(error: unknown): void {
    this.#rooms.log.error({ requestId: this.live.id, error }, 'an answer met an unexpected error')
    this.settle({ type: 'untried' })
    endBroken(this.live, error)
  }

  /** Nothing is left to wait for: the timer would keep the whole request in memory until it fires. */
  #endUpstream(): void {
    this.#isUpstreamOver = true
    clearTimeout(this.#linger)
  }

  /** A complete answer leaves the upstream a moment to close, so that its connection can be used again. */
  #release(): void {
    const abort = (): void => this.call?.abort()
    if (!this.leave()) abort()
    else if (!this.#isUpstreamOver) this.#linger = setTimeout(abort, this.rhythm.lingerMs).unref()
  }
}

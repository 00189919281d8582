import type { IncomingMessage, ServerResponse } from 'node:http'

import type { Account, UsageReason } from '@relay/account-store'
import type { Failure, FormatName } from '@relay/format-converter'

import { noFacts, type RequestFacts } from './request-facts.ts'

/** How a request ended. */
export interface RequestEnd {
  readonly reason: UsageReason
  /** HTTP status the client got; 499 when it left before there was one. */
  readonly status: number
  readonly message?: string | undefined
}

/**
 * The one owner of a request, from its first byte to its last. Whatever ends the request goes through `finish`, which
 * runs once: it gives back what the request holds and hands the facts to the meter.
 */
export interface LiveRequest {
  readonly id: string
  readonly format: FormatName
  readonly incoming: IncomingMessage
  readonly outgoing: ServerResponse
  /** A look-up costs nothing and leaves no usage record. */
  readonly isLookup: boolean
  /** Canonical path and the client's query string, with its `?`. */
  readonly path: string
  readonly query: string
  /** Unix time of the arrival, milliseconds. */
  readonly startedAt: number
  /** Monotonic milliseconds since the arrival. */
  elapsedMs(): number
  /** Fires when the client leaves or the request ends otherwise. */
  signal(): AbortSignal
  readonly facts: RequestFacts
  readonly isFinished: boolean
  /** Notes that an account is tried now; the end of the request is also the end of its notes. */
  beginAttempt(account: Account): void
  /** Notes that the request of the running attempt begins to go out. */
  noteSending(): void
  /** Notes how the running attempt ended; `finish` does it for the one that answered. */
  endAttempt(end: AttemptEnd): void
  /** Something to give back at the end; runs at once when the end has passed. */
  own(release: () => void): void
  /** Lets a running answer be broken off from outside; the newest one counts. */
  onInterrupt(breakOff: (failure: Failure) => void): void
  /** Breaks a running answer off with the client's own error; nothing happens when none runs. */
  interrupt(failure: Failure): void
  /** Ends the request; every call but the first does nothing. */
  finish(end: RequestEnd): void
}

export interface LiveRequestInit extends Pick<
  LiveRequest,
  'id' | 'format' | 'incoming' | 'outgoing' | 'isLookup' | 'path' | 'query'
> {
  /** Writes the record and the access log line. */
  readonly onFinish: (live: LiveRequest, end: RequestEnd) => void
}

/** Ready-made: without a reason every end would build an exception with its stack, also that of a good answer. */
const ENDED = new Error('the request has ended')

export function createLiveRequest(init: LiveRequestInit): LiveRequest {
  return new OwnedRequest(init)
}

/** A class, since there is one for every request: closures would be made anew for each. */
class OwnedRequest implements LiveRequest {
  readonly id: string
  readonly format: FormatName
  readonly incoming: IncomingMessage
  readonly outgoing: ServerResponse
  readonly isLookup: boolean
  readonly path: string
  readonly query: string
  readonly startedAt = Date.now()
  readonly facts = noFacts()
  isFinished = false

  readonly #onFinish: LiveRequestInit['onFinish']
  readonly #startedMonotonic = performance.now()
  readonly #attempts = new AttemptNotes(this.facts)
  readonly #releases: (() => void)[] = []
  #controller: AbortController | undefined
  #breakOff: ((failure: Failure) => void) | undefined

  constructor({ id, format, incoming, outgoing, isLookup, path, query, onFinish }: LiveRequestInit) {
    this.id = id
    this.format = format
    this.incoming = incoming
    this.outgoing = outgoing
    this.isLookup = isLookup
    this.path = path
    this.query = query
    this.#onFinish = onFinish
    outgoing.on('close', () => this.#onClose())
  }

  elapsedMs(): number {
    return Math.round(this.#sinceArrival())
  }

  #sinceArrival(): number {
    return performance.now() - this.#startedMonotonic
  }

  signal(): AbortSignal {
    this.#controller ??= new AbortController() // most requests end without anybody having asked for it
    if (this.isFinished) this.#controller.abort(ENDED)
    return this.#controller.signal
  }

  beginAttempt(account: Account): void {
    if (!this.isFinished) this.#attempts.begin(account, this.#sinceArrival()) // otherwise its record is written
  }

  noteSending(): void {
    this.facts.isSent = true
  }

  endAttempt(end: AttemptEnd): void {
    this.facts.isSent = false
    this.#attempts.end(end, this.#sinceArrival())
  }

  own(release: () => void): void {
    if (this.isFinished) release()
    else this.#releases.push(release)
  }

  onInterrupt(breakOff: (failure: Failure) => void): void {
    this.#breakOff = breakOff
  }

  interrupt(failure: Failure): void {
    this.#breakOff?.(failure)
  }

  finish(end: RequestEnd): void {
    if (this.isFinished) return
    this.isFinished = true
    const { outgoing, facts } = this
    const elapsedMs = this.#sinceArrival()
    const status = outgoing.headersSent ? outgoing.statusCode : undefined
    this.#attempts.end({ status, reason: end.reason }, elapsedMs)
    facts.overheadMs = Math.max(0, elapsedMs - this.#attempts.totalMs)
    this.#controller?.abort(ENDED)
    for (const release of this.#releases.splice(0)) release()
    this.#onFinish(this, end)
  }

  /** The client left before its answer was complete. */
  #onClose(): void {
    const { outgoing } = this
    this.finish({ reason: 'client_closed', status: outgoing.headersSent ? outgoing.statusCode : 499 })
  }
}

/** How an attempt ended. */
interface AttemptEnd {
  readonly status: number | undefined
  readonly reason: string
}

/** Keeps the list of attempts, and the time that they took; times are milliseconds since the arrival. */
class AttemptNotes {
  readonly #facts: RequestFacts
  #begunMs: number | undefined
  totalMs = 0

  constructor(facts: RequestFacts) {
    this.#facts = facts
  }

  begin(account: Account, nowMs: number): void {
    const facts = this.#facts
    keepUse(facts)
    facts.account = account
    facts.isSent = false
    facts.upstreamFormat = undefined
    facts.upstreamRequestId = undefined
    facts.passedHeaders = undefined
    this.#begunMs = nowMs
    const { id: accountId, name: accountName } = account
    facts.attempts.push({ accountId, accountName, status: undefined, reason: 'running', ms: 0 })
  }

  end({ status, reason }: AttemptEnd, nowMs: number): void {
    const begunMs = this.#begunMs
    if (begunMs === undefined) return
    this.#begunMs = undefined
    const running = this.#facts.attempts.pop()
    if (running === undefined) return
    const ms = nowMs - begunMs
    this.totalMs += ms
    this.#facts.attempts.push({ ...running, status, reason, ms: Math.round(ms) })
  }
}

/** An upstream may have counted something before its attempt failed: that is paid for, and not of the next one. */
function keepUse(facts: RequestFacts): void {
  const { account, usage, modelSent, modelServed } = facts
  if (account === undefined || usage === undefined) return
  if (usage.isEstimated !== true)
    facts.earlierUses = [...(facts.earlierUses ?? []), { account, usage, modelSent, modelServed }]
  facts.usage = undefined
  facts.modelServed = undefined
  facts.outputEstimate = undefined
}

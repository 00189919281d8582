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
  endAttempt(end: { readonly status: number | undefined; readonly reason: string }): void
  /** Something to give back at the end; runs at once when the end has passed. */
  own(release: () => void): void
  /** Lets a running answer be broken off from outside; the newest one counts. */
  onInterrupt(breakOff: (failure: Failure) => void): void
  /** Breaks a running answer off with the client's own error; nothing happens when none runs. */
  interrupt(failure: Failure): void
  /** Ends the request; every call but the first does nothing. */
  finish(end: RequestEnd): void
}

export interface LiveRequestInit {
  readonly id: string
  readonly format: FormatName
  readonly incoming: IncomingMessage
  readonly outgoing: ServerResponse
  readonly isLookup: boolean
  readonly path: string
  readonly query: string
  /** Writes the record and the access log line. */
  readonly onFinish: (live: LiveRequest, end: RequestEnd) => void
}

/** Ready-made: without a reason every end would build an exception with its stack, also that of a good answer. */
const ENDED = new Error('the request has ended')

export function createLiveRequest(init: LiveRequestInit): LiveRequest {
  const { outgoing } = init
  const startedAt = Date.now()
  const startedMonotonic = performance.now()
  let controller: AbortController | undefined
  const releases: (() => void)[] = []
  const facts = noFacts()
  let breakOff: ((failure: Failure) => void) | undefined
  const sinceArrival = (): number => performance.now() - startedMonotonic
  const elapsedMs = (): number => Math.round(sinceArrival())
  const attempts = createAttemptNotes(facts, sinceArrival)

  function beginAttempt(account: Account): void {
    if (!live.isFinished) attempts.begin(account) // otherwise its record is written
  }

  function finish(end: RequestEnd): void {
    if (live.isFinished) return
    live.isFinished = true
    attempts.end({ status: outgoing.headersSent ? outgoing.statusCode : undefined, reason: end.reason })
    facts.overheadMs = Math.max(0, sinceArrival() - attempts.totalMs())
    controller?.abort(ENDED)
    for (const release of releases.splice(0)) release()
    init.onFinish(live, end)
  }

  /** The client left before its answer was complete. */
  function onClose(): void {
    finish({ reason: 'client_closed', status: outgoing.headersSent ? outgoing.statusCode : 499 })
  }

  function own(release: () => void): void {
    if (live.isFinished) release()
    else releases.push(release)
  }

  function signal(): AbortSignal {
    controller ??= new AbortController() // most requests end without anybody having asked for it
    if (live.isFinished) controller.abort(ENDED)
    return controller.signal
  }

  // Plain members: accessors in an object literal make it a slow one, and this one is read at every packet.
  const live: LiveRequest & { isFinished: boolean } = {
    ...init,
    startedAt,
    elapsedMs,
    signal,
    facts,
    isFinished: false,
    beginAttempt,
    noteSending: () => {
      facts.isSent = true
    },
    endAttempt: (end) => {
      facts.isSent = false
      attempts.end(end)
    },
    own,
    onInterrupt: (next) => {
      breakOff = next
    },
    interrupt: (failure) => breakOff?.(failure),
    finish,
  }
  outgoing.on('close', onClose)
  return live
}

interface AttemptNotes {
  begin(account: Account): void
  end(end: { readonly status: number | undefined; readonly reason: string }): void
  totalMs(): number
}

/** Keeps the list of attempts, and the time that they took. */
function createAttemptNotes(facts: RequestFacts, sinceArrival: () => number): AttemptNotes {
  let begunMs: number | undefined
  let totalMs = 0
  return {
    begin: (account) => {
      keepUse(facts)
      facts.account = account
      facts.isSent = false
      facts.upstreamFormat = undefined
      facts.upstreamRequestId = undefined
      facts.passedHeaders = undefined
      begunMs = sinceArrival()
      const { id: accountId, name: accountName } = account
      facts.attempts.push({ accountId, accountName, status: undefined, reason: 'running', ms: 0 })
    },
    end: ({ status, reason }) => {
      const running = begunMs === undefined ? undefined : facts.attempts.pop()
      const ms = sinceArrival() - (begunMs ?? 0)
      begunMs = undefined
      if (running === undefined) return
      totalMs += ms
      facts.attempts.push({ ...running, status, reason, ms: Math.round(ms) })
    },
    totalMs: () => totalMs,
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

import type { UsageReason } from '@relay/account-store'
import type { Failure } from '@relay/format-converter'

import { ServerError } from '../../server-error.ts'
import type { LiveRequest } from '../live-request.ts'
import { failureAnswerTo, writeFailureAnswer } from './failure-answer.ts'

const SHUTDOWN: Failure = {
  kind: 'overloaded',
  message: 'Relay is being restarted; send the request again',
  retryAfterMs: 1_000,
}

/** Ends a request that outlived the grace of a stop: with its format's own error, never with a clean end. */
export function endLiveRequest(live: LiveRequest): void {
  endWithError(live, new ServerError(SHUTDOWN.kind, SHUTDOWN.message, SHUTDOWN), 'shutdown')
}

/** Ends a request in which a bug was met; whatever state its answer is in, it never looks finished. */
export function endBroken(live: LiveRequest, error: unknown): void {
  const { outgoing } = live
  try {
    endWithError(live, error, 'internal_error')
  } finally {
    if (outgoing.headersSent && !outgoing.writableEnded) outgoing.destroy()
  }
}

/** Ends a request whose bytes turned out to be none while they came; nothing else is read from its connection. */
export function endRejected(live: LiveRequest, error: unknown): void {
  live.outgoing.setHeader('connection', 'close')
  endWithError(live, error, 'rejected')
}

function endWithError(live: LiveRequest, error: unknown, reason: UsageReason): void {
  const answer = failureAnswerTo(live, error)
  const { failure } = answer
  live.interrupt(failure)
  const status = live.outgoing.headersSent ? live.outgoing.statusCode : answer.status
  writeFailureAnswer(live.outgoing, answer)
  live.finish({ reason, status, message: failure.message })
}

import type { Failure } from '@relay/format-converter'

import { ServerError } from '../server-error.ts'
import { failureAnswer, writeFailureAnswer } from './failure-answer.ts'
import type { LiveRequest } from './live-request.ts'

const SHUTDOWN: Failure = {
  kind: 'overloaded',
  message: 'Relay is being restarted; send the request again',
  retryAfterMs: 1_000,
}

/** Ends a request that outlived the grace of a stop: with its format's own error, never with a clean end. */
export function endLiveRequest(live: LiveRequest): void {
  live.interrupt(SHUTDOWN)
  const error = new ServerError(SHUTDOWN.kind, SHUTDOWN.message, SHUTDOWN)
  const answer = failureAnswer(error, { format: live.format, requestId: live.id })
  const status = live.outgoing.headersSent ? live.outgoing.statusCode : answer.status
  writeFailureAnswer(live.outgoing, answer)
  live.finish({ reason: 'shutdown', status, message: SHUTDOWN.message })
}

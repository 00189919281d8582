import type { Failure } from '@relay/format-converter'

import { ServerError } from '../../server-error.ts'

/** Longer waits than this are never asked of a client, so they are said in words (reliability 2.5). */
const LONGEST_TOLD_MS = 60_000

/** A client that waits this long only hangs: it had better give up and say why (clients 1, rule 6). */
const FINAL_MS = 10 * 60_000

/** A failure as an error for the client; where it lasts, in the form that makes clients stop at once. */
export function waitingError(failure: Failure, status?: number): ServerError {
  const { kind, message, retryAfterMs, ...more } = failure
  const isWaiting = (kind === 'rate_limit' || kind === 'overloaded') && retryAfterMs !== undefined
  if (!isWaiting || retryAfterMs <= LONGEST_TOLD_MS)
    return new ServerError(kind, message, { ...more, retryAfterMs, status })
  const told = `${message} (free again in ${Math.ceil(retryAfterMs / 1000)} s)`
  const isFinal = kind === 'rate_limit' && isFinalWait(retryAfterMs)
  return new ServerError(kind, told, {
    ...more,
    retryAfterMs,
    status,
    ...(isFinal && { code: 'insufficient_quota', headers: { 'x-should-retry': 'false' } }),
  })
}

/** Whether a wait is so long that the request has failed for good. */
export function isFinalWait(retryAfterMs: number): boolean {
  return retryAfterMs > FINAL_MS
}

import { clientRetryAfterSeconds, readRetryAfterMs } from './retry-after.ts'
import type { UpstreamHeaders } from './upstream-call.ts'

/**
 * What a good answer says about the next request.
 *
 * @param nowMs - for `retry-after` in the form of a date
 * @returns lower-case name → value
 */
export function pickRetryHeaders(headers: UpstreamHeaders, nowMs: number): ReadonlyMap<string, string> {
  const picked = new Map<string, string>()
  const retryAfterMs = readRetryAfterMs(headers, nowMs)
  if (retryAfterMs !== undefined) {
    picked.set('retry-after', String(clientRetryAfterSeconds(retryAfterMs)))
  }
  const shouldRetry = headers.get('x-should-retry')
  if (shouldRetry === 'true' || shouldRetry === 'false') picked.set('x-should-retry', shouldRetry)
  return picked
}

/** The upstream's own id of a request; `undefined` when it names none that looks like one. */
export function readUpstreamRequestId(headers: UpstreamHeaders): string | undefined {
  const id = headers.get('request-id') ?? headers.get('x-request-id')
  return id !== undefined && REQUEST_ID.test(id) ? id : undefined
}

/** Ids as services make them; anything else is not passed on. */
const REQUEST_ID = /^[\w.:-]{1,128}$/

/** How long the upstream worked on a request, as its header says it; `undefined` when it gives no number. */
export function readProcessingMs(headers: UpstreamHeaders): string | undefined {
  const ms = headers.get('openai-processing-ms')
  return ms !== undefined && /^\d{1,9}$/.test(ms) ? ms : undefined
}

import type { FormatName } from '@relay/format-converter'

import { clientRetryAfterSeconds, readRetryAfterMs } from './retry-after.ts'
import type { UpstreamHeaders } from './upstream-call.ts'

/** Which surface the answer goes to: some headers mean something to one family only. */
export interface AnswerHeaderFacts {
  readonly clientFormat: FormatName
  /** For `retry-after` in the form of a date. */
  readonly nowMs: number
}

/**
 * The headers of an upstream's answer that may reach the client.
 *
 * `content-type` is not among them: the caller knows what it writes. The upstream's rate-limit
 * headers are not either: they describe the pool's account.
 *
 * @returns lower-case name → value
 */
export function pickAnswerHeaders(headers: UpstreamHeaders, facts: AnswerHeaderFacts): ReadonlyMap<string, string> {
  const picked = new Map<string, string>()
  const requestId = readUpstreamRequestId(headers)
  if (requestId !== undefined) picked.set('x-relay-upstream-request-id', requestId)
  const retryAfterMs = readRetryAfterMs(headers, facts.nowMs)
  if (retryAfterMs !== undefined) {
    picked.set('retry-after', String(clientRetryAfterSeconds(retryAfterMs)))
  }
  const shouldRetry = headers.get('x-should-retry')
  if (shouldRetry === 'true' || shouldRetry === 'false') picked.set('x-should-retry', shouldRetry)
  const processingMs = headers.get('openai-processing-ms')
  if (isOpenAi(facts) && processingMs !== undefined && /^\d{1,9}$/.test(processingMs)) {
    picked.set('openai-processing-ms', processingMs)
  }
  return picked
}

/** The upstream's own id of a request; `undefined` when it names none that looks like one. */
export function readUpstreamRequestId(headers: UpstreamHeaders): string | undefined {
  const id = headers.get('request-id') ?? headers.get('x-request-id')
  return id !== undefined && REQUEST_ID.test(id) ? id : undefined
}

/** Ids as services make them; anything else is not passed on. */
const REQUEST_ID = /^[\w.:-]{1,128}$/

function isOpenAi(facts: AnswerHeaderFacts): boolean {
  return facts.clientFormat === 'openai-chat' || facts.clientFormat === 'openai-responses'
}

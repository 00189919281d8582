import type { FormatName } from '@relay/format-converter'

import type { UpstreamHeaders } from './upstream-call.ts'

/**
 * The headers of an upstream's good answer that may reach the client.
 *
 * `content-type` is not among them: the caller knows what it writes. What upstreams say about retries and rate limits is
 * not either: the one means nothing here, the other describes the pool's account.
 *
 * @returns lower-case name → value
 */
export function pickAnswerHeaders(headers: UpstreamHeaders, clientFormat: FormatName): ReadonlyMap<string, string> {
  const picked = new Map<string, string>()
  const requestId = readUpstreamRequestId(headers)
  if (requestId !== undefined) picked.set('x-relay-upstream-request-id', requestId)
  const processingMs = headers.get('openai-processing-ms')
  if (clientFormat !== 'anthropic-messages' && processingMs !== undefined && /^\d{1,9}$/.test(processingMs)) {
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

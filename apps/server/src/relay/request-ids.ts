import { randomUUID } from 'node:crypto'
import type { ServerResponse } from 'node:http'

/**
 * A request id: recognisable, unique, fit for a URL and a log. It begins with the time: ids that are made together lie together
 * in the store, so that writing one costs the same among millions of others.
 */
export function newRequestId(): string {
  const time = Date.now().toString(16).padStart(TIME_DIGITS, '0')
  // Draws its randomness in bulk, unlike `randomBytes`; its first and last digits are none of the fixed ones of a UUID.
  const random = randomUUID()
  return `req_${time}${random.slice(0, 8)}${random.slice(-12)}`
}

const TIME_DIGITS = 12

/** 24 letters and digits, for the ids inside of converted answers. */
export function newPlainId(): string {
  return randomUUID().replaceAll('-', '').slice(0, 24)
}

/** Every answer names its request, under the names that the vendors' SDKs look for. */
export function requestIdHeaders(requestId: string): Readonly<Record<string, string>> {
  return { 'request-id': requestId, 'x-request-id': requestId, 'x-relay-request-id': requestId }
}

/** {@link requestIdHeaders} on a response that is answered later. */
export function setRequestId(outgoing: ServerResponse, requestId: string): void {
  for (const [name, value] of Object.entries(requestIdHeaders(requestId))) outgoing.setHeader(name, value)
}

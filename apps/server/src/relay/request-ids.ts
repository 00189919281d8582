import { randomUUID } from 'node:crypto'
import type { ServerResponse } from 'node:http'

/** A request id: recognisable, unique, fit for a URL and a log. */
export function newRequestId(): string {
  return `req_${randomUUID().replaceAll('-', '')}` // draws its randomness in bulk, unlike `randomBytes`
}

/** 24 letters and digits, for the ids inside of converted answers. */
export function newPlainId(): string {
  return randomUUID().replaceAll('-', '').slice(0, 24)
}

/** Every answer names its request, under the names that the vendors' SDKs look for. */
export function setRequestId(outgoing: ServerResponse, requestId: string): void {
  outgoing.setHeader('request-id', requestId)
  outgoing.setHeader('x-request-id', requestId)
  outgoing.setHeader('x-relay-request-id', requestId)
}

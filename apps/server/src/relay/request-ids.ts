import { randomFillSync } from 'node:crypto'
import type { ServerResponse } from 'node:http'

/**
 * A request id: recognisable, unique, fit for a URL and a log. It begins with the time: ids that are made together lie together
 * in the store, so that writing one costs the same among millions of others.
 */
export function newRequestId(): string {
  const start = takeRandom(TIME_BYTES + 10)
  pool.writeUIntBE(Date.now(), start, TIME_BYTES)
  return `req_${pool.toString('hex', start, used)}`
}

/** Milliseconds since the epoch, for the next 8,000 years. */
const TIME_BYTES = 6

/** 24 letters and digits, for the ids inside of converted answers. */
export function newPlainId(): string {
  return pool.toString('hex', takeRandom(12), used)
}

const pool = Buffer.alloc(4096)
let used = pool.length

/**
 * Draws randomness in bulk, unlike `randomBytes`; as hex it is one plain string, unlike `randomUUID`.
 *
 * @returns where in the pool it begins; it ends at `used`
 */
function takeRandom(bytes: number): number {
  if (used + bytes > pool.length) {
    randomFillSync(pool)
    used = 0
  }
  used += bytes
  return used - bytes
}

/** Every answer names its request, under the names that the vendors' SDKs look for. */
export const REQUEST_ID_HEADERS: readonly string[] = ['request-id', 'x-request-id', 'x-relay-request-id']

/** All of {@link REQUEST_ID_HEADERS} with the id. */
export function requestIdHeaders(requestId: string): Readonly<Record<string, string>> {
  return Object.fromEntries(REQUEST_ID_HEADERS.map((name) => [name, requestId]))
}

/** {@link requestIdHeaders} on a response that is answered later. */
export function setRequestId(outgoing: ServerResponse, requestId: string): void {
  for (const name of REQUEST_ID_HEADERS) outgoing.setHeader(name, requestId)
}

import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { Server as NetServer } from 'node:net'
import { setImmediate as nextTurn, setTimeout as wait } from 'node:timers/promises'

import { endLiveRequest } from './relay/answer/end-live-request.ts'
import type { LiveRequest } from './relay/live-request.ts'
import type { Roster } from './relay/roster.ts'

/** How a server comes to its end. */
export interface DrainOptions {
  /** Requests that have not ended. */
  readonly live: Roster<LiveRequest>
  /** How long they may take to finish. */
  readonly graceMs: number
}

const LOOK_MS = 50
/**
 * How long nothing may have happened on kept connections until they are closed. A client that is at work comes back within it,
 * is served once more and told to connect anew: closed at once, its next request would be lost on the way.
 */
const QUIET_MS = 500
/** How long connections may keep coming until the address is given up all the same. */
const TAKE_MS = 1000
/** A turn of the event loop in which this little happened has left hardly any time for a connection to come unseen. */
const SHORT_TURN_MS = 2
/** For what is left of connections when everything was said. */
const CLOSE_MS = 1000

/** Takes no more connections, lets requests finish, those of kept connections too, and ends the rest with an error of their own. */
export async function drain(server: Server, { live, graceMs }: DrainOptions): Promise<void> {
  let quietSinceMs = performance.now()
  for (const event of ['request', 'checkContinue']) {
    server.prependListener(event, (_: IncomingMessage, outgoing: ServerResponse) => {
      quietSinceMs = performance.now()
      outgoing.setHeader('connection', 'close')
    })
  }
  for (const { outgoing } of live) if (!outgoing.headersSent) outgoing.setHeader('connection', 'close')
  await takeWaiting(server)
  // Node's own `close` of an HTTP server cuts idle connections at once.
  const closed = new Promise<void>((resolve) => NetServer.prototype.close.call(server, () => resolve()))
  const deadline = performance.now() + graceMs
  const isQuiet = (): boolean => live.size === 0 && performance.now() - quietSinceMs > QUIET_MS
  while (!isQuiet() && performance.now() < deadline && (await hasConnections(server))) {
    if (live.size > 0) quietSinceMs = performance.now()
    await wait(LOOK_MS)
  }
  for (const request of live) endLiveRequest(request)
  server.closeIdleConnections()
  const late = new AbortController()
  await Promise.race([closed, wait(CLOSE_MS, undefined, { signal: late.signal }).catch(() => undefined)])
  late.abort()
  server.closeAllConnections()
}

async function hasConnections(server: Server): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>()
  server.getConnections((error, count) => resolve(error !== null || count > 0))
  return promise
}

/**
 * Takes the connections that the system has accepted for the server and that wait for their turn: it would reset them when
 * the address is given up, and with them requests that are on their way.
 */
async function takeWaiting(server: Server): Promise<void> {
  let hasCome = false
  const noteConnection = (): void => {
    hasCome = true
  }
  server.on('connection', noteConnection)
  const deadline = performance.now() + TAKE_MS
  await nextTurn() // what is left of this one may hold no look at the address
  for (let isQuiet = false; !isQuiet && performance.now() < deadline;) {
    const beganAt = performance.now()
    hasCome = false
    await nextTurn()
    isQuiet = !hasCome && performance.now() - beganAt < SHORT_TURN_MS
  }
  server.off('connection', noteConnection)
}

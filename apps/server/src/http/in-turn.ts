import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

import { ServerError } from '../server-error.ts'
import { refuseRequest } from './refuse-connection.ts'

/** Requests that wait for their turn on one connection; no client that we know sends more at once. */
const MAX_WAITING = 100
const TOO_MANY = new ServerError('overloaded', `more than ${MAX_WAITING} requests wait on this connection`, {
  retryAfterMs: 1_000,
})

/**
 * Begins a request when all before it on its connection have their answers: one of those may close the connection, and
 * what nobody could hear is not asked of an upstream.
 */
export function inTurn(listener: RequestListener): RequestListener {
  const waiting = new WeakMap<Socket, number>()

  function wait(incoming: IncomingMessage, outgoing: ServerResponse): void {
    const { socket } = incoming
    const count = waiting.get(socket) ?? 0
    // That answer waits for its turn in the place of the request, and `node:http` reads no more behind many of them.
    if (count >= MAX_WAITING) return refuseRequest(incoming, outgoing, TOO_MANY)
    waiting.set(socket, count + 1)
    outgoing.once('socket', () => {
      waiting.set(socket, (waiting.get(socket) ?? 1) - 1)
      if (!socket.destroyed) listener(incoming, outgoing)
    })
  }

  return (incoming, outgoing) => {
    // `node:http` gives an answer its connection when its turn has come.
    if (outgoing.socket === null) wait(incoming, outgoing)
    else listener(incoming, outgoing)
  }
}

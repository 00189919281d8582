import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

/** Requests that wait for their turn on one connection; behind more of them it is not read on. */
const MAX_WAITING = 16

/**
 * Begins a request when all before it on its connection have their answers: one of those may close the connection, and
 * what nobody could hear is not asked of an upstream.
 */
export function inTurn(listener: RequestListener): RequestListener {
  const waiting = new WeakMap<Socket, number>()

  function wait(incoming: IncomingMessage, outgoing: ServerResponse): void {
    const { socket } = incoming
    const count = (waiting.get(socket) ?? 0) + 1
    waiting.set(socket, count)
    if (count > MAX_WAITING) socket.pause()
    outgoing.once('socket', () => {
      const left = (waiting.get(socket) ?? 1) - 1
      waiting.set(socket, left)
      if (left === MAX_WAITING) socket.resume()
      if (!socket.destroyed) listener(incoming, outgoing)
    })
  }

  return (incoming, outgoing) => {
    // `node:http` gives an answer its connection when its turn has come.
    if (outgoing.socket === null) wait(incoming, outgoing)
    else listener(incoming, outgoing)
  }
}

import type { IncomingMessage, ServerResponse } from 'node:http'

/**
 * A client that sends nothing between so many looks has stopped, and reads. Looks are counted and not time: who was held
 * up itself has not read yet what came.
 */
const QUIET_LOOKS = 2
const LOOK_MS = 250
/** No client keeps its connection for more looks than this by sending on: 5 s. */
const MAX_LOOKS = 20
/** What is thrown away at most: twice of what a body may have. */
const MAX_BYTES = 64 * 1024 * 1024

/**
 * Ends an answer that was given before its request had come whole: at once to the client, while the connection stays open
 * for a moment and what still comes is thrown away. Closed at once, it would be reset, and many clients that are in the
 * middle of a large body tell of a broken connection in place of the answer.
 */
export function endAfterBody(incoming: IncomingMessage, outgoing: ServerResponse, text: string): void {
  let looks = 0
  let quietLooks = 0
  let bytes = 0

  function close(): void {
    clearInterval(timer)
    incoming.off('data', onData)
    outgoing.end()
  }

  function onData(chunk: Uint8Array): void {
    quietLooks = 0
    bytes += chunk.length
    if (bytes > MAX_BYTES) close()
  }

  function look(): void {
    looks += 1
    quietLooks += 1
    if (quietLooks > QUIET_LOOKS || looks > MAX_LOOKS) close()
  }

  const timer = setInterval(look, LOOK_MS).unref() // an orderly stop does not wait for it
  outgoing.write(text)
  incoming.once('close', close).on('data', onData).resume()
}

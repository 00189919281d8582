import type { IncomingMessage, ServerResponse } from 'node:http'

/** A client that sends nothing for so long has stopped, and reads. */
const IDLE_MS = 500
/** No client keeps its connection longer by sending on. */
const LONGEST_MS = 5_000
/** What is thrown away at most: twice of what a body may have. */
const MAX_BYTES = 64 * 1024 * 1024

/**
 * Ends an answer that was given before its request had come whole: at once to the client, while the connection stays open
 * for a moment and what still comes is thrown away. Closed at once, it would be reset, and many clients that are in the
 * middle of a large body tell of a broken connection in place of the answer.
 */
export function endAfterBody(incoming: IncomingMessage, outgoing: ServerResponse, text: string): void {
  const begunMs = performance.now()
  let seenMs = begunMs
  let bytes = 0

  function close(): void {
    clearInterval(timer)
    incoming.off('data', onData)
    outgoing.end()
  }

  function onData(chunk: Uint8Array): void {
    seenMs = performance.now()
    bytes += chunk.length
    if (bytes > MAX_BYTES) close()
  }

  function look(): void {
    const nowMs = performance.now()
    if (nowMs - seenMs > IDLE_MS || nowMs - begunMs > LONGEST_MS) close()
  }

  const timer = setInterval(look, IDLE_MS / 2).unref() // an orderly stop does not wait for it
  outgoing.write(text)
  incoming.once('close', close).on('data', onData).resume()
}

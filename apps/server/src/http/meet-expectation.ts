import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http'

/**
 * A client that expects `100-continue` sends its body when it is told to. It is told when somebody begins to read it: a
 * request that is refused for its head gets its answer alone, after which `node:http` closes the connection.
 */
export function meetExpectations(server: Server, listener: RequestListener): void {
  server.on('checkContinue', (incoming: IncomingMessage, outgoing: ServerResponse) => {
    onFirstRead(incoming, () => {
      if (!outgoing.headersSent) outgoing.writeContinue()
    })
    listener(incoming, outgoing)
  })
}

/** Whatever reads a stream comes through its `_read`. */
function onFirstRead(incoming: IncomingMessage, tell: () => void): void {
  const { _read: read } = incoming
  const readAfterTelling = (size: number): void => {
    Object.assign(incoming, { _read: read })
    tell()
    read.call(incoming, size)
  }
  Object.assign(incoming, { _read: readAfterTelling })
}

import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http'

/**
 * A client that expects `100-continue` sends its body when it is told to. It is told when somebody begins to read it: a
 * request that is refused for its head gets its answer alone, after which `node:http` closes the connection.
 */
export function meetExpectations(server: Server, listener: RequestListener): void {
  server.on('checkContinue', (incoming: IncomingMessage, outgoing: ServerResponse) => {
    const read = incoming._read.bind(incoming)
    incoming._read = (size) => {
      incoming._read = read
      if (!outgoing.headersSent) outgoing.writeContinue()
      read(size)
    }
    listener(incoming, outgoing)
  })
}

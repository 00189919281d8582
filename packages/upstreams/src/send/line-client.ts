import { Client } from 'undici'
import type { buildConnector, Dispatcher } from 'undici'

import { type Line, newLine } from './line.ts'
import { passParser } from './pass-parser.ts'
import { readDirectly } from './read-directly.ts'
import type { ReadTurns } from './read-turns.ts'
import { skipInterim } from './skip-interim.ts'

/** A handler that wants to know which connection carries its request. */
export interface LineHandler extends Dispatcher.DispatchHandler {
  /** Called before `onRequestStart`, again if the request moves to another client. */
  onLine(line: Line): void
}

/** The options of a line client; its connector has to be a function. */
export interface LineClientOptions extends Omit<Client.Options, 'connect'> {
  readonly connect: buildConnector.connector
  readonly readTurns: ReadTurns
}

/**
 * undici's client that tells its handlers about its connection.
 *
 * undici hides three things that the promises of the sender need: whether a kept connection was
 * used before, whether a body without a length ended because of an error, and interim responses,
 * at one of which (100) it gives up.
 */
export class LineClient extends Client {
  readonly #line: Line

  constructor(origin: string | URL, { readTurns, ...options }: LineClientOptions) {
    const line = newLine()
    super(origin, { ...options, connect: watchConnections(options.connect, { line, readTurns }) })
    this.#line = line
  }

  override dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    if (isLineHandler(handler)) handler.onLine(this.#line)
    return super.dispatch(options, handler)
  }
}

function isLineHandler(handler: Dispatcher.DispatchHandler): handler is LineHandler {
  return 'onLine' in handler
}

interface Watch {
  readonly line: Line
  readonly readTurns: ReadTurns
}

function watchConnections(connector: buildConnector.connector, { line, readTurns }: Watch): buildConnector.connector {
  return function connect(target, callback) {
    connector(target, (...result) => {
      const [, socket] = result
      if (socket !== null) {
        line.requests = 0
        line.isBroken = false
        line.socket = socket
        // Listening before undici does: its own listener may already report the end of the body.
        socket.once('error', () => {
          line.isBroken = true
        })
        readDirectly(socket)
        readTurns.share(socket)
        skipInterim(socket, line)
        passParser(socket, line)
      }
      callback(...result)
    })
  }
}

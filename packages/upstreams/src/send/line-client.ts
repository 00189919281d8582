import type { Socket } from 'node:net'

import { Client } from 'undici'
import type { buildConnector, Dispatcher } from 'undici'

import type { ReadTurns } from './read-turns.ts'

/** What is known about the one connection that a client holds at a time. */
export interface Line {
  /** Requests that were written to the present connection. */
  requests: number
  /** Whether the present connection ended with an error. */
  isBroken: boolean
  /** Whether the next bytes belong to a response's head. */
  expectsHead: boolean
}

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
 * used before, whether a body without a length ended because of an error, and interim responses
 * with status 100, at which it gives up.
 */
export class LineClient extends Client {
  readonly #line: Line

  constructor(origin: string | URL, { readTurns, ...options }: LineClientOptions) {
    const line: Line = { requests: 0, isBroken: false, expectsHead: false }
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
        // Listening before undici does: its own listener may already report the end of the body.
        socket.once('error', () => {
          line.isBroken = true
        })
        readTurns.share(socket)
        skipContinue(socket, line)
      }
      callback(...result)
    })
  }
}

const CONTINUE = Buffer.from('HTTP/1.1 100')
const HEAD_END = '\r\n\r\n'

/** No server sends more than a line; a longer one is left for the parser to refuse. */
const MAX_CONTINUE_BYTES = 4096

/**
 * Takes `100 Continue` responses, which some servers send unasked, out of what the socket reads.
 *
 * End of this workaround: when undici ignores them like other interim responses (8.12 ends the
 * connection with "bad response").
 */
function skipContinue(socket: Socket, line: Line): void {
  const read = socket.read.bind(socket) as (size?: number) => Buffer | null // no encoding is set
  let held: Buffer | undefined
  socket.read = (size?: number): Buffer | null => {
    const chunk = read(size)
    if (!line.expectsHead || chunk === null) return chunk
    let bytes = held === undefined ? chunk : Buffer.concat([held, chunk])
    held = undefined
    while (startsLikeContinue(bytes) && bytes.length < MAX_CONTINUE_BYTES) {
      const end = bytes.indexOf(HEAD_END)
      if (end === -1) {
        held = bytes
        return null
      }
      bytes = bytes.subarray(end + HEAD_END.length)
      if (bytes.length === 0) return null
    }
    line.expectsHead = false
    return bytes
  }
}

/** Whether the bytes are, or may still become, an interim response. */
function startsLikeContinue(bytes: Buffer): boolean {
  const length = Math.min(bytes.length, CONTINUE.length)
  return bytes.compare(CONTINUE, 0, length, 0, length) === 0
}

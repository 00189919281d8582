import type { Socket } from 'node:net'

import { Client } from 'undici'
import type { buildConnector, Dispatcher } from 'undici'

import { readDirectly } from './read-directly.ts'
import type { ReadTurns } from './read-turns.ts'

/** What is known about the one connection that a client holds at a time. */
export interface Line {
  /** Requests that were written to the present connection. */
  requests: number
  /** Whether the present connection ended with an error. */
  isBroken: boolean
  /** Whether the next bytes belong to a response's head. */
  expectsHead: boolean
  /** Whether the present request has had an interim response. */
  hasInterim: boolean
  /** The present connection, once there is one. */
  socket: Socket | undefined
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
 * used before, whether a body without a length ended because of an error, and interim responses,
 * at one of which (100) it gives up.
 */
export class LineClient extends Client {
  readonly #line: Line

  constructor(origin: string | URL, { readTurns, ...options }: LineClientOptions) {
    const line: Line = { requests: 0, isBroken: false, expectsHead: false, hasInterim: false, socket: undefined }
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
      }
      callback(...result)
    })
  }
}

/** No server sends more of it; a longer one is left for the parser. */
const MAX_INTERIM_BYTES = 16 * 1024
const HEAD_END = '\r\n\r\n'

/**
 * Takes interim responses out of what the socket reads: servers send them unasked, `100 Continue` among them.
 *
 * End of this workaround: when undici ignores a 100 like other interim responses (8.12 ends the
 * connection with "bad response").
 */
function skipInterim(socket: Socket, line: Line): void {
  const read = socket.read.bind(socket) as (size?: number) => Buffer | null // no encoding is set
  let held: Buffer | undefined
  socket.read = (size?: number): Buffer | null => {
    const chunk = read(size)
    if (!line.expectsHead || chunk === null) return chunk
    let bytes = held === undefined ? chunk : Buffer.concat([held, chunk])
    held = undefined
    while (startsLikeInterim(bytes)) {
      const end = bytes.indexOf(HEAD_END)
      if ((end === -1 ? bytes.length : end) > MAX_INTERIM_BYTES) break
      if (end === -1) {
        held = bytes
        return null
      }
      line.hasInterim = true
      bytes = bytes.subarray(end + HEAD_END.length)
      if (bytes.length === 0) return null
    }
    line.expectsHead = false
    return bytes
  }
}

/** 101 is none: it begins another protocol, for which nobody has asked. */
const INTERIM = /^HTTP\/1\.[01] 1(?:0[02-9]|[1-9]\d)/
const INTERIM_BYTES = 'HTTP/1.1 100'.length
const BEGINNINGS = ['HTTP/1.1 1', 'HTTP/1.0 1']

/** Whether the bytes are, or may still become, an interim response. */
function startsLikeInterim(bytes: Buffer): boolean {
  const start = bytes.toString('latin1', 0, INTERIM_BYTES)
  if (start.length === INTERIM_BYTES) return INTERIM.test(start)
  return BEGINNINGS.some((beginning) => beginning.startsWith(start.slice(0, beginning.length)))
}

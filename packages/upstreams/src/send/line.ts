import type { Socket } from 'node:net'

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
  /** Gets what of the present body need not go through the parser. */
  receiver: LineReceiver | undefined
  /** Told by the parser's reader how the body comes, before any of it is read. */
  beginBody(comesInChunks: boolean): void
  /** Goes on with the body when the receiver takes more again. */
  readMore(): void
}

/** Who asked for the present response. */
export interface LineReceiver {
  receive(data: Buffer): void
  /** Whether it takes more now. */
  isOpen(): boolean
}

/** What ends the head of a response. */
export const HEAD_END = '\r\n\r\n'

export function newLine(): Line {
  return {
    requests: 0,
    isBroken: false,
    expectsHead: false,
    hasInterim: false,
    socket: undefined,
    receiver: undefined,
    beginBody: () => undefined,
    readMore: () => undefined,
  }
}

import { connect } from 'node:net'
import type { Socket } from 'node:net'

import { eventually } from './harness.ts'

/** A client that writes bytes of its own making. */
export interface RawClient {
  readonly socket: Socket
  write(bytes: string | Uint8Array): void
  /** Everything received so far. */
  readonly received: () => string
  /** Waits until what was received fits; returns all of it. */
  receive(pattern: RegExp): Promise<string>
  /** Settles when the other side has closed the connection. */
  readonly closed: Promise<void>
  leave(): void
}

/** Connects to a relay. */
export async function openRawClient(url: string): Promise<RawClient> {
  const { hostname, port } = new URL(url)
  const socket = connect(Number(port), hostname)
  let text = ''
  socket.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
  socket.on('error', () => socket.destroy()) // a reset is an end like any other here
  const closed = new Promise<void>((resolve) => socket.on('close', () => resolve()))
  await new Promise<void>((resolve) => socket.on('connect', () => resolve()))
  return {
    socket,
    write: (bytes) => void socket.write(bytes),
    received: () => text,
    receive: async (pattern) => {
      await eventually(`${String(pattern)} was not received`, () => pattern.test(text), 30_000)
      return text
    },
    closed,
    leave: () => void socket.resetAndDestroy(),
  }
}

/** The head of a request with these fields; the body is the caller's to write. */
export function requestHead(line: string, fields: Readonly<Record<string, string | number>>): string {
  const lines = Object.entries({ host: 'relay.test', ...fields }).map(([name, value]) => `${name}: ${value}`)
  return [`${line} HTTP/1.1`, ...lines, '', ''].join('\r\n')
}

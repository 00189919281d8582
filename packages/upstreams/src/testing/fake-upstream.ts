import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'

import type { FakeAnswer } from './fake-answer.ts'
import { playAnswer } from './play-answer.ts'

/** A request as the fake upstream received it. */
export interface RecordedRequest {
  readonly method: string
  /** Path and query. */
  readonly url: string
  /** Lower-case names; repeated headers joined with `, `. */
  readonly headers: Readonly<Record<string, string>>
  /** Names and values exactly as they came, alternating. */
  readonly rawHeaders: readonly string[]
  readonly body: Buffer
  /** The body as JSON; undefined where it is none. */
  readonly json: unknown
  /** Number of the connection it came on, from 1. */
  readonly connection: number
  /** Resolves when the exchange is over: fully answered, or closed by the client before. */
  readonly closed: Promise<'answered' | 'aborted'>
  /** True once the client closed the connection before the answer was complete. */
  readonly isAborted: boolean
}

/** Decides what to answer from the request; `index` counts requests from 0. */
export type FakeScript = (request: RecordedRequest, index: number) => FakeAnswer | Promise<FakeAnswer>

/** A scriptable upstream on a real loopback socket. */
export interface FakeUpstream {
  /** `http://127.0.0.1:<port>`, without a trailing slash. */
  readonly url: string
  readonly port: number
  /** Every request so far whose body has arrived. */
  readonly requests: readonly RecordedRequest[]
  /** Connections that are open now. */
  readonly openConnections: number
  /** Connections that were ever opened. */
  readonly connectionCount: number
  /** What every request without a queued answer gets. */
  answer(script: FakeAnswer | FakeScript): void
  /** Queues answers for the next requests, first in, first out. */
  answerNext(...scripts: readonly (FakeAnswer | FakeScript)[]): void
  /** Waits until this many requests have arrived (default: one more than now) and returns the last of them. */
  waitForRequest(count?: number): Promise<RecordedRequest>
  /** Forgets the requests and the queued answers. */
  clear(): void
  /** Closes the server and every connection. */
  close(): Promise<void>
}

interface FakeState {
  readonly requests: RecordedRequest[]
  readonly queue: (FakeAnswer | FakeScript)[]
  readonly waiting: Set<() => void>
  readonly connections: Map<Socket, number>
  connectionCount: number
  requestCount: number
  standing: FakeAnswer | FakeScript
}

const NOTHING_SCRIPTED: FakeAnswer = {
  kind: 'reply',
  status: 500,
  headers: { 'content-type': 'application/json' },
  body: '{"error":{"message":"the fake upstream has no answer for this request","type":"server_error","param":null,"code":null}}',
}

/**
 * Starts a fake upstream on a free loopback port.
 *
 * @param script - the standing answer; without one every request gets a 500 that says so
 */
export async function startFakeUpstream(script?: FakeAnswer | FakeScript): Promise<FakeUpstream> {
  const state: FakeState = {
    requests: [],
    queue: [],
    waiting: new Set(),
    connections: new Map(),
    connectionCount: 0,
    requestCount: 0,
    standing: script ?? NOTHING_SCRIPTED,
  }
  const server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
    void serve(state, request, response)
  })
  server.on('connection', (socket: Socket) => {
    socket.setNoDelay(true)
    state.connectionCount += 1
    state.connections.set(socket, state.connectionCount)
    socket.on('close', () => state.connections.delete(socket))
    socket.on('error', () => socket.destroy()) // the peer left; `close` tells the rest
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  // A TCP server's address is always an AddressInfo.
  const { port } = server.address() as AddressInfo

  function close(): Promise<void> {
    for (const socket of state.connections.keys()) socket.destroy()
    return new Promise((resolve) => server.close(() => resolve()))
  }

  return {
    url: `http://127.0.0.1:${port}`,
    port,
    requests: state.requests,
    get openConnections() {
      return state.connections.size
    },
    get connectionCount() {
      return state.connectionCount
    },
    answer: (standing) => {
      state.standing = standing
    },
    answerNext: (...scripts) => {
      state.queue.push(...scripts)
    },
    waitForRequest: (count) => waitForRequest(state, count ?? state.requests.length + 1),
    clear: () => {
      state.requests.length = 0
      state.queue.length = 0
    },
    close,
  }
}

async function serve(state: FakeState, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = []
  try {
    for await (const chunk of request) chunks.push(chunk as Buffer) // no encoding is set: Buffers
  } catch {
    return // the client left while it was sending: there is no request to record
  }
  const connection = state.connections.get(request.socket) ?? 0
  const recorded = record(request, response, { body: Buffer.concat(chunks), connection })
  const index = state.requestCount
  state.requestCount += 1
  state.requests.push(recorded)
  for (const wake of state.waiting) wake()
  const script = state.queue.shift() ?? state.standing
  const answer = typeof script === 'function' ? await script(recorded, index) : script
  await playAnswer(answer, response)
}

interface Received {
  readonly body: Buffer
  readonly connection: number
}

function record(request: IncomingMessage, response: ServerResponse, received: Received): RecordedRequest {
  let isAborted = false
  const closed = new Promise<'answered' | 'aborted'>((resolve) => {
    response.on('close', () => {
      isAborted = !response.writableFinished
      resolve(isAborted ? 'aborted' : 'answered')
    })
  })
  return {
    method: request.method ?? '',
    url: request.url ?? '',
    headers: joinHeaders(request.rawHeaders),
    rawHeaders: request.rawHeaders,
    body: received.body,
    json: parseJson(received.body),
    connection: received.connection,
    closed,
    get isAborted() {
      return isAborted
    },
  }
}

function joinHeaders(raw: readonly string[]): Record<string, string> {
  const joined = new Map<string, string>()
  for (let index = 0; index + 1 < raw.length; index += 2) {
    const name = (raw[index] ?? '').toLowerCase()
    const value = raw[index + 1] ?? ''
    const earlier = joined.get(name)
    joined.set(name, earlier === undefined ? value : `${earlier}, ${value}`)
  }
  return Object.fromEntries(joined)
}

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8')) as unknown
  } catch {
    return undefined // not JSON: the test reads `body`
  }
}

function waitForRequest(state: FakeState, count: number): Promise<RecordedRequest> {
  return new Promise((resolve) => {
    function look(): void {
      const wanted = state.requests[count - 1]
      if (wanted === undefined) return
      state.waiting.delete(look)
      resolve(wanted)
    }
    state.waiting.add(look)
    look()
  })
}

import { type IncomingMessage, type Server, type ServerResponse, STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'

import { endRejected } from '../relay/answer/end-live-request.ts'
import { type FailureAnswer, failureAnswer, writeFailureAnswer } from '../relay/answer/failure-answer.ts'
import type { LiveRequest } from '../relay/live-request.ts'
import { newRequestId, requestIdHeaders, setRequestId } from '../relay/request-ids.ts'
import { ServerError } from '../server-error.ts'
import { callerFormat } from './caller-format.ts'
import { canonicalPath } from './canonical-path.ts'

/** Who asked, as far as that can be told. */
interface Caller {
  readonly url?: string | undefined
  readonly headers: IncomingMessage['headers']
}

/** What `node:http` tells of bytes that it could not read. */
interface ClientError extends Error {
  readonly code?: string
  /** The packet in which the trouble was found. */
  readonly rawPacket?: Uint8Array
}

/** A connection of `node:http`, which knows the answer that is being written on it. */
interface AnsweringSocket extends Duplex {
  readonly _httpMessage?: (ServerResponse & { readonly req: IncomingMessage }) | null
}

/** Answers what never becomes a request of the app in the words that any other refusal has. */
export function refuseConnections(server: Server, live: Iterable<LiveRequest>): void {
  const refused = new WeakSet<Duplex>()
  server.on('clientError', (error: ClientError, socket: AnsweringSocket) => {
    if (refused.has(socket)) return // whatever follows the first trouble is trouble, too
    refused.add(socket)
    afterAnswers(socket, () => refuseBytes(error, socket, live))
  })
  server.on('upgrade', (request: IncomingMessage, socket: Duplex) => end(socket, upgradeRefusal(), request))
  server.on('connect', (request: IncomingMessage, socket: AnsweringSocket) => {
    if (isAnswering(socket)) socket.destroy() // nothing can be said that would not be taken for that answer
    else end(socket, tunnelRefusal(), request)
  })
  server.on('checkExpectation', refuseExpectation)
}

/** Whether an earlier request has no whole answer yet. */
export function isAnswering({ _httpMessage: answering }: AnsweringSocket): boolean {
  return (answering ?? null) !== null
}

/** Whoever asked before has the right to an answer, unless the trouble is in that very request. */
function afterAnswers(socket: AnsweringSocket, tell: () => void): void {
  const { _httpMessage: answering } = socket
  if (answering?.req.complete !== true) tell()
  else if (!socket.destroyed) answering.once('close', () => afterAnswers(socket, tell))
}

/** 426 makes Codex fall back to HTTP at once; any other answer costs its users seconds. */
function upgradeRefusal(): ServerError {
  return refusal('WebSocket is not served here; use HTTP', 426)
}

function tunnelRefusal(): ServerError {
  return new ServerError('invalid_request', 'Relay is no proxy for CONNECT', {
    status: 405,
    headers: { allow: 'POST' },
  })
}

function refuseExpectation(incoming: IncomingMessage, outgoing: ServerResponse): void {
  refuseRequest(incoming, outgoing, refusal('the only expectation that is met is "100-continue"', 417))
}

/** Answers a request that goes to nobody, and closes its connection. */
export function refuseRequest(incoming: IncomingMessage, outgoing: ServerResponse, error: unknown): void {
  const requestId = newRequestId()
  setRequestId(outgoing, requestId)
  outgoing.setHeader('connection', 'close')
  writeFailureAnswer(outgoing, failureAnswer(error, { format: formatFor(incoming), requestId }))
}

/** Bytes that are no good HTTP, or that do not come: 400, 408 or 431, unless an answer has begun, which they would spoil. */
function refuseBytes(error: ClientError, socket: AnsweringSocket, live: Iterable<LiveRequest>): void {
  const { _httpMessage: answering } = socket
  if (!socket.writable || answering?.headersSent === true) return void socket.destroy()
  const owner = error.code === CUT ? undefined : [...live].find(({ outgoing }) => outgoing === answering)
  if (owner === undefined) end(socket, byteRefusal(error), answering?.req ?? readCaller(error.rawPacket))
  else endRejected(owner, byteRefusal(error))
}

/** The bytes end too early: whoever sent them has left, or reads on at most. */
const CUT = 'HPE_INVALID_EOF_STATE'

function byteRefusal({ code }: ClientError): ServerError {
  if (code === 'HPE_HEADER_OVERFLOW') return refusal('the head of the request is larger than 64 KB', 431)
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return refusal('the request did not arrive in time', 408)
  return refusal('the request is not well-formed HTTP', 400)
}

function refusal(message: string, status: number): ServerError {
  return new ServerError('invalid_request', message, { status })
}

/** The request line and the header that tells the caller's format, where the packet begins with a head. */
function readCaller(packet: Uint8Array = new Uint8Array(0)): Caller {
  const text = Buffer.from(packet.subarray(0, MAX_PEEKED_BYTES)).toString('latin1')
  const version = /\r?\nanthropic-version:/i.test(text) ? { 'anthropic-version': '' } : {}
  return { url: /^[A-Z]+ (\S+)/.exec(text)?.[1], headers: version }
}

const MAX_PEEKED_BYTES = 8192

function formatFor({ url = '', headers }: Caller): ReturnType<typeof callerFormat> {
  return callerFormat(canonicalPath(url.split('?', 1)[0] ?? ''), headers)
}

/** Writes an error answer on the bare connection and closes it. */
function end(socket: Duplex, error: ServerError, caller: Caller): void {
  const requestId = newRequestId()
  const told = failureAnswer(error, { format: formatFor(caller), requestId })
  const answer = caller.url === undefined ? { ...told, text: toAnyFormat(told.text, requestId) } : told
  socket.on('error', () => socket.destroy())
  socket.end(wireText(answer, requestId), () => socket.destroy())
}

/** Where nobody knows who asked, the error has the members of every format. */
function toAnyFormat(openAiText: string, requestId: string): string {
  const body = JSON.parse(openAiText) as object // as it was written a moment ago
  return JSON.stringify({ type: 'error', ...body, request_id: requestId })
}

function wireText({ status, headers, text }: FailureAnswer, requestId: string): string {
  const fields = {
    ...requestIdHeaders(requestId),
    'content-type': 'application/json',
    'content-length': String(Buffer.byteLength(text)),
    ...headers,
    connection: 'close',
  }
  const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}`)
  return [`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`, ...lines, '', text].join('\r\n')
}

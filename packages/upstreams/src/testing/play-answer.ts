import type { ServerResponse } from 'node:http'
import { setImmediate as nextTurn, setTimeout as wait } from 'node:timers/promises'

import type { FakeAnswer, FakeReply } from './fake-answer.ts'

/** Plays one scripted answer onto a response; returns when there is nothing more to do. */
export async function playAnswer(answer: FakeAnswer, response: ServerResponse): Promise<void> {
  const { socket } = response
  switch (answer.kind) {
    case 'silence':
      return
    case 'close':
      if (answer.isReset === true) socket?.resetAndDestroy()
      else socket?.destroy()
      return
    case 'raw':
      socket?.write(answer.bytes)
      if (answer.keepOpen !== true) socket?.end()
      return
    case 'reply':
      await playReply(answer, response)
  }
}

async function playReply(reply: FakeReply, response: ServerResponse): Promise<void> {
  const pieces = cutPieces(reply)
  if (reply.headersDelayMs !== undefined) await wait(reply.headersDelayMs)
  writeHead(reply, response, totalBytes(pieces))
  if (reply.firstByteDelayMs !== undefined) await wait(reply.firstByteDelayMs)
  const ending = await writePieces(reply, response, pieces)
  switch (ending) {
    case 'cut':
      response.socket?.destroy()
      return
    case 'stalled':
      return
    case 'complete':
      response.end()
      if (reply.framing === 'close') response.socket?.end()
  }
}

function writeHead(reply: FakeReply, response: ServerResponse, bodyBytes: number): void {
  response.sendDate = false
  response.strictContentLength = false
  response.statusCode = reply.status ?? 200
  for (const [name, value] of Object.entries(reply.headers ?? {})) response.setHeader(name, value)
  const framing = reply.framing ?? 'chunked'
  if (reply.claimedBytes !== undefined) response.setHeader('content-length', reply.claimedBytes)
  else if (framing === 'content-length') response.setHeader('content-length', bodyBytes)
  if (framing === 'close') {
    response.useChunkedEncodingByDefault = false
    response.setHeader('connection', 'close')
  }
  response.flushHeaders()
}

async function writePieces(
  reply: FakeReply,
  response: ServerResponse,
  pieces: readonly Buffer[],
): Promise<'complete' | 'cut' | 'stalled'> {
  const stop = Math.min(reply.cutAfterBytes ?? Infinity, reply.stallAfterBytes ?? Infinity)
  let written = 0
  for (const [index, piece] of pieces.entries()) {
    if (index > 0) await pauseBetween(reply)
    if (response.destroyed) return 'stalled' // the client has left
    const part = piece.subarray(0, stop - written)
    if (part.length > 0) await write(response, part)
    written += part.length
    if (written >= stop) break
  }
  if (written < stop) return 'complete'
  return stop === reply.cutAfterBytes ? 'cut' : 'stalled'
}

function pauseBetween({ pieceDelayMs }: FakeReply): Promise<void> {
  return pieceDelayMs === undefined ? nextTurn() : wait(pieceDelayMs)
}

/** Waits until the bytes are on their way, or until it is clear that they never will be. */
function write(response: ServerResponse, bytes: Uint8Array): Promise<void> {
  return new Promise((resolve) => {
    function settle(): void {
      response.off('close', settle)
      resolve()
    }
    response.once('close', settle)
    response.write(bytes, settle)
  })
}

function cutPieces(reply: FakeReply): readonly Buffer[] {
  const body = reply.body ?? ''
  const list = typeof body === 'string' || body instanceof Uint8Array ? [body] : body
  const buffers = list.map((piece) => Buffer.from(piece as Uint8Array)) // strings become UTF-8
  const { pieceBytes } = reply
  if (pieceBytes === undefined) return buffers
  const whole = Buffer.concat(buffers)
  const pieces: Buffer[] = []
  for (let start = 0; start < whole.length; start += pieceBytes) {
    pieces.push(whole.subarray(start, start + pieceBytes))
  }
  return pieces
}

function totalBytes(pieces: readonly Buffer[]): number {
  return pieces.reduce((sum, piece) => sum + piece.length, 0)
}

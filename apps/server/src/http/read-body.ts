import { isUtf8 } from 'node:buffer'
import type { IncomingMessage } from 'node:http'
import type { Transform } from 'node:stream'
import { createBrotliDecompress, createGunzip, createZstdDecompress } from 'node:zlib'

import { ServerError } from '../server-error.ts'
import { othersTurn } from './others-turn.ts'

/** Bounds of a request body. */
export interface BodyLimits {
  /** Bytes after decompression. */
  readonly maxBytes: number
  /** The body has to be complete within this time. */
  readonly timeoutMs: number
  /** Bytes that need not be text, as in a form with files. */
  readonly isBinary?: boolean
}

/** What clients may send (`reliability` 7.2); the largest agents name 32 MB themselves. */
export const BODY_LIMITS: BodyLimits = { maxBytes: 32 * 1024 * 1024, timeoutMs: 120_000 }

/** After this long a body has to have come at this rate at least. */
const RATE_GRACE_MS = 10_000
const MIN_BYTES_PER_SECOND = 1024

const decoders: Readonly<Record<string, () => Transform>> = {
  gzip: createGunzip,
  'x-gzip': createGunzip,
  br: createBrotliDecompress,
  zstd: createZstdDecompress,
}

/**
 * Reads a request body to its end, decompressed and counted while it comes.
 *
 * @returns UTF-8 bytes
 * @throws ServerError `too_large` (413), 415 for an unknown coding, 400 for broken compression or bytes that are not UTF-8,
 * `timeout` when the client is too slow, `client_abort` when it left
 */
export async function readBody(incoming: IncomingMessage, limits: BodyLimits): Promise<Uint8Array> {
  const declared = Number(incoming.headers['content-length'])
  if (declared > limits.maxBytes) throw tooLarge(limits.maxBytes)
  const coding = incoming.headers['content-encoding']?.trim().toLowerCase() ?? 'identity'
  if (incoming.destroyed) throw clientLeft()
  const isPlain = coding === 'identity' || coding === ''
  const bytes = isPlain ? await take(incoming, limits) : await collect(incoming, decoder(incoming, coding), limits)
  const turn = othersTurn(bytes) // it was put together just now
  if (turn !== undefined) await turn
  if (limits.isBinary !== true && !isUtf8(bytes))
    throw new ServerError('invalid_request', 'the body is not valid UTF-8')
  return bytes
}

/** A small body mostly comes with its head: then it is there as soon as the parser is through with both. */
async function take(incoming: IncomingMessage, limits: BodyLimits): Promise<Uint8Array> {
  const isAwaited = incoming.headers.expect !== undefined // it is sent when it is asked for, which reading does
  if (!incoming.complete && !isAwaited) await endOfPacket(incoming)
  if (incoming.destroyed) throw clientLeft()
  if (!incoming.complete) return collect(incoming, incoming, limits)
  const bytes = (incoming.read() as Buffer | null) ?? NOTHING // no encoding is set, so they are bytes
  if (bytes.length > limits.maxBytes) throw tooLarge(limits.maxBytes)
  return bytes
}

const NOTHING = new Uint8Array()

/**
 * Ends with the body, or with this turn of the event loop. To listen to a stream costs more than most bodies are worth, and
 * the turn alone would make each request wait for others.
 */
function endOfPacket(incoming: IncomingMessage): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const { push } = incoming
  const turn = setImmediate(end)
  function end(): void {
    clearImmediate(turn)
    incoming.push = push
    resolve()
  }
  incoming.push = (chunk: Buffer | null, encoding) => {
    const takesMore = push.call(incoming, chunk, encoding)
    if (chunk === null) end()
    return takesMore
  }
  return promise
}

function decoder(incoming: IncomingMessage, coding: string): Transform {
  const create = Object.hasOwn(decoders, coding) ? decoders[coding] : undefined
  if (create === undefined) {
    const known = Object.keys(decoders).join(', ')
    throw new ServerError(
      'invalid_request',
      `content-encoding ${coding.slice(0, 40)} is not supported; use ${known}, or none`,
      { status: 415 },
    )
  }
  return incoming.pipe(create())
}

function collect(
  incoming: IncomingMessage,
  source: IncomingMessage | Transform,
  { maxBytes, timeoutMs }: BodyLimits,
): Promise<Uint8Array> {
  const { promise, resolve, reject } = Promise.withResolvers<Uint8Array>()
  let chunks: Buffer[] = []
  let bytes = 0
  const begunMs = performance.now()
  const timer = setInterval(
    () => {
      const elapsedMs = performance.now() - begunMs
      if (elapsedMs > timeoutMs || (bytes / elapsedMs) * 1000 < MIN_BYTES_PER_SECOND) giveUp(tooSlow(timeoutMs))
    },
    Math.min(RATE_GRACE_MS, timeoutMs),
  )
  const onData = (chunk: Buffer): void => {
    bytes += chunk.length
    if (bytes > maxBytes) giveUp(tooLarge(maxBytes))
    else chunks.push(chunk)
  }

  function giveUp(error: ServerError): void {
    clearInterval(timer)
    if (source !== incoming) incoming.unpipe()
    source.off('data', onData)
    chunks = []
    reject(error)
  }

  source.on('data', onData)
  source.on('end', () => {
    clearInterval(timer)
    resolve(chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks, bytes))
    chunks = []
  })
  // Also what comes late: a decoder that is stopped half way reports it once more.
  source.on('error', () => giveUp(source === incoming ? clientLeft() : broken()))
  incoming.on('close', () => {
    if (!incoming.complete) giveUp(clientLeft())
  })
  return promise
}

function clientLeft(): ServerError {
  return new ServerError('client_abort', 'the client closed the connection while it sent the body')
}

function broken(): ServerError {
  return new ServerError('invalid_request', 'the body could not be decompressed; it is damaged or was cut')
}

function tooSlow(timeoutMs: number): ServerError {
  const message = `the body came too slowly: it has ${timeoutMs / 1000} s, at ${MIN_BYTES_PER_SECOND} bytes a second or more`
  return new ServerError('timeout', message, { status: 408, headers: { connection: 'close' } })
}

function tooLarge(maxBytes: number): ServerError {
  const size = maxBytes >= 1024 * 1024 ? `${Math.floor(maxBytes / 1024 / 1024)} MB` : `${maxBytes} bytes`
  return new ServerError('too_large', `the body is larger than ${size}`, { headers: { connection: 'close' } })
}

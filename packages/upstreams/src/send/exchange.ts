import type { IncomingHttpHeaders } from 'node:http'

import type { Dispatcher } from 'undici'

import { createBodyDecoder, isIdentity } from './body-decoder.ts'
import type { BodyDecoder } from './body-decoder.ts'
import { describeFailure, isClosedByPeer } from './describe-failure.ts'
import type { LineHandler } from './line-client.ts'
import type { Line, LineReceiver } from './line.ts'
import type { Pools, PoolTarget } from './pools.ts'
import { readResponseHeaders } from './response-headers.ts'
import type {
  TransportFailure,
  TransportFailureCode,
  UpstreamCall,
  UpstreamHandler,
  UpstreamHeaders,
  UpstreamRequest,
} from './upstream-call.ts'
import { Watchdog } from './watchdog.ts'

/** One exchange: what it was asked to do, and where it stands. */
interface Exchange {
  readonly pools: Pools
  readonly target: PoolTarget
  readonly options: Dispatcher.DispatchOptions
  readonly host: string
  readonly handler: UpstreamHandler
  readonly watchdog: Watchdog
  phase: 'connecting' | 'waiting' | 'body' | 'over'
  /** Until `startExchange` has returned; failures wait for that. */
  isStarting: boolean
  isPaused: boolean
  /** Whether this is the one silent second try. */
  isRetry: boolean
  /** Whether the request went out on a connection that had served others before. */
  isReused: boolean
  /** Whether any byte of a response has come. */
  hasBytes: boolean
  line: Line | undefined
  /** What the line gives to, since the request was written. */
  receiver: Receiver | undefined
  controller: Dispatcher.DispatchController | undefined
  decoder: BodyDecoder | undefined
}

/**
 * Carries out one request: from the first try over a silent retry on a fresh connection to exactly
 * one `onEnd` or `onFailure`.
 *
 * @throws TypeError if `request.url` is not a URL; UpstreamError `proxy-invalid`
 */
export function startExchange(pools: Pools, request: UpstreamRequest, handler: UpstreamHandler): UpstreamCall {
  const url = placeOf(request.url)
  const { timeouts, poolKey } = request
  const exchange: Exchange = {
    pools,
    target: {
      poolKey,
      origin: url.origin,
      connectMs: timeouts.connectMs,
      proxyUrl: request.proxyUrl,
      tlsCa: request.tlsCa,
    },
    options: {
      method: request.method,
      path: url.path,
      headers: request.headers as string[], // undici only reads them
      body: request.body ?? null,
    },
    host: url.host,
    handler,
    watchdog: new Watchdog(timeouts, (code, detail) => stop(exchange, code, detail)),
    phase: 'connecting',
    isStarting: true,
    isPaused: false,
    isRetry: false,
    isReused: false,
    hasBytes: false,
    line: undefined,
    receiver: undefined,
    controller: undefined,
    decoder: undefined,
  }
  exchange.watchdog.startConnecting()
  pools.dispatch(exchange.target, exchange.options, new Receiver(exchange))
  exchange.isStarting = false
  return new RunningCall(exchange)
}

class RunningCall implements UpstreamCall {
  readonly #exchange: Exchange

  constructor(exchange: Exchange) {
    this.#exchange = exchange
  }

  abort(): void {
    stop(this.#exchange, 'aborted')
  }

  pause(): void {
    pause(this.#exchange)
  }

  resume(): void {
    resume(this.#exchange)
  }
}

/** Where a request goes. */
interface Place {
  readonly origin: string
  readonly host: string
  /** With its query. */
  readonly path: string
}

/** There are about as many addresses as accounts, and each is asked again and again. */
const MAX_PLACES = 1000
const places = new Map<string, Place>()

function placeOf(address: string): Place {
  const known = places.get(address)
  if (known !== undefined) return known
  const { origin, host, pathname, search } = new URL(address)
  const place = { origin, host, path: `${pathname}${search}` }
  if (places.size >= MAX_PLACES) places.clear()
  places.set(address, place)
  return place
}

/** Hears of an exchange from the HTTP client, and from its line what of the body does not go through that. */
class Receiver implements LineHandler, LineReceiver {
  readonly #exchange: Exchange

  constructor(exchange: Exchange) {
    this.#exchange = exchange
  }

  onLine(line: Line): void {
    this.#exchange.line = line
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    startRequest(this.#exchange, controller, this)
  }

  onResponseStarted(): void {
    this.#exchange.hasBytes = true
  }

  onResponseStart(controller: Dispatcher.DispatchController, status: number, headers: IncomingHttpHeaders): void {
    const exchange = this.#exchange
    controller.rawHeaders = null // else the packet that they came in stays in memory as long as the answer
    if (status < 200) return // interim responses say nothing about the answer
    exchange.phase = 'body'
    exchange.watchdog.startBody()
    exchange.line?.beginBody(status === 200 && isChunked(headers))
    openBody(exchange, status, readResponseHeaders(headers))
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    receive(this.#exchange, chunk)
  }

  onResponseEnd(): void {
    const exchange = this.#exchange
    // Without a length, the end of the connection is the end of the body, unless it broke.
    if (exchange.line?.isBroken === true) stop(exchange, 'cut')
    else if (exchange.decoder === undefined) complete(exchange)
    else exchange.decoder.end()
    dropUnsent(exchange.line)
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    breakOff(this.#exchange, error)
  }

  receive(data: Buffer): void {
    receiveSafely(this.#exchange, data)
  }

  isOpen(): boolean {
    return this.#exchange.controller?.paused === false
  }
}

/** Whether the parser takes the body as chunks, and nothing but chunks. */
function isChunked(headers: Readonly<Record<string, string | string[] | undefined>>): boolean {
  return headers['transfer-encoding'] === 'chunked' && headers['content-length'] === undefined
}

/**
 * An answer may come before its request was sent whole. What is left of that would go before the next request, which
 * waits in vain where the upstream reads no more of it.
 */
function dropUnsent(line: Line | undefined): void {
  if (line?.socket !== undefined && line.socket.writableLength > 0) line.socket.destroy()
}

function startRequest(exchange: Exchange, controller: Dispatcher.DispatchController, receiver: Receiver): void {
  const { line } = exchange
  if (exchange.phase === 'over') return controller.abort(new Error('aborted')) // left while it was connecting
  exchange.controller = controller
  exchange.phase = 'waiting'
  exchange.hasBytes = false
  if (line !== undefined) {
    exchange.isReused = line.requests > 0
    line.requests += 1
    line.expectsHead = true
    line.hasInterim = false
    exchange.receiver = receiver
    line.receiver = receiver
  }
  exchange.watchdog.startHeaders()
  exchange.handler.onSending?.()
  if (exchange.isPaused) controller.pause()
}

function openBody(exchange: Exchange, status: number, headers: UpstreamHeaders): void {
  const coding = headers.get('content-encoding')
  if (coding !== undefined && !isIdentity(coding)) {
    exchange.decoder = createBodyDecoder(coding, {
      onData: (chunk) => {
        exchange.watchdog.sawBytes() // not yet read on, which is no silence of the upstream
        deliver(exchange, chunk)
      },
      onDrain: () => readMore(exchange),
      onEnd: () => complete(exchange),
      onError: ({ isCut }) => stop(exchange, isCut ? 'cut' : 'protocol', `sent a broken ${coding} body`),
    })
    if (exchange.decoder === undefined) {
      const detail = `uses a content-encoding that is not known: "${coding.slice(0, 50)}"`
      return stop(exchange, 'protocol', detail)
    }
    if (exchange.isPaused) exchange.decoder.pause()
  }
  exchange.handler.onHeaders(status, headers)
}

function receive(exchange: Exchange, chunk: Buffer): void {
  exchange.watchdog.sawBytes()
  if (exchange.decoder === undefined) deliver(exchange, chunk)
  else if (!exchange.decoder.write(chunk)) exchange.controller?.pause()
}

/** As undici does it with what goes through its parser: an exception ends the exchange, and not the process. */
function receiveSafely(exchange: Exchange, chunk: Buffer): void {
  try {
    receive(exchange, chunk)
  } catch (error) {
    exchange.controller?.abort(error instanceof Error ? error : new Error(String(error)))
  }
}

function deliver(exchange: Exchange, chunk: Uint8Array): void {
  if (exchange.phase === 'body' && exchange.handler.onData(chunk) === false) pause(exchange)
}

function pause(exchange: Exchange): void {
  exchange.isPaused = true
  exchange.watchdog.pause()
  if (exchange.decoder === undefined) exchange.controller?.pause()
  else exchange.decoder.pause()
}

function resume(exchange: Exchange): void {
  exchange.isPaused = false
  exchange.watchdog.resume()
  if (exchange.decoder === undefined) readMore(exchange)
  else exchange.decoder.resume()
}

function readMore({ controller, line }: Exchange): void {
  controller?.resume()
  line?.readMore()
}

/** An error of the HTTP library: the one case that is tried again, or the end. */
function breakOff(exchange: Exchange, error: Error): void {
  if (exchange.phase === 'over') return
  const hasBytes = exchange.hasBytes || exchange.line?.hasInterim === true
  const isStale = exchange.phase === 'waiting' && exchange.isReused && !hasBytes
  if (isStale && !exchange.isRetry && isClosedByPeer(error)) {
    exchange.isRetry = true
    exchange.phase = 'connecting'
    exchange.controller = undefined
    exchange.watchdog.startConnecting()
    exchange.pools.dispatchFresh(exchange.target, exchange.options, new Receiver(exchange))
    return
  }
  const hasHeaders = exchange.phase === 'body'
  close(exchange)
  fail(exchange, describeFailure({ error, host: exchange.host, hasHeaders }))
}

/** Ends the exchange from this side: its connection is closed and never used again. */
function stop(exchange: Exchange, code: TransportFailureCode, detail?: string): void {
  if (exchange.phase === 'over') return
  const hasHeaders = exchange.phase === 'body'
  close(exchange)
  exchange.controller?.abort(new Error(code))
  fail(exchange, describeFailure({ code, host: exchange.host, hasHeaders, detail }))
}

function complete(exchange: Exchange): void {
  if (exchange.phase === 'over') return
  close(exchange)
  exchange.handler.onEnd()
}

function close(exchange: Exchange): void {
  const { line, receiver, watchdog, decoder } = exchange
  exchange.phase = 'over'
  watchdog.end()
  decoder?.destroy()
  if (receiver !== undefined && line?.receiver === receiver) line.receiver = undefined // it outlives the exchange
}

/** The caller has its call in hand before it hears of a failure. */
function fail(exchange: Exchange, failure: TransportFailure): void {
  if (exchange.isStarting) queueMicrotask(() => exchange.handler.onFailure(failure))
  else exchange.handler.onFailure(failure)
}

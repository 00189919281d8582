/**
 * The sender's vocabulary: what goes in, what comes out, and how an exchange can fail.
 */

/** Response headers: lower-case names; repeated headers are joined with `, `. */
export type UpstreamHeaders = ReadonlyMap<string, string>

/** Time limits of one exchange, in milliseconds; 0 switches one off. */
export interface ExchangeTimeouts {
  /** DNS, TCP and TLS together. */
  readonly connectMs: number
  /** From the request's first byte on an open connection to the response headers. */
  readonly headersMs: number
  /** Silence between two reads of the body; does not run while the caller has paused the answer. */
  readonly idleMs: number
  /** From `send` to the end. */
  readonly totalMs: number
}

/** How connections to an upstream are made. */
export interface UpstreamRoute {
  /** `http://`, `https://`, `socks5://` or `socks5h://`, with user name and password where the proxy wants them. */
  readonly proxyUrl?: string | undefined
  /** Further certificate authorities that are trusted, as PEM text. */
  readonly tlsCa?: string | undefined
}

/** One HTTP request to an upstream. */
export interface UpstreamRequest extends UpstreamRoute {
  /** Connections are kept and reused only within one key; use the account's id. */
  readonly poolKey: string
  readonly method: 'POST' | 'GET' | 'DELETE'
  /** Absolute, as built by `buildUpstreamUrl`. */
  readonly url: string
  /** Names and values, alternating; as built by `buildRequestHeaders`. */
  readonly headers: readonly string[]
  /** Sent with its exact length. Not copied: leave it alone until the call has ended. */
  readonly body?: Uint8Array | string
  readonly timeouts: ExchangeTimeouts
}

/** What can go wrong between two computers. */
export type TransportFailureCode =
  /** No connection: refused, unreachable. */
  | 'connect-failed'
  /** The host name has no address. */
  | 'dns-failed'
  /** The TLS handshake failed. */
  | 'tls-failed'
  /** The certificate is not trusted, is of another host, or is not valid now. */
  | 'certificate-refused'
  /** The proxy wants another user name or password. */
  | 'proxy-refused'
  | 'connect-timeout'
  | 'headers-timeout'
  | 'idle-timeout'
  | 'total-timeout'
  /** The connection was closed before the response headers were complete. */
  | 'reset'
  /** The body ended before its promised end. */
  | 'cut'
  /** The caller called `abort`. */
  | 'aborted'
  /** The network guard does not allow the address. */
  | 'blocked-address'
  /** What came back is not HTTP, its headers are too big, or its coding is unknown. */
  | 'protocol'
  /** A whole answer is bigger than the caller's limit; only from `sendWhole`. */
  | 'too-large'

/** Trouble on the wire, as data. */
export interface TransportFailure {
  readonly code: TransportFailureCode
  /** For logs and operators: names host, limit and way out; never a credential, a path or a body. */
  readonly message: string
  /** Whether response headers had been delivered. */
  readonly hasHeaders: boolean
}

/**
 * Receives one exchange.
 *
 * Order: `onSending` (again where a silent second try is made), `onHeaders` at most once, then any number of `onData`, then exactly one of `onEnd` and
 * `onFailure`. All are called synchronously from socket events and must not throw.
 */
export interface UpstreamHandler {
  /** A connection is there, and the request begins to go out: before, nothing was sent. */
  onSending?(): void
  /** Final status and headers; 1xx are skipped. `content-encoding` has been taken off already. */
  onHeaders(status: number, headers: UpstreamHeaders): void
  /**
   * Body bytes, decoded; one call for each read.
   *
   * @returns `false` to pause until `resume()`; a few chunks already on the way may still arrive
   */
  onData(chunk: Uint8Array): boolean | void
  /** The body is complete. */
  onEnd(): void
  /** The exchange broke; nothing follows. */
  onFailure(failure: TransportFailure): void
}

/** A running exchange. */
export interface UpstreamCall {
  /** Ends the exchange and closes its socket; the handler gets `aborted` before this returns. No effect after the end. */
  abort(): void
  /** Stops reading from the socket. */
  pause(): void
  resume(): void
}

/** A whole answer. */
export interface WholeAnswer {
  readonly status: number
  readonly headers: UpstreamHeaders
  readonly body: Uint8Array
}

/** The outcome of `sendWhole`. */
export type WholeResult =
  | { readonly ok: true; readonly answer: WholeAnswer }
  | { readonly ok: false; readonly failure: TransportFailure }

/**
 * How far an answer is, for one who knows its format: more has to come, nothing that matters has to come (then it is whole
 * however it ends), or nothing of it comes any more (then it is whole, whether or not the upstream closes).
 */
export type AnswerProgress = 'open' | 'complete' | 'over'

/** Limits and abort of `sendWhole`. */
export interface WholeOptions {
  /** Largest body of a 2xx answer, decoded; default 64 MB. Bigger: failure `too-large`. */
  readonly maxBytes?: number
  /** Bodies of other statuses are cut to this length; default 64 KB. */
  readonly maxErrorBytes?: number
  /** Longest wait for a body of another status, in milliseconds; then what has come of it is the answer. Default 5 s. */
  readonly maxErrorMs?: number
  /** Told the headers of a 2xx answer; what it gives back is told the bytes as they come. Bytes without a word: `undefined`. */
  readonly watch?: (headers: UpstreamHeaders) => ((chunk: Uint8Array) => AnswerProgress | undefined) | undefined
  /** How long an answer that is complete waits for what may still come, in milliseconds. Default 3 s. */
  readonly lastWordMs?: number
  readonly signal?: AbortSignal
  /** A connection is there, and the request begins to go out: before, nothing was sent. */
  readonly onSending?: () => void
  /** Told how to end the call, which costs less than a signal. After its end that has no effect. */
  readonly onCall?: (abort: () => void) => void
}

/** Sends requests over kept connections, one pool for each `poolKey`. */
export interface Sender {
  send(request: UpstreamRequest, handler: UpstreamHandler): UpstreamCall
  /** Reads an answer to its end; never rejects. */
  sendWhole(request: UpstreamRequest, options?: WholeOptions): Promise<WholeResult>
  /** Drops the idle connections of a pool; running exchanges finish. Call it when an account changes or goes. */
  forget(poolKey: string): void
  /** Closes everything; running exchanges fail with `aborted`. */
  close(): Promise<void>
}

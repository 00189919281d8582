/**
 * What a fake upstream does with one request.
 *
 * `reply` is an HTTP answer; its faults combine: headers late, bytes in pieces, a stop or a cut in
 * the middle. `raw` writes bytes that need not be HTTP at all.
 */
export type FakeAnswer =
  | FakeReply
  /** Accepts the request and never says a word. */
  | { readonly kind: 'silence' }
  /** Closes the connection before any response byte: with FIN, or with RST when `isReset`. */
  | { readonly kind: 'close'; readonly isReset?: boolean }
  /** Writes these bytes to the socket in place of a response; then closes unless `keepOpen`. */
  | { readonly kind: 'raw'; readonly bytes: string | Uint8Array; readonly keepOpen?: boolean }

/** An HTTP answer with optional faults. */
export interface FakeReply {
  readonly kind: 'reply'
  /** Default 200. */
  readonly status?: number
  readonly headers?: Readonly<Record<string, string | readonly string[]>>
  /** The body, or its pieces: each piece is one write, and with a pause between them one packet. */
  readonly body?: string | Uint8Array | readonly (string | Uint8Array)[]
  /** Cuts the body into pieces of this many bytes. */
  readonly pieceBytes?: number
  /** Wait before each piece but the first; without it pieces are one turn of the event loop apart. */
  readonly pieceDelayMs?: number
  /** Wait before the status line. */
  readonly headersDelayMs?: number
  /** Wait between the headers and the first body byte. */
  readonly firstByteDelayMs?: number
  /** Destroys the socket after this many body bytes. */
  readonly cutAfterBytes?: number
  /** Stops after this many body bytes and stays silent with the connection open. */
  readonly stallAfterBytes?: number
  /** How the end of the body is marked; default `chunked`. */
  readonly framing?: 'chunked' | 'content-length' | 'close'
  /** Promises this `content-length` whatever the body is. */
  readonly claimedBytes?: number
}

/** Everything of a reply but its kind and body. */
export type FakeReplyOptions = Omit<FakeReply, 'kind' | 'body'>

/** A JSON answer with its exact length. */
export function jsonReply(value: unknown, options: FakeReplyOptions = {}): FakeReply {
  return {
    kind: 'reply',
    framing: 'content-length',
    ...options,
    headers: { 'content-type': 'application/json', ...options.headers },
    body: JSON.stringify(value),
  }
}

/** A server-sent-event answer; `text` goes out as it is. */
export function sseReply(
  text: string | Uint8Array | readonly (string | Uint8Array)[],
  options: FakeReplyOptions = {},
): FakeReply {
  return {
    kind: 'reply',
    ...options,
    headers: { 'content-type': 'text/event-stream; charset=utf-8', ...options.headers },
    body: text,
  }
}

/** An HTML page, as a broken gateway or a wrong base URL answers; default status 200. */
export function htmlReply(options: FakeReplyOptions = {}): FakeReply {
  return {
    kind: 'reply',
    ...options,
    headers: { 'content-type': 'text/html', ...options.headers },
    body: '<!doctype html><html><body><h1>Gateway</h1></body></html>',
  }
}

/** An error in OpenAI's envelope. */
export function openAiErrorReply(
  status: number,
  error: { readonly message: string; readonly type?: string; readonly code?: string | null },
  options: FakeReplyOptions = {},
): FakeReply {
  const { message, type = 'invalid_request_error', code = null } = error
  return jsonReply({ error: { message, type, param: null, code } }, { ...options, status })
}

/** An error in Anthropic's envelope. */
export function claudeErrorReply(
  status: number,
  error: { readonly message: string; readonly type: string },
  options: FakeReplyOptions = {},
): FakeReply {
  return jsonReply({ type: 'error', error, request_id: 'req_fake' }, { ...options, status })
}

/** Accepts the request and never answers. */
export function silence(): FakeAnswer {
  return { kind: 'silence' }
}

/** Closes the connection before any response byte. */
export function closeBeforeHeaders(options: { readonly isReset?: boolean } = {}): FakeAnswer {
  return { kind: 'close', ...options }
}

/** Writes bytes that need not be HTTP. */
export function rawAnswer(bytes: string | Uint8Array, options: { readonly keepOpen?: boolean } = {}): FakeAnswer {
  return { kind: 'raw', bytes, ...options }
}

/** The same event stream with CRLF line ends. */
export function withCrlf(sse: string): string {
  return sse.replaceAll('\n', '\r\n')
}

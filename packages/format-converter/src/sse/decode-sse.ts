import { createParser } from 'eventsource-parser'

import { Utf8Stream } from './utf8-stream.ts'

/** One server-sent event that carried data. */
export interface SseMessage {
  /** The `event:` name; `undefined` when the event had none. */
  readonly event?: string | undefined
  readonly data: string
}

/** Where a decoder puts what it finds. */
export interface SseSink {
  readonly onMessage: (message: SseMessage) => void
  readonly onComment?: () => void
  /** The bytes cannot be a stream within the limits; nothing is delivered after this. */
  readonly onOverflow: (message: string) => void
}

/** Bounds of a decoder. */
export interface SseDecoderOptions {
  /** Largest event; default 16 Mi (`reliability` 3.5). Counted in UTF-16 units, of which text has at most as many as bytes. */
  readonly maxEventBytes?: number
}

/** Bytes in, events out as the results. One reader serves one stream. */
export interface SseReader {
  /** @param chunk - any slice of the stream, also inside a character */
  push(chunk: Uint8Array | string): readonly SseMessage[]
  /** The stream ended: a last event that lacks its blank line. */
  end(): readonly SseMessage[]
}

/** Bytes in, events out. One decoder serves one stream. */
export interface SseDecoder {
  /** @param chunk - any slice of the stream, also inside a character */
  push(chunk: Uint8Array | string): void
  /** The stream ended: delivers a last event that lacks its blank line. */
  end(): void
}

const DEFAULT_MAX_EVENT = 16 * 1024 * 1024

/**
 * Decodes server-sent events: any split of bytes, LF, CRLF and CR, BOM, comments, several `data:` lines.
 * The work is linear in the bytes, however they are cut.
 *
 * @remarks Source: WHATWG HTML, "Server-sent events", parsing an event stream.
 */
export function createSseDecoder(sink: SseSink, options?: SseDecoderOptions): SseDecoder
/** The same, with the events as results: {@link SseReader.push} throws `RangeError` beyond the limit. */
export function createSseDecoder(options?: SseDecoderOptions): SseReader
export function createSseDecoder(
  first: SseSink | SseDecoderOptions = {},
  second?: SseDecoderOptions,
): SseDecoder | SseReader {
  return 'onMessage' in first ? decodeInto(first, second) : createReader(first)
}

/** Events that have been found since the last look. */
function createReader(options: SseDecoderOptions): SseReader {
  let found: SseMessage[] = []
  const decoder = decodeInto(
    {
      onMessage: (message) => found.push(message),
      onOverflow: (message) => {
        throw new RangeError(message)
      },
    },
    options,
  )

  function take(): readonly SseMessage[] {
    const messages = found
    found = []
    return messages
  }

  return {
    push: (chunk) => {
      decoder.push(chunk)
      return take()
    },
    end: () => {
      decoder.end()
      return take()
    },
  }
}

function decodeInto(sink: SseSink, options: SseDecoderOptions = {}): SseDecoder {
  const limit = options.maxEventBytes ?? DEFAULT_MAX_EVENT
  const utf8 = new Utf8Stream()
  let isOver = false

  const parser = createParser({
    maxBufferSize: limit,
    onEvent: (message) => {
      if (message.data.length > limit) overflow()
      else if (!isOver) sink.onMessage(message)
    },
    onComment: () => sink.onComment?.(),
    onError: (error) => {
      if (error.type === 'max-buffer-size-exceeded') overflow()
    },
  })

  function overflow(): void {
    if (isOver) return
    isOver = true
    sink.onOverflow(`an event is larger than ${limit} characters`)
  }

  function push(chunk: Uint8Array | string): void {
    const text = typeof chunk === 'string' ? chunk : utf8.decode(chunk)
    if (!isOver && text !== '') parser.feed(text)
  }

  return { push, end: () => push(`${utf8.end()}\n\n`) }
}

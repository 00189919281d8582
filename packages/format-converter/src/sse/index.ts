/**
 * Server-sent events: bytes ⇄ events, knowing no vendor.
 *
 * @packageDocumentation
 */
export { createTap } from './create-tap.ts'
export { createSseDecoder } from './decode-sse.ts'
export type { SseDecoder, SseDecoderOptions, SseMessage, SseReader, SseSink } from './decode-sse.ts'
export { encodeSse, KEEP_ALIVE_COMMENT } from './encode-sse.ts'
export { createEventSplitter } from './split-events.ts'
export type { EventSplitter } from './split-events.ts'

import { createSseDecoder, type SseDecoderOptions, type SseSink } from './decode-sse.ts'

/**
 * A stream that passes every byte on untouched, at the pace of its reader, and shows the events in it to a sink: to watch
 * usage, say, without standing in the way.
 *
 * @remarks What the sink throws ends the stream. An event larger than the limit ends the watching only.
 */
export function createTap(sink: SseSink, options?: SseDecoderOptions): TransformStream<Uint8Array, Uint8Array> {
  const decoder = createSseDecoder(sink, options)
  return new TransformStream<Uint8Array, Uint8Array>({
    transform: (chunk, controller) => {
      controller.enqueue(chunk)
      decoder.push(chunk)
    },
    flush: () => decoder.end(),
  })
}

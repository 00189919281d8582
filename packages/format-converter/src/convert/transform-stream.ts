import type { ByteStreamConverter, StreamConverter, StreamStats } from './answer-stream.ts'

/** A web stream with the figures of what passed. */
export type ConvertingTransform = TransformStream<Uint8Array, Uint8Array> & {
  readonly stats: StreamStats
  readonly converter: ByteStreamConverter
}

/** Wraps a converter as a web stream: upstream bytes in, client bytes out. */
export function toTransformStream(converter: ByteStreamConverter): ConvertingTransform {
  const encoder = new TextEncoder()
  const toBytes = (output: string | Uint8Array): Uint8Array =>
    typeof output === 'string' ? encoder.encode(output) : output
  const enqueue = (controller: TransformStreamDefaultController<Uint8Array>, output: string | Uint8Array): void => {
    if (output.length > 0) controller.enqueue(toBytes(output))
  }
  /** There is no status left to change: an error before the first byte opens the stream to be seen at all. */
  const showError = (controller: TransformStreamDefaultController<Uint8Array>): void => {
    if (converter.error !== undefined && !converter.committed) controller.error(new Error(converter.error.message))
  }
  const stream = new TransformStream<Uint8Array, Uint8Array>({
    transform: (chunk, controller) => {
      enqueue(controller, converter.push(chunk))
      showError(controller)
      if (converter.state === 'finished') controller.terminate()
    },
    flush: (controller) => {
      enqueue(controller, converter.end())
      showError(controller)
    },
  })
  Object.defineProperties(stream, { converter: { value: converter }, stats: { get: () => converter.stats } })
  return stream as ConvertingTransform // the two members were defined on the line above
}

/** A converter whose output is always text. */
export function textOnly(converter: ByteStreamConverter): StreamConverter {
  const utf8 = new TextDecoder()
  const toText = (output: string | Uint8Array): string => (typeof output === 'string' ? output : utf8.decode(output))
  return {
    push: (chunk) => toText(converter.push(chunk)),
    open: () => toText(converter.open()),
    end: () => toText(converter.end()),
    fail: (failure) => toText(converter.fail(failure)),
    ping: () => toText(converter.ping()),
    get state() {
      return converter.state
    },
    get committed() {
      return converter.committed
    },
    get hasContent() {
      return converter.hasContent
    },
    get usage() {
      return converter.usage
    },
    get stop() {
      return converter.stop
    },
    get error() {
      return converter.error
    },
    get upstreamId() {
      return converter.upstreamId
    },
    get upstreamModel() {
      return converter.upstreamModel
    },
    get losses() {
      return converter.losses
    },
    get stats() {
      return converter.stats
    },
  }
}

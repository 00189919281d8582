import type { Failure } from '../model/failure.ts'
import type { ByteStreamConverter, StreamConverter, StreamStats } from './answer-stream.ts'
import { WrappedStream } from './wrapped-stream.ts'

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
  return new TextStream(converter)
}

class TextStream extends WrappedStream implements StreamConverter {
  readonly #utf8 = new TextDecoder()

  override push(chunk: Uint8Array | string): string {
    return this.#toText(super.push(chunk))
  }

  override open(): string {
    return this.#toText(super.open())
  }

  override end(): string {
    return this.#toText(super.end())
  }

  override fail(failure: Failure): string {
    return this.#toText(super.fail(failure))
  }

  override ping(): string {
    return this.#toText(super.ping())
  }

  #toText(output: string | Uint8Array): string {
    return typeof output === 'string' ? output : this.#utf8.decode(output)
  }
}

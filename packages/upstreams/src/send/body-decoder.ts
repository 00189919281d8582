import type { Transform } from 'node:stream'
import { createBrotliDecompress, createInflate, createInflateRaw, createZstdDecompress } from 'node:zlib'

import { GzipDecoder } from './gzip-decoder.ts'

/** Receives decoded bytes. */
export interface DecodedSink {
  onData(chunk: Uint8Array): void
  /** More input is welcome after a `write` that returned false. */
  onDrain(): void
  onEnd(): void
  /** The input is not what it says it is, or `isCut`: it stops too early. */
  onError(reason: { readonly isCut: boolean }): void
}

/** Takes the content coding off a body as it comes. */
export interface BodyDecoder {
  /** @returns false when the source should wait for `onDrain` */
  write(chunk: Uint8Array): boolean
  end(): void
  pause(): void
  resume(): void
  destroy(): void
}

/** Whether a `content-encoding` means that there is nothing to take off. */
export function isIdentity(contentEncoding: string | undefined): boolean {
  const coding = contentEncoding?.trim().toLowerCase() ?? ''
  return coding === '' || coding === 'identity'
}

/**
 * A decoder for one `content-encoding`.
 *
 * @returns `undefined` for a coding that is not known
 */
export function createBodyDecoder(contentEncoding: string, sink: DecodedSink): BodyDecoder | undefined {
  const coding = contentEncoding.trim().toLowerCase()
  if (coding === 'deflate') return createDeflateDecoder(sink)
  if (coding === 'gzip' || coding === 'x-gzip') return new GzipDecoder(sink)
  const stream = createDecompressor(coding)
  return stream === undefined ? undefined : decodeThrough(stream, sink)
}

function createDecompressor(coding: string): Transform | undefined {
  switch (coding) {
    case 'br':
      return createBrotliDecompress()
    case 'zstd':
      return createZstdDecompress()
    default:
      return undefined
  }
}

/** Servers disagree whether `deflate` has zlib's two-byte header; its first byte tells. */
function createDeflateDecoder(sink: DecodedSink): BodyDecoder {
  let chosen: BodyDecoder | undefined
  let isPaused = false
  function choose(firstByte: number | undefined): BodyDecoder {
    const hasHeader = firstByte === undefined || (firstByte & 0x0f) === 8
    chosen = decodeThrough(hasHeader ? createInflate() : createInflateRaw(), sink)
    if (isPaused) chosen.pause()
    return chosen
  }
  return {
    write: (chunk) => (chosen ?? choose(chunk[0])).write(chunk),
    end: () => (chosen ?? choose(undefined)).end(),
    pause: () => {
      isPaused = true
      chosen?.pause()
    },
    resume: () => {
      isPaused = false
      chosen?.resume()
    },
    destroy: () => chosen?.destroy(),
  }
}

function decodeThrough(stream: Transform, sink: DecodedSink): BodyDecoder {
  stream.on('data', (chunk: Buffer) => sink.onData(chunk))
  stream.on('drain', () => sink.onDrain())
  stream.on('end', () => sink.onEnd())
  stream.on('error', (error: NodeJS.ErrnoException) => {
    sink.onError({ isCut: error.code === 'Z_BUF_ERROR' })
  })
  return {
    write: (chunk) => stream.write(chunk),
    end: () => stream.end(),
    pause: () => stream.pause(),
    resume: () => stream.resume(),
    destroy: () => stream.destroy(),
  }
}

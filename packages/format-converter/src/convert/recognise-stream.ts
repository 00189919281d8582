import type { Failure } from '../model/failure.ts'
import type { FormatName } from '../model/format-name.ts'
import { isJsonObject } from '../model/json.ts'
import type { Loss } from '../model/loss.ts'
import { createSseDecoder } from '../sse/decode-sse.ts'
import { concatenate } from '../sse/split-events.ts'
import { parseJson } from '../wire/raw-json.ts'
import { bytesOf, NO_STATS, type ByteStreamConverter } from './answer-stream.ts'
import { beginsLikeBody } from './body-text.ts'
import { recogniseAnswerFormat } from './recognise-format.ts'

export interface RecogniseStreamInit {
  /** Builds the stream for the format that was recognised; `undefined` = the first bytes did not tell. */
  readonly choose: (seen: FormatName | undefined, isWholeBody: boolean) => ByteStreamConverter
  readonly losses: () => readonly Loss[]
}

/** The first event decides; if it takes more than this, the expected format is assumed. */
const MAX_SAMPLE_BYTES = 256 * 1024
const NOTHING = new Uint8Array(0)

/** Waits for the first event, sees from it what the upstream really speaks, and hands over to the fitting stream. */
export function createRecognisingStream(init: RecogniseStreamInit): ByteStreamConverter {
  let chosen: ByteStreamConverter | undefined
  const sample = createSample()

  function push(chunk: Uint8Array | string): string | Uint8Array {
    if (chosen !== undefined) return chosen.push(chunk)
    sample.add(bytesOf(chunk))
    return sample.isEnough ? decide() : NOTHING
  }

  function decide(): string | Uint8Array {
    chosen = init.choose(sample.seen, sample.isWholeBody)
    return sample.size === 0 ? NOTHING : chosen.push(sample.bytes())
  }

  function decided(): ByteStreamConverter {
    if (chosen === undefined) decide()
    return chosen ?? init.choose(sample.seen, false)
  }

  return {
    push,
    open: () => decided().open(),
    end: () => {
      if (chosen !== undefined) return chosen.end()
      sample.end()
      const begun = decide()
      return join(begun, decided().end())
    },
    fail: (failure: Failure) => decided().fail(failure),
    ping: () => decided().ping(),
    get state() {
      return chosen?.state ?? (sample.size > 0 ? 'held' : 'idle')
    },
    get committed() {
      return chosen?.committed ?? false
    },
    get hasContent() {
      return chosen?.hasContent ?? false
    },
    get usage() {
      return chosen?.usage
    },
    get stop() {
      return chosen?.stop
    },
    get error() {
      return chosen?.error
    },
    get upstreamId() {
      return chosen?.upstreamId
    },
    get upstreamModel() {
      return chosen?.upstreamModel
    },
    get losses() {
      return chosen?.losses ?? init.losses()
    },
    get stats() {
      return chosen?.stats ?? { ...NO_STATS, bytesIn: sample.size, bufferedPeak: sample.size }
    },
  }
}

/** The beginning of a stream, until it shows what it is. */
interface Sample {
  add(chunk: Uint8Array): void
  /** Nothing more will come. */
  end(): void
  /** It shows what it is, or never will. */
  readonly isEnough: boolean
  /** It is one body in place of a stream. */
  readonly isWholeBody: boolean
  /** The format of the first event. */
  readonly seen: FormatName | undefined
  readonly size: number
  bytes(): Uint8Array
}

function createSample(): Sample {
  const chunks: Uint8Array[] = []
  let size = 0
  let hasEvent = false
  let seen: FormatName | undefined
  const sse = createSseDecoder({ onMessage: (message) => look(message.data), onOverflow: () => look('') })

  function look(data: string): void {
    if (hasEvent) return
    const body = parseJson(data)
    hasEvent = true
    seen = isJsonObject(body) ? recogniseAnswerFormat(body) : undefined
  }

  const isWholeBody = (): boolean => beginsLikeBody(chunks[0] ?? NOTHING)
  return {
    add: (chunk) => {
      chunks.push(chunk)
      size += chunk.length
      if (!isWholeBody()) sse.push(chunk)
    },
    end: () => sse.end(),
    get isEnough() {
      return hasEvent || isWholeBody() || size > MAX_SAMPLE_BYTES
    },
    get isWholeBody() {
      return isWholeBody()
    },
    get seen() {
      return seen
    },
    get size() {
      return size
    },
    bytes: () => concatenate(chunks),
  }
}

function join(first: string | Uint8Array, second: string | Uint8Array): string | Uint8Array {
  if (first.length === 0) return second
  if (second.length === 0) return first
  const encoder = new TextEncoder()
  return concatenate([first, second].map((part) => (typeof part === 'string' ? encoder.encode(part) : part)))
}

import type { Failure } from '../model/failure.ts'
import type { FormatName } from '../model/format-name.ts'
import { isJsonObject } from '../model/json.ts'
import type { Loss } from '../model/loss.ts'
import { createSseDecoder } from '../sse/decode-sse.ts'
import { concatenate } from '../sse/split-events.ts'
import { parseJson } from '../wire/raw-json.ts'
import type { ByteStreamConverter } from './answer-stream.ts'
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
  const sample: Uint8Array[] = []
  let sampleBytes = 0
  let seen: FormatName | undefined
  let hasEvent = false
  const sse = createSseDecoder({ onMessage: (message) => look(message.data), onOverflow: () => look('') })

  function look(data: string): void {
    if (hasEvent) return
    const body = parseJson(data)
    hasEvent = true
    seen = isJsonObject(body) ? recogniseAnswerFormat(body) : undefined
  }

  function push(chunk: Uint8Array): string | Uint8Array {
    if (chosen !== undefined) return chosen.push(chunk)
    sample.push(chunk)
    sampleBytes += chunk.length
    if (beginsLikeBody(sample[0] ?? NOTHING)) return decide(true)
    sse.push(chunk)
    return hasEvent || sampleBytes > MAX_SAMPLE_BYTES ? decide(false) : NOTHING
  }

  function decide(isWholeBody: boolean): string | Uint8Array {
    chosen = init.choose(seen, isWholeBody)
    return sample.length === 0 ? NOTHING : chosen.push(concatenate(sample))
  }

  function decided(): ByteStreamConverter {
    if (chosen === undefined) decide(false)
    return chosen ?? init.choose(seen, false)
  }

  return {
    push,
    open: () => decided().open(),
    end: () => {
      if (chosen !== undefined) return chosen.end()
      sse.end()
      const begun = decide(false)
      return join(begun, decided().end())
    },
    fail: (failure: Failure) => decided().fail(failure),
    ping: () => decided().ping(),
    get state() {
      return chosen?.state ?? (sampleBytes > 0 ? 'held' : 'idle')
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
      return chosen?.stats ?? { bytesIn: sampleBytes, bytesOut: 0, eventsIn: 0, blocks: 0, toolCalls: 0 }
    },
  }
}

function join(first: string | Uint8Array, second: string | Uint8Array): string | Uint8Array {
  if (first.length === 0) return second
  if (second.length === 0) return first
  const encoder = new TextEncoder()
  return concatenate([first, second].map((part) => (typeof part === 'string' ? encoder.encode(part) : part)))
}

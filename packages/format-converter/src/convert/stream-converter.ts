import type { Codec, DecodeAnswerContext, EncodeAnswerContext } from '../codec.ts'
import { ConversionError } from '../conversion-error.ts'
import { decodeFailure } from '../failure/decode-failure.ts'
import { createAnswerGuard } from '../model/answer-grammar.ts'
import type { Failure } from '../model/failure.ts'
import { isJsonObject } from '../model/json.ts'
import { createSseDecoder, type SseMessage } from '../sse/decode-sse.ts'
import { parseJson } from '../wire/raw-json.ts'
import type { StreamConverter } from './answer-stream.ts'
import type { LossLedger } from './loss-ledger.ts'
import { recogniseAnswerFormat } from './recognise-format.ts'
import { restoreTools, type RestoreTool } from './restore-tools.ts'

/** Largest whole body that may come where a stream was asked for. */
const MAX_BODY_CHARACTERS = 64 * 1024 * 1024

export interface StreamConverterInit {
  readonly client: Codec
  /** Reads what the upstream says. */
  readonly upstream: Codec
  readonly decoding: DecodeAnswerContext
  readonly encoding: EncodeAnswerContext
  readonly restore: RestoreTool
  readonly ledger: LossLedger
}

/** Converts a stream event by event: bytes → SSE → events → guard → the client's SSE text. */
export function createStreamConverter(init: StreamConverterInit): StreamConverter {
  const { client, encoding, ledger } = init
  const encoder = client.createStreamEncoder(encoding)
  const guard = createAnswerGuard({
    holdStart: encoding.options.holdStart,
    report: (loss) => ledger.report('stream', loss),
    emit: (event) => {
      output += encoder.write(event)
    },
  })
  const emit = restoreTools(init.restore, guard.push)
  const decoder = init.upstream.createStreamDecoder(init.decoding, emit)
  const sse = createSseDecoder({ onMessage, onComment: () => emit({ type: 'ping' }), onOverflow: (message) => guard.fail({ kind: 'overflow', message }) })
  let output = ''
  let wasOpened = false
  let body: BodyCollector | undefined
  let bytesIn = 0
  let bytesOut = 0
  let eventsIn = 0

  function onMessage(message: SseMessage): void {
    if (isOver()) return
    const data = message.data.trim()
    if (data === '' || data === 'null') return
    eventsIn += 1
    if (data === '[DONE]') {
      decoder.done()
      return
    }
    const event = parseJson(data)
    if (!isJsonObject(event)) return guard.fail(malformed(ledger))
    decoder.push(event, message.event)
  }

  function isOver(): boolean {
    return guard.state === 'finished' || guard.state === 'failed'
  }

  function push(chunk: Uint8Array): string {
    bytesIn += chunk.length
    return run(() => {
      if (bytesIn === chunk.length) body = startBody(chunk)
      if (body === undefined) sse.push(chunk)
      else if (!body.add(chunk)) guard.fail({ kind: 'overflow', message: `the answer is larger than ${MAX_BODY_CHARACTERS} characters` })
    })
  }

  function end(): string {
    return run(() => {
      if (body !== undefined) return replayBody(body.text())
      sse.end()
      decoder.end()
    })
  }

  /** The upstream answered a stream request with one body: a valid answer is replayed as events. */
  function replayBody(text: string): void {
    const value = parseJson(text)
    if (!isJsonObject(value) || recogniseAnswerFormat(value) === undefined) return guard.fail(decodeFailure(undefined, value ?? text))
    for (const event of init.upstream.decodeAnswer(value, init.decoding)) emit(event)
  }

  /** Runs a step; whatever goes wrong inside becomes a failure of the stream. */
  function run(step: () => void): string {
    if (isOver()) return ''
    try {
      step()
    } catch (error) {
      guard.fail(asFailure(error))
    }
    return takeOutput()
  }

  function takeOutput(): string {
    const text = output
    output = ''
    bytesOut += text.length
    return text
  }

  return {
    push,
    end,
    open: () =>
      run(() => {
        wasOpened = true
        guard.release()
        output += encoder.open()
      }),
    fail: (failure) => run(() => guard.fail(failure)),
    ping: () => (isOver() ? '' : encoder.ping()),
    get state() {
      return guard.state
    },
    get committed() {
      return wasOpened || bytesOut > 0
    },
    get usage() {
      return guard.usage
    },
    get stop() {
      return guard.stop
    },
    get error() {
      return guard.failure
    },
    get upstreamModel() {
      return guard.upstreamModel
    },
    get losses() {
      return ledger.losses
    },
    get stats() {
      return { bytesIn, bytesOut, eventsIn, blocks: guard.blocks, toolCalls: guard.toolCalls }
    },
  }
}

function malformed(ledger: LossLedger): Failure {
  ledger.report('stream', { code: 'malformed_event', level: 'lossy', path: '#event', message: 'an event of the upstream was not a JSON object; the stream was ended' })
  return { kind: 'upstream_protocol', message: 'the upstream sent an event that is not valid JSON' }
}

/** Anything thrown inside a stream as a failure; unknown errors do not show their message. */
export function asFailure(error: unknown): Failure {
  if (ConversionError.is(error)) return { kind: error.kind, message: error.message, param: error.param, details: error.details }
  return { kind: 'internal', message: 'the answer could not be converted' }
}

interface BodyCollector {
  add(chunk: Uint8Array): boolean
  text(): string
}

/** A body that begins like JSON or HTML is not a stream, whatever its content type says. */
function startBody(first: Uint8Array): BodyCollector | undefined {
  if (!beginsLikeBody(first)) return undefined
  const utf8 = new TextDecoder()
  const fragments: string[] = []
  let characters = 0
  return {
    add: (chunk) => {
      const text = utf8.decode(chunk, { stream: true })
      characters += text.length
      fragments.push(text)
      return characters <= MAX_BODY_CHARACTERS
    },
    text: () => fragments.join('') + utf8.decode(),
  }
}

const UTF8_BOM: readonly number[] = [0xef, 0xbb, 0xbf]

/** True when the first visible byte is `{` or `<`. */
export function beginsLikeBody(bytes: Uint8Array): boolean {
  const first = bytes.find((byte) => byte > 32 && !UTF8_BOM.includes(byte))
  return first === 0x7b || first === 0x3c
}

import type { Codec, TapReading } from '../codec.ts'
import type { AnswerState } from '../model/answer-grammar.ts'
import type { Failure } from '../model/failure.ts'
import { isJsonObject } from '../model/json.ts'
import { mergeUsage, type Usage } from '../model/usage.ts'
import { concatenate, createEventSplitter } from '../sse/split-events.ts'
import { parseJson } from '../wire/raw-json.ts'
import type { ByteStreamConverter } from './answer-stream.ts'
import type { LossLedger } from './loss-ledger.ts'

export interface PassThroughInit {
  readonly codec: Codec
  /** Relay asked for the usage chunk, the client did not: take it out again. */
  readonly dropsUsageChunk: boolean
  readonly holdStart: boolean
  readonly maxEventBytes?: number
  readonly requestId?: string | undefined
  readonly ledger: LossLedger
}

const DEFAULT_MAX_EVENT_BYTES = 16 * 1024 * 1024
/** More than this is never held back by the first-event gate. */
const MAX_HELD_BYTES = 1024 * 1024
const NOTHING = new Uint8Array(0)

/**
 * The byte-exact path: client and upstream speak the same format, so whole events pass as they came. A tap looks only at
 * the few events that carry usage, finish or error; every other event is checked for being whole.
 */
export function createPassThrough(init: PassThroughInit): ByteStreamConverter {
  const { codec, ledger } = init
  const maxEventBytes = init.maxEventBytes ?? DEFAULT_MAX_EVENT_BYTES
  const splitter = createEventSplitter()
  let held: Uint8Array[] | undefined = init.holdStart ? [] : undefined
  let heldBytes = 0
  let state: AnswerState = 'idle'
  let usage: Usage | undefined
  let failure: Failure | undefined
  let upstreamModel: string | undefined
  let hasFinish = false
  let isTerminated = false
  let committed = false
  let bytesIn = 0
  let bytesOut = 0
  let eventsIn = 0

  function push(chunk: Uint8Array): string | Uint8Array {
    if (isOver()) return NOTHING
    bytesIn += chunk.length
    const passed = splitter.push(chunk).filter(inspect)
    if (splitter.pendingBytes > maxEventBytes) reject({ kind: 'overflow', message: `an event is larger than ${maxEventBytes} bytes` })
    return send(passed, chunk)
  }

  /** @returns whether the event goes on to the client */
  function inspect(event: Uint8Array): boolean {
    if (isOver() || isTerminated) return false
    const view = readEvent(LATIN1.decode(event))
    if (view.data === undefined) return true
    eventsIn += 1
    if (codec.tap.isDone(view.data)) isTerminated = true
    else if (!isWhole(view.data)) return reject(MALFORMED)
    else if (codec.tap.mustParse(view.name, view.data)) return inspectParsed(event, view.name)
    if (codec.tap.isMeaningful(view.name, view.data)) openGate()
    return true
  }

  function inspectParsed(event: Uint8Array, name: string | undefined): boolean {
    const data = readEvent(UTF8.decode(event)).data ?? ''
    const body = parseJson(data)
    if (!isJsonObject(body)) return reject(MALFORMED)
    const reading = codec.tap.read(body, name)
    take(reading)
    if (reading.failure !== undefined) return reject(reading.failure)
    if (reading.hasFinish === true || codec.tap.isMeaningful(name, data)) openGate()
    return !(init.dropsUsageChunk && reading.isUsageOnly === true)
  }

  function take(reading: TapReading): void {
    if (reading.usage !== undefined) usage = mergeUsage(usage, reading.usage)
    upstreamModel ??= reading.model
    hasFinish ||= reading.hasFinish === true
    isTerminated ||= reading.isTerminal === true
  }

  function openGate(): void {
    if (state === 'idle' || state === 'held') state = 'streaming'
  }

  function reject(reason: Failure): false {
    failure = reason
    state = 'failed'
    return false
  }

  function isOver(): boolean {
    return state === 'finished' || state === 'failed'
  }

  /** Puts out what may go, as few and as large pieces as possible. */
  function send(passed: readonly Uint8Array[], chunk: Uint8Array): string | Uint8Array {
    if (state === 'failed') return committed ? deliver(passed, errorEvent()) : NOTHING
    if (state !== 'streaming' && held !== undefined) return hold(passed)
    const isUncut = held === undefined && sizeOf(passed) === chunk.length
    const output = isUncut ? chunk : deliver(passed)
    if (isTerminated) state = 'finished'
    return isUncut ? count(output) : output
  }

  function hold(passed: readonly Uint8Array[]): string | Uint8Array {
    if (passed.length > 0) state = 'held'
    held?.push(...passed)
    heldBytes += sizeOf(passed)
    if (heldBytes <= MAX_HELD_BYTES) return NOTHING
    openGate()
    return deliver([])
  }

  function deliver(passed: readonly Uint8Array[], tail?: string): Uint8Array {
    const parts = [...(held ?? []), ...passed]
    held = undefined
    heldBytes = 0
    if (tail !== undefined) parts.push(new TextEncoder().encode(tail))
    return parts.length === 0 ? NOTHING : count(concatenate(parts))
  }

  function count<Output extends string | Uint8Array>(output: Output): Output {
    if (output.length > 0) committed = true
    bytesOut += output.length
    return output
  }

  function errorEvent(): string {
    if (failure?.kind === 'upstream_protocol') ledger.report('stream', { code: 'malformed_event', level: 'lossy', path: '#event', message: 'an event of the upstream was not a whole JSON object; the stream was ended' })
    return codec.encodeStreamError(failure ?? MALFORMED, init.requestId)
  }

  function end(): string | Uint8Array {
    if (isOver()) return NOTHING
    const tail = splitter.end()
    const passed = tail.length > 0 && inspect(tail) ? [tail, BLANK_LINE] : []
    if (state === 'failed') return send([], NOTHING)
    if (!isTerminated && !(hasFinish && codec.tap.terminator !== '')) return fail(TRUNCATED)
    state = 'streaming'
    const output = deliver(passed, isTerminated ? undefined : codec.tap.terminator)
    state = 'finished'
    return output
  }

  function fail(reason: Failure): string | Uint8Array {
    if (isOver()) return NOTHING
    reject(reason)
    return committed ? deliver([], errorEvent()) : NOTHING
  }

  function open(): string | Uint8Array {
    if (isOver()) return NOTHING
    openGate()
    committed = true
    return deliver([])
  }

  return {
    push,
    end,
    fail,
    open,
    // an unfinished event is never written, so a frame may stand between any two writes
    ping: () => (isOver() ? NOTHING : codec.tap.keepAlive),
    get state() {
      return state
    },
    get committed() {
      return committed
    },
    get usage() {
      return usage
    },
    stop: undefined,
    get error() {
      return failure
    },
    get upstreamModel() {
      return upstreamModel
    },
    get losses() {
      return ledger.losses
    },
    get stats() {
      return { bytesIn, bytesOut, eventsIn, blocks: 0, toolCalls: 0 }
    },
  }
}

const LATIN1 = new TextDecoder('latin1')
const UTF8 = new TextDecoder()
const BLANK_LINE = new TextEncoder().encode('\n\n')
const MALFORMED: Failure = { kind: 'upstream_protocol', message: 'the upstream sent an event that is not valid JSON' }
const TRUNCATED: Failure = { kind: 'upstream_truncated', message: 'the upstream closed the stream before the answer was complete' }

interface EventView {
  readonly name: string | undefined
  /** Data lines joined by LF; `undefined` = the event has no data (a comment). */
  readonly data: string | undefined
}

/** Finds name and data of one whole event with as few searches as possible. */
function readEvent(text: string): EventView {
  let name: string | undefined
  let data: string | undefined
  for (const line of text.split(LINE_END)) {
    if (line.startsWith('data:')) data = data === undefined ? fieldValue(line, 5) : `${data}\n${fieldValue(line, 5)}`
    else if (line.startsWith('event:')) name = fieldValue(line, 6)
  }
  const trimmed = data?.trim()
  return { name, data: trimmed === '' || trimmed === 'null' ? undefined : trimmed }
}

const LINE_END = /\r\n|\n|\r/

function fieldValue(line: string, start: number): string {
  return line.charCodeAt(start) === 32 ? line.slice(start + 1) : line.slice(start)
}

/** The cheap check for an event that is not parsed: framed, and its data begins and ends as an object. */
function isWhole(data: string): boolean {
  return data.startsWith('{') && data.endsWith('}')
}

function sizeOf(parts: readonly Uint8Array[]): number {
  let bytes = 0
  for (const part of parts) bytes += part.length
  return bytes
}

import type { Codec, TapReading } from '../codec.ts'
import type { AnswerState } from '../model/answer-grammar.ts'
import type { Failure } from '../model/failure.ts'
import type { Usage } from '../model/usage.ts'
import type { EventSplitter } from '../sse/split-events.ts'
import type { LossLedger } from './loss-ledger.ts'
import type { PassingReader } from './passing-reader.ts'

export interface PassThroughInit {
  readonly codec: Codec
  /** Relay asked for the usage chunk, the client did not: take it out again. */
  readonly dropsUsageChunk: boolean
  readonly holdStart: boolean
  readonly requestId?: string | undefined
  readonly ledger: LossLedger
  /** Unix time in milliseconds. */
  readonly now: () => number
}

/** One stream that passes, and what the tap has learned from it. */
export interface PassThrough {
  readonly init: PassThroughInit
  readonly splitter: EventSplitter
  readonly reader: PassingReader
  /** Events that wait for something meaningful; `undefined` once the way is free. */
  held: Uint8Array[] | undefined
  heldBytes: number
  state: AnswerState
  learned: TapReading
  /** Of the answers side by side, by their numbers: whether each has its reason to stop. */
  readonly choices: Map<number, boolean>
  usage: Usage | undefined
  failure: Failure | undefined
  isTerminated: boolean
  /** Something meaningful has come, or the caller would not wait: from now on trouble is told in the stream. */
  gateIsOpen: boolean
  hasContent: boolean
  committed: boolean
  bytesIn: number
  bytesOut: number
  eventsIn: number
  /** Events that go to the client once anything does. */
  eventsPassed: number
  bufferedPeak: number
  firstDeltaAt: number | undefined
  tokensSaid: number
}

export function beginContent(stream: PassThrough): void {
  stream.hasContent = true
  stream.firstDeltaAt ??= stream.init.now()
  openGate(stream)
}

export function openGate(stream: PassThrough): void {
  stream.gateIsOpen = true
  if (stream.state === 'idle' || stream.state === 'held') stream.state = 'streaming'
}

/** Every answer that has begun has its reason to stop. */
export function hasFinish({ learned, choices }: PassThrough): boolean {
  return learned.hasFinish === true && ![...choices.values()].includes(false)
}

export function reject(stream: PassThrough, failure: Failure): false {
  stream.failure = failure
  stream.state = 'failed'
  return false
}

export function isOver({ state }: PassThrough): boolean {
  return state === 'finished' || state === 'failed'
}

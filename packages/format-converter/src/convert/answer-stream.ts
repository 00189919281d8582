import type { AnswerState } from '../model/answer-grammar.ts'
import type { Failure } from '../model/failure.ts'
import type { Loss } from '../model/loss.ts'
import type { StopReason } from '../model/stop-reason.ts'
import type { Usage } from '../model/usage.ts'
import type { RuleFigures } from '../rules/rule-meter.ts'

/** What passed through a stream, for metrics. */
export interface StreamStats {
  readonly bytesIn: number
  /** Of converted output UTF-16 units: it is text until the caller encodes it. */
  readonly bytesOut: number
  readonly eventsIn: number
  /** Events for the client; comments are none, and neither are the frames of `ping`. */
  readonly eventsOut: number
  /**
   * The most that waited between two packets, in bytes or UTF-16 units: an event of which the rest is missing, and what
   * the client's format needs later (blocks that wait for their turn, text that is repeated at the end).
   */
  readonly bufferedPeak: number
  /** Time spent in the converter, in nanoseconds; `undefined` unless it was given a `clock`. */
  readonly convertNs: number | undefined
  /** Unix time in milliseconds of the first piece of content; where bytes pass as they came, of the first event with any. */
  readonly firstDeltaAt: number | undefined
  /**
   * Roughly how many tokens the model has said, by the characters of its texts, its reasoning and the arguments of its
   * calls: for an answer whose upstream does not count. With a fraction.
   */
  readonly tokensSaid: number
  readonly blocks: number
  readonly toolCalls: number
  /** What the upstream has counted so far. */
  readonly usage: Usage | undefined
  /** What the exchange's rules have done so far, by their ids; those of its request included. */
  readonly rules: ReadonlyMap<string, RuleFigures>
}

/** Nothing passed, as far as these figures go. */
export const NO_STATS: StreamStats = {
  bytesIn: 0,
  bytesOut: 0,
  eventsIn: 0,
  eventsOut: 0,
  bufferedPeak: 0,
  convertNs: undefined,
  firstDeltaAt: undefined,
  tokensSaid: 0,
  blocks: 0,
  toolCalls: 0,
  usage: undefined,
  rules: new Map(),
}

/** A chunk as bytes, whatever it was given as. */
export function bytesOf(chunk: Uint8Array | string): Uint8Array {
  return typeof chunk === 'string' ? new TextEncoder().encode(chunk) : chunk
}

/**
 * An upstream's stream on its way to the client: a pure state machine without timers and I/O. `push`, `end` and `fail`
 * never throw; trouble ends the stream with the client's own error event, or, while nothing is `committed`, with no
 * bytes at all, so that the caller can still answer with a real status.
 *
 * Output is text when formats differ and the received bytes when they are the same.
 */
export interface AnswerStream<Output> {
  /** @param chunk - upstream bytes (or text), cut anywhere */
  push(chunk: Uint8Array | string): Output
  /** Commits now, although nothing meaningful has come: the start event where it can be written. */
  open(): Output
  /** The upstream closed. */
  end(): Output
  /** Transport trouble, time-out or abort. An answer that lacks nothing but its last word ends as a whole one. */
  fail(failure: Failure): Output
  /** A keep-alive frame that is valid in the present state; empty while a frame is half written. */
  ping(): Output
  readonly state: AnswerState
  /** The first byte for the client exists. */
  readonly committed: boolean
  /** Something meaningful has come from the upstream: content, a call or a finish; no start, no ping, no error. */
  readonly hasContent: boolean
  /** Nothing is missing but the last word that the format has: `fail` would end the answer as a whole one. */
  readonly lacksOnlyEnd: boolean
  readonly usage: Usage | undefined
  readonly stop: StopReason | undefined
  readonly error: Failure | undefined
  /** The model that the upstream says it is. */
  readonly upstreamModel: string | undefined
  /** The upstream's id of the answer. */
  readonly upstreamId: string | undefined
  readonly losses: readonly Loss[]
  readonly stats: StreamStats
}

/** A stream with converted output: SSE text. */
export type StreamConverter = AnswerStream<string>

/** A stream whose output is the client's bytes, converted or not. */
export type ByteStreamConverter = AnswerStream<string | Uint8Array>

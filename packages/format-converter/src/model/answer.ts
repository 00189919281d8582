import type { OpenPart } from './answer-event.ts'
import type { Citation } from './content-part.ts'
import type { JsonObject, JsonValue } from './json.ts'
import type { Seal } from './seal.ts'
import type { StopReason } from './stop-reason.ts'
import type { Usage } from './usage.ts'

/** A finished block of an answer. */
export interface AnswerBlock {
  readonly part: OpenPart
  /** The whole text (or arguments, or input, or stand-in). Reasoning parts are joined by a blank line. */
  readonly text: string
  /** The texts of the parts of a reasoning block; one element for every other kind. */
  readonly sections: readonly string[]
  readonly citations: readonly Citation[]
  readonly seal?: Seal
  readonly logprobs?: readonly JsonValue[]
  /** Final JSON of a server tool or opaque block. */
  readonly raw?: JsonObject
}

/** A whole answer: the fold of its events. */
export interface Answer {
  /** The upstream's id and model; `undefined` when it named none. */
  readonly id?: string
  readonly model?: string
  readonly createdSeconds?: number
  /** Chat's `system_fingerprint`; no other format has it. */
  readonly fingerprint?: string
  readonly blocks: readonly AnswerBlock[]
  readonly usage?: Usage
  readonly stop: StopReason
  readonly stopSequence?: string
  readonly stopDetails?: JsonObject
}

import type { Citation } from './content-part.ts'
import type { Failure } from './failure.ts'
import type { FormatName } from './format-name.ts'
import type { JsonObject, JsonValue } from './json.ts'
import type { LossLevel } from './loss.ts'
import type { Seal } from './seal.ts'
import type { StopReason } from './stop-reason.ts'
import type { Usage } from './usage.ts'

/** What kind of block opens. */
export type OpenPart =
  /** `startsMessage` = a new message of the upstream begins; where all text is one, a separator stands before it. */
  | { readonly type: 'text'; readonly phase?: string; readonly startsMessage?: boolean }
  | {
      readonly type: 'reasoning'
      readonly kind: 'full' | 'summary'
      readonly itemId?: string
      readonly isRedacted?: boolean
    }
  | {
      readonly type: 'tool-call'
      readonly id: string
      readonly name: string
      readonly namespace?: string
      readonly form: 'json' | 'free'
      /** The upstream's format has calls of a kind of their own for this tool, and this is one. */
      readonly isOfOwnKind?: boolean
    }
  | { readonly type: 'refusal' }
  | {
      readonly type: 'server-tool'
      readonly format: FormatName
      readonly raw: JsonObject
      /** How much it matters when a client of another format loses it; absent = `lossy`. */
      readonly lossLevel?: LossLevel | undefined
    }
  | { readonly type: 'compaction' }
  | { readonly type: 'opaque'; readonly format: FormatName; readonly kind: string; readonly raw: JsonValue }

/**
 * The only vocabulary between two formats, for streams and whole answers alike.
 *
 * Order: `start` first; a block is `open`ed before its deltas and `close`d once; `usage` may come at any time and is
 * cumulative; `finish` once, after which only `usage` and `end` follow; a `failure` ends everything. `block` is a dense
 * number in order of first appearance. Several blocks may be open at once.
 */
export type AnswerEvent =
  | {
      readonly type: 'start'
      readonly id?: string
      readonly model?: string
      readonly createdSeconds?: number
      /** Chat's `system_fingerprint`; no other format has it. */
      readonly fingerprint?: string
    }
  | { readonly type: 'open'; readonly block: number; readonly part: OpenPart }
  /** Text, reasoning text, JSON arguments or free input, by the kind of the block; of a server tool its readable stand-in. */
  | { readonly type: 'delta'; readonly block: number; readonly text: string; readonly logprobs?: JsonValue }
  /** A new part of the reasoning begins inside the block. */
  | { readonly type: 'boundary'; readonly block: number }
  | { readonly type: 'citation'; readonly block: number; readonly citation: Citation }
  | { readonly type: 'seal'; readonly block: number; readonly seal: Seal }
  /** `raw` = a server tool's or opaque block's final JSON, where it differs from the one it opened with. */
  | { readonly type: 'close'; readonly block: number; readonly raw?: JsonObject }
  | { readonly type: 'usage'; readonly usage: Usage }
  | {
      readonly type: 'finish'
      readonly reason: StopReason
      readonly stopSequence?: string
      readonly details?: JsonObject
    }
  | { readonly type: 'failure'; readonly failure: Failure }
  | { readonly type: 'ping' }
  | { readonly type: 'end' }

/** Takes events one by one, in order. */
export type EmitEvent = (event: AnswerEvent) => void

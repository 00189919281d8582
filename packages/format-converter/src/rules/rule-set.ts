import type { FormatName } from '../model/format-name.ts'
import type { JsonObject, JsonValue } from '../model/json.ts'

/**
 * Where a rule looks: the client's body before it is decoded, the switches of the conversion, the encoded body and its
 * headers before they are sent, the client's answer, one event of its stream, an error.
 */
export type RulePhase = 'request.client' | 'request.ir' | 'request.upstream' | 'response' | 'event' | 'error'

/** Which exchanges a rule is for; every member that is there must hold. */
export interface RuleScope {
  readonly client?: readonly FormatName[]
  readonly upstream?: readonly FormatName[]
  /** Globs (`*`, `?`) for the model as it is sent upstream. */
  readonly model?: string | readonly string[]
  readonly stream?: boolean
  /** Globs for the type of an event; only in the phase `event`. */
  readonly event?: string | readonly string[]
}

/** What a place in the body must be like. With `*` in the path one fitting value is enough. */
export interface PlaceCondition {
  /** JSON Pointer; a segment `*` stands for every element or member. */
  readonly path: string
  readonly exists?: boolean
  readonly eq?: JsonScalar
  /** Holds also where there is nothing. */
  readonly ne?: JsonScalar
  readonly in?: readonly JsonScalar[]
  readonly gt?: number
  readonly lt?: number
  /** Glob for texts of at most 4,096 characters; longer ones never fit. */
  readonly matches?: string
}

/** When a rule, or an operation, holds. */
export type RuleCondition =
  | PlaceCondition
  | { readonly all: readonly RuleCondition[] }
  | { readonly any: readonly RuleCondition[] }
  | { readonly not: RuleCondition }

/** A value that is no list and no object. */
export type JsonScalar = string | number | boolean | null

/** Kinds of blocks that may be left out. Words that somebody said are none of them. */
export type DroppableKind = 'reasoning' | 'image' | 'document' | 'audio'

interface At {
  readonly path: string
}

type OperationShape =
  | ({ readonly op: 'set' | 'default' | 'append' | 'prepend'; readonly value: JsonValue } & At)
  | ({ readonly op: 'remove' | 'round' } & At)
  /** `rename`: another member of the same object. `move`, `copy`: any place, without `*`. */
  | ({ readonly op: 'rename' | 'move' | 'copy'; readonly to: string } & At)
  | ({ readonly op: 'clamp'; readonly min?: number; readonly max?: number } & At)
  | ({
      readonly op: 'mapValue'
      readonly map: { readonly [value: string]: JsonScalar }
      readonly else?: JsonScalar
    } & At)
  /** Keeps the elements for which the condition holds; its paths begin at the element. */
  | ({ readonly op: 'filterArray'; readonly where: RuleCondition } & At)
  | ({ readonly op: 'limitArray'; readonly max: number; readonly keep?: 'first' | 'last' } & At)
  | { readonly op: 'dropBlocks'; readonly kind: DroppableKind }
  | { readonly op: 'header.set'; readonly name: string; readonly value: string }
  | { readonly op: 'header.remove'; readonly name: string }
  | { readonly op: 'warn'; readonly message: string }
  /** `status`: 400 to 499, default 400. */
  | { readonly op: 'reject'; readonly message: string; readonly status?: number }

/** One step of a rule. Where its place is missing it does nothing. */
export type RuleOperation = OperationShape & { readonly if?: RuleCondition }

/** One rule: when it acts, and what it does. */
export interface Rule {
  /** Named in losses and records: letters, digits, `.`, `_`, `-`; unique in its set. */
  readonly id: string
  readonly description?: string
  /** Default true. */
  readonly enabled?: boolean
  readonly phase: RulePhase
  readonly when?: RuleScope
  readonly ops: readonly RuleOperation[]
}

/** The exchange that a test case pretends. */
export interface RuleTestContext {
  /** Default `openai-chat`. */
  readonly client?: FormatName
  /** Default: the client's. */
  readonly upstream?: FormatName
  /** Default: the input's `model`. */
  readonly model?: string
  /** Default: the input's `stream`. */
  readonly stream?: boolean
  /** Default: the input's `type`. */
  readonly event?: string
}

/** What must come out; only the members that are there are compared. */
export interface RuleExpectation {
  readonly body?: JsonObject
  /** Ids of the rules that acted, in order. */
  readonly applied?: readonly string[]
  /** Header changes; `null` = removed. */
  readonly headers?: { readonly [name: string]: string | null }
  /** The message of the rejection. */
  readonly rejected?: string
}

/** A test case kept beside the rules that it tests. */
export interface RuleTest {
  readonly name: string
  readonly phase: RulePhase
  readonly context?: RuleTestContext
  readonly input: JsonObject
  readonly expect: RuleExpectation
}

/** A file of rules: data, so that it can be exported, compared and reviewed. */
export interface RuleSet {
  /** For editors; not read. */
  readonly $schema?: string
  readonly version: 1
  readonly rules: readonly Rule[]
  readonly tests?: readonly RuleTest[]
}

import type { FormatName } from './format-name.ts'
import type { JsonObject, JsonValue } from './json.ts'
import type { LossLevel } from './loss.ts'
import type { Seal } from './seal.ts'
import type { VendorField } from './vendor-field.ts'

/** A prompt-cache breakpoint that a client put on a part. `ttl` as the client spelled it (`5m`, `1h`, `30m`, `12h`). */
export interface CacheMark {
  readonly ttl?: string
  /** JSON Pointer to the mark itself. */
  readonly path: string
}

/** Where the bytes of an image or a document are. */
export type MediaSource =
  | { readonly type: 'base64'; readonly data: string; readonly mediaType: string }
  | { readonly type: 'url'; readonly url: string }
  | { readonly type: 'file'; readonly fileId: string; readonly format: FormatName }

/** A reference from generated text to its source. Indexes are code points inside the text block, end exclusive. */
export interface Citation {
  /** URL of the cited page; `undefined` = the citation is not a web citation and only its own format can carry it. */
  readonly url?: string
  readonly title?: string
  readonly citedText?: string
  readonly startIndex?: number
  readonly endIndex?: number
  /** The citation exactly as its vendor spelled it. */
  readonly format: FormatName
  readonly raw: JsonObject
}

/** What every part of a message has. */
interface PartBase {
  /** JSON Pointer to this part in the client's body; losses name it. */
  readonly path: string
  readonly cacheMark?: CacheMark
  /** Members of the part that only its vendor knows; targets of other formats lose them. */
  readonly vendorFields?: readonly VendorField[]
}

/** Text as anyone says it. */
export interface TextPart extends PartBase {
  readonly type: 'text'
  readonly text: string
  readonly citations?: readonly Citation[]
  /** Responses message phase (`commentary`, `final_answer`), replayed to Responses upstreams. */
  readonly phase?: string
}

/** A picture. */
export interface ImagePart extends PartBase {
  readonly type: 'image'
  readonly source: MediaSource
  /** OpenAI's `detail`. */
  readonly detail?: string
}

/** A PDF, a text or a list of parts that is treated as one document. */
export interface DocumentPart extends PartBase {
  readonly type: 'document'
  readonly source:
    | MediaSource
    | { readonly type: 'text'; readonly text: string }
    | { readonly type: 'parts'; readonly parts: readonly ContentPart[] }
  /** Title or file name. */
  readonly title?: string
  readonly context?: string
  /** The client wants citations into this document. */
  readonly wantsCitations?: boolean
}

/** A recording, base64. */
export interface AudioPart extends PartBase {
  readonly type: 'audio'
  readonly data: string
  readonly audioFormat: string
}

/** What a model thought, with the vendor's proof of it where there is one. */
export interface ReasoningPart extends PartBase {
  readonly type: 'reasoning'
  readonly text: string
  readonly kind: 'full' | 'summary'
  readonly seal?: Seal
  /** The vendor hid the text; only the seal exists. */
  readonly isRedacted?: boolean
  readonly itemId?: string
}

/** A call that the client executes. */
export interface ToolCallPart extends PartBase {
  readonly type: 'tool-call'
  readonly id: string
  readonly name: string
  /** Responses namespace that the tool belongs to. */
  readonly namespace?: string
  /** Arguments as the ORIGINAL text: a JSON object for `json`, any text for `free`. */
  readonly arguments: string
  readonly form: 'json' | 'free'
}

/** What came of a call. */
export interface ToolResultPart extends PartBase {
  readonly type: 'tool-result'
  readonly callId: string
  /** Tool name, where the client repeats it. */
  readonly name?: string
  readonly parts: readonly ContentPart[]
  readonly isError?: boolean
  readonly form: 'json' | 'free'
}

/** The words in which a model declined. */
export interface RefusalPart extends PartBase {
  readonly type: 'refusal'
  readonly text: string
}

/** A call of, or a result from, a tool that the vendor runs itself. Only its own format can carry it as it is. */
export interface ServerToolPart extends PartBase {
  readonly type: 'server-tool'
  readonly format: FormatName
  readonly raw: JsonObject
  /** Readable stand-in for other formats; `''` where the result of a call says what was asked, too. */
  readonly text?: string | undefined
  /** How much it matters when a target of another format loses it; absent = `lossy`. */
  readonly lossLevel?: LossLevel | undefined
}

/** A vendor's summary that stands for everything before it. */
export interface CompactionPart extends PartBase {
  readonly type: 'compaction'
  readonly text?: string
  readonly seal?: Seal
}

/** Something we know only as its vendor's JSON. */
export interface OpaquePart extends PartBase {
  readonly type: 'opaque'
  readonly format: FormatName
  /** The vendor's word for it, e.g. `container_upload`. */
  readonly kind: string
  readonly raw: JsonValue
  /** How much it matters when a target of another format loses it; absent = `lossy`. */
  readonly lossLevel?: LossLevel
}

/** One piece of a message. */
export type ContentPart =
  | TextPart
  | ImagePart
  | DocumentPart
  | AudioPart
  | ReasoningPart
  | ToolCallPart
  | ToolResultPart
  | RefusalPart
  | ServerToolPart
  | CompactionPart
  | OpaquePart

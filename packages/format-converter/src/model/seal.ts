import type { FormatName } from './format-name.ts'
import type { JsonObject } from './json.ts'

/** What kind of vendor proof a seal holds. */
export type SealKind =
  | 'openai-reasoning' // `encrypted_content` of a Responses reasoning item
  | 'anthropic-signature' // `thinking.signature`
  | 'anthropic-redacted' // `redacted_thinking.data`
  | 'anthropic-compaction' // `compaction.encrypted_content`
  | 'openai-compaction' // `encrypted_content` of a Responses compaction item
  | 'gemini-signature' // `thoughtSignature`
  | 'chat-detail' // a sealed entry of `reasoning_details`

/**
 * A vendor's opaque proof of a piece of reasoning. Only the vendor (often only the account) that made it can read it;
 * it must come back unchanged or not at all.
 */
export interface Seal {
  readonly kind: SealKind
  /** The format of the upstream that made the value. */
  readonly format: FormatName
  /** The original value, untouched. */
  readonly value: string
  /** Hash of the upstream account or organisation that made it; `undefined` = not known. */
  readonly issuer?: string
  /** Id of the reasoning item, where the vendor has one. */
  readonly itemId?: string
  /** What stands beside the proof at its vendor and has no place at a client of another format, e.g. a summary's text. */
  readonly members?: JsonObject
}

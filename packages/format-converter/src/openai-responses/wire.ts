import type { JsonObject } from '../model/json.ts'
import { encodeSse } from '../sse/encode-sse.ts'
import { toJsonText } from '../wire/raw-json.ts'

/**
 * Words of the Responses wire format that Relay writes, and small readers for foreign values.
 *
 * @remarks Source: type declarations of the npm package `openai` 7.57.0, `resources/responses`.
 */

/** Endpoint below the version segment. */
export const ENDPOINT = '/responses'

/** Prefix of answer ids. */
export const ID_PREFIX = 'resp_'

/** Prefix of tool-call ids that Relay mints for calls which came without one. */
export const CALL_ID_PREFIX = 'call_'

/** What `include` must name so that reasoning proofs are answered. */
export const INCLUDE_PROOFS = 'reasoning.encrypted_content'

/** What `include` must name so that token probabilities are answered. */
export const INCLUDE_LOGPROBS = 'message.output_text.logprobs'

/** Member of a message that tells commentary from the final answer. */
export const PHASE = 'phase'

/** A comment: the only keep-alive that every client takes before `response.created`. */
export const KEEP_ALIVE_FRAME = ': keep-alive\n\n'

/** Prefixes of item ids. */
export const ITEM_PREFIX = {
  message: 'msg_',
  reasoning: 'rs_',
  functionCall: 'fc_',
  customCall: 'ctc_',
  webSearch: 'ws_',
  compaction: 'cmp_',
  shellCall: 'sh_',
  localShellCall: 'lsh_',
  patchCall: 'apc_',
  toolSearch: 'tsc_',
  other: 'item_',
} as const

/** One event of a stream; the type stands in the `event:` line too, and every event is numbered. */
export function encodeEvent(type: string, sequence: number, members: JsonObject): string {
  return encodeSse(toJsonText({ type, sequence_number: sequence, ...members }), type)
}

/** A word of the upstream or of a client, short enough for a message. */
export function clip(word: string): string {
  return word.length > 48 ? `${word.slice(0, 45)}…` : word
}

/** Events that concern one item or nothing: whether the answer goes on, they do not say. */
const ITEM_EVENT = /^(?:keepalive|response\.[a-z_]+(?:\.[a-z_]+)+)$/

/** Whether an event of this type is about an item of the answer, or a mere sign of life. */
export function isOfItem(type: string): boolean {
  return ITEM_EVENT.test(type)
}

/**
 * Words of the Chat Completions wire format that Relay writes.
 *
 * @remarks Source: type declarations of the npm package `openai` 7.57.0, `resources/chat/completions`.
 */

/** Why a choice ended, as OpenAI spells it. */
export type FinishReason = 'stop' | 'length' | 'tool_calls' | 'content_filter' | 'function_call'

/** `object` of a whole answer. */
export const ANSWER_OBJECT = 'chat.completion'

/** `object` of every chunk of a stream. */
export const CHUNK_OBJECT = 'chat.completion.chunk'

/** Prefix of answer ids. */
export const ID_PREFIX = 'chatcmpl-'

/** Prefix of tool-call ids that Relay mints for calls which came without one. */
export const CALL_ID_PREFIX = 'call_'

/** Last line of every Chat stream that ended well. */
export const DONE_FRAME = 'data: [DONE]\n\n'

/** A comment: every Chat client known to us skips it, even before the first chunk. */
export const KEEP_ALIVE_FRAME = ': keep-alive\n\n'

/** `format` of the `reasoning_details` entries in which Relay carries another vendor's proof through a Chat client. */
export const ENVELOPE_FORMAT = 'relay-v1'

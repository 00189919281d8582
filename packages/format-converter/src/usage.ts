/**
 * Token counts: read from one vendor's words, written in another's.
 *
 * @packageDocumentation
 */
import { decodeUsage as fromMessages } from './anthropic-messages/usage.ts'
import type { FormatName } from './model/format-name.ts'
import type { JsonValue } from './model/json.ts'
import type { Usage } from './model/usage.ts'
import { decodeUsage as fromChat } from './openai-chat/usage.ts'
import { decodeUsage as fromResponses } from './openai-responses/usage.ts'

/**
 * Reads the usage object of an answer. Counts are in tokens; the input classes of the result do not overlap, whatever the
 * vendor counts twice.
 *
 * @returns `undefined` when the object holds no usable number, or the format has no reader
 */
export function normalizeUsage({ from, usage }: { from: FormatName; usage: unknown }): Usage | undefined {
  return READERS[from]?.(usage as JsonValue | undefined) // readers take any value, and check
}

const READERS: { readonly [Format in FormatName]?: (usage: JsonValue | undefined) => Usage | undefined } = {
  'anthropic-messages': fromMessages,
  'openai-chat': fromChat,
  'openai-responses': fromResponses,
}

export { encodeUsage as toAnthropicUsage } from './anthropic-messages/usage.ts'
export { encodeUsage as toChatUsage } from './openai-chat/usage.ts'
export { encodeUsage as toResponsesUsage } from './openai-responses/usage.ts'
export { cacheWriteTotal, inputTotal, mergeUsage } from './model/usage.ts'
export type { Usage } from './model/usage.ts'

/** Token counts: read from one vendor's words, written in another's. */
export { decodeUsage as normalizeAnthropicUsage, encodeUsage as toAnthropicUsage } from './anthropic-messages/usage.ts'
export { decodeUsage as normalizeChatUsage, encodeUsage as toChatUsage } from './openai-chat/usage.ts'
export { cacheWriteTotal, inputTotal, mergeUsage } from './model/usage.ts'
export type { Usage } from './model/usage.ts'

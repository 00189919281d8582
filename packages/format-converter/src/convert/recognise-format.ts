import type { FormatName } from '../model/format-name.ts'
import { isJsonObject, type JsonObject, type JsonValue } from '../model/json.ts'

/**
 * The format of an answer or of a stream event, from its shape; `undefined` when the shape fits none (an error object,
 * a keep-alive).
 */
export function recogniseAnswerFormat(body: JsonObject): FormatName | undefined {
  const type = body['type']
  if (Array.isArray(body['choices'])) return 'openai-chat'
  if (isResponse(body['object']) || (typeof type === 'string' && type.startsWith('response.')))
    return 'openai-responses'
  if (type === 'message' || (typeof type === 'string' && ANTHROPIC_EVENTS.has(type))) return 'anthropic-messages'
  return undefined
}

/**
 * The same of a stream's event from how its text begins, as nearly all servers write it: its first token does not wait for
 * it to be parsed twice. `undefined` = the beginning does not tell.
 */
export function recogniseEventText(text: string): FormatName | undefined {
  if (CHAT_EVENT.test(text)) return 'openai-chat'
  const type = TYPED_EVENT.exec(text)?.[1]
  if (type === undefined) return undefined
  return type === 'message_start' ? 'anthropic-messages' : 'openai-responses'
}

/** Behind a few members that are plain texts or numbers. */
const CHAT_EVENT = /^\{(?:"\w+": ?(?:"[^"\\]*"|\d+), ?){0,8}"object": ?"chat\.completion\.chunk"/
const TYPED_EVENT = /^\{"type": ?"(message_start|response\.\w+)"/

/** An answer, or a conversation that was made shorter. */
function isResponse(object: JsonValue | undefined): boolean {
  return object === 'response' || object === 'response.compaction'
}

const ANTHROPIC_EVENTS: ReadonlySet<string> = new Set([
  'message_start',
  'content_block_start',
  'content_block_delta',
  'content_block_stop',
  'message_delta',
  'message_stop',
])

/**
 * The format that a request speaks, from its path and, where the path does not tell, from its body.
 *
 * @param pathname - any spelling Relay accepts: with or without `/v1`, under a prefix, with a trailing slash
 */
export function detectFormat(pathname: string, body?: unknown): FormatName | undefined {
  const path = pathname.replace(/\?.*$/, '').replace(/\/+$/, '')
  if (/\/messages(\/count_tokens)?$/.test(path)) return 'anthropic-messages'
  if (path.endsWith('/chat/completions')) return 'openai-chat'
  if (/\/responses(\/|$)/.test(path)) return 'openai-responses'
  if (/:(streamGenerateContent|generateContent|countTokens)$/.test(path)) return 'gemini'
  return isJsonObject(body) ? detectByBody(body) : undefined
}

function detectByBody(body: JsonObject): FormatName | undefined {
  if ('input' in body || 'instructions' in body) return 'openai-responses'
  if ('contents' in body) return 'gemini'
  if (!Array.isArray(body['messages'])) return undefined
  return 'system' in body || 'thinking' in body || 'anthropic_version' in body ? 'anthropic-messages' : 'openai-chat'
}

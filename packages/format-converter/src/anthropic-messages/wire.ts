import { isJsonArray, type JsonObject, type JsonValue } from '../model/json.ts'
import { encodeSse } from '../sse/encode-sse.ts'
import { toJsonText } from '../wire/raw-json.ts'

/** Keep-alive that every client of this format takes, also as the first event. */
export const PING = 'event: ping\ndata: {"type":"ping"}\n\n'

/** What every block delta ends with. */
export const DELTA_END = '}}\n\n'

/** One event of a stream. The SDKs ignore events without an `event:` line. */
export function encodeEvent(type: string, body: JsonObject): string {
  return encodeSse(toJsonText(body), type)
}

/** Begins a content block. */
export function encodeBlockStart(index: number, block: JsonObject): string {
  return encodeEvent('content_block_start', { type: 'content_block_start', index, content_block: block })
}

/** Any delta but the ones of the hot path. */
export function encodeBlockDelta(index: number, delta: JsonObject): string {
  return encodeEvent('content_block_delta', { type: 'content_block_delta', index, delta })
}

/** Ends a content block. */
export function encodeBlockStop(index: number): string {
  return `event: content_block_stop\ndata: {"type":"content_block_stop","index":${index}}\n\n`
}

/**
 * Everything of a text delta before its text: constant while a block is open, so that a delta costs one
 * `JSON.stringify` of its text. To be followed by the text as JSON and {@link DELTA_END}.
 */
export function deltaPrefix(index: number, type: 'text_delta' | 'thinking_delta' | 'input_json_delta'): string {
  const key = type === 'text_delta' ? 'text' : type === 'thinking_delta' ? 'thinking' : 'partial_json'
  return `event: content_block_delta\ndata: {"type":"content_block_delta","index":${index},"delta":{"type":"${type}","${key}":`
}

/** The text of a member that ought to be one. */
export function textOf(value: JsonValue | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined
}

/** The elements of a member that ought to be a list; anything else has none. */
export function listOf(value: JsonValue | undefined): readonly JsonValue[] {
  return isJsonArray(value) ? value : []
}

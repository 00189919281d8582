import { isJsonArray, type JsonObject, type JsonValue } from '../model/json.ts'
import { encodeSse } from '../sse/encode-sse.ts'
import { toJsonText } from '../wire/raw-json.ts'

/** Keep-alive that every client of this format takes, also as the first event. */
export const PING = 'event: ping\ndata: {"type":"ping"}\n\n'

/** What every block delta ends with. */
const DELTA_END = '}}\n\n'

/** The events of one stream as text, counted. The SDKs ignore events without an `event:` line. */
export class MessageFrames {
  #count = 0

  /** Events so far. */
  get count(): number {
    return this.#count
  }

  event(type: string, body: JsonObject): string {
    return this.ready(encodeSse(toJsonText(body), type))
  }

  /** Begins a content block. */
  blockStart(index: number, block: JsonObject): string {
    return this.event('content_block_start', { type: 'content_block_start', index, content_block: block })
  }

  /** Any delta but the ones of the hot path. */
  blockDelta(index: number, delta: JsonObject): string {
    return this.event('content_block_delta', { type: 'content_block_delta', index, delta })
  }

  /**
   * A piece of text: almost all of a stream.
   *
   * @param prefix - the event up to the text, see {@link deltaPrefix}
   */
  piece(prefix: string, text: string): string {
    this.#count += 1
    return prefix + JSON.stringify(text) + DELTA_END
  }

  /** Ends a content block. */
  blockStop(index: number): string {
    return this.ready(`event: content_block_stop\ndata: {"type":"content_block_stop","index":${index}}\n\n`)
  }

  /** An event that is text already. */
  ready(text: string): string {
    this.#count += 1
    return text
  }
}

/**
 * Everything of a text delta before its text: constant while a block is open, so that a delta costs one
 * `JSON.stringify` of its text.
 */
export function deltaPrefix(index: number, type: 'text_delta' | 'thinking_delta' | 'input_json_delta'): string {
  const key = type === 'text_delta' ? 'text' : type === 'thinking_delta' ? 'thinking' : 'partial_json'
  return `event: content_block_delta\ndata: {"type":"content_block_delta","index":${index},"delta":{"type":"${type}","${key}":`
}

/** The elements of a member that ought to be a list; anything else has none. */
export function listOf(value: JsonValue | undefined): readonly JsonValue[] {
  return isJsonArray(value) ? value : []
}

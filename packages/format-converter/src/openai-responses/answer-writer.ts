import type { EncodeAnswerContext } from '../codec.ts'
import type { Citation } from '../model/content-part.ts'
import type { JsonObject, JsonValue } from '../model/json.ts'
import type { Seal } from '../model/seal.ts'
import { encodeEvent } from './wire.ts'

/** Most characters of one answer that are kept for its final events. */
const MAX_CHARACTERS = 64 * 1024 * 1024

/** What all items of one answer share: numbers for events and items, and the finished items. */
export interface AnswerWriter {
  readonly context: EncodeAnswerContext
  /** One numbered event. */
  event(type: string, members: JsonObject): string
  /**
   * One numbered event of a piece of text that is kept: almost all of a stream.
   *
   * @param prefix - the event up to the text, see {@link deltaPrefix}
   */
  delta(prefix: string, text: string): string
  /** A position in the output. */
  nextPosition(): number
  /** Begins an item. */
  add(position: number, item: JsonObject): string
  /** Ends an item; the very object stands in the terminal event again. */
  finish(position: number, item: JsonObject): string
  /** The finished items in the order of their positions. */
  output(): readonly JsonObject[]
  /** An id for an item: the one it came with, or a new one. Clients refuse an answer in which one stands twice. */
  itemId(prefix: string, known?: string): string
  /** The id of a call, made unique in its space of ids. */
  callId(id: string, space: string): string
  /** Counts text that must be kept. */
  keep(characters: number): void
  isOverflown(): boolean
  /** Events so far. */
  events(): number
  /** Characters of text that are kept. */
  kept(): number
}

/** Writes one item. Every method returns SSE text, `''` when nothing is to be written (yet). */
export interface ItemWriter {
  /** The item has no text: what the block says in words is for other formats. */
  readonly ignoresText?: true
  delta(text: string, logprobs?: JsonValue): string
  boundary(): string
  cite(citation: Citation): void
  seal(seal: Seal): void
  /** The block is closed; `raw` is its final JSON. */
  close(raw?: JsonObject): void
  /** @param isCut - the answer ended before the item did */
  finish(isCut: boolean): string
}

/** What all events of one run of text begin with. */
export function deltaPrefix(type: string, members: JsonObject): string {
  return `event: ${type}\ndata: ${JSON.stringify({ type, ...members }).slice(0, -1)},"delta":`
}

export function createAnswerWriter(context: EncodeAnswerContext): AnswerWriter {
  const items = new Map<number, JsonObject>()
  const ids = new Set<string>()
  let sequence = 0
  let positions = 0
  let kept = 0

  function event(type: string, members: JsonObject): string {
    return encodeEvent(type, sequence++, members)
  }

  function unique(id: string, space: string): string {
    let fresh = id
    for (let round = 2; ids.has(`${space} ${fresh}`); round++) fresh = `${id}_${round}`
    ids.add(`${space} ${fresh}`)
    return fresh
  }

  function itemId(prefix: string, known = ''): string {
    return unique(known === '' ? prefix + context.newId() : known, 'item')
  }

  return {
    context,
    event,
    delta: (prefix, text) => {
      kept += text.length
      return `${prefix}${JSON.stringify(text)},"sequence_number":${sequence++}}\n\n`
    },
    nextPosition: () => positions++,
    add: (position, item) => event('response.output_item.added', { output_index: position, item }),
    finish: (position, item) => {
      items.set(position, item)
      return event('response.output_item.done', { output_index: position, item })
    },
    output: () => [...items].toSorted(([left], [right]) => left - right).map(([, item]) => item),
    itemId,
    callId: unique,
    keep: (characters) => {
      kept += characters
    },
    events: () => sequence,
    isOverflown: () => kept > MAX_CHARACTERS,
    kept: () => kept,
  }
}

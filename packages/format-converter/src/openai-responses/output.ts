import type { Shortcut } from '../codec.ts'
import { isJsonObject, type JsonObject, type JsonValue } from '../model/json.ts'
import { entriesOf, optionalIndex, stringOf } from '../wire/loose.ts'
import { LATE_DELTA, NO_ITEM, unknownEvent } from './answer-losses.ts'
import { createOutputItem, type OutputItem, type OutputItemContext } from './output-item.ts'

/** More items than this are an attack or a broken upstream. */
export const MAX_ITEMS = 1024

/** Most events that wait for an item whose type is not known yet. */
const MAX_WAITING = 4096

const MESSAGE_PARTS: ReadonlySet<unknown> = new Set(['output_text', 'refusal', 'text'])

/** A position; or, for an item that came without one, words that are no position: numbers are the cheaper keys. */
type SlotKey = number | string

/** An item of the output while its events come. */
interface Slot {
  item: OutputItem | undefined
  type: string
  id: string
  callId: string
  /** It has a position. */
  isPlaced: boolean
  isDone: boolean
  /** Events that came before the item was known. */
  waiting: { readonly name: string; readonly body: JsonObject }[]
}

/** The items of one answer. Items are known by their position, because some upstreams change ids between events. */
export interface Output {
  push(type: string, body: JsonObject): void
  /** See `StreamDecoder`. */
  shortcut(body: JsonObject): Shortcut | undefined
  /** Writes what only the list in the terminal event holds, and finishes what was left open. */
  complete(list: JsonValue | undefined): void
  /** The model declined, and called no tool beside: then its turn would go on. */
  isRefusal(): boolean
}

export function createOutput(context: OutputItemContext): Output {
  const slots = new Map<SlotKey, Slot>()
  let latest: SlotKey | undefined

  function push(type: string, body: JsonObject): void {
    const name = nameOf(type)
    const key =
      name === undefined
        ? undefined
        : (keyOf(slots, body) ?? placeOf(name, body, { latest, next: `unplaced ${slots.size}` }))
    if (name === undefined || key === undefined) return context.report(unknownEvent(type))
    latest = key
    const slot = slotFor(key, body['item'])
    if (slots.size > MAX_ITEMS) context.overflow()
    else route(slot, name, body)
  }

  /** Some servers give every item the same position. */
  function slotFor(key: SlotKey, item: JsonValue | undefined): Slot {
    const known = slots.get(key)
    if (known !== undefined && !(isJsonObject(item) && isAnother(known, item))) return known
    if (known !== undefined) slots.set(`earlier ${slots.size}`, known)
    const slot = { ...createSlot(), isPlaced: typeof key === 'number' }
    slots.set(key, slot)
    return slot
  }

  function route(slot: Slot, name: string, body: JsonObject): void {
    if (slot.isDone) return name.endsWith('.delta') ? context.report(LATE_DELTA) : undefined
    slot.id ||= stringOf(body['item_id'])
    if (name === 'output_item.added' || name === 'output_item.done') return routeItem(slot, name, body['item'])
    if (slot.item === undefined) identify(slot, guessItem(name, body))
    if (slot.item !== undefined) slot.item.event(name, body)
    else if (slot.waiting.length < MAX_WAITING) slot.waiting.push({ name, body })
    else context.overflow()
  }

  function routeItem(slot: Slot, name: string, item: JsonValue | undefined): void {
    if (!isJsonObject(item)) return context.report(NO_ITEM)
    identify(slot, item)
    if (name === 'output_item.done') finish(slot, item)
  }

  /** Learns what an item is, and reads what had to wait for that. */
  function identify(slot: Slot, item: JsonObject): void {
    slot.type ||= stringOf(item['type']) || ('content' in item ? 'message' : '')
    slot.id = stringOf(item['id']) || slot.id // the item itself knows best
    slot.callId ||= stringOf(item['call_id'])
    if (slot.type === '') return
    slot.item ??= createOutputItem({ ...item, type: slot.type }, context)
    for (const { name, body } of slot.waiting) slot.item.event(name, body)
    slot.waiting = []
    slot.item.describe(item)
  }

  function complete(list: JsonValue | undefined): void {
    entriesOf(list).forEach(completeItem)
    for (const slot of slots.values()) {
      finish(slot, {})
      for (const { name } of slot.waiting) context.report(unknownEvent(`response.${name}`))
    }
  }

  function completeItem(item: JsonValue, index: number): void {
    if (!isJsonObject(item)) return context.report(NO_ITEM)
    const slot = slotOf(slots, item, index) ?? createSlot()
    if (slot.isDone) return isAnother(slot, item) ? undefined : slot.item?.again?.(item)
    slots.set(`final ${index}`, slot)
    identify(slot, item)
    if (slot.item === undefined) context.report(NO_ITEM)
    finish(slot, item)
  }

  return {
    push,
    shortcut: (body) => shortcutOf(slots, body),
    complete,
    isRefusal: () => context.answer.hasRefusal && !context.answer.hasCalls,
  }
}

/** Only for an event whose item is known by its position, and has its id. */
function shortcutOf(
  slots: ReadonlyMap<SlotKey, Slot>,
  { type, output_index, ...body }: JsonObject,
): Shortcut | undefined {
  const name = typeof type === 'string' ? nameOf(type) : undefined
  const slot = slots.get(optionalIndex(output_index) ?? -1)
  if (name === undefined || slot === undefined || slot.isDone || slot.id === '') return undefined
  return slot.item?.shortcut?.(name, body)
}

/** The same item by id, or else what stands at its position with the same type. */
function slotOf(slots: ReadonlyMap<SlotKey, Slot>, item: JsonObject, index: number): Slot | undefined {
  const id = stringOf(item['id'])
  const callId = stringOf(item['call_id'])
  for (const slot of slots.values()) {
    if ((callId !== '' && slot.callId === callId && slot.type === item['type']) || (id !== '' && slot.id === id))
      return slot
  }
  const slot = slots.get(index) ?? slots.get(`unplaced ${index}`)
  return slot?.type === item['type'] ? slot : undefined
}

/** Whether an item is not the one that is over at its place. */
function isAnother(slot: Slot, { id, call_id, type }: JsonObject): boolean {
  if (!slot.isDone) return false
  return differs(slot.id, id) || differs(slot.callId, call_id) || differs(slot.type, type)
}

function differs(known: string, told: JsonValue | undefined): boolean {
  return known !== '' && typeof told === 'string' && told !== '' && told !== known
}

function finish(slot: Slot, item: JsonObject): void {
  if (slot.isDone || slot.item === undefined) return
  slot.isDone = true
  const isTyped = typeof item['type'] === 'string' || !('type' in item)
  slot.item.done(isTyped ? item : { ...item, type: slot.type })
}

function createSlot(): Slot {
  return { item: undefined, type: '', id: '', callId: '', isPlaced: false, isDone: false, waiting: [] }
}

/** @returns `undefined` for an event that is not of this format */
function nameOf(type: string): string | undefined {
  switch (type) {
    // Almost all events: comparing a constant later on is cheaper than comparing a slice.
    case 'response.output_text.delta':
      return 'output_text.delta'
    case 'response.function_call_arguments.delta':
      return 'function_call_arguments.delta'
    default:
      return type.startsWith('response.') ? type.slice('response.'.length) : undefined
  }
}

function keyOf(slots: Map<SlotKey, Slot>, body: JsonObject): SlotKey | undefined {
  const position = optionalIndex(body['output_index'])
  if (position !== undefined && slots.has(position)) return position
  const item = body['item']
  const id = stringOf(body['item_id']) || (isJsonObject(item) ? stringOf(item['id']) : '')
  if (position !== undefined) return placeItem(slots, position, id)
  return keyOfItem(slots, id) ?? (id === '' ? undefined : `id ${id}`)
}

/**
 * The place of an event that names neither position nor item: it belongs to the latest item, or begins one.
 *
 * @returns `undefined` for an event that is about no item
 */
function placeOf(
  name: string,
  body: JsonObject,
  { latest, next }: { readonly latest: SlotKey | undefined; readonly next: SlotKey },
): SlotKey | undefined {
  if (name === 'output_item.added') return next
  const isOfItem = name === 'output_item.done' || 'type' in guessItem(name, body)
  return isOfItem ? (latest ?? next) : undefined
}

/** Some servers give a position in some events of an item only: what began without one has it from now on. */
function placeItem(slots: Map<SlotKey, Slot>, position: number, id: string): number {
  const key = keyOfItem(slots, id)
  const slot = key === undefined ? undefined : slots.get(key)
  if (slot?.isPlaced === false) {
    slot.isPlaced = true
    slots.set(position, slot)
  }
  return position
}

function keyOfItem(slots: ReadonlyMap<SlotKey, Slot>, id: string): SlotKey | undefined {
  if (id !== '') for (const [key, slot] of slots) if (slot.id === id) return key
  return undefined
}

/** Some servers leave `output_item.added` out: the event names tell what the item is, but for calls, which have a name. */
function guessItem(name: string, { part }: JsonObject): JsonObject {
  if (name.startsWith('output_text.') || name.startsWith('refusal.')) return { type: 'message' }
  if (name.startsWith('reasoning_')) return { type: 'reasoning' }
  if (name.startsWith('function_call_arguments.')) return { type: 'function_call' }
  if (name.startsWith('custom_tool_call_input.')) return { type: 'custom_tool_call' }
  return name.startsWith('content_part.') && isJsonObject(part) ? guessByPart(part['type']) : {}
}

function guessByPart(type: JsonValue | undefined): JsonObject {
  if (type === 'reasoning_text') return { type: 'reasoning' }
  return MESSAGE_PARTS.has(type) ? { type: 'message' } : {}
}

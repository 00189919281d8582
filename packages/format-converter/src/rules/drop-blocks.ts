import type { FormatName } from '../model/format-name.ts'
import { isJsonArray, isJsonObject, type JsonObject, type JsonValue } from '../model/json.ts'
import { type Budget, editAt, EACH, type Place, spend, withMember } from './place.ts'
import type { DroppableKind } from './rule-set.ts'

/** Blocks of a stream that a rule has left out. One object for each stream. */
export interface StreamMemory {
  /** Places of the blocks in the stream as it came. */
  readonly droppedIndexes: Set<number>
  /** Events that were left out so far. */
  droppedEvents: number
}

export interface DropRequest {
  readonly format: FormatName
  readonly kind: DroppableKind
  readonly budget: Budget
}

/** The types of blocks, as each format spells them. */
const BLOCK_TYPES: { readonly [Format in FormatName]?: { readonly [Kind in DroppableKind]?: readonly string[] } } = {
  'anthropic-messages': { reasoning: ['thinking', 'redacted_thinking'], image: ['image'], document: ['document'] },
  'openai-chat': { image: ['image_url'], document: ['file'], audio: ['input_audio'] },
  'openai-responses': {
    reasoning: ['reasoning'],
    image: ['input_image'],
    document: ['input_file'],
    audio: ['input_audio'],
  },
}

/** Chat has no reasoning blocks but members of a message. */
const REASONING_MEMBERS = ['reasoning_content', 'reasoning', 'reasoning_details']

/** Leaves blocks of a kind out of a request's conversation. A message that was nothing else goes with them. */
export function dropFromRequest(body: JsonObject, request: DropRequest): JsonObject {
  const root = request.format === 'openai-responses' ? 'input' : 'messages'
  return editAt(body, {
    place: [root],
    budget: request.budget,
    change: (list) =>
      isJsonArray(list)
        ? keepSame(
            list,
            list.map((turn) => withoutBlocks(turn, request)),
          )
        : list,
  })
}

/** Leaves reasoning out of a whole answer. */
export function dropFromAnswer(body: JsonObject, { format, budget }: DropRequest): JsonObject {
  if (format === 'openai-chat') return withoutReasoning(body, ['choices', EACH, 'message'], budget)
  const types = typesOf(format, 'reasoning')
  return editAt(body, {
    place: [format === 'openai-responses' ? 'output' : 'content'],
    budget,
    change: (list) =>
      isJsonArray(list)
        ? keepSame(
            list,
            list.filter((block) => !isOfType(block, types)),
          )
        : list,
  })
}

/**
 * Leaves reasoning out of one event of a stream, and remembers the block for the events that follow.
 *
 * @returns the event, and whether something was left out
 */
export function dropFromEvent(
  event: JsonObject,
  { format, budget }: DropRequest,
  memory: StreamMemory,
): { readonly event: JsonObject; readonly hasActed: boolean } {
  if (format === 'openai-chat') {
    const edited = withoutReasoning(event, ['choices', EACH, 'delta'], budget)
    return { event: edited, hasActed: edited !== event }
  }
  const [opened, index] =
    format === 'openai-responses' ? [event['item'], event['output_index']] : [event['content_block'], event['index']]
  const isOpening = event['type'] === 'content_block_start' || event['type'] === 'response.output_item.added'
  const hasActed = isOpening && typeof index === 'number' && isOfType(opened, typesOf(format, 'reasoning'))
  if (hasActed) memory.droppedIndexes.add(index)
  return { event, hasActed }
}

/**
 * Gives the events that stay the numbers of a stream in which the dropped blocks never were.
 *
 * @returns `undefined` for an event of a dropped block
 */
export function renumber(event: JsonObject, memory: StreamMemory): JsonObject | undefined {
  if (memory.droppedIndexes.size === 0) return event
  const name = Object.hasOwn(event, 'output_index') ? 'output_index' : 'index'
  const index = event[name]
  if (typeof index === 'number' && memory.droppedIndexes.has(index)) {
    memory.droppedEvents += 1
    return undefined
  }
  let numbered = event
  if (typeof index === 'number') numbered = withMember(numbered, name, index - countBelow(memory, index))
  const sequence = event['sequence_number']
  if (typeof sequence === 'number') numbered = withMember(numbered, 'sequence_number', sequence - memory.droppedEvents)
  return withoutDroppedItems(numbered, memory)
}

function countBelow({ droppedIndexes }: StreamMemory, index: number): number {
  return [...droppedIndexes].filter((dropped) => dropped < index).length
}

/** The last events of a Responses stream repeat the whole output. */
function withoutDroppedItems(event: JsonObject, { droppedIndexes }: StreamMemory): JsonObject {
  const response = event['response']
  if (!isJsonObject(response) || !isJsonArray(response['output'])) return event
  const output = response['output'].filter((_item, index) => !droppedIndexes.has(index))
  return output.length === response['output'].length
    ? event
    : withMember(event, 'response', withMember(response, 'output', output))
}

function withoutReasoning(body: JsonObject, place: Place, budget: Budget): JsonObject {
  return editAt(body, {
    place,
    budget,
    change: (message) => (isJsonObject(message) ? withoutMembers(message) : message),
  })
}

function withoutMembers(message: JsonObject): JsonObject {
  let kept = message
  for (const name of REASONING_MEMBERS) if (Object.hasOwn(kept, name)) kept = withMember(kept, name, undefined)
  return kept
}

/** A turn without the blocks; `undefined` when nothing of it is left. */
function withoutBlocks(turn: JsonValue, request: DropRequest): JsonValue | undefined {
  if (!spend(request.budget, 1) || !isJsonObject(turn)) return turn
  if (isOfType(turn, typesOf(request.format, request.kind))) return undefined
  const bare = request.format === 'openai-chat' && request.kind === 'reasoning' ? withoutMembers(turn) : turn
  const list = Object.hasOwn(bare, 'output') ? 'output' : 'content'
  return withParts(bare, list, request) ?? (isResult(bare) ? withMember(bare, list, '') : undefined)
}

/** What a tool gave is the answer to a call: it stays, though it may be empty. */
function isResult(turn: JsonObject): boolean {
  return turn['role'] === 'tool' || turn['type'] === 'tool_result' || Object.hasOwn(turn, 'output')
}

/** @returns `undefined` when all parts would go */
function withParts(owner: JsonObject, name: string, request: DropRequest): JsonObject | undefined {
  const parts = owner[name]
  if (!isJsonArray(parts) || parts.length === 0 || !spend(request.budget, parts.length)) return owner
  const types = typesOf(request.format, request.kind)
  const kept = keepSame(
    parts,
    parts.map((part) => {
      if (isOfType(part, types)) return undefined
      return isJsonObject(part) && part['type'] === 'tool_result' ? withoutBlocks(part, request) : part
    }),
  )
  if (kept.length === 0) return undefined
  return kept === parts ? owner : withMember(owner, name, kept)
}

/** The list itself when nothing in it changed. */
function keepSame(list: readonly JsonValue[], edited: readonly (JsonValue | undefined)[]): readonly JsonValue[] {
  const isSame = edited.length === list.length && edited.every((element, index) => element === list[index])
  return isSame ? list : edited.filter((element) => element !== undefined)
}

function typesOf(format: FormatName, kind: DroppableKind): readonly string[] {
  return BLOCK_TYPES[format]?.[kind] ?? []
}

function isOfType(value: JsonValue | undefined, types: readonly string[]): boolean {
  return isJsonObject(value) && typeof value['type'] === 'string' && types.includes(value['type'])
}

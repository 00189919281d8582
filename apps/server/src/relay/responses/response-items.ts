import type { JsonObject } from '@relay/format-converter'

/** Ids longer than this are nobody's. */
const MAX_ID_CHARACTERS = 200

/** The input of a Responses request as items: a text is a user's message. */
export function inputItems(input: unknown): readonly JsonObject[] {
  if (typeof input === 'string') {
    return input === '' ? [] : [{ type: 'message', role: 'user', content: [{ type: 'input_text', text: input }] }]
  }
  return objectsOf(input)
}

/** What a response object holds as its answer. */
export function outputItems(response: JsonObject): readonly JsonObject[] {
  return objectsOf(response['output'])
}

/** The id of an item, or what an item refers to; `undefined` where there is none. */
export function itemId({ id }: JsonObject): string | undefined {
  return typeof id === 'string' && id !== '' && id.length <= MAX_ID_CHARACTERS ? id : undefined
}

/** Whether an item only names another one; the type may be left out then. */
export function isReference(item: JsonObject): boolean {
  const { type } = item
  if (type === 'item_reference') return true
  return (type === undefined || type === null) && !Object.hasOwn(item, 'role') && itemId(item) !== undefined
}

/** Whether an upstream that has kept nothing can take the item: of reasoning it needs the proof, or the text itself. */
export function isReplayable({ type, encrypted_content: proof, content }: JsonObject): boolean {
  return type !== 'reasoning' || typeof proof === 'string' || (Array.isArray(content) && content.length > 0)
}

function objectsOf(value: unknown): readonly JsonObject[] {
  return Array.isArray(value) ? value.filter(isObject) : []
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

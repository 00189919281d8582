import type { ResponseStore } from '../codec.ts'
import { ConversionError } from '../conversion-error.ts'
import { isJsonArray, isJsonObject, type JsonObject, type JsonValue } from '../model/json.ts'
import { stringOf } from '../wire/loose.ts'
import { pointer } from '../wire/read-object.ts'

/**
 * Puts what a request refers to into the request: the conversation of the response that it goes on from, and items by
 * their ids. The same object when it refers to nothing.
 *
 * @throws ConversionError `previous_response_not_found`, with the place of what the store does not know
 */
export async function resolveState(body: JsonObject, store: ResponseStore): Promise<JsonObject> {
  const { previous_response_id: previous, ...rest } = body
  const earlier = typeof previous === 'string' ? await conversationOf(previous, store) : []
  const given = itemsOf(body['input'])
  const items = await Promise.all(given.map((item, index) => resolveItem(item, index, store)))
  const isUnchanged = typeof previous !== 'string' && items.every((item, index) => item === given[index])
  return isUnchanged ? body : { ...rest, input: [...earlier, ...items] }
}

async function conversationOf(id: string, store: ResponseStore): Promise<readonly JsonObject[]> {
  const items = await store.conversationOf(id)
  if (items === undefined) throw notFound('/previous_response_id', `response ${JSON.stringify(id.slice(0, 80))}`)
  return items
}

/** Text alone is one message. */
function itemsOf(input: JsonValue | undefined): readonly JsonValue[] {
  if (typeof input === 'string') return [{ type: 'message', role: 'user', content: input }]
  return isJsonArray(input) ? input : []
}

async function resolveItem(item: JsonValue, index: number, store: ResponseStore): Promise<JsonValue> {
  if (!isJsonObject(item) || !isReference(item)) return item
  const id = stringOf(item['id'])
  const found = await store.itemOf(id)
  if (found === undefined) throw notFound(pointer('/input', index), `item ${JSON.stringify(id.slice(0, 80))}`)
  return found
}

/** A reference may leave its type out. */
function isReference(item: JsonObject): boolean {
  const { type = null } = item
  return type === 'item_reference' || (type === null && !Object.hasOwn(item, 'role'))
}

function notFound(param: string, what: string): ConversionError {
  return new ConversionError('previous_response_not_found', `${param}: ${what} was not found`, { param })
}

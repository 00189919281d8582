import type { CacheMark } from '../model/content-part.ts'
import { isJsonObject, type JsonObject, type JsonValue } from '../model/json.ts'
import type { LossLevel } from '../model/loss.ts'
import type { VendorField } from '../model/vendor-field.ts'
import { pointer, rest, takeObject, takeString, type WireObject } from '../wire/read-object.ts'

/** Members that are known but that other formats do not have, and how much it matters when they are lost. */
export type VendorMembers = Readonly<Record<string, LossLevel>>

/** What every part and tool has. Absent members are left out, so that the common case costs nothing. */
export interface CommonMembers {
  readonly cacheMark?: CacheMark
  readonly vendorFields?: readonly VendorField[]
}

/**
 * Takes the cache mark and, as vendor fields, everything that nobody has read by then: so it is called last.
 *
 * @param nested - an object inside the object, whose rest belongs to it, e.g. `image_url`
 */
export function takeMembers(object: WireObject, nested?: WireObject): CommonMembers {
  const cacheMark = takeCacheMark(object)
  const fields = nested === undefined ? readRest(object, {}) : [...readRest(object, {}), ...readNestedRest(nested)]
  return { ...(cacheMark !== undefined && { cacheMark }), ...(fields.length > 0 && { vendorFields: fields }) }
}

/** Everything of an object that nobody has read, as vendor fields of the object itself. */
export function readRest(object: WireObject, known: VendorMembers): readonly VendorField[] {
  return rest(object).map(([name, value]) => {
    const level = Object.hasOwn(known, name) ? known[name] : undefined
    return { name, value, path: pointer(object.path, name), level: level ?? 'lossy', isKnown: level !== undefined }
  })
}

/** The rest of an inner object, as fields of the object that holds it: each is laid over the inner object again. */
function readNestedRest(inner: WireObject): readonly VendorField[] {
  const name = inner.path.slice(inner.path.lastIndexOf('/') + 1)
  return readRest(inner, {}).map((field) => ({
    ...field,
    name,
    value: Object.fromEntries([[field.name, field.value]]),
  }))
}

/** Lays vendor fields over what was written; keys of foreign origin become own data properties. */
export function withVendorFields(written: JsonObject, fields: readonly VendorField[] | undefined): JsonObject {
  if (fields === undefined || fields.length === 0) return written
  const members = new Map(Object.entries(written))
  for (const { name, value } of fields) members.set(name, joinObjects(members.get(name), value))
  return Object.fromEntries(members)
}

/** OpenAI's own mark, or Anthropic's, which OpenRouter and LiteLLM take on Chat content parts. */
function takeCacheMark(object: WireObject): CacheMark | undefined {
  const mark = takeObject(object, 'prompt_cache_breakpoint') ?? takeObject(object, 'cache_control')
  if (mark === undefined) return undefined
  const ttl = takeString(mark, 'ttl')
  return { path: mark.path, ...(ttl !== undefined && { ttl }) }
}

function joinObjects(written: JsonValue | undefined, added: JsonValue): JsonValue {
  return isJsonObject(written) && isJsonObject(added) ? { ...written, ...added } : added
}

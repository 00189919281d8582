import { ConversionError } from '../conversion-error.ts'
import { isJsonArray, isJsonObject, type JsonObject, type JsonValue } from '../model/json.ts'

/** Levels of JSON from the root of a schema to the schemas inside it. */
const MAX_DEPTH = 128

/** Keywords whose value is one schema (or a boolean). */
const ONE: ReadonlySet<string> = new Set([
  'items',
  'additionalProperties',
  'not',
  'if',
  'then',
  'else',
  'contains',
  'propertyNames',
  'unevaluatedItems',
  'unevaluatedProperties',
  'additionalItems',
])

/** Keywords whose value is a list of schemas. */
const LISTS: ReadonlySet<string> = new Set(['anyOf', 'oneOf', 'allOf', 'prefixItems', 'items'])

/** Keywords whose value names schemas. */
const MAPS: ReadonlySet<string> = new Set([
  'properties',
  '$defs',
  'definitions',
  'patternProperties',
  'dependentSchemas',
])

/**
 * Rewrites every schema inside a schema, inner ones first. Values that are no schemas (`enum`, `default`, `examples` …) are
 * never entered; key order stays, and what does not change keeps its identity.
 *
 * @throws ConversionError `overflow` for a schema that is nested too deeply
 */
export function mapSchema(schema: JsonObject, map: (schema: JsonObject) => JsonObject): JsonObject {
  return mapNode(schema, map, MAX_DEPTH)
}

function mapNode(schema: JsonObject, map: (schema: JsonObject) => JsonObject, depth: number): JsonObject {
  if (depth < 1) throw new ConversionError('overflow', `a schema is nested deeper than ${MAX_DEPTH} levels`)
  return map(
    mapValues(schema, (key, value) => {
      if (LISTS.has(key) && isJsonArray(value)) return mapList(value, map, depth)
      if (ONE.has(key) && isJsonObject(value)) return mapNode(value, map, depth - 1)
      if (!MAPS.has(key) || !isJsonObject(value)) return value
      return mapValues(value, (_name, member) => (isJsonObject(member) ? mapNode(member, map, depth - 2) : member))
    }),
  )
}

function mapList(
  list: readonly JsonValue[],
  map: (schema: JsonObject) => JsonObject,
  depth: number,
): readonly JsonValue[] {
  const mapped = list.map((item) => (isJsonObject(item) ? mapNode(item, map, depth - 2) : item))
  return mapped.every((item, index) => item === list[index]) ? list : mapped
}

/** Rewrites the members of an object; `__proto__` is a name like any other. */
function mapValues(
  object: JsonObject,
  map: (key: string, value: JsonValue | undefined) => JsonValue | undefined,
): JsonObject {
  let hasChanged = false
  const entries = Object.entries(object).map(([key, value]): [string, JsonValue | undefined] => {
    const mapped = map(key, value)
    hasChanged ||= mapped !== value
    return [key, mapped]
  })
  return hasChanged ? Object.fromEntries(entries) : object
}

/** The object without some of its keys. */
export function withoutKeys(object: JsonObject, keys: readonly string[]): JsonObject {
  if (!keys.some((key) => Object.hasOwn(object, key))) return object
  return Object.fromEntries(Object.entries(object).filter(([key]) => !keys.includes(key)))
}

/** A member of the object itself, never an inherited one. */
export function member(object: JsonObject, key: string): JsonValue | undefined {
  return Object.hasOwn(object, key) ? object[key] : undefined
}

import { isJsonArray, isJsonObject, type JsonObject, type JsonValue } from '../model/json.ts'
import type { ReportLoss } from '../model/loss.ts'
import { mapSchema, member, withoutKeys } from './walk-schema.ts'

/** Where a schema came from, for losses. */
export interface SchemaPlace {
  /** JSON Pointer to the schema in the client's body. */
  readonly path: string
  readonly report: ReportLoss
}

/** Keywords of the root that say nothing about values. */
const ROOT_NOTES = ['$schema', '$id', '$comment'] as const

/** Keywords whose value may be anything. */
const MAY_BE_NULL: ReadonlySet<string> = new Set(['const', 'default', 'example'])

const UNIONS = ['anyOf', 'oneOf', 'allOf'] as const

/** The schema of a tool without arguments. */
export const NO_ARGUMENTS: JsonObject = { type: 'object', properties: {} }

/**
 * Makes the schema of a tool's arguments one that every vendor takes: an object at the root, no union there, no reference
 * that leads nowhere. Everything else stays as it is, in its order.
 */
export function sanitizeToolSchema(schema: JsonObject | undefined, place: SchemaPlace): JsonObject {
  if (schema === undefined) return NO_ARGUMENTS
  const bare = withoutKeys(schema, ROOT_NOTES)
  const resolved = mapSchema(bare, (node) => withoutDeadReference(withoutNulls(node, place), bare, place))
  const merged = mergeRootUnions(inlineRootReference(resolved), place)
  return rootObject(merged, place)
}

/** Some languages write what is empty as null; as the value of a keyword that is illegal nearly everywhere. */
function withoutNulls(node: JsonObject, { path, report }: SchemaPlace): JsonObject {
  const nulls = Object.keys(node).filter((key) => node[key] === null && !MAY_BE_NULL.has(key))
  if (nulls.length === 0) return node
  const message = 'a keyword without a value was left out'
  report({ code: 'schema_sanitized', level: 'repaired', path, message })
  return withoutKeys(node, nulls)
}

function withoutDeadReference(node: JsonObject, root: JsonObject, { path, report }: SchemaPlace): JsonObject {
  const reference = member(node, '$ref')
  if (typeof reference !== 'string' || resolve(root, reference) !== undefined) return node
  report({
    code: 'schema_sanitized',
    level: 'repaired',
    path,
    message: 'a $ref that leads nowhere became "anything"',
  })
  return withoutKeys(node, ['$ref'])
}

/** Follows a JSON Pointer fragment; `undefined` when there is no schema. */
function resolve(root: JsonObject, reference: string): JsonObject | undefined {
  if (!reference.startsWith('#')) return undefined
  let node: JsonValue | undefined = root
  for (const segment of reference.split('/').slice(1, 64)) {
    const key = segment.replaceAll('~1', '/').replaceAll('~0', '~')
    if (isJsonArray(node)) node = node[Number(key)]
    else node = isJsonObject(node) ? member(node, decodeSegment(key)) : undefined
  }
  return isJsonObject(node) ? node : undefined
}

function decodeSegment(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    return segment // a bare percent sign is part of the name
  }
}

/** `{$ref: '#/$defs/Arguments', $defs}`, as schema generators write it. */
export function inlineRootReference(root: JsonObject): JsonObject {
  const reference = member(root, '$ref')
  const target = typeof reference === 'string' ? resolve(root, reference) : undefined
  return target === undefined || target === root ? root : { ...target, ...withoutKeys(root, ['$ref']) }
}

function mergeRootUnions(root: JsonObject, { path, report }: SchemaPlace): JsonObject {
  const keys = UNIONS.filter((key) => isJsonArray(member(root, key)))
  if (keys.length === 0) return root
  report({
    code: 'schema_root_union',
    level: 'degraded',
    path,
    message: 'a union at the root of the schema became one object',
  })
  let merged = withoutKeys(root, keys)
  for (const key of keys) merged = mergeMembers(merged, membersOf(root, key), key === 'allOf')
  return merged
}

function membersOf(root: JsonObject, key: string): readonly JsonObject[] {
  const list = member(root, key)
  if (!isJsonArray(list)) return []
  return list
    .filter((item) => isJsonObject(item))
    .map((item) => {
      const reference = member(item, '$ref')
      return (typeof reference === 'string' ? resolve(root, reference) : undefined) ?? item
    })
}

/** All properties of all members; required is what every alternative (or any part of `allOf`) requires. */
function mergeMembers(base: JsonObject, members: readonly JsonObject[], isConjunction: boolean): JsonObject {
  const lists = members.map((schema) => new Set(requiredOf(schema)))
  const shared = isConjunction
    ? lists.flatMap((list) => [...list])
    : [...(lists[0] ?? [])].filter((name) => lists.every((list) => list.has(name)))
  const required = [...new Set([...requiredOf(base), ...shared])]
  return {
    ...base,
    type: 'object',
    properties: mergeProperties(base, members, isConjunction),
    ...(required.length > 0 && { required }),
  }
}

/**
 * A property that alternatives describe differently may be any of them: they are often told apart by such a one. What the
 * base says of it holds for all of them.
 */
function mergeProperties(base: JsonObject, members: readonly JsonObject[], isConjunction: boolean): JsonObject {
  const own = propertiesOf(base)
  const merged = new Map(Object.entries(own))
  for (const [name, ways] of waysOf(isConjunction ? [base, ...members] : members)) {
    if (isConjunction || !Object.hasOwn(own, name)) merged.set(name, oneWay(ways, isConjunction ? 'allOf' : 'anyOf'))
  }
  return Object.fromEntries(merged)
}

/** The different schemas of each property, by their texts. */
function waysOf(schemas: readonly JsonObject[]): ReadonlyMap<string, ReadonlyMap<string, JsonValue>> {
  const said = new Map<string, Map<string, JsonValue>>()
  for (const schema of schemas) {
    for (const [name, value] of Object.entries(propertiesOf(schema))) {
      if (value === undefined) continue
      const ways = said.get(name) ?? new Map<string, JsonValue>()
      said.set(name, ways.set(JSON.stringify(value), value))
    }
  }
  return said
}

function oneWay(ways: ReadonlyMap<string, JsonValue>, union: 'allOf' | 'anyOf'): JsonValue | undefined {
  const [only, ...others] = ways.values()
  return others.length === 0 ? only : { [union]: [...ways.values()] }
}

function propertiesOf(schema: JsonObject): JsonObject {
  const properties = member(schema, 'properties')
  return isJsonObject(properties) ? properties : {}
}

function requiredOf(schema: JsonObject): readonly string[] {
  const required = member(schema, 'required')
  return isJsonArray(required) ? required.filter((name) => typeof name === 'string') : []
}

function rootObject(root: JsonObject, { path, report }: SchemaPlace): JsonObject {
  const type = member(root, 'type')
  if (type === 'object') return root
  if (type === undefined || (isJsonArray(type) && type.includes('object'))) {
    if (type !== undefined)
      report({ code: 'schema_sanitized', level: 'repaired', path, message: 'the root of the schema became an object' })
    return {
      type: 'object',
      ...withoutKeys(root, ['type']),
      ...(!Object.hasOwn(root, 'properties') && { properties: {} }),
    }
  }
  report({
    code: 'schema_sanitized',
    level: 'repaired',
    path,
    message: 'arguments that are no object travel as the member "value" of one; calls get them back without it',
  })
  return { type: 'object', properties: { value: root }, required: ['value'] }
}

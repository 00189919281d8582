import { isJsonArray, isJsonObject, type JsonObject, type JsonValue } from '../model/json.ts'
import type { SchemaPlace } from './sanitize-schema.ts'
import { mapSchema, member, withoutKeys } from './walk-schema.ts'

/** Keywords that OpenAI refuses in strict schemas. Source: structured outputs guide (November 2026). */
const NOT_STRICT = [
  'allOf',
  'oneOf',
  'not',
  'if',
  'then',
  'else',
  'dependentRequired',
  'dependentSchemas',
  'patternProperties',
  'propertyNames',
  'prefixItems',
  'contains',
  'unevaluatedItems',
  'unevaluatedProperties',
  'minProperties',
  'maxProperties',
  'uniqueItems',
] as const

/** Bounds that Anthropic's structured output does not enforce. Source: structured outputs guide (November 2026). */
const BOUNDS = [
  'minimum',
  'maximum',
  'exclusiveMinimum',
  'exclusiveMaximum',
  'multipleOf',
  'minLength',
  'maxLength',
  'minItems',
  'maxItems',
  'uniqueItems',
  'minProperties',
  'maxProperties',
] as const

const FORMATS: ReadonlySet<unknown> = new Set([
  'date-time',
  'time',
  'date',
  'duration',
  'email',
  'hostname',
  'uri',
  'ipv4',
  'ipv6',
  'uuid',
])

/**
 * True when a schema already is what OpenAI's strict mode takes: every property required, no further ones, no keyword that
 * strict mode refuses. Making it so by force would change what a model answers.
 */
export function satisfiesStrictSubset(schema: JsonObject): boolean {
  let isStrict = member(schema, 'type') === 'object' && !Object.hasOwn(schema, 'anyOf')
  mapSchema(schema, (node) => {
    isStrict &&= isStrictNode(node)
    return node
  })
  return isStrict
}

function isStrictNode(node: JsonObject): boolean {
  if (NOT_STRICT.some((key) => Object.hasOwn(node, key))) return false
  const properties = member(node, 'properties')
  if (!isJsonObject(properties) && !describesObject(node)) return true
  const required = member(node, 'required')
  const names = isJsonObject(properties) ? Object.keys(properties) : []
  const demanded = new Set<unknown>(isJsonArray(required) ? required : [])
  return member(node, 'additionalProperties') === false && names.every((name) => demanded.has(name))
}

function describesObject(node: JsonObject): boolean {
  const type = member(node, 'type')
  return type === 'object' || (isJsonArray(type) && type.includes('object'))
}

/**
 * Makes a schema one that Anthropic's structured output takes: closed objects, `anyOf` for `oneOf`; bounds that it does not
 * enforce move into the description, where the model reads them.
 */
export function sanitizeStructuredSchema(schema: JsonObject, { path, report }: SchemaPlace): JsonObject {
  let hasWeakened = false
  let hasChanged = false
  const sanitized = mapSchema(schema, (node) => {
    const closed = closeObject(renameOneOf(withoutOddFormat(node)))
    const described = describeBounds(closed)
    hasWeakened ||= described !== closed || isOpenByWish(node)
    hasChanged ||= described !== node
    return described
  })
  if (hasChanged) {
    const message = hasWeakened
      ? 'bounds of the schema are described, not enforced'
      : 'the schema was put into the form that structured output takes'
    report({ code: 'schema_sanitized', level: hasWeakened ? 'degraded' : 'repaired', path, message })
  }
  return sanitized
}

function withoutOddFormat(node: JsonObject): JsonObject {
  const format = member(node, 'format')
  return format === undefined || FORMATS.has(format) ? node : withoutKeys(node, ['format'])
}

function renameOneOf(node: JsonObject): JsonObject {
  if (!isJsonArray(member(node, 'oneOf')) || Object.hasOwn(node, 'anyOf')) return node
  return Object.fromEntries(Object.entries(node).map(([key, value]) => [key === 'oneOf' ? 'anyOf' : key, value]))
}

function closeObject(node: JsonObject): JsonObject {
  if (!describesObject(node) || member(node, 'additionalProperties') === false) return node
  return { ...node, additionalProperties: false }
}

/** The schema asked for further properties; closing it takes something away. */
function isOpenByWish(node: JsonObject): boolean {
  const further = member(node, 'additionalProperties')
  return describesObject(node) && further !== undefined && further !== false
}

function describeBounds(node: JsonObject): JsonObject {
  const bounds = BOUNDS.filter((key) => Object.hasOwn(node, key) && !isEnforced(key, node[key]))
  if (bounds.length === 0) return node
  const words = `{${bounds.map((key) => `${key}: ${JSON.stringify(node[key])}`).join(', ')}}`
  const description = member(node, 'description')
  const text = typeof description === 'string' && description !== '' ? `${description} ${words}` : words
  return { ...withoutKeys(node, bounds), description: text }
}

/** A list that may be empty, or not, is all that is enforced. */
function isEnforced(key: string, value: JsonValue | undefined): boolean {
  return key === 'minItems' && (value === 0 || value === 1)
}

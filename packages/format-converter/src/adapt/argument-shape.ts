import type { Tool } from '../model/chat-request.ts'
import { isJsonArray, isJsonObject, type JsonObject, type JsonValue } from '../model/json.ts'
import type { ArgumentShape } from '../wire/argument-text.ts'
import { hashText } from '../wire/hash.ts'
import { isMessagesTarget, type AdaptContext } from './adapt-context.ts'
import { inlineRootReference } from './sanitize-schema.ts'
import { mapSchema, member } from './walk-schema.ts'

/** Names of properties that Messages takes. */
const LEGAL_NAME = /^[a-zA-Z0-9_.-]{1,64}$/

/** Characters of a name that stay before its hash. */
const KEPT_CHARACTERS = 48

/** Schemas with one of these at the root become objects. */
const UNIONS = ['anyOf', 'oneOf', 'allOf'] as const

/** How a tool's arguments have to differ upstream; `undefined` when they need not. */
export function shapeOf(tool: Tool, context: AdaptContext): ArgumentShape | undefined {
  if (tool.type !== 'function' || tool.vendor !== undefined || tool.parameters === undefined) return undefined
  const keys = isMessagesTarget(context) ? wireNames(tool.parameters) : []
  const isWrapped = hasOtherRoot(inlineRootReference(tool.parameters))
  return keys.length === 0 && !isWrapped ? undefined : { keys, isWrapped }
}

/** The root says that it is no object; it is wrapped in one. */
function hasOtherRoot(schema: JsonObject): boolean {
  const type = member(schema, 'type')
  if (UNIONS.some((key) => Object.hasOwn(schema, key))) return false
  if (typeof type === 'string') return type !== 'object'
  return isJsonArray(type) && type.length > 0 && !type.includes('object')
}

function wireNames(schema: JsonObject): ArgumentShape['keys'] {
  const names = new Map<string, string>()
  mapSchema(schema, (node) => {
    const properties = member(node, 'properties')
    if (isJsonObject(properties)) {
      for (const name of Object.keys(properties)) if (!LEGAL_NAME.test(name)) names.set(legalName(name), name)
    }
    return node
  })
  return [...names]
}

function legalName(name: string): string {
  return `${name.replaceAll(/[^a-zA-Z0-9_.-]/g, '_').slice(0, KEPT_CHARACTERS)}_${hashText(name, 1)}`
}

/** The schema under the names that the target takes. */
export function renameProperties(parameters: JsonObject, shape: ArgumentShape): JsonObject {
  const wireByName = new Map(shape.keys.map(([wire, original]) => [original, wire]))
  return mapSchema(parameters, (node) => {
    const properties = member(node, 'properties')
    const required = member(node, 'required')
    if (!isJsonObject(properties) || !Object.keys(properties).some((name) => wireByName.has(name))) return node
    const renamed = Object.entries(properties).map(([name, value]) => [wireByName.get(name) ?? name, value] as const)
    return {
      ...node,
      properties: Object.fromEntries(renamed),
      ...(isJsonArray(required) && { required: required.map((name) => renamedWord(name, wireByName)) }),
    }
  })
}

function renamedWord(name: JsonValue, wireByName: ReadonlyMap<string, string>): JsonValue {
  return typeof name === 'string' ? (wireByName.get(name) ?? name) : name
}

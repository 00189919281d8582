import { isJsonObject, type JsonObject, type JsonValue } from '../../src/model/json.ts'
import type { Loose } from '../../src/testing/loose.ts'
import { completeRequest } from './complete-request.ts'
import type { Format } from './pairs.ts'
import { areEither, exampleOf, isUsual, neededOf, withFittingBytes } from './request-examples.ts'
import { sdkSchema } from './sdk-schemas.ts'

/** One member of a vendor's request types, in the smallest request that has it. */
export interface SdkMember {
  /** Where it stands, in words: `messages[user].content[image_url].image_url.detail`. */
  readonly name: string
  /** The type that has the member, and its name: the same for every place where that type stands. */
  readonly owner: string
  readonly value: JsonValue
  /** JSON Pointer to it in `given`. */
  readonly path: string
  readonly given: JsonObject
  readonly without: JsonObject
}

const ROOTS: { readonly [Name in Format]: string } = {
  'anthropic-messages': 'MessagesRequest',
  'openai-chat': 'ChatRequest',
  'openai-responses': 'ResponsesRequest',
}

/** A place in the tree of types, and how a value there becomes a whole request. */
interface Place {
  readonly name: string
  readonly path: string
  /** The nearest named type. */
  readonly owner: string
  /** Puts a value at the place; `undefined` leaves the member out. */
  readonly wrap: (value: JsonValue | undefined) => JsonObject
  readonly seen: ReadonlySet<string>
}

interface Walk {
  readonly format: Format
  readonly definitions: Loose
  readonly found: Map<string, SdkMember>
}

/** Every member of the request types of a format's SDK, however deep; a type that holds itself is entered once. */
export function sdkMembers(format: Format): readonly SdkMember[] {
  const { definitions }: Loose = sdkSchema(format)
  const walk: Walk = { format, definitions, found: new Map() }
  const root = {
    name: '',
    path: '',
    owner: ROOTS[format],
    wrap: (value: JsonValue | undefined) => value as JsonObject,
    seen: new Set<string>(),
  }
  visit(walk, definitions[ROOTS[format]], root)
  return [...walk.found.values()]
}

function visit(walk: Walk, schema: Loose, place: Place): void {
  if (schema.$ref !== undefined) return visitReference(walk, schema.$ref, place)
  if (Array.isArray(schema.anyOf)) return schema.anyOf.forEach((branch: Loose) => visit(walk, branch, place))
  if (schema.type === 'array' && schema.items !== undefined) return visitItems(walk, schema.items, place)
  if (schema.properties !== undefined) visitObject(walk, schema, place)
}

function visitReference(walk: Walk, reference: string, place: Place): void {
  if (place.seen.has(reference)) return
  const seen = new Set([...place.seen, reference])
  visit(walk, definitionOf(walk, reference), { ...place, owner: reference, seen })
}

function visitItems(walk: Walk, items: Loose, place: Place): void {
  visit(walk, items, {
    ...place,
    path: `${place.path}/0`,
    wrap: (value) => place.wrap(value === undefined ? undefined : [value]),
  })
}

function visitObject(walk: Walk, schema: Loose, place: Place): void {
  const least = leastOf(walk, schema)
  const label = place.path.endsWith('/0') ? `[${labelOf(schema)}]` : ''
  for (const [member, type] of Object.entries<Loose>(schema.properties)) {
    const wrap = (value: JsonValue | undefined): JsonObject => {
      const others = Object.entries(least).filter(([other]) => other !== member && !areEither(member, other))
      const rest = Object.fromEntries(others)
      return place.wrap(value === undefined ? rest : { ...rest, [member]: value })
    }
    const name = `${place.name}${label}${place.name === '' ? '' : '.'}${member}`
    const owner = `${place.owner}.${member}`
    const inner: Place = { name, owner, path: `${place.path}/${member}`, wrap, seen: place.seen }
    add(walk, inner, exampleOf(member, valueOf(walk, type, { member, isLeast: false })))
    visit(walk, type, inner)
  }
}

/** The role or kind by which a type is told from others. */
function labelOf({ properties }: Loose): string {
  return properties.role?.const ?? properties.type?.const ?? ''
}

/** Two branches of a union may have the same member: the first one counts. */
function add({ format, found }: Walk, { name, owner, path, wrap }: Place, value: JsonValue): void {
  if (found.has(name)) return
  const given = completeRequest(format, wrap(value))
  const without = completeRequest(format, wrap(undefined))
  found.set(name, { name, owner, value, path: given.movePath(path), given: given.body, without: without.body })
}

/** The smallest object of a type that a vendor would take: what it requires, and one of what it needs to mean anything. */
function leastOf(walk: Walk, schema: Loose): JsonObject {
  const required: string[] = [...(schema.required ?? []), ...neededOf(Object.keys(schema.properties))]
  const members = required.map((name): [string, JsonValue] => [
    name,
    exampleOf(name, valueOf(walk, schema.properties[name], { member: name, isLeast: true })),
  ])
  return withFittingBytes(Object.fromEntries(members))
}

interface Wish {
  readonly member: string
  readonly isLeast: boolean
  /** Types that hold themselves end here. */
  readonly depth?: number
}

const MAX_DEPTH = 12

/** A value of a type. */
function valueOf(walk: Walk, schema: Loose, wish: Wish): JsonValue {
  const depth = (wish.depth ?? 0) + 1
  const inner = { ...wish, depth }
  if (depth > MAX_DEPTH) return null
  if (schema.$ref !== undefined) return valueOf(walk, definitionOf(walk, schema.$ref), inner)
  if (Array.isArray(schema.anyOf)) return valueOf(walk, preferred(schema.anyOf), inner)
  if (schema.type === 'array')
    return schema.items === undefined ? [] : [exampleOf('', valueOf(walk, schema.items, inner))]
  if (schema.type === 'object') return isJsonObject(schema.properties) ? leastOf(walk, schema) : { a: 'b' }
  return scalarOf(schema, wish)
}

function definitionOf({ definitions }: Walk, reference: string): Loose {
  return definitions[decodeURIComponent(reference.slice('#/definitions/'.length))]
}

/** An object says more than a word, and a word more than nothing. */
function preferred(branches: readonly Loose[]): Loose {
  return (
    branches.find((branch) => branch.$ref !== undefined) ??
    branches.find((branch) => branch.type !== 'null') ??
    branches[0]
  )
}

function scalarOf(schema: Loose, { isLeast }: Wish): JsonValue {
  if (schema.const !== undefined) return schema.const
  if (Array.isArray(schema.enum)) return schema.enum.find((word: JsonValue) => !isUsual(word)) ?? schema.enum[0]
  const type = Array.isArray(schema.type) ? schema.type[0] : schema.type
  if (type === 'boolean') return !isLeast
  if (type === 'number') return 0.5
  if (type === 'integer') return 3
  return type === 'null' ? null : 'word'
}

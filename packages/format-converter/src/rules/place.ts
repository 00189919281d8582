import { isJsonArray, isJsonObject, type JsonObject, type JsonValue, type MutableJsonObject } from '../model/json.ts'

/** The segment `*`: every element of an array, every member of an object. */
export const EACH: unique symbol = Symbol('each')

/** A parsed path: names and indexes as text, and {@link EACH}. */
export type Place = readonly (string | typeof EACH)[]

/** How many values a rule may still look at. */
export interface Budget {
  left: number
}

/** A change at a place: the new value, the old one for no change, `undefined` to take it away. */
export type Change = (value: JsonValue | undefined) => JsonValue | undefined

interface Edit {
  readonly place: Place
  readonly change: Change
  readonly budget: Budget
  /** Members that `*` passes over. */
  readonly passesOver?: ((name: string) => boolean) | undefined
}

const MAX_SEGMENTS = 32
const INDEX = /^(?:0|[1-9]\d{0,8})$/

/**
 * Parses a JSON Pointer with `*` segments.
 *
 * @returns the place, or what is wrong with the text
 */
export function parsePlace(path: string): { readonly place: Place } | { readonly trouble: string } {
  if (path !== '' && !path.startsWith('/')) return { trouble: 'must be a JSON Pointer: empty, or beginning with "/"' }
  const segments = path.split('/').slice(1)
  if (segments.length > MAX_SEGMENTS) return { trouble: `has more than ${MAX_SEGMENTS} segments` }
  if (segments.some((segment) => /~(?![01])/.test(segment)))
    return { trouble: 'holds a "~" that is neither "~0" nor "~1"' }
  const place = segments.map((segment) =>
    segment === '*' ? EACH : segment.replaceAll('~1', '/').replaceAll('~0', '~'),
  )
  if (place.filter((segment) => segment === EACH).length > 2) return { trouble: 'has more than two "*"' }
  return { place }
}

/** Whether a test holds for one of the values at a place; for a place that is missing it is asked with `undefined`. */
export function someAt(
  root: JsonValue | undefined,
  place: Place,
  use: { readonly test: (value: JsonValue | undefined) => boolean; readonly budget: Budget },
): boolean {
  return look(root, 0)

  function look(node: JsonValue | undefined, depth: number): boolean {
    if (!spend(use.budget, 1)) return false
    const segment = place[depth]
    if (segment === undefined) return use.test(node)
    if (segment === EACH) return childrenOf(node).some((child) => look(child, depth + 1))
    return look(memberOf(node, segment), depth + 1)
  }
}

/** The value at a place without `*`. */
export function valueAt(root: JsonValue, place: Place): JsonValue | undefined {
  let node: JsonValue | undefined = root
  for (const segment of place) node = segment === EACH ? undefined : memberOf(node, segment)
  return node
}

/**
 * Changes the values at a place. Nothing is written into the given value: what lies on the way is copied, everything
 * else is shared. The last segment may be missing, what leads to it may not.
 *
 * @returns the very value that was given when nothing changed
 */
export function editAt<Root extends JsonValue>(root: Root, edit: Edit): Root {
  // A change at the root itself is refused when rules are compiled: the kind of the root stays.
  return (editBelow(root, edit, 0) ?? root) as Root
}

/** Takes from a budget. @returns false when it is used up */
export function spend(budget: Budget, cost: number): boolean {
  budget.left -= cost
  return budget.left >= 0
}

/** A copy with another value for one member; the name may be any, also `__proto__`. */
export function withMember(object: JsonObject, name: string, value: JsonValue | undefined): JsonObject {
  const copy: MutableJsonObject = { ...object }
  if (value === undefined) delete copy[name]
  else Object.defineProperty(copy, name, { value, enumerable: true, configurable: true, writable: true })
  return copy
}

function editBelow(node: JsonValue | undefined, edit: Edit, depth: number): JsonValue | undefined {
  if (!spend(edit.budget, 1)) return node
  const segment = edit.place[depth]
  if (segment === undefined) return edit.change(node)
  if (isJsonArray(node)) return editElements(node, edit, depth)
  return isJsonObject(node) ? editMembers(node, edit, depth) : node
}

function editElements(list: readonly JsonValue[], edit: Edit, depth: number): JsonValue {
  const segment = edit.place[depth]
  const wanted = segment === EACH ? EACH : indexOf(segment)
  let isChanged = false
  const edited = list.map((element, index) => {
    if (wanted !== EACH && wanted !== index) return element
    const next = editBelow(element, edit, depth + 1)
    isChanged ||= next !== element
    return next
  })
  return isChanged ? edited.filter((element) => element !== undefined) : list
}

function editMembers(object: JsonObject, edit: Edit, depth: number): JsonValue {
  const segment = edit.place[depth]
  const names = segment === EACH ? Object.keys(object).filter((name) => edit.passesOver?.(name) !== true) : [segment]
  const isLast = depth === edit.place.length - 1
  let edited = object
  for (const name of names) {
    if (typeof name !== 'string') continue
    const value = Object.hasOwn(object, name) ? object[name] : undefined
    if (value === undefined && !isLast) continue
    const next = editBelow(value, edit, depth + 1)
    if (next !== value) edited = withMember(edited, name, next)
  }
  return edited
}

function childrenOf(node: JsonValue | undefined): readonly (JsonValue | undefined)[] {
  if (isJsonArray(node)) return node
  return isJsonObject(node) ? Object.values(node) : []
}

function memberOf(node: JsonValue | undefined, name: string): JsonValue | undefined {
  if (isJsonArray(node)) return node[indexOf(name) ?? -1]
  return isJsonObject(node) && Object.hasOwn(node, name) ? node[name] : undefined
}

function indexOf(segment: string | symbol | undefined): number | undefined {
  return typeof segment === 'string' && INDEX.test(segment) ? Number(segment) : undefined
}

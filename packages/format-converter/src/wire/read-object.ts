import { ConversionError } from '../conversion-error.ts'
import { isJsonObject, type JsonObject, type JsonValue } from '../model/json.ts'
import type { LossLevel, ReportLoss } from '../model/loss.ts'

/**
 * A foreign JSON object while it is read. Each `take…` marks its key as consumed; {@link reportRest} then names what
 * nobody read. This is what makes "nothing is dropped silently" hold by construction: a decoder that forgets a key
 * reports it.
 */
export interface WireObject {
  readonly value: JsonObject
  /** JSON Pointer to this object. */
  readonly path: string
  /** A list: decoders take few keys, and a set for each object of a long body costs more than it saves. */
  readonly taken: string[]
}

/** Opens an object for reading; anything else is a 400 that names the path. */
export function openObject(value: unknown, path: string): WireObject {
  if (!isJsonObject(value)) throw wrongType(path, 'an object', value)
  return { value, path, taken: [] }
}

/** Takes a key as it is; absent and `null` both give `undefined`. */
export function take(object: WireObject, key: string): JsonValue | undefined {
  object.taken.push(key)
  return Object.hasOwn(object.value, key) ? (object.value[key] ?? undefined) : undefined
}

export function takeString(object: WireObject, key: string): string | undefined {
  const value = take(object, key)
  if (value === undefined || typeof value === 'string') return value
  throw wrongType(pointer(object.path, key), 'a string', value)
}

export function takeNumber(object: WireObject, key: string): number | undefined {
  const value = take(object, key)
  if (value === undefined || typeof value === 'number') return value
  throw wrongType(pointer(object.path, key), 'a number', value)
}

export function takeInteger(object: WireObject, key: string): number | undefined {
  const value = takeNumber(object, key)
  if (value === undefined || Number.isSafeInteger(value)) return value
  throw wrongType(pointer(object.path, key), 'an integer', value)
}

export function takeBoolean(object: WireObject, key: string): boolean | undefined {
  const value = take(object, key)
  if (value === undefined || typeof value === 'boolean') return value
  throw wrongType(pointer(object.path, key), 'true or false', value)
}

export function takeArray(object: WireObject, key: string): readonly JsonValue[] | undefined {
  const value = take(object, key)
  if (value === undefined || Array.isArray(value)) return value
  throw wrongType(pointer(object.path, key), 'an array', value)
}

export function takeObject(object: WireObject, key: string): WireObject | undefined {
  const value = take(object, key)
  return value === undefined ? undefined : openObject(value, pointer(object.path, key))
}

/** Like a `take…`, but absence is a 400 that names the field. */
export function required<Value>(value: Value | undefined, path: string): Value {
  return value === undefined ? missing(path) : value
}

export function requireString(object: WireObject, key: string): string {
  return takeString(object, key) ?? missing(pointer(object.path, key))
}

export function requireArray(object: WireObject, key: string): readonly JsonValue[] {
  return takeArray(object, key) ?? missing(pointer(object.path, key))
}

export function requireObject(object: WireObject, key: string): WireObject {
  return takeObject(object, key) ?? missing(pointer(object.path, key))
}

function missing(path: string): never {
  throw ConversionError.at(path, 'invalid_request', 'field required')
}

/** The keys that nobody took, with their values. */
export function rest(object: WireObject): [key: string, value: JsonValue][] {
  const entries: [string, JsonValue][] = []
  for (const key of Object.keys(object.value)) {
    const value = object.value[key]
    if (!object.taken.includes(key) && value !== undefined && value !== null) entries.push([key, value])
  }
  return entries
}

/** Reports every key that nobody took as `unknown_field`. */
export function reportRest(object: WireObject, report: ReportLoss, level: LossLevel = 'lossy'): void {
  for (const [key] of rest(object)) {
    const path = pointer(object.path, key)
    report({ code: 'unknown_field', level, path, message: `field ${clip(key)} is not known and was not carried` })
  }
}

/** Appends a segment to a JSON Pointer (RFC 6901). */
export function pointer(path: string, segment: string | number): string {
  if (typeof segment === 'number') return `${path}/${segment}`
  const safe =
    segment.includes('~') || segment.includes('/') ? segment.replaceAll('~', '~0').replaceAll('/', '~1') : segment
  return `${path}/${safe}`
}

/** A 400 for a value of the wrong type; it names the place and the type seen, never the value itself. */
export function wrongType(path: string, expected: string, seen: unknown): ConversionError {
  const place = path === '' ? 'the body' : path
  return new ConversionError('invalid_request', `${place}: must be ${expected}, not ${typeName(seen)}`, { param: path })
}

function typeName(value: unknown): string {
  if (value === null || value === undefined) return 'null'
  if (Array.isArray(value)) return 'an array'
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
}

/** Keys come from outside: shown at most 64 characters long. */
function clip(key: string): string {
  return key.length > 64 ? `${key.slice(0, 61)}…` : key
}

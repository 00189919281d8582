import type { JsonObject, JsonValue } from '../model/json.ts'

/** A member of a sample, and the sample without it. */
export interface SampleMember {
  /** JSON Pointer. */
  readonly path: string
  readonly without: JsonObject
}

/** Every member of a sample, however deep. */
export function membersOf(body: JsonObject): SampleMember[] {
  return pathsOf(body, []).map((path) => ({ path: `/${path.join('/')}`, without: remove(body, path) as JsonObject }))
}

function pathsOf(value: JsonValue | undefined, path: readonly string[]): (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return []
  const isList = Array.isArray(value)
  return Object.entries(value).flatMap(([key, inner]) => [
    ...(isList ? [] : [[...path, key]]),
    ...pathsOf(inner, [...path, key]),
  ])
}

function remove(value: JsonValue | undefined, [key = '', ...rest]: readonly string[]): JsonValue {
  if (typeof value !== 'object' || value === null) return value ?? null
  const entries = Object.entries(value).flatMap(([name, inner]) =>
    name !== key ? [[name, inner]] : rest.length === 0 ? [] : [[name, remove(inner, rest)]],
  )
  const copy: Record<string, JsonValue> = Object.fromEntries(entries)
  return Array.isArray(value) ? Object.values(copy) : copy
}

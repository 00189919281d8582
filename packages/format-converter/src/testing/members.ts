import type { JsonObject, JsonValue } from '../model/json.ts'
import type { Loss } from '../model/loss.ts'

/** A member of a sample, and the sample without it. */
export interface SampleMember {
  /** JSON Pointer. */
  readonly path: string
  readonly value: JsonValue
  readonly without: JsonObject
}

/** Every member of a sample, however deep. */
export function membersOf(body: JsonObject): SampleMember[] {
  return pathsOf(body, []).map((path) => ({
    path: `/${path.join('/')}`,
    value: valueAt(body, path),
    without: remove(body, path) as JsonObject,
  }))
}

/** A body without what a JSON Pointer names, a list element too. */
export function withoutPlace(body: JsonObject, path: string): JsonObject {
  return remove(body, path.split('/').slice(1)) as JsonObject
}

function valueAt(value: JsonValue | undefined, [key, ...rest]: readonly string[]): JsonValue {
  if (key === undefined || typeof value !== 'object' || value === null) return value ?? null
  return valueAt(Object.entries(value).find(([name]) => name === key)?.[1], rest)
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

/** What became of a body. */
export interface Outcome {
  /** Text of what was written. */
  readonly body: string
  readonly losses: readonly Loss[]
}

/** Converts a sample; `undefined` when it is refused, for a refusal is no silence. */
export type ConvertSample = (body: JsonObject) => Outcome | undefined

/** Values that ask for nothing, or for what is the case anyway. */
const NOTHING: ReadonlySet<string> = new Set(['null', 'false', '0', '1', '""', '"{}"', '[]', '{}'])

/** True for a value without which a request asks for the same. */
export function asksForNothing(value: JsonValue): boolean {
  return NOTHING.has(JSON.stringify(value))
}

/** True when a member neither changed what was written nor is named by a loss. */
export function isSilent(
  { path, without }: Omit<SampleMember, 'value'>,
  given: Outcome | undefined,
  convert: ConvertSample,
): boolean {
  if (given === undefined || lossesOf(path, given.losses).length > 0) return false
  const other = convert(without)
  return other !== undefined && other.body === given.body
}

/** The losses that name a place, something inside it, or what it stands in. */
export function lossesOf(path: string, losses: readonly Loss[]): readonly Loss[] {
  // A loss of a place inside a list is merged with those of its neighbours, under one path.
  const pattern = path.replaceAll(/\/\d+/g, '/*')
  return losses.filter((loss) => {
    const place = loss.path.replaceAll(/\/\d+/g, '/*')
    return place === pattern || place.startsWith(`${pattern}/`) || pattern.startsWith(`${place}/`)
  })
}

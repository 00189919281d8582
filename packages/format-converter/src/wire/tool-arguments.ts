import { isJsonArray, isJsonObject, type JsonObject, type JsonValue } from '../model/json.ts'
import { parseJson, parseJsonObject, toJsonText } from './raw-json.ts'

/** Tool arguments as the object that some formats need. */
export interface ToolInput {
  readonly input: JsonObject
  /** The text was not a JSON object, and this is what became of it. */
  readonly repair?: 'wrapped-value' | 'decoded-twice' | 'kept-as-text'
}

/**
 * Makes an object of tool arguments without losing any of them and without throwing: no text is `{}`, a JSON value that
 * is no object goes under `value`, an object that was encoded twice is decoded, and text that is no JSON goes under
 * `raw_arguments`. Digits survive through `toJsonText`.
 *
 * @remarks Contract 2.8.
 */
export function normalizeToolArguments(text: string): ToolInput {
  const trimmed = text.trim()
  if (trimmed === '' || trimmed === 'null') return { input: {} }
  const object = parseJsonObject(trimmed)
  if (object !== undefined) return { input: object }
  const value = parseJson(trimmed)
  if (value === undefined) return { input: { raw_arguments: text }, repair: 'kept-as-text' }
  const inner = typeof value === 'string' ? parseJsonObject(value) : undefined
  if (isJsonObject(inner)) return { input: inner, repair: 'decoded-twice' }
  return { input: { value }, repair: 'wrapped-value' }
}

/**
 * Arguments of a call as text, which they should be: sloppy servers and clients send the value itself. An empty list is
 * what PHP makes of an object without members.
 */
export function argumentsText(value: JsonValue | undefined): string {
  if (typeof value === 'string') return value
  const isNothing = value === undefined || value === null || (isJsonArray(value) && value.length === 0)
  return isNothing ? '' : toJsonText(value)
}

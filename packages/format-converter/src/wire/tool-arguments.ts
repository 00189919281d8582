import { isJsonObject, type JsonObject } from '../model/json.ts'
import { parseJson, parseJsonObject } from './raw-json.ts'

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

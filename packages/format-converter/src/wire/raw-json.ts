import { isJsonObject, type JsonObject, type JsonValue } from '../model/json.ts'

/**
 * Source texts of parsed objects whose numbers JavaScript cannot hold exactly. Weak, so an entry lives as long as its
 * object; it changes no result but the digits that {@link toJsonText} writes.
 */
const sourceTexts = new WeakMap<object, string>()

/** A number lexeme that may not survive `JSON.parse`: 16 digits or more in a row, or an exponent. */
const INEXACT_NUMBER = /\d{16}|\d[eE][+-]?\d/

/**
 * Parses a JSON object and remembers its text where numbers would lose digits.
 *
 * @returns `undefined` when the text is not a JSON object
 */
export function parseJsonObject(text: string): JsonObject | undefined {
  const value = parseJson(text)
  if (!isJsonObject(value)) return undefined
  if (INEXACT_NUMBER.test(text)) sourceTexts.set(value, text)
  return value
}

/** `JSON.parse` that answers `undefined` for text that is not JSON. */
export function parseJson(text: string): JsonValue | undefined {
  try {
    return JSON.parse(text) as JsonValue // what JSON.parse gives
  } catch {
    return undefined // the caller decides what broken JSON means
  }
}

/** `JSON.stringify` that writes objects from {@link parseJsonObject} with their original digits. */
export function toJsonText(value: JsonValue | object): string {
  const splices: string[] = []
  const text = holdsSourceText(value, 0) ? JSON.stringify(value, spliceMarks(splices)) : JSON.stringify(value)
  return splices.length === 0
    ? text
    : text.replace(/"\\u0000raw:(\d+)"/g, (mark, index) => splices[Number(index)] ?? mark)
}

/** Text in the body cannot forge a mark: its backslashes and NULs are escaped differently by `JSON.stringify`. */
function spliceMarks(splices: string[]): (key: string, value: unknown) => unknown {
  return (_key, value) => {
    if (typeof value === 'string' && value.startsWith('\u0000raw:')) return `\u0000${value}`
    const text = typeof value === 'object' && value !== null ? sourceTexts.get(value) : undefined
    return text === undefined ? value : `\u0000raw:${splices.push(text) - 1}`
  }
}

function holdsSourceText(value: unknown, depth: number): boolean {
  if (typeof value !== 'object' || value === null || depth > 64) return false
  if (sourceTexts.has(value)) return true
  const children: readonly unknown[] = Array.isArray(value) ? value : Object.values(value)
  return children.some((child) => holdsSourceText(child, depth + 1))
}

import type { Row } from '../rows/row.ts'
import { StoreError } from '../store-error.ts'

/** A text, or `undefined` for nothing. */
export function toText(value: unknown): string | undefined {
  if (value === null || value === undefined || value === false) return undefined
  return typeof value === 'string' || typeof value === 'number' ? String(value) : damaged('a text')
}

/** A list of whatever. */
export function toList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : damaged('a list')
}

/** A list of texts; what is not there is `undefined`. */
export function toTexts(value: unknown): readonly (string | undefined)[] {
  return toList(value).map(toText)
}

/** A whole number. */
export function toNumber(value: unknown): number {
  const number = Number(toText(value) ?? Number.NaN)
  return Number.isFinite(number) ? number : damaged('a number')
}

/** The pairs of a hash as the server lists them: name, value, name, value. */
export function toPairs(value: unknown): readonly (readonly [name: string, value: string])[] {
  const flat = toTexts(value)
  return Array.from({ length: flat.length / 2 }, (_, index) => [flat[2 * index] ?? '', flat[2 * index + 1] ?? ''])
}

/** A row that this package wrote as JSON. */
export function toRow(text: string): Row {
  const value = parseJson(text)
  // Its own package wrote the object, from a row.
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Row) : damaged('a row')
}

/** What this package wrote as JSON. */
export function parseJson(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text)
    return value
  } catch (cause) {
    throw new StoreError('store-damaged', 'a value in Redis does not hold JSON; restore a backup', { cause })
  }
}

function damaged(what: string): never {
  throw new StoreError('store-damaged', `a value in Redis is not ${what}, as Relay wrote it; restore a backup`)
}

import { isJsonArray, isJsonObject, type JsonObject, type JsonValue } from '../model/json.ts'
import { quoteLongNumbers } from './long-numbers.ts'

/**
 * Source texts of parsed objects whose numbers JavaScript cannot hold exactly. Weak, so an entry lives as long as its
 * object; it changes no result but the digits that {@link toJsonText} writes.
 */
const sourceTexts = new WeakMap<object, string>()

/**
 * The digits of numbers that JavaScript cannot hold exactly, by the object or list that holds them and their place there.
 * Like {@link sourceTexts}, it changes nothing but what {@link toJsonText} writes.
 */
const numberTexts = new WeakMap<object, NumberTexts>()

/** Whether there ever was such text: until then nobody looks for it. */
let isAnyRemembered = false

/** By key in an object; in a list by place, beside whatever else is there. */
type NumberTexts = ReadonlyMap<string, string> | readonly JsonValue[]

/** Remembered text is looked for so many levels deep; real bodies hold it within ten. */
const MAX_DEPTH = 64

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
  if (INEXACT_NUMBER.test(text)) {
    sourceTexts.set(value, text)
    isAnyRemembered = true
  }
  return value
}

/**
 * `JSON.parse` for whole bodies that remembers the digits of long numbers wherever they stand, so that they survive on
 * the way to another format: {@link toJsonText} writes them as they came. Bodies without such numbers cost one look.
 *
 * @throws SyntaxError when the text is not JSON
 */
export function parseBody(text: string): JsonValue {
  const value = JSON.parse(text) as JsonValue // what JSON.parse gives
  const quoted = quoteLongNumbers(text)
  if (quoted !== undefined) rememberNumbers(value, JSON.parse(quoted) as JsonValue)
  return value
}

/** {@link parseBody} that answers `undefined` for text that is not JSON. */
export function readBody(text: string): JsonValue | undefined {
  try {
    return parseBody(text)
  } catch {
    return undefined // the caller decides what broken JSON means
  }
}

/** A body that is too deep to be walked through is too deep to be converted as well. */
function rememberNumbers(value: JsonValue, twin: JsonValue): void {
  isAnyRemembered = true
  try {
    rememberDigits(value, twin)
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
  }
}

/** @param twin - the same value, in which long numbers are strings */
function rememberDigits(value: JsonValue | undefined, twin: JsonValue | undefined): void {
  if (isJsonArray(value) && isJsonArray(twin)) rememberInList(value, twin)
  else if (isJsonObject(value) && isJsonObject(twin)) rememberInObject(value, twin)
}

function rememberInList(list: readonly JsonValue[], twin: readonly JsonValue[]): void {
  let isHolder = false
  for (let index = 0; index < list.length; index += 1) {
    if (typeof list[index] === 'number') isHolder ||= typeof twin[index] === 'string'
    else rememberDigits(list[index], twin[index])
  }
  if (isHolder) numberTexts.set(list, twin)
}

function rememberInObject(object: JsonObject, twin: JsonObject): void {
  let texts: Map<string, string> | undefined
  for (const key of Object.keys(object)) {
    const text = twin[key]
    if (typeof object[key] !== 'number') rememberDigits(object[key], text)
    else if (typeof text === 'string') texts = (texts ?? new Map<string, string>()).set(key, text)
  }
  if (texts !== undefined) numberTexts.set(object, texts)
}

/** `JSON.parse` that answers `undefined` for text that is not JSON. */
export function parseJson(text: string): JsonValue | undefined {
  try {
    return JSON.parse(text) as JsonValue // what JSON.parse gives
  } catch {
    return undefined // the caller decides what broken JSON means
  }
}

/** `JSON.stringify` that writes what {@link parseJsonObject} and {@link parseBody} gave with the original digits. */
export function toJsonText(value: JsonValue | object): string {
  if (!isAnyRemembered) return JSON.stringify(value)
  const holders = new Set<object>()
  findHolders(value, holders, 0)
  return write(value, holders)
}

/** Gathers the objects and lists on the way to remembered text. Almost always there are none. */
function findHolders(value: unknown, holders: Set<object>, depth: number): boolean {
  if (typeof value !== 'object' || value === null || depth > MAX_DEPTH) return false
  let holds = sourceTexts.has(value) || numberTexts.has(value)
  const children: readonly unknown[] = Array.isArray(value) ? value : Object.values(value)
  for (const child of children) holds = findHolders(child, holders, depth + 1) || holds
  if (holds) holders.add(value)
  return holds
}

function write(value: unknown, holders: ReadonlySet<object>): string {
  if (typeof value !== 'object' || value === null || !holders.has(value)) return JSON.stringify(value) ?? 'null'
  const source = sourceTexts.get(value)
  if (source !== undefined) return source
  const texts = numberTexts.get(value)
  if (!Array.isArray(value)) return `{${writeMembers(value, texts, holders)}}`
  return `[${value.map((item, index) => digitsOf(texts, index, item) ?? write(item, holders)).join(',')}]`
}

function writeMembers(object: object, texts: NumberTexts | undefined, holders: ReadonlySet<object>): string {
  return Object.entries(object)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => `${JSON.stringify(key)}:${digitsOf(texts, key, value) ?? write(value, holders)}`)
    .join(',')
}

/** A number that was changed after it was read counts as it is now. */
function digitsOf(texts: NumberTexts | undefined, place: string | number, value: unknown): string | undefined {
  if (texts === undefined || typeof value !== 'number') return undefined
  const text = 'get' in texts ? texts.get(String(place)) : texts[Number(place)]
  return typeof text === 'string' && Number(text) === value ? text : undefined
}

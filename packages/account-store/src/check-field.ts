import { StoreError } from './store-error.ts'
import type { FieldRule } from './store-error.ts'

/** Bounds of a number or of the length of a text, both included. */
export interface Bounds {
  readonly min: number
  readonly max: number
}

// Control characters have no place in names, headers and URLs: they forge log lines and header fields.
// oxlint-disable-next-line no-control-regex -- control characters are what it looks for
const CONTROL_CHARACTER = /[\u0000-\u001f\u007f]/

const MAX_WORDS = 50

/** Refuses a field; the message starts with the field's path. */
export function refuseField(field: string, why: string, rule?: FieldRule): never {
  throw new StoreError('invalid-input', `${field} ${why}`, { rule })
}

/** A text within its bounds, in characters, without control characters. */
export function checkText(field: string, value: unknown, bounds: Bounds): string {
  if (typeof value !== 'string') refuseField(field, `must be a text, not ${kindOf(value)}`)
  if (value.length < bounds.min || value.length > bounds.max) {
    const allowed = bounds.min === bounds.max ? bounds.min : `${bounds.min} to ${bounds.max}`
    const why = `has ${value.length} characters, allowed are ${allowed}`
    refuseField(field, why, { code: 'length', ...bounds })
  }
  if (CONTROL_CHARACTER.test(value)) refuseField(field, 'holds a control character', { code: 'printable' })
  return value
}

/** A text of several lines within its bounds. */
export function checkLines(field: string, value: unknown, bounds: Bounds): string {
  if (typeof value !== 'string') refuseField(field, `must be a text, not ${kindOf(value)}`)
  checkText(field, value.replaceAll(/[\t\r\n]/g, ' '), bounds)
  return value
}

/** A name: not empty, no white space at its ends. */
export function checkName(field: string, value: unknown, max = 100): string {
  const name = checkText(field, value, { min: 1, max })
  if (name.trim() !== name) refuseField(field, 'has white space at its start or end', { code: 'no-edge-space' })
  return name
}

/** A whole number within its bounds. */
export function checkNumber(field: string, value: unknown, bounds: Bounds): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value)) {
    const why = `must be a whole number, not ${typeof value === 'number' ? value : kindOf(value)}`
    refuseField(field, why, { code: 'whole-number' })
  }
  if (value < bounds.min || value > bounds.max) {
    refuseField(field, `is ${value}, allowed are ${bounds.min} to ${bounds.max}`, { code: 'range', ...bounds })
  }
  return value
}

/** A number within its bounds, with at most six decimals. */
export function checkDecimal(field: string, value: unknown, bounds: Bounds): number {
  if (typeof value !== 'number' || !Number.isFinite(value)) {
    refuseField(field, `must be a number, not ${typeof value === 'number' ? value : kindOf(value)}`)
  }
  if (value < bounds.min || value > bounds.max) {
    refuseField(field, `is ${value}, allowed are ${bounds.min} to ${bounds.max}`, { code: 'range', ...bounds })
  }
  return Math.round(value * 1_000_000) / 1_000_000
}

/** A moment, in milliseconds since the epoch. */
export function checkTime(field: string, value: unknown): number {
  return checkNumber(field, value, { min: 1, max: Number.MAX_SAFE_INTEGER })
}

/** `true` or `false`, nothing that merely resembles it. */
export function checkBoolean(field: string, value: unknown): boolean {
  if (typeof value !== 'boolean') refuseField(field, `must be true or false, not ${kindOf(value)}`)
  return value
}

/** One of a closed list of words. */
export function checkChoice<Choice extends string>(field: string, value: unknown, choices: readonly Choice[]): Choice {
  const choice = choices.find((candidate) => candidate === value)
  if (choice === undefined) refuseField(field, `must be one of ${choices.join(', ')}, not ${shown(value)}`)
  return choice
}

/** An object of JSON data, not an array. */
export function checkObject(field: string, value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    refuseField(field, `must be an object, not ${kindOf(value)}`)
  }
  return { ...value }
}

/** A list of texts, at most `max` of them. */
export function checkTexts(field: string, value: unknown, max: number): readonly string[] {
  if (!Array.isArray(value)) refuseField(field, `must be a list, not ${kindOf(value)}`)
  if (value.length > max) refuseField(field, `has ${value.length} entries, allowed are ${max}`)
  return value.map((entry: unknown, index) => checkText(`${field}[${index}]`, entry, { min: 1, max: 200 }))
}

/** A list of at most 50 distinct names. */
export function checkWords(field: string, value: unknown): readonly string[] {
  return [...new Set(checkTexts(field, value, MAX_WORDS))].map((word) => checkName(field, word))
}

/** An absolute http or https URL without userinfo; kept as it was written. */
export function checkWebUrl(field: string, value: unknown): string {
  const text = checkText(field, value, { min: 1, max: 2048 })
  const url = URL.canParse(text) ? new URL(text) : undefined
  // The text is not repeated: a URL that is refused here may hold a password.
  const rule = { code: 'web-url' } as const
  if (url === undefined) refuseField(field, 'is not an absolute URL', rule)
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    refuseField(field, 'must start with http:// or https://', rule)
  if (url.username !== '' || url.password !== '') refuseField(field, 'must not hold a user name or password', rule)
  if (url.hash !== '') refuseField(field, 'must not have a fragment', rule)
  return text
}

/** The fields of an object that say something: a field that is `undefined` is as good as missing. */
export function definedFields<Fields extends object>(fields: Fields): Fields {
  // `fromEntries` makes own properties, whatever they are called.
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Fields
}

/** What a change says of fields: those that are `undefined` are left out, and `null` becomes `undefined`. */
export function clearedFields<Fields extends object>(
  fields: Fields,
): { [Name in keyof Fields]: Exclude<Fields[Name], null> } {
  const given: [string, unknown][] = Object.entries(definedFields(fields))
  const entries = given.map(([name, value]) => [name, value ?? undefined])
  // Each `null` has become `undefined`, which every field that takes `null` takes as well.
  return Object.fromEntries(entries) as { [Name in keyof Fields]: Exclude<Fields[Name], null> }
}

/** Checks a value that may be missing. */
export function unlessMissing<Value, Checked>(
  value: Value | undefined,
  check: (value: Value) => Checked,
): Checked | undefined {
  return value === undefined ? undefined : check(value)
}

/** A value that was refused, fit for a message: a secret is never looked for among fixed words, zones and times. */
export function shown(value: unknown): string {
  return typeof value === 'string' ? JSON.stringify(value.slice(0, 60)) : kindOf(value)
}

function kindOf(value: unknown): string {
  if (value === null) return 'null'
  if (value === undefined) return 'missing'
  return Array.isArray(value) ? 'a list' : `a ${typeof value}`
}

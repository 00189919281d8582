import { parseBody } from './raw-json.ts'
import { endOfJsonString } from './string-end.ts'

/** Where the value of a top-level member stands in a JSON text: byte offsets, end exclusive. */
export interface ValueSpan {
  readonly start: number
  readonly end: number
}

/** The top level of a JSON object, found without parsing what is inside. */
export interface TopLevel {
  /** Offset of the `{`. */
  readonly open: number
  readonly members: ReadonlyMap<string, ValueSpan>
  /** Keys that stand there more than once. */
  readonly duplicates: ReadonlySet<string>
}

const QUOTE = 0x22
const BACKSLASH = 0x5c
const OPEN_BRACE = 0x7b
const CLOSE_BRACE = 0x7d
const OPEN_BRACKET = 0x5b
const CLOSE_BRACKET = 0x5d
const COLON = 0x3a
const COMMA = 0x2c
const UTF8 = new TextDecoder()
const MAX_PLAIN_KEY = 40

/**
 * Finds the top-level members of a JSON object in its UTF-8 bytes. Long strings are skipped at the speed of a memory
 * search, so a body of many megabytes costs little.
 *
 * It checks the structure of the top level and the balance of brackets, not the inside of values.
 *
 * @param maxMembers - more are not looked at; those that stand there twice count twice
 * @returns `undefined` when the bytes are not one JSON object, or one with more members
 */
export function scanTopLevel(bytes: Uint8Array, maxMembers: number = Infinity): TopLevel | undefined {
  const members = new Map<string, ValueSpan>()
  const duplicates = new Set<string>()
  const open = skipSpace(bytes, 0)
  if (bytes[open] !== OPEN_BRACE) return undefined
  let index = skipSpace(bytes, open + 1)
  let count = 0
  while (bytes[index] !== CLOSE_BRACE) {
    if (count > 0) {
      if (bytes[index] !== COMMA) return undefined
      index = skipSpace(bytes, index + 1)
    }
    count += 1
    if (count > maxMembers) return undefined
    const member = readMember(bytes, index)
    if (member === undefined) return undefined
    if (members.has(member.key)) duplicates.add(member.key)
    members.set(member.key, member.span)
    index = skipSpace(bytes, member.span.end)
  }
  return skipSpace(bytes, index + 1) === bytes.length ? { open, members, duplicates } : undefined
}

/** The parsed value of a span; `undefined` when it is not valid JSON. */
export function parseSpan(bytes: Uint8Array, span: ValueSpan): unknown {
  try {
    return parseBody(UTF8.decode(bytes.subarray(span.start, span.end)))
  } catch {
    return undefined // the caller treats it as a value of the wrong type
  }
}

/**
 * Replaces or adds top-level members without touching any other byte.
 *
 * @param edits - JSON text by key
 */
export function spliceTopLevel(bytes: Uint8Array, top: TopLevel, edits: ReadonlyMap<string, string>): Uint8Array {
  const encoder = new TextEncoder()
  const replacements: { readonly span: ValueSpan; readonly text: string }[] = []
  const additions: string[] = []
  for (const [key, text] of edits) {
    const span = top.members.get(key)
    if (span === undefined) additions.push(`${JSON.stringify(key)}:${text}`)
    else replacements.push({ span, text })
  }
  if (additions.length > 0) {
    const tail = top.members.size > 0 ? ',' : ''
    replacements.push({ span: { start: top.open + 1, end: top.open + 1 }, text: additions.join(',') + tail })
  }
  replacements.sort((left, right) => left.span.start - right.span.start)
  const parts: Uint8Array[] = []
  let at = 0
  for (const { span, text } of replacements) {
    parts.push(bytes.subarray(at, span.start), encoder.encode(text))
    at = span.end
  }
  parts.push(bytes.subarray(at))
  return join(parts)
}

function readMember(bytes: Uint8Array, start: number): { key: string; span: ValueSpan } | undefined {
  if (bytes[start] !== QUOTE) return undefined
  const keyEnd = skipString(bytes, start)
  if (keyEnd === -1) return undefined
  const colon = skipSpace(bytes, keyEnd)
  if (bytes[colon] !== COLON) return undefined
  const key = plainKey(bytes, { start, end: keyEnd }) ?? parseSpan(bytes, { start, end: keyEnd })
  const valueStart = skipSpace(bytes, colon + 1)
  const valueEnd = skipValue(bytes, valueStart)
  if (typeof key !== 'string' || valueEnd === -1) return undefined
  return { key, span: { start: valueStart, end: valueEnd } }
}

/** A key as nearly all are written: short, of ASCII and without escapes; `undefined` for any other. */
function plainKey(bytes: Uint8Array, { start, end }: ValueSpan): string | undefined {
  if (end - start > MAX_PLAIN_KEY) return undefined
  let key = ''
  for (let index = start + 1; index < end - 1; index += 1) {
    const byte = bytes[index] ?? BACKSLASH
    if (byte < 0x20 || byte >= 0x7f || byte === BACKSLASH) return undefined
    key += String.fromCharCode(byte)
  }
  return key
}

/** @returns the offset behind the value, -1 when it does not end */
function skipValue(bytes: Uint8Array, start: number): number {
  const first = bytes[start]
  if (first === QUOTE) return skipString(bytes, start)
  if (first === OPEN_BRACE || first === OPEN_BRACKET) return skipNested(bytes, start)
  let index = start
  while (index < bytes.length && !endsScalar(bytes[index])) index += 1
  return index > start ? index : -1
}

function endsScalar(byte: number | undefined): boolean {
  return byte === COMMA || byte === CLOSE_BRACE || byte === CLOSE_BRACKET || isSpace(byte)
}

function skipNested(bytes: Uint8Array, start: number): number {
  let depth = 0
  let index = start
  while (index < bytes.length) {
    const step = DEPTH_STEPS[bytes[index] ?? 0] ?? 0
    if (step === STRING) {
      index = skipString(bytes, index)
      if (index === -1) return -1
      continue
    }
    depth += step
    index += 1
    if (depth === 0) return index
  }
  return -1
}

/** In place of a step: a string begins. */
const STRING = 2

/** What a byte between strings does to the depth; looked up, because a body may consist of nothing else. */
const DEPTH_STEPS = new Int8Array(256)
DEPTH_STEPS[QUOTE] = STRING
for (const open of [OPEN_BRACE, OPEN_BRACKET]) DEPTH_STEPS[open] = 1
for (const close of [CLOSE_BRACE, CLOSE_BRACKET]) DEPTH_STEPS[close] = -1

/** @returns the offset behind the closing quote, -1 where there is none */
function skipString(bytes: Uint8Array, start: number): number {
  const end = endOfJsonString(bytes, start)
  return end === bytes.length ? -1 : end + 1
}

function skipSpace(bytes: Uint8Array, start: number): number {
  let index = start
  while (isSpace(bytes[index])) index += 1
  return index
}

function isSpace(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09
}

function join(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let offset = 0
  for (const part of parts) {
    whole.set(part, offset)
    offset += part.length
  }
  return whole
}

const TAB = 0x09
const SPACE = 0x20
const QUOTE = 0x22
const PLUS = 0x2b
const COMMA = 0x2c
const MINUS = 0x2d
const POINT = 0x2e
const ZERO = 0x30
const NINE = 0x39
const COLON = 0x3a
const OPEN_LIST = 0x5b
const BACKSLASH = 0x5c
const CLOSE_LIST = 0x5d
const OPEN_OBJECT = 0x7b
const CLOSE_OBJECT = 0x7d
/** Set in the code of a small letter only: `E` and `e` become the same. */
const SMALL = 0x20
const LETTER_E = 0x65
const LETTER_U = 0x75

/** In place of an offset: there is no value that this file can tell to be whole. */
const NOWHERE = -1
/** Deeper values are left to the engine's own parser, which needs no stack for them. */
const MAX_DEPTH = 100

const WORDS = ['null', 'true', 'false'].map((word) => new TextEncoder().encode(word))
const ESCAPED = new Set(new TextEncoder().encode('"\\/bfnrt'))

/**
 * Finds the end of a JSON object that lies in one line, without building it: on the byte-exact path that is all that is
 * asked of an event, and an object that nobody reads costs three times as much.
 *
 * @returns the offset behind the object; -1 when it is cut, is no JSON, has a line end in it or is very deep
 */
export function skipObject(bytes: Uint8Array, at: number): number {
  return bytes[at] === OPEN_OBJECT ? skipMembers(bytes, at, 0) : NOWHERE
}

function skipMembers(bytes: Uint8Array, at: number, depth: number): number {
  let next = skipSpace(bytes, at + 1)
  if (bytes[next] === CLOSE_OBJECT) return next + 1
  next = skipMember(bytes, next, depth)
  while (bytes[next] === COMMA) next = skipMember(bytes, skipSpace(bytes, next + 1), depth)
  return bytes[next] === CLOSE_OBJECT ? next + 1 : NOWHERE
}

/** A name, its value, and the space around. */
function skipMember(bytes: Uint8Array, at: number, depth: number): number {
  if (bytes[at] !== QUOTE) return NOWHERE
  const colon = skipSpace(bytes, skipString(bytes, at))
  return bytes[colon] === COLON ? skipItem(bytes, skipSpace(bytes, colon + 1), depth) : NOWHERE
}

function skipItems(bytes: Uint8Array, at: number, depth: number): number {
  let next = skipSpace(bytes, at + 1)
  if (bytes[next] === CLOSE_LIST) return next + 1
  next = skipItem(bytes, next, depth)
  while (bytes[next] === COMMA) next = skipItem(bytes, skipSpace(bytes, next + 1), depth)
  return bytes[next] === CLOSE_LIST ? next + 1 : NOWHERE
}

/** A value and the space behind it. */
function skipItem(bytes: Uint8Array, at: number, depth: number): number {
  return skipSpace(bytes, skipValue(bytes, at, depth + 1))
}

function skipValue(bytes: Uint8Array, at: number, depth: number): number {
  const byte = bytes[at]
  if (byte === QUOTE) return skipString(bytes, at)
  if (depth > MAX_DEPTH) return NOWHERE
  if (byte === OPEN_OBJECT) return skipMembers(bytes, at, depth)
  if (byte === OPEN_LIST) return skipItems(bytes, at, depth)
  return byte === MINUS || isDigit(byte) ? skipNumber(bytes, at) : skipWord(bytes, at)
}

function skipString(bytes: Uint8Array, at: number): number {
  for (let next = at + 1; next < bytes.length; next += 1) {
    const byte = bytes[next] ?? 0
    if (byte === QUOTE) return next + 1
    if (byte < SPACE) return NOWHERE
    if (byte === BACKSLASH) {
      next = escapeEnd(bytes, next)
      if (next === NOWHERE) return NOWHERE
    }
  }
  return NOWHERE
}

/** @returns the offset of the escape's last byte */
function escapeEnd(bytes: Uint8Array, at: number): number {
  const byte = bytes[at + 1] ?? 0
  if (ESCAPED.has(byte)) return at + 1
  if (byte !== LETTER_U) return NOWHERE
  for (let digit = at + 2; digit < at + 6; digit += 1) if (!isHexDigit(bytes[digit])) return NOWHERE
  return at + 5
}

function skipNumber(bytes: Uint8Array, at: number): number {
  const first = bytes[at] === MINUS ? at + 1 : at
  let next = bytes[first] === ZERO ? first + 1 : skipDigits(bytes, first)
  if (bytes[next] === POINT) next = skipDigits(bytes, next + 1)
  if (((bytes[next] ?? 0) | SMALL) !== LETTER_E) return next
  const sign = bytes[next + 1]
  return skipDigits(bytes, sign === PLUS || sign === MINUS ? next + 2 : next + 1)
}

/** One digit at least. */
function skipDigits(bytes: Uint8Array, at: number): number {
  let next = at
  while (isDigit(bytes[next])) next += 1
  return next === at ? NOWHERE : next
}

function skipWord(bytes: Uint8Array, at: number): number {
  for (const word of WORDS) if (word[0] === bytes[at]) return startsWith(bytes, word, at) ? at + word.length : NOWHERE
  return NOWHERE
}

function startsWith(bytes: Uint8Array, word: Uint8Array, at: number): boolean {
  for (let index = 0; index < word.length; index += 1) if (bytes[at + index] !== word[index]) return false
  return true
}

function skipSpace(bytes: Uint8Array, at: number): number {
  let next = at
  while (bytes[next] === SPACE || bytes[next] === TAB) next += 1
  return next
}

function isDigit(byte = 0): boolean {
  return byte >= ZERO && byte <= NINE
}

function isHexDigit(byte = 0): boolean {
  const letter = byte | SMALL
  return isDigit(byte) || (letter >= 0x61 && letter <= 0x66)
}

const QUOTE = 0x22
const BACKSLASH = 0x5c

/** So many bytes are walked through before the end is searched for: most strings are shorter, and a search costs more to begin. */
const WALKED_BYTES = 16

/**
 * Finds the end of a JSON string in UTF-8 bytes. Short ones cost a step a byte, long ones run at the speed of a memory
 * search, and many escaped quotes do not make it slower.
 *
 * @param start - offset of the opening quote
 * @returns the offset of the closing quote; the number of bytes where there is none
 */
export function endOfJsonString(bytes: Uint8Array, start: number): number {
  let index = start + 1
  while (index < bytes.length) {
    const near = Math.min(bytes.length, index + WALKED_BYTES)
    while (index < near) {
      const byte = bytes[index]
      if (byte === QUOTE) return index
      index += byte === BACKSLASH ? 2 : 1
    }
    const quote = bytes.indexOf(QUOTE, index)
    if (quote === -1) return bytes.length
    if (!isEscaped(bytes, quote, index)) return quote
    index = quote + 1
  }
  return bytes.length
}

/** @param from - a place inside the string that no backslash before it escapes */
function isEscaped(bytes: Uint8Array, index: number, from: number): boolean {
  let backslashes = 0
  while (index - 1 - backslashes >= from && bytes[index - 1 - backslashes] === BACKSLASH) backslashes += 1
  return backslashes % 2 === 1
}

/**
 * The same in a text, at the speed of its search: few strings there hold an escaped quote.
 *
 * @param start - offset of the opening quote
 * @returns the offset behind the closing quote; 0 where there is none
 */
export function behindJsonString(text: string, start: number): number {
  let quote = text.indexOf('"', start + 1)
  while (quote !== -1 && hasBackslashes(text, quote)) quote = text.indexOf('"', quote + 1)
  return quote + 1
}

/** An odd number of them: an even one stands for backslashes, and escapes nothing. */
function hasBackslashes(text: string, end: number): boolean {
  let first = end
  while (text.charCodeAt(first - 1) === BACKSLASH) first -= 1
  return (end - first) % 2 === 1
}

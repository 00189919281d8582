/** What a number consists of beside digits. */
const SIGNS: ReadonlySet<number> = new Set(Array.from('-+.eE', (sign) => sign.charCodeAt(0)))
const ZERO = 0x30
const NINE = 0x39

/**
 * Puts the numbers of a JSON text that a parser would give back otherwise than they are written into quotes. Digits inside
 * of strings stay as they are. A text without long rows of digits and large exponents costs one search.
 *
 * @param text - valid JSON
 * @returns `undefined` when there are none
 */
export function quoteLongNumbers(text: string): string | undefined {
  const longDigits = /\d{16}|\d[eE][+-]?\d{3}/g // more than a number may hold: of digits, or of magnitude
  const pieces: string[] = []
  let written = 0
  let quote = text.indexOf('"') // where the next string opens
  for (let match = longDigits.exec(text); match !== null; match = longDigits.exec(text)) {
    let end = match.index
    while (quote !== -1 && quote < match.index) {
      end = endOfString(text, quote)
      quote = text.indexOf('"', end)
    }
    if (end <= match.index) {
      const start = startOfNumber(text, match.index)
      end = endOfNumber(text, match.index)
      const number = text.slice(start, end)
      if (String(Number(number)) !== number) {
        pieces.push(text.slice(written, start), `"${number}"`)
        written = end
      }
    }
    longDigits.lastIndex = end
  }
  return pieces.length === 0 ? undefined : pieces.join('') + text.slice(written)
}

function endOfString(text: string, open: number): number {
  for (let quote = text.indexOf('"', open + 1); quote !== -1; quote = text.indexOf('"', quote + 1)) {
    let backslashes = 0
    while (text[quote - 1 - backslashes] === '\\') backslashes += 1
    if (backslashes % 2 === 0) return quote + 1
  }
  return text.length
}

function startOfNumber(text: string, place: number): number {
  let start = place
  while (start > 0 && isOfNumber(text.charCodeAt(start - 1))) start -= 1
  return start
}

function endOfNumber(text: string, place: number): number {
  let end = place
  while (end < text.length && isOfNumber(text.charCodeAt(end))) end += 1
  return end
}

function isOfNumber(code: number): boolean {
  return (code >= ZERO && code <= NINE) || SIGNS.has(code)
}

/** What a data URL holds. */
export interface DataUrl {
  /** Lower case; `text/plain` when the URL names none, as RFC 2397 has it. */
  readonly mediaType: string
  /** Base64 without white space. */
  readonly data: string
}

/** True for text that claims to be a data URL. */
export function isDataUrl(text: string): boolean {
  return text.slice(0, 5).toLowerCase() === 'data:'
}

/**
 * Reads a data URL: parameters are skipped, `base64` may be spelled in any case, white space in the data is removed, and
 * data that is not base64 is percent-decoded and encoded as base64.
 *
 * @returns `undefined` for text that is no data URL
 */
export function parseDataUrl(text: string): DataUrl | undefined {
  const comma = text.indexOf(',')
  if (!isDataUrl(text) || comma === -1) return undefined
  const [mediaType = '', ...parameters] = text
    .slice(5, comma)
    .split(';')
    .map((word) => word.trim().toLowerCase())
  const payload = text.slice(comma + 1)
  const isBase64 = parameters.includes('base64')
  return {
    mediaType: mediaType === '' ? 'text/plain' : mediaType,
    data: isBase64 ? withoutSpace(payload) : percentToBase64(payload),
  }
}

/** Clients break base64 into lines. */
export function withoutSpace(base64: string): string {
  return /\s/.test(base64) ? base64.replaceAll(/\s+/g, '') : base64
}

/** Byte by byte, because the bytes need not be UTF-8. */
function percentToBase64(payload: string): string {
  let binary = ''
  for (let at = 0; at < payload.length; at++) {
    const hex = payload[at] === '%' ? payload.slice(at + 1, at + 3) : ''
    if (/^[0-9a-f]{2}$/i.test(hex)) {
      binary += String.fromCharCode(Number.parseInt(hex, 16))
      at += 2
    } else {
      const character = String.fromCodePoint(payload.codePointAt(at) ?? 0)
      binary += utf8(character)
      at += character.length - 1
    }
  }
  return btoa(binary)
}

function utf8(character: string): string {
  if (character <= '\u007f') return character
  return String.fromCharCode(...new TextEncoder().encode(character))
}

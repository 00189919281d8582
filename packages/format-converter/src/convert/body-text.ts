/** Largest whole body that may come where a stream was asked for. */
const MAX_BODY_CHARACTERS = 64 * 1024 * 1024

const UTF8_BOM: readonly number[] = [0xef, 0xbb, 0xbf]

/** Collects the text of a body. */
export interface BodyText {
  /** @returns false when the body is too large */
  add(chunk: Uint8Array): boolean
  text(): string
}

/** A body that begins with `{` or `<` is not a stream, whatever its content type says. */
export function beginsLikeBody(bytes: Uint8Array): boolean {
  const first = bytes[beginOf(bytes)]
  return first === 0x7b || first === 0x3c
}

/** Nothing that says what follows: blanks, line ends, a byte order mark. */
export function isBlank(bytes: Uint8Array): boolean {
  return beginOf(bytes) === bytes.length
}

/** @returns where the first byte that shows something stands; the length where there is none */
function beginOf(bytes: Uint8Array): number {
  let at = 0
  while (at < bytes.length && !isShown(bytes[at] ?? 0)) at += 1
  return at
}

function isShown(byte: number): boolean {
  return byte > 32 && !UTF8_BOM.includes(byte)
}

export function createBodyText(): BodyText {
  const utf8 = new TextDecoder()
  const fragments: string[] = []
  let characters = 0
  return {
    add: (chunk) => {
      const text = utf8.decode(chunk, { stream: true })
      characters += text.length
      fragments.push(text)
      return characters <= MAX_BODY_CHARACTERS
    },
    text: () => fragments.join('') + utf8.decode(),
  }
}

/** First bytes of the types that matter, as Latin-1 text. */
const SIGNATURES: readonly (readonly [start: RegExp, mediaType: string])[] = [
  [/^\u0089PNG\r\n/, 'image/png'],
  [/^\u00ff\u00d8\u00ff/, 'image/jpeg'],
  [/^GIF8[79]a/, 'image/gif'],
  [/^RIFF[\s\S]{4}WEBP/, 'image/webp'],
  [/^%PDF/, 'application/pdf'],
]

/** 32 characters of base64 are 24 bytes: enough for every signature. */
const HEAD = 32

/** The media type that the first bytes tell; `undefined` when they tell none. */
export function sniffMediaType(base64: string): string | undefined {
  const head = decodeHead(base64)
  return SIGNATURES.find(([start]) => start.test(head))?.[1]
}

function decodeHead(base64: string): string {
  const head = base64.slice(0, HEAD)
  try {
    return atob(head.slice(0, head.length - (head.length % 4)))
  } catch {
    return '' // not base64: the upstream will say so
  }
}

/** Width and height in pixels. */
export interface ImageSize {
  readonly width: number
  readonly height: number
}

/** Where the size stands in a JPEG may be far behind its metadata; this much of it is looked at, in base64 characters. */
const JPEG_HEAD = 65_536

/** Reads the size of a PNG or JPEG from its header; `undefined` for everything else. */
export function readImageSize(base64: string): ImageSize | undefined {
  if (base64.startsWith('iVBORw0KGgo')) return readPng(bytesOf(base64.slice(0, 32)))
  return base64.startsWith('/9j/') ? readJpeg(bytesOf(base64.slice(0, JPEG_HEAD))) : undefined
}

/** The first chunk of a PNG is its header: width and height are its first two numbers. */
function readPng(bytes: string): ImageSize | undefined {
  return plausible({ width: number32(bytes, 16), height: number32(bytes, 20) })
}

/** A JPEG is a row of segments; the one that starts a frame holds the size. */
function readJpeg(bytes: string): ImageSize | undefined {
  let at = 2
  while (at + 9 < bytes.length && bytes.charCodeAt(at) === 0xff) {
    const marker = bytes.charCodeAt(at + 1)
    const startsFrame = marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc
    if (startsFrame) return plausible({ height: number16(bytes, at + 5), width: number16(bytes, at + 7) })
    at += 2 + Math.max(2, number16(bytes, at + 2))
  }
  return undefined
}

function plausible(size: ImageSize): ImageSize | undefined {
  return size.width > 0 && size.height > 0 ? size : undefined
}

function number16(bytes: string, at: number): number {
  return bytes.charCodeAt(at) * 256 + bytes.charCodeAt(at + 1)
}

function number32(bytes: string, at: number): number {
  return number16(bytes, at) * 65_536 + number16(bytes, at + 2)
}

/** One character a byte; empty when the text is not base64. */
function bytesOf(base64: string): string {
  try {
    return atob(base64.slice(0, base64.length - (base64.length % 4)))
  } catch {
    return '' // not base64: no size
  }
}

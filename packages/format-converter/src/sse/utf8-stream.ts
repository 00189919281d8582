const BOM = '\uFEFF'
/** Of pieces that end where a character ends: it remembers nothing, so that all streams share it. */
const WHOLE = new TextDecoder('utf-8', { ignoreBOM: true })

/**
 * Decodes UTF-8 that comes in pieces, cut anywhere, and leaves a byte order mark at the beginning out. What is no UTF-8
 * becomes U+FFFD.
 *
 * Packets of events almost always end with a line. They are decoded without a decoder of their own: one that remembers
 * the end of its last piece takes twice as long, and a stream in memory is lighter without it.
 */
export class Utf8Stream {
  #pieces: typeof WHOLE | undefined = undefined
  #isOpen = false
  #isBegun = false

  decode(piece: Uint8Array): string {
    return this.#withoutMark(this.#decode(piece))
  }

  /** @returns what an unfinished character at the end stands for */
  end(): string {
    return this.#isOpen ? this.#withoutMark(this.#pieces?.decode() ?? '') : ''
  }

  #decode(piece: Uint8Array): string {
    if (piece.length === 0) return ''
    const endsWhole = (piece[piece.length - 1] ?? 0) < 0x80
    if (endsWhole && !this.#isOpen) return WHOLE.decode(piece)
    this.#isOpen = !endsWhole
    this.#pieces ??= new TextDecoder('utf-8', { ignoreBOM: true })
    return this.#pieces.decode(piece, { stream: true })
  }

  #withoutMark(text: string): string {
    if (this.#isBegun || text === '') return text
    this.#isBegun = true
    return text.startsWith(BOM) ? text.slice(BOM.length) : text
  }
}

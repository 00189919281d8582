/** Text is looked for in pieces of so many characters. */
const PIECE = 12
/** A piece begins at every so many characters, so that none of a quote is missed that is longer than both together. */
const STEP = 6
/** Shorter ones are names, numbers and turns of speech. */
const SHORTEST_QUOTE = 20
/** Bytes that are looked through at most, over all pieces: some tens of milliseconds, of a request that failed. */
const MAX_SEARCHED_BYTES = 48 * 1024 * 1024

/** What stands in the place of a quote. */
const GAP = '[…]'

/**
 * Takes what a request said out of an error message before it is kept: some services quote what they refuse, and prompts
 * are not kept (`reliability` 13.2). Names without a space, such as those of models and fields, stay. Of a message that
 * is too long to be compared with a large request the rest is left out.
 *
 * @param asked - the body as it came; without one the message stays as it is
 */
export function withoutQuotes(message: string, asked: Uint8Array | undefined): string {
  if (asked === undefined || message.length < SHORTEST_QUOTE) return message
  const body = Buffer.from(asked.buffer, asked.byteOffset, asked.byteLength)
  const longest = Math.floor(MAX_SEARCHED_BYTES / Math.max(1, body.length)) * STEP
  const text = message.length > longest ? `${message.slice(0, longest)}…` : message
  const quotes = joined(findPieces(text, body)).flatMap((span) => widened(text, body, span) ?? [])
  let shown = ''
  let at = 0
  for (const { start, end } of quotes) {
    if (start < at) continue
    shown += text.slice(at, start) + GAP
    at = end
  }
  return shown + text.slice(at)
}

interface Span {
  readonly start: number
  readonly end: number
}

function findPieces(text: string, body: Buffer): readonly Span[] {
  const found: Span[] = []
  for (let start = 0; start + PIECE <= text.length; start += STEP) {
    if (holds(body, text.slice(start, start + PIECE))) found.push({ start, end: start + PIECE })
  }
  return found
}

/** Spans that touch or overlap, as one. */
function joined(spans: readonly Span[]): readonly Span[] {
  const runs: Span[] = []
  for (const span of spans) {
    const last = runs.at(-1)
    if (last !== undefined && span.start <= last.end) runs[runs.length - 1] = { start: last.start, end: span.end }
    else runs.push(span)
  }
  return runs
}

/** To where the quote begins and ends; nothing where it is a short one, or a name. */
function widened(text: string, body: Buffer, { start, end }: Span): Span | undefined {
  let from = start
  let to = end
  while (from > 0 && holds(body, text.slice(from - 1, from - 1 + PIECE))) from -= 1
  while (to < text.length && holds(body, text.slice(to + 1 - PIECE, to + 1))) to += 1
  const quote = text.slice(from, to)
  const isProse = /\s/.test(quote.trim()) || /[^\p{Script=Latin}\p{Script=Common}]/u.test(quote)
  return quote.length >= SHORTEST_QUOTE && isProse ? { start: from, end: to } : undefined
}

/** As it stands inside a JSON string, whichever way its writer escapes. */
function holds(body: Buffer, piece: string): boolean {
  const escaped = JSON.stringify(piece).slice(1, -1)
  if (body.includes(escaped)) return true
  const ascii = escaped.replaceAll(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
  return ascii !== escaped && body.includes(ascii)
}

import { createConverter, type ConverterOptions, type Exchange, type JsonObject } from '../../src/index.ts'
import type { Loose } from '../../src/testing/loose.ts'
import type { Format, Pair } from './pairs.ts'

const FREE_TOOL = { name: 'edit', description: 'Edits.' }
const PROOFS = ['reasoning.encrypted_content']

/** The least request of each format that lets an answer show everything it has. */
export const ASKING: { readonly [Name in Format]: JsonObject } = {
  'anthropic-messages': {
    model: 'asked-model',
    max_tokens: 1000,
    messages: [{ role: 'user', content: 'x' }],
  },
  'openai-chat': {
    model: 'asked-model',
    stream_options: { include_usage: true },
    messages: [{ role: 'user', content: 'x' }],
  },
  'openai-responses': {
    model: 'asked-model',
    input: 'x',
    include: PROOFS,
    tools: [{ type: 'custom', ...FREE_TOOL }],
  },
}

export interface Opening extends Pair {
  /** Laid over the least request of the client's format. */
  readonly request?: JsonObject
  readonly converter?: Partial<ConverterOptions>
  readonly model?: string
  /** The request is complete: nothing is laid under it. */
  readonly isAlone?: boolean
}

/** An exchange whose ids are numbered and whose clock stands still, so that two conversions can be compared. */
export function open({ client, upstream, request, converter, model, isAlone }: Opening): Exchange {
  let ids = 0
  return createConverter({
    client,
    upstream,
    ids: () => String((ids += 1)).padStart(24, '0'),
    now: () => 1_700_000_000_000,
    ...converter,
  }).exchange({ ...(isAlone === true ? {} : ASKING[client]), ...request }, { model })
}

const utf8 = new TextEncoder()

/** Bytes one by one: an end of line, a character and a word are all cut in two. */
export function byteByByte(sse: string): readonly Uint8Array[] {
  const bytes = utf8.encode(sse)
  return Array.from(bytes, (_, at) => bytes.subarray(at, at + 1))
}

/** Sends an upstream's stream through a new exchange; in one piece, unless it was cut. */
export function pour(opening: Opening, sse: string | readonly Uint8Array[]): string {
  const stream = open(opening).stream()
  const pieces = typeof sse === 'string' ? [utf8.encode(sse)] : sse
  let text = ''
  for (const piece of pieces) text += stream.push(piece)
  return text + stream.end()
}

/** What is lost of an upstream's stream: `code path` of each loss. */
export function lossesOf(opening: Opening, sse: string): readonly string[] {
  const stream = open({ ...opening, request: { stream: true, ...opening.request } }).stream()
  stream.push(utf8.encode(sse))
  stream.end()
  return stream.losses.map(({ code, path }) => `${code} ${path}`)
}

/** SSE text of events that go by no name. */
export function unnamedSse(...events: readonly Loose[]): string {
  return events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join('')
}

/** What a converted stream comes to when the upstream streams and the client does not. */
export function gather(opening: Opening, sse: string): Loose {
  const aggregator = open(opening).aggregate()
  aggregator.push(utf8.encode(sse))
  return plain(aggregator.end().body)
}

/** A whole answer as the events of a stream, in the text of a stream. */
export function explode(opening: Opening, body: JsonObject): string {
  const stream = open(opening).explode(body)
  return stream
    .map((event: Loose) => {
      if (event === '[DONE]') return 'data: [DONE]\n\n'
      const name = typeof event.type === 'string' ? `event: ${event.type}\n` : ''
      return `${name}data: ${JSON.stringify(event)}\n\n`
    })
    .join('')
}

/** As JSON would carry it: without members that are `undefined`. */
export function plain(value: unknown): Loose {
  return JSON.parse(JSON.stringify(value))
}

/** The parsed data of each event of a stream, `[DONE]` left out. */
export function eventsOf(sse: string): Loose[] {
  return sse
    .split('\n') // a Unicode line separator is no line end here
    .filter((line) => line.startsWith('data: ') && line !== 'data: [DONE]')
    .map((line) => JSON.parse(line.slice('data: '.length)))
}

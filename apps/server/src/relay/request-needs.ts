import type { FormatName } from '@relay/format-converter'

import type { Envelope } from './envelope.ts'
import { type Aside, estimateTokensAside } from './long-work/aside.ts'

/** Whether a request asks for searches of the web, and for anything else. */
export type WebSearchNeed = 'none' | 'some' | 'only'

/** What a request contains that not every model or upstream can take. */
export interface RequestNeeds {
  images(): boolean
  /** PDFs and other documents. */
  files(): boolean
  /** `only`: it is nothing but a search, as agents make it on the side. */
  webSearch(): WebSearchNeed
  /** An estimate, made when it is asked for: it costs a walk through the whole body. */
  inputTokens(): Promise<number>
}

/** A request that is looked at. */
export interface NeedyRequest extends Aside {
  readonly envelope: Envelope
  readonly clientFormat: FormatName
}

/** Members as they stand in a body; inside a text their quotes are escaped, so that talk of them is no match. */
const SIGNS = {
  images: ['image', 'image_url', 'input_image'].flatMap(asTypes),
  files: ['document', 'file', 'input_file'].flatMap(asTypes),
  webSearch: ['"web_search'],
} as const

function asTypes(type: string): readonly string[] {
  return [`"type":"${type}"`, `"type": "${type}"`]
}

/**
 * Looks at the bytes of a request, each time for what it is asked: a body of many megabytes is not gone through for what
 * no account refuses. Only a body that may search the web is read further.
 */
export function readNeeds(request: NeedyRequest): RequestNeeds {
  const { envelope, clientFormat } = request
  const body = Buffer.from(envelope.bytes.buffer, envelope.bytes.byteOffset, envelope.bytes.byteLength)
  const holds = (signs: readonly string[]): boolean => signs.some((sign) => body.includes(sign))
  return {
    images: once(() => holds(SIGNS.images)),
    files: once(() => holds(SIGNS.files)),
    webSearch: once(() => (holds(SIGNS.webSearch) ? readSearch(envelope) : 'none')),
    inputTokens: once(() => estimateTokensAside(request, envelope, clientFormat)),
  }
}

function once<Value extends boolean | string | object>(look: () => Value): () => Value {
  let seen: Value | undefined
  return () => (seen ??= look())
}

function readSearch(envelope: Envelope): WebSearchNeed {
  if (envelope.member('web_search_options') !== undefined) return 'some'
  const tools: unknown = envelope.member('tools')
  if (!Array.isArray(tools)) return 'none'
  const searches = tools.filter(isSearchTool)
  if (searches.length === 0) return 'none'
  return searches.length === tools.length ? 'only' : 'some'
}

function isSearchTool(tool: unknown): boolean {
  if (typeof tool !== 'object' || tool === null || !('type' in tool)) return false
  return typeof tool.type === 'string' && tool.type.startsWith('web_search')
}

/** Bytes of JSON for each token, at the least: what is smaller fits without being counted. */
const BYTES_A_TOKEN = 2

/** Whether a body may be longer than a model's window at all. */
export function mayExceed({ bytes }: Envelope, contextWindow: number): boolean {
  return bytes.length / BYTES_A_TOKEN > contextWindow
}

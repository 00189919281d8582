import type { FormatName } from '@relay/format-converter'

import { type Aside, estimateTokensAside } from '../long-work/aside.ts'
import type { Envelope } from './envelope.ts'

/** Whether a request asks for searches of the web, and for anything else. */
export type WebSearchNeed = 'none' | 'some' | 'only'

/** What a request contains that not every model or upstream can take. */
export interface RequestNeeds {
  images(): boolean
  /** PDFs and other documents. */
  files(): boolean
  /** `only`: it is nothing but a search, as agents make it on the side. */
  webSearch(): WebSearchNeed
  /** Tools that the vendor of the format runs or knows, which a conversion would have to leave out. */
  serverTools(): boolean
  /** Tools of MCP servers that the upstream is to call. */
  mcpServers(): boolean
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
    serverTools: once(() => toolsOf(envelope).some((tool) => isServerTool(tool, clientFormat))),
    mcpServers: once(() => asksMcpServers(envelope)),
    inputTokens: once(() => estimateTokensAside(request, envelope, clientFormat)),
  }
}

function once<Value extends boolean | string | object>(look: () => Value): () => Value {
  let seen: Value | undefined
  return () => (seen ??= look())
}

function readSearch(envelope: Envelope): WebSearchNeed {
  if (envelope.member('web_search_options') !== undefined) return 'some'
  const tools = toolsOf(envelope)
  const searches = tools.filter(isSearchTool)
  if (searches.length === 0) return 'none'
  return searches.length === tools.length ? 'only' : 'some'
}

function toolsOf(envelope: Envelope): readonly unknown[] {
  const tools: unknown = envelope.member('tools')
  return Array.isArray(tools) ? tools : []
}

function isSearchTool(tool: unknown): boolean {
  return typeOf(tool)?.startsWith('web_search') === true
}

/** Kinds that a conversion carries, or that only spare the model the sight of other tools; searches are asked for on their own. */
const CARRIED = /^(?:function|custom|namespace|mcp|mcp_toolset|web_search.*|tool_search.*|programmatic_tool_calling)$/

function asksMcpServers(envelope: Envelope): boolean {
  const servers: unknown = envelope.member('mcp_servers')
  if (Array.isArray(servers) && servers.length > 0) return true
  return toolsOf(envelope).some((tool) => typeOf(tool) === 'mcp')
}

function isServerTool(tool: unknown, format: FormatName): boolean {
  const type = typeOf(tool)
  return format !== 'openai-chat' && type !== undefined && !CARRIED.test(type)
}

function typeOf(tool: unknown): string | undefined {
  if (typeof tool !== 'object' || tool === null || !('type' in tool)) return undefined
  return typeof tool.type === 'string' ? tool.type : undefined
}

/** Bytes of JSON for each token, at the least: what is smaller fits without being counted. */
const BYTES_A_TOKEN = 2

/** Whether a body may be longer than a model's window at all. */
export function mayExceed({ bytes }: Envelope, contextWindow: number): boolean {
  return bytes.length / BYTES_A_TOKEN > contextWindow
}

import type { ContentPart } from '../model/content-part.ts'
import { isJsonObject, type JsonObject, type JsonValue } from '../model/json.ts'
import { optionalString } from '../wire/loose.ts'
import { toJsonText } from '../wire/raw-json.ts'
import { listOf } from './wire.ts'

/** Most results of a search that are named in its readable form. */
const MAX_NAMED_RESULTS = 10
/** Most of a server tool's own text that is repeated in its readable form, in UTF-16 units. */
const MAX_TEXT = 4000
const MCP_RESULT = 'mcp_tool_result'

/** Tools that the vendor runs, and what they gave back. */
export function isServerToolBlock(kind: string): boolean {
  if (kind === 'server_tool_use' || kind === 'mcp_tool_use' || kind === 'mcp_tool_listing') return true
  return kind.endsWith('_tool_result') && kind !== 'advisor_tool_result'
}

/**
 * One line that says what a server tool was asked or found, for formats without it; `undefined` = nothing worth saying.
 *
 * @param call - the call that a result answers, where it is known: then the line says both
 */
export function describeServerTool(raw: JsonObject, call?: JsonObject): string | undefined {
  const kind = optionalString(raw['type']) ?? ''
  if (kind === 'server_tool_use' || kind === 'mcp_tool_use') return `[${callWords(raw)}]`
  if (!kind.endsWith('_tool_result')) return undefined
  const name = call === undefined ? kind.slice(0, -'_tool_result'.length) : callWords(call)
  const content = raw['content']
  if (typeof content === 'string') return `[${name}: ${content.slice(0, MAX_TEXT)}]`
  if (isJsonObject(content)) return describeObject(name, content)
  return kind === MCP_RESULT ? describeTexts(name, listOf(content)) : describeList(name, listOf(content))
}

/** The parts of a message, in which a call says nothing of its own when the result behind it says both. */
export function joinServerTools(parts: readonly ContentPart[]): readonly ContentPart[] {
  const calls = new Map<JsonValue | undefined, JsonObject>()
  const answered = new Set<JsonObject>()
  const joined = parts.map((part) => {
    if (part.type !== 'server-tool') return part
    const { raw } = part
    if (raw['id'] !== undefined) calls.set(raw['id'], raw)
    const call = calls.get(raw['tool_use_id'])
    if (call === undefined) return part
    answered.add(call)
    return { ...part, text: describeServerTool(raw, call) }
  })
  if (answered.size === 0) return parts
  return joined.map((part) => (part.type === 'server-tool' && answered.has(part.raw) ? { ...part, text: '' } : part))
}

/** What was asked of whom: a search its words, another vendor's server all that it was given. */
function callWords(raw: JsonObject): string {
  const name = optionalString(raw['name']) ?? 'tool'
  const { input, server_name: server } = raw
  if (typeof server === 'string')
    return `${server} ${name} ${toJsonText(isJsonObject(input) ? input : {}).slice(0, MAX_TEXT)}`
  const subject = isJsonObject(input)
    ? (input['query'] ?? input['url'] ?? input['code'] ?? input['command'])
    : undefined
  return typeof subject === 'string' ? `${name} ${JSON.stringify(subject.slice(0, MAX_TEXT))}` : name
}

function describeTexts(name: string, items: readonly JsonValue[]): string {
  const texts = items.flatMap((item) => (isJsonObject(item) ? (describeItem(item) ?? []) : []))
  return `[${name}: ${texts.join('\n').slice(0, MAX_TEXT)}]`
}

function describeList(name: string, items: readonly JsonValue[]): string {
  const texts = items.filter((item) => isJsonObject(item)).map(describeItem)
  if (texts.every((text) => text === undefined)) return `[${name}: ${items.length} results]`
  const named = texts.slice(0, MAX_NAMED_RESULTS).filter((text) => text !== undefined)
  return `[${name}: ${items.length} results: ${named.join('; ')}]`
}

function describeItem(item: JsonObject): string | undefined {
  const { title, url, text } = item
  if (typeof url === 'string') return typeof title === 'string' ? `${title} — ${url}` : url
  return optionalString(text) ?? optionalString(title)
}

function describeObject(name: string, content: JsonObject): string {
  const code = optionalString(content['error_code'])
  if (code !== undefined) return `[${name} failed: ${code}]`
  const text = optionalString(content['stdout']) ?? optionalString(content['content']) ?? optionalString(content['url'])
  if (text !== undefined && text !== '') return `[${name}: ${text.slice(0, MAX_TEXT)}]`
  const references = listOf(content['tool_references']).map((reference) =>
    isJsonObject(reference) ? optionalString(reference['tool_name']) : undefined,
  )
  return references.length > 0
    ? `[${name}: ${references.filter((reference) => reference !== undefined).join(', ')}]`
    : `[${name}]`
}

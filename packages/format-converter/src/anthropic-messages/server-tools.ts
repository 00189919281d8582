import { isJsonObject, type JsonObject, type JsonValue } from '../model/json.ts'
import { listOf, textOf } from './wire.ts'

/** Most results of a search that are named in its readable form. */
const MAX_NAMED_RESULTS = 10
/** Most of a server tool's own text that is repeated in its readable form, in UTF-16 units. */
const MAX_TEXT = 4000

/** Tools that the vendor runs, and what they gave back. */
export function isServerToolBlock(kind: string): boolean {
  if (kind === 'server_tool_use' || kind === 'mcp_tool_use' || kind === 'mcp_tool_listing') return true
  return kind.endsWith('_tool_result') && kind !== 'advisor_tool_result'
}

/** One line that says what a server tool was asked or found, for formats without it; `undefined` = nothing worth saying. */
export function describeServerTool(raw: JsonObject): string | undefined {
  const kind = textOf(raw['type']) ?? ''
  if (kind === 'server_tool_use' || kind === 'mcp_tool_use') return describeUse(raw)
  if (!kind.endsWith('_tool_result')) return undefined
  const name = kind.slice(0, -'_tool_result'.length)
  const content = raw['content']
  if (typeof content === 'string') return `[${name}: ${content.slice(0, MAX_TEXT)}]`
  return isJsonObject(content) ? describeObject(name, content) : describeList(name, listOf(content))
}

function describeUse(raw: JsonObject): string {
  const name = textOf(raw['name']) ?? 'tool'
  const input = raw['input']
  const subject = isJsonObject(input) ? (input['query'] ?? input['url']) : undefined
  return typeof subject === 'string' ? `[${name} ${JSON.stringify(subject.slice(0, MAX_TEXT))}]` : `[${name}]`
}

function describeList(name: string, items: readonly JsonValue[]): string {
  const texts = items.filter((item) => isJsonObject(item)).map(describeItem)
  if (texts.every((text) => text === undefined)) return `[${name}: ${items.length} results]`
  if (name === 'mcp') return `[${name}: ${texts.join('\n').slice(0, MAX_TEXT)}]`
  const named = texts.slice(0, MAX_NAMED_RESULTS).filter((text) => text !== undefined)
  return `[${name}: ${items.length} results: ${named.join('; ')}]`
}

function describeItem(item: JsonObject): string | undefined {
  const { title, url, text } = item
  if (typeof url === 'string') return typeof title === 'string' ? `${title} — ${url}` : url
  return textOf(text) ?? textOf(title)
}

function describeObject(name: string, content: JsonObject): string {
  const code = textOf(content['error_code'])
  if (code !== undefined) return `[${name} failed: ${code}]`
  const text = textOf(content['stdout']) ?? textOf(content['content']) ?? textOf(content['url'])
  if (text !== undefined && text !== '') return `[${name}: ${text.slice(0, MAX_TEXT)}]`
  const references = listOf(content['tool_references']).map((reference) =>
    isJsonObject(reference) ? textOf(reference['tool_name']) : undefined,
  )
  return references.length > 0
    ? `[${name}: ${references.filter((reference) => reference !== undefined).join(', ')}]`
    : `[${name}]`
}

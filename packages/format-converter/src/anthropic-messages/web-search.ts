import type { EncodeAnswerContext } from '../codec.ts'
import type { OpenPart } from '../model/answer-event.ts'
import { isJsonArray, isJsonObject, type JsonObject, type JsonValue } from '../model/json.ts'
import { optionalString } from '../wire/loose.ts'
import { listOf } from './wire.ts'

/** What an answer must know of a request's tools: whether the client understands the blocks of a web search. */
export function searchTools(body: JsonObject): JsonObject {
  const tools = listOf(body['tools']).filter((tool) => isJsonObject(tool) && isSearchTool(tool))
  return tools.length === 0 ? {} : { tools }
}

/** The client declared the web search, so that it may get the blocks of one. */
function wantsSearchBlocks({ clientRequest }: EncodeAnswerContext): boolean {
  return listOf(clientRequest?.['tools']).some((tool) => isJsonObject(tool) && isSearchTool(tool))
}

/**
 * A web search that a Responses upstream ran, as the call and the result that this format has for it.
 *
 * @returns `undefined` when it is none, or when the upstream does not say what it found
 */
export function searchBlocks(
  part: OpenPart & { type: 'server-tool' | 'opaque' },
  raw: JsonValue | undefined,
  context: EncodeAnswerContext,
): readonly JsonObject[] | undefined {
  if (part.format !== 'openai-responses' || !isJsonObject(raw) || raw['type'] !== 'web_search_call') return undefined
  const action = raw['action']
  if (!isJsonObject(action) || !wantsSearchBlocks(context)) return undefined
  const content = listOf(action['sources']).flatMap(resultOf)
  if (content.length === 0) return undefined
  const id = `srvtoolu_${context.newId()}`
  const caller = { type: 'direct' }
  return [
    { type: 'server_tool_use', id, name: 'web_search', input: { query: queryOf(action) }, caller },
    { type: 'web_search_tool_result', tool_use_id: id, content, caller },
  ]
}

function isSearchTool({ type }: JsonObject): boolean {
  return typeof type === 'string' && type.startsWith('web_search_')
}

/** A page without a title goes by its address; only Anthropic has a proof of what stands on it. */
function resultOf(source: JsonValue): readonly JsonObject[] {
  const url = isJsonObject(source) ? optionalString(source['url']) : undefined
  if (!isJsonObject(source) || url === undefined) return []
  const title = optionalString(source['title']) ?? url
  return [{ type: 'web_search_result', url, title, encrypted_content: '', page_age: null }]
}

function queryOf({ query, queries }: JsonObject): string {
  const text = optionalString(query)
  if (text !== undefined && text !== '') return text
  return isJsonArray(queries) ? queries.filter((entry) => typeof entry === 'string').join('; ') : ''
}

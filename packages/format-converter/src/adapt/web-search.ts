import type { ChatRequest, ServerTool } from '../model/chat-request.ts'
import { isJsonArray, isJsonObject, type JsonObject, type JsonValue } from '../model/json.ts'
import type { LossLevel } from '../model/loss.ts'
import { pointer } from '../wire/read-object.ts'
import { isMessagesTarget, type AdaptContext } from './adapt-context.ts'
import { withoutParameter, withParameter } from './parameters.ts'

/** Without this wish a Responses upstream does not say which pages it found. */
const INCLUDE_SOURCES = 'web_search_call.action.sources'

/** Members of a location that all vendors know. */
const LOCATION_KEYS: ReadonlySet<string> = new Set(['city', 'region', 'country', 'timezone'])

/** Members that only name the tool, or whose value is what happens anyway. */
const NEUTRAL: ReadonlyMap<string, JsonValue | undefined> = new Map<string, JsonValue | undefined>([
  ['type', undefined],
  ['name', undefined],
  ['external_web_access', true],
])

/** Members that do not limit the search itself. */
const BOOKKEEPING: ReadonlySet<string> = new Set(['allowed_callers', 'defer_loading', 'strict'])

/** What a web search is asked for, whatever its vendor calls it. */
interface SearchWish {
  /** City, region, country and time zone. */
  readonly location: JsonObject | undefined
  /** Only these may be searched. */
  readonly domains: readonly JsonValue[] | undefined
  /** OpenAI's `search_context_size`. */
  readonly size: JsonValue | undefined
}

/** The target can search the web. */
export function canSearch(context: AdaptContext): boolean {
  const { webSearchTool, webSearchOptions } = context.profile.dialect
  return isMessagesTarget(context) ? webSearchTool !== '' : webSearchOptions
}

/**
 * Puts the target's own web search in the place of another vendor's, and reports the limits that it does not know.
 *
 * @param request - already without the foreign tool
 */
export function placeSearch(request: ChatRequest, tool: ServerTool, context: AdaptContext): ChatRequest {
  const wish = readWish(tool.raw)
  const { format } = context.profile
  if (format === 'openai-chat') return toSearchOptions(request, { tool, wish, context })
  if (format !== 'openai-responses') {
    reportLost(tool, ['allowed_domains'], context)
    return withSearchTool(request, messagesSearch(wish, tool.path, context), context)
  }
  reportLost(tool, ['allowed_domains', 'search_context_size'], context)
  const searching = withSearchTool(request, responsesSearch(wish, tool.path), context)
  return withParameter(searching, 'include', { value: [INCLUDE_SOURCES], path: tool.path })
}

/** Chat's search options as a tool of a target that has one. */
export function searchOptionsToTool(request: ChatRequest, context: AdaptContext): ChatRequest {
  const options = request.parameters.webSearchOptions
  if (options === undefined) return request
  const { value: raw, path } = options
  const without = withoutParameter(request, 'webSearchOptions')
  return placeSearch(
    without,
    { type: 'server', format: 'openai-chat', kind: 'web-search', name: '', raw, path },
    context,
  )
}

interface Search {
  readonly tool: ServerTool
  readonly wish: SearchWish
  readonly context: AdaptContext
}

/** Chat searches by a wish of its own, which no choice can name. */
function toSearchOptions(request: ChatRequest, { tool, wish, context }: Search): ChatRequest {
  reportLost(tool, ['search_context_size'], context)
  const value: JsonObject = {
    ...(wish.location !== undefined && { user_location: { type: 'approximate', approximate: wish.location } }),
    ...(wish.size !== undefined && { search_context_size: wish.size }),
  }
  const first = request.parameters.webSearchOptions
  if (first !== undefined && !sameJson(first.value, value)) reportSecond(tool.path, context)
  const searching = withParameter(request, 'webSearchOptions', first ?? { value, path: tool.path })
  const choice = request.parameters.toolChoice
  if (choice?.value.type !== 'tool' || choice.value.name !== tool.name) return searching
  const message = 'the search of the target is no tool that a choice could name'
  context.report({ code: 'param_unsupported', level: 'degraded', path: choice.path, message })
  return withoutParameter(searching, 'toolChoice')
}

function messagesSearch({ location, domains }: SearchWish, path: string, { profile }: AdaptContext): ServerTool {
  const raw: JsonObject = {
    type: profile.dialect.webSearchTool,
    name: 'web_search',
    ...(domains !== undefined && { allowed_domains: domains }),
    ...(location !== undefined && { user_location: { type: 'approximate', ...location } }),
  }
  return { type: 'server', format: 'anthropic-messages', kind: 'web-search', name: 'web_search', raw, path }
}

function responsesSearch({ location, domains, size }: SearchWish, path: string): ServerTool {
  const raw: JsonObject = {
    type: 'web_search',
    ...(domains !== undefined && { filters: { allowed_domains: domains } }),
    ...(location !== undefined && { user_location: { type: 'approximate', ...location } }),
    ...(size !== undefined && { search_context_size: size }),
  }
  return { type: 'server', format: 'openai-responses', kind: 'web-search', name: 'web_search', raw, path }
}

/** Two tools of one name are refused: the first search stands for all. */
function withSearchTool(request: ChatRequest, search: ServerTool, context: AdaptContext): ChatRequest {
  const first = request.tools.find((tool) => tool.type === 'server' && tool.name === search.name)
  if (first?.type !== 'server') return { ...request, tools: [...request.tools, search] }
  if (!sameJson(first.raw, search.raw)) reportSecond(search.path, context)
  return request
}

function reportSecond(path: string, { report }: AdaptContext): void {
  const message = 'a request has one web search: the limits of the first one count'
  report({ code: 'server_tool_dropped', level: 'degraded', path, message })
}

function sameJson(left: JsonObject, right: JsonObject): boolean {
  return JSON.stringify(left) === JSON.stringify(right)
}

/** Domains stand flat in Messages and under `filters` in Responses; the place is nested once more in Chat. */
function readWish(raw: JsonObject): SearchWish {
  const domains = raw['allowed_domains'] ?? objectOf(raw['filters'])?.['allowed_domains']
  const location = objectOf(raw['user_location'])
  const fields = Object.entries(objectOf(location?.['approximate']) ?? location ?? {})
  const known = fields.filter(([key, value]) => LOCATION_KEYS.has(key) && typeof value === 'string')
  return {
    location: known.length === 0 ? undefined : Object.fromEntries(known),
    domains: isJsonArray(domains) ? domains : undefined,
    size: raw['search_context_size'] ?? undefined,
  }
}

/** @param carried - members that the target has a word for */
function reportLost({ raw, path }: ServerTool, carried: readonly string[], context: AdaptContext): void {
  for (const [key, value] of Object.entries(raw)) {
    const place = pointer(path, key)
    if (key === 'filters' && isJsonObject(value)) reportFilters(value, { place, carried, context })
    else if (key === 'user_location' && isJsonObject(value)) reportLocation(value, place, context)
    else if (key === 'cache_control') reportMark(value, place, context)
    else if (!isCarried(key, value, carried) && !isNeutral(key, value))
      reportMember(place, BOOKKEEPING.has(key) ? 'info' : 'lossy', context)
  }
}

/** A member that is no object where one belongs is read by nobody. */
const OBJECTS: ReadonlySet<string> = new Set(['filters', 'user_location'])

function isCarried(key: string, value: JsonValue | undefined, carried: readonly string[]): boolean {
  const isReadable = key === 'allowed_domains' ? isJsonArray(value) : !OBJECTS.has(key)
  return isReadable && carried.includes(key)
}

/** What is told of a place is known to all vendors; more than that to none. */
function reportLocation(location: JsonObject, path: string, context: AdaptContext): void {
  for (const [key, value] of Object.entries(location)) {
    const place = pointer(path, key)
    if (key === 'approximate' && isJsonObject(value)) reportLocation(value, place, context)
    else if (value !== null && key !== 'type' && !(LOCATION_KEYS.has(key) && typeof value === 'string'))
      reportMember(place, 'lossy', context)
  }
}

function isNeutral(key: string, value: JsonValue | undefined): boolean {
  if (value === null) return true
  return NEUTRAL.has(key) && (NEUTRAL.get(key) === undefined || NEUTRAL.get(key) === value)
}

interface Filters {
  readonly place: string
  readonly carried: readonly string[]
  readonly context: AdaptContext
}

function reportFilters(filters: JsonObject, { place, carried, context }: Filters): void {
  for (const [key, value] of Object.entries(filters)) {
    if (value !== null && !isCarried(key, value, carried)) reportMember(pointer(place, key), 'lossy', context)
  }
}

function reportMark(mark: JsonValue | undefined, path: string, { report }: AdaptContext): void {
  if (mark === null) return
  report({ code: 'cache_mark_dropped', level: 'info', path, message: 'the search of the target takes no cache marks' })
}

function reportMember(path: string, level: LossLevel, { report }: AdaptContext): void {
  const message = 'the web search of the target has no such limit'
  report({ code: 'param_unsupported', level, path, message })
}

function objectOf(value: JsonValue | undefined): JsonObject | undefined {
  return isJsonObject(value) ? value : undefined
}

import { ConversionError } from '../conversion-error.ts'
import type { ChatRequest, ServerTool, Tool } from '../model/chat-request.ts'
import { isJsonObject, type JsonObject, type JsonValue } from '../model/json.ts'
import { pointer } from '../wire/read-object.ts'
import { isMessagesTarget, type AdaptContext } from './adapt-context.ts'
import { withoutParameter, withParameter } from './parameters.ts'

/** Members of a web search tool that are carried, or that only name it. */
const CARRIED_KEYS: ReadonlySet<string> = new Set(['type', 'name', 'user_location', 'cache_control'])

/** Members of a location that all vendors know. */
const LOCATION_KEYS: ReadonlySet<string> = new Set(['city', 'region', 'country', 'timezone'])

/**
 * Tools that a vendor runs exist only there. A web search finds its counterpart where the target has one; anything else is
 * dropped or refused, as the profile says.
 *
 * @throws ConversionError `unsupported_feature` by policy, and always for tools that drive a computer
 */
export function placeServerTools(request: ChatRequest, context: AdaptContext): ChatRequest {
  if (request.format === context.profile.format) return request
  const foreign = request.tools.filter((tool) => isForeign(tool, context))
  let adapted: ChatRequest = { ...request, tools: request.tools.filter((tool) => !isForeign(tool, context)) }
  for (const tool of foreign) adapted = replaceTool(adapted, tool, context)
  return isMessagesTarget(context) ? searchOptionsToTool(adapted, context) : withoutSearchOptions(adapted, context)
}

function isForeign(tool: Tool, context: AdaptContext): tool is ServerTool {
  return tool.type === 'server' && tool.format !== context.profile.format
}

/** @param request - already without the foreign tools */
function replaceTool(request: ChatRequest, tool: ServerTool, context: AdaptContext): ChatRequest {
  const { dialect } = context.profile
  if (tool.kind === 'computer') {
    const name = tool.name.slice(0, 40)
    throw refused(tool.path, `the tool ${name} only works with its vendor's models (tool_unsupported)`)
  }
  if (tool.kind === 'web-search' && !isMessagesTarget(context) && dialect.webSearchOptions) {
    return toSearchOptions(request, tool, context)
  }
  if (tool.kind === 'web-search' && isMessagesTarget(context) && dialect.webSearchTool !== '') {
    reportLimits(tool, context)
    return withSearchTool(request, searchTool(locationOf(tool.raw), tool.path, context))
  }
  refuseOrReport(tool.path, tool.name, context)
  return dropForcedChoice(request, tool, context)
}

/** Two tools of one name are refused: the first search stands for all. */
function withSearchTool(request: ChatRequest, search: Tool): ChatRequest {
  const isThere = request.tools.at(-1)?.name === search.name
  return isThere ? request : { ...request, tools: [...request.tools, search] }
}

function refuseOrReport(path: string, name: string, { profile, report }: AdaptContext): void {
  if (profile.serverTools === 'error')
    throw refused(path, `this upstream has no server tool like ${name.slice(0, 40)} (tool_unsupported)`)
  report({ code: 'server_tool_dropped', level: 'lossy', path, message: 'the upstream has no such server tool' })
}

/** A choice that forces a tool which is not there goes with it. */
function dropForcedChoice(request: ChatRequest, tool: ServerTool, { report }: AdaptContext): ChatRequest {
  const choice = request.parameters.toolChoice
  if (choice?.value.type !== 'tool' || choice.value.name !== tool.name) return request
  if (request.tools.some((candidate) => candidate.name === tool.name)) return request
  report({
    code: 'server_tool_dropped',
    level: 'lossy',
    path: choice.path,
    message: 'the choice forced a server tool that the upstream does not have',
  })
  return withoutParameter(request, 'toolChoice')
}

function toSearchOptions(request: ChatRequest, tool: ServerTool, context: AdaptContext): ChatRequest {
  const location = locationOf(tool.raw)
  const value: JsonObject =
    location === undefined ? {} : { user_location: { type: 'approximate', approximate: location } }
  reportLimits(tool, context)
  const chosen = dropChoiceOf(request, tool)
  return withParameter(chosen, 'webSearchOptions', { value, path: tool.path })
}

/** What a web search can say beside where it is: each vendor has its own limits. */
function reportLimits(tool: ServerTool, { report }: AdaptContext): void {
  for (const [key, value] of Object.entries(tool.raw)) {
    if (CARRIED_KEYS.has(key) || value === null) continue
    const message = 'the web search of the target has no such limit'
    report({ code: 'param_unsupported', level: 'lossy', path: pointer(tool.path, key), message })
  }
}

/** Chat's web search is no tool that a choice could name. */
function dropChoiceOf(request: ChatRequest, tool: ServerTool): ChatRequest {
  const choice = request.parameters.toolChoice?.value
  return choice?.type === 'tool' && choice.name === tool.name ? withoutParameter(request, 'toolChoice') : request
}

function searchOptionsToTool(request: ChatRequest, context: AdaptContext): ChatRequest {
  const options = request.parameters.webSearchOptions
  if (options === undefined) return request
  const without = withoutParameter(request, 'webSearchOptions')
  if (context.profile.dialect.webSearchTool === '') {
    refuseOrReport(options.path, 'web search', context)
    return without
  }
  if (Object.hasOwn(options.value, 'search_context_size')) {
    const path = `${options.path}/search_context_size`
    context.report({
      code: 'param_unsupported',
      level: 'lossy',
      path,
      message: 'the web search of the target has no such size',
    })
  }
  return withSearchTool(without, searchTool(locationOf(options.value), options.path, context))
}

function withoutSearchOptions(request: ChatRequest, context: AdaptContext): ChatRequest {
  const options = request.parameters.webSearchOptions
  if (options === undefined || context.profile.dialect.webSearchOptions) return request
  refuseOrReport(options.path, 'web search', context)
  return withoutParameter(request, 'webSearchOptions')
}

function searchTool(location: JsonObject | undefined, path: string, { profile }: AdaptContext): Tool {
  const raw: JsonObject = {
    type: profile.dialect.webSearchTool,
    name: 'web_search',
    ...(location !== undefined && { user_location: { type: 'approximate', ...location } }),
  }
  return { type: 'server', format: 'anthropic-messages', kind: 'web-search', name: 'web_search', raw, path }
}

/** City, region, country and time zone: flat in Messages and Responses, under `approximate` in Chat. */
function locationOf(raw: JsonObject): JsonObject | undefined {
  const location = objectOf(raw['user_location'])
  const fields = objectOf(location?.['approximate']) ?? location
  if (fields === undefined) return undefined
  const known = Object.entries(fields).filter(([key, value]) => LOCATION_KEYS.has(key) && typeof value === 'string')
  return known.length === 0 ? undefined : Object.fromEntries(known)
}

function objectOf(value: JsonValue | undefined): JsonObject | undefined {
  return isJsonObject(value) ? value : undefined
}

function refused(path: string, reason: string): ConversionError {
  return new ConversionError('unsupported_feature', `${path}: ${reason}`, { param: path })
}

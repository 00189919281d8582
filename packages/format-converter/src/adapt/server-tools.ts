import { ConversionError } from '../conversion-error.ts'
import type { ChatRequest, ServerTool, Tool, ToolChoice } from '../model/chat-request.ts'
import { isJsonObject } from '../model/json.ts'
import type { AdaptContext } from './adapt-context.ts'
import { counterpartOf } from './counterpart-tools.ts'
import { withoutServerList } from './mcp-servers.ts'
import { withoutParameter, withParameter } from './parameters.ts'
import { canSearch, placeSearch, searchOptionsToTool } from './web-search.ts'

/**
 * Tools that a vendor runs exist only there. A web search finds its counterpart where the target has one; anything else is
 * dropped or refused, as the profile says.
 *
 * @throws ConversionError `unsupported_feature` by policy, and always for tools that drive a computer
 */
export function placeServerTools(request: ChatRequest, context: AdaptContext): ChatRequest {
  if (request.format === context.profile.format) return request
  refuseForcedStranger(request)
  const foreign = request.tools.filter((tool) => isForeign(tool, context))
  let adapted: ChatRequest = { ...request, tools: request.tools.filter((tool) => !isForeign(tool, context)) }
  for (const tool of foreign) adapted = replaceTool(adapted, tool, context)
  if (foreign.length > 0) adapted = dropFromChoice(withoutServerList(adapted, context), foreign, context)
  return placeSearchOptions(adapted, context)
}

function isForeign(tool: Tool, context: AdaptContext): tool is ServerTool {
  return tool.type === 'server' && tool.format !== context.profile.format
}

/** @param request - already without the foreign tools */
function replaceTool(request: ChatRequest, tool: ServerTool, context: AdaptContext): ChatRequest {
  if (tool.kind === 'computer') {
    const name = tool.name.slice(0, 40)
    throw refused(tool.path, `the tool ${name} only works with its vendor's models (tool_unsupported)`)
  }
  if (tool.kind === 'web-search' && canSearch(context)) return placeSearch(request, tool, context)
  const counterpart = counterpartOf(request, tool, context)
  if (counterpart !== undefined) return addCounterpart(request, tool, counterpart)
  if (CONVENIENCES.has(tool.kind)) reportConvenience(tool, context)
  else refuseOrReport(tool.path, tool.name, context)
  return request
}

/** Tools that do nothing themselves: they spare the model the sight of other tools, which it gets all at once instead. */
const CONVENIENCES: ReadonlySet<ServerTool['kind']> = new Set(['tool-search', 'programmatic-calls'])

function reportConvenience({ path }: ServerTool, { report }: AdaptContext): void {
  const message = 'the upstream has no such tool; all tools are declared to the model directly'
  report({ code: 'server_tool_dropped', level: 'info', path, message })
}

/** A choice that named the tool names its counterpart. */
function addCounterpart(request: ChatRequest, tool: ServerTool, counterpart: ServerTool): ChatRequest {
  const placed = { ...request, tools: [...request.tools, counterpart] }
  const choice = request.parameters.toolChoice
  if (choice === undefined) return placed
  const value = mapNames(choice.value, (name) => (name === tool.name ? counterpart.name : name))
  return value === undefined ? placed : withParameter(placed, 'toolChoice', { ...choice, value })
}

/** Chat alone has options in place of a tool. */
function placeSearchOptions(request: ChatRequest, context: AdaptContext): ChatRequest {
  const options = request.parameters.webSearchOptions
  if (options === undefined) return request
  if (canSearch(context))
    return context.profile.format === 'openai-chat' ? request : searchOptionsToTool(request, context)
  refuseOrReport(options.path, 'web search', context)
  return withoutParameter(request, 'webSearchOptions')
}

function refuseOrReport(path: string, name: string, { profile, report }: AdaptContext): void {
  if (profile.serverTools === 'error')
    throw refused(path, `this upstream has no server tool like ${name.slice(0, 40)} (tool_unsupported)`)
  report({ code: 'server_tool_dropped', level: 'lossy', path, message: 'the upstream has no such server tool' })
}

/** A vendor's tool that is not even declared cannot be forced: nothing would stand for it. */
function refuseForcedStranger({ parameters, tools }: ChatRequest): void {
  const choice = parameters.toolChoice
  if (choice?.value.type !== 'tool' || choice.value.isHosted !== true) return
  const { name } = choice.value
  if (tools.some((tool) => tool.name === name)) return
  throw refused(choice.path, `the tool ${name.slice(0, 40)} is forced but not declared (tool_unsupported)`)
}

/** A choice that forces a tool which is not there goes with it; one that allows it allows the others. */
function dropFromChoice(request: ChatRequest, foreign: readonly ServerTool[], { report }: AdaptContext): ChatRequest {
  const choice = request.parameters.toolChoice
  if (choice === undefined) return request
  const present = new Set(request.tools.map(({ name }) => name))
  const gone = new Set(foreign.flatMap(namesOf).filter((name) => !present.has(name)))
  const value = mapNames(choice.value, (name) => (gone.has(name) ? undefined : name))
  if (value === choice.value) return request
  const message = 'the choice named a server tool that the upstream does not have'
  report({ code: 'server_tool_dropped', level: 'lossy', path: choice.path, message })
  return value === undefined
    ? withoutParameter(request, 'toolChoice')
    : withParameter(request, 'toolChoice', { ...choice, value })
}

/** What a choice may call the tool: by its kind, or as it was declared. */
function namesOf({ name, raw }: ServerTool): readonly string[] {
  const declared = [raw, raw['function']].map((holder) => (isJsonObject(holder) ? holder['name'] : undefined))
  return [name, ...declared.filter((each) => typeof each === 'string')]
}

/** The choice with other names, and without those that become none; where no tool is allowed any more, none is called. */
function mapNames(choice: ToolChoice, map: (name: string) => string | undefined): ToolChoice | undefined {
  if (choice.type === 'tool') {
    const name = map(choice.name)
    if (name === choice.name) return choice
    return name === undefined ? undefined : { type: 'tool', name }
  }
  if (choice.type !== 'allowed') return choice
  const names = choice.names.map(map).filter((name) => name !== undefined)
  if (choice.names.every((name, index) => name === names[index])) return choice
  return names.length === 0 ? { type: 'none' } : { ...choice, names }
}

function refused(path: string, reason: string): ConversionError {
  return ConversionError.at(path, 'unsupported_feature', reason)
}

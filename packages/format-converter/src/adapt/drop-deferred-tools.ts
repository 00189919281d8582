import type { ChatRequest, CustomTool, FunctionTool, Tool, ToolChoice } from '../model/chat-request.ts'
import type { ContentPart } from '../model/content-part.ts'
import { isJsonObject } from '../model/json.ts'
import type { AdaptContext } from './adapt-context.ts'

/**
 * A deferred tool is unknown to the model until a tool search names it. Where the search is the client's own, a target
 * without deferring gets the tools that were named, and no others; where it is the vendor's, all tools are loaded at once,
 * unless the target searches for them likewise.
 */
export function dropDeferredTools(request: ChatRequest, context: AdaptContext): ChatRequest {
  if (request.format === context.profile.format || !request.tools.some(isDeferred)) return request
  if (context.profile.dialect.toolSearchTool !== '' && hasVendorSearch(request)) return request
  const isVendorSearch = hasVendorSearch(request)
  const named = namedTools(request)
  const tools = request.tools.flatMap((tool): readonly Tool[] => {
    if (!isDeferred(tool)) return [tool]
    const isLoaded = isVendorSearch || named.has(tool.name)
    const message = isLoaded
      ? 'the tool is loaded at once: the target cannot defer tools'
      : 'the tool was deferred and not asked for'
    const path = isLoaded ? `${tool.path}/defer_loading` : tool.path
    context.report({ code: 'param_unsupported', level: 'info', path, message })
    return isLoaded
      ? [{ ...tool, vendorFields: tool.vendorFields?.filter(({ name }) => name !== 'defer_loading') }]
      : []
  })
  return { ...request, tools }
}

function hasVendorSearch({ tools }: ChatRequest): boolean {
  return tools.some((tool) => tool.type === 'server' && tool.kind === 'tool-search')
}

function isDeferred(tool: Tool): tool is FunctionTool | CustomTool {
  return (
    tool.type !== 'server' &&
    tool.vendorFields?.some((field) => field.name === 'defer_loading' && field.value === true) === true
  )
}

/** Names in the `tool_reference` blocks of the history, of tools that were called, and of those that the choice wants. */
function namedTools(request: ChatRequest): ReadonlySet<string> {
  const names = new Set<string>(chosenNames(request.parameters.toolChoice?.value))
  const look = (part: ContentPart): void => {
    if (part.type === 'tool-call') names.add(part.name)
    if (part.type === 'tool-result') part.parts.forEach(look)
    if (part.type !== 'opaque' || part.kind !== 'tool_reference' || !isJsonObject(part.raw)) return
    if (typeof part.raw['tool_name'] === 'string') names.add(part.raw['tool_name'])
  }
  for (const turn of request.turns) turn.parts.forEach(look)
  return names
}

function chosenNames(choice: ToolChoice | undefined): readonly string[] {
  if (choice?.type === 'allowed') return choice.names
  return choice?.type === 'tool' ? [choice.name] : []
}

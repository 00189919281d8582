import type { ChatRequest, ServerTool } from '../model/chat-request.ts'
import { isJsonObject, type JsonObject } from '../model/json.ts'
import { pointer } from '../wire/read-object.ts'
import { isMessagesTarget, type AdaptContext } from './adapt-context.ts'
import { placeMcpServer } from './mcp-servers.ts'

/** Anthropic's sandbox for code that needs no beta. */
const CODE_EXECUTION = 'code_execution_20250825'

/** Members that every declaration of these tools may have and that change nothing of what they do. */
const BOOKKEEPING: ReadonlySet<string> = new Set(['cache_control', 'allowed_callers', 'defer_loading', 'strict'])

/** The target's own tool for what another vendor's does; `undefined` = it has none, or is not asked for it. */
export function counterpartOf(request: ChatRequest, tool: ServerTool, context: AdaptContext): ServerTool | undefined {
  switch (tool.kind) {
    case 'mcp':
      return placeMcpServer(request, tool, context)
    case 'code-execution':
      return placeCodeExecution(tool, context)
    case 'tool-search':
      return placeToolSearch(tool, context)
    default:
      return undefined
  }
}

function placeCodeExecution(tool: ServerTool, context: AdaptContext): ServerTool | undefined {
  const { format } = context.profile
  const isInterpreter = typeof tool.raw['type'] === 'string' && tool.raw['type'].startsWith('code_')
  if (!context.options.codeExecution || !isInterpreter || format === 'openai-chat') return undefined
  reportMembers(tool, ['type', 'name', 'container'], context)
  reportContainer(tool, context)
  if (isMessagesTarget(context))
    return replaceBy(tool, context, { name: 'code_execution', raw: { type: CODE_EXECUTION, name: 'code_execution' } })
  return replaceBy(tool, context, {
    name: 'code_interpreter',
    raw: { type: 'code_interpreter', container: { type: 'auto' } },
  })
}

/** Files and limits of a container belong to the vendor that has it. */
function reportContainer({ raw, path }: ServerTool, { report }: AdaptContext): void {
  const { container } = raw
  const isPlain = container === undefined || (isJsonObject(container) && Object.keys(container).join() === 'type')
  if (isPlain) return
  const message = 'the container of another vendor, its files and limits cannot be used'
  report({ code: 'param_unsupported', level: 'lossy', path: pointer(path, 'container'), message })
}

function placeToolSearch(tool: ServerTool, context: AdaptContext): ServerTool | undefined {
  const type = context.profile.dialect.toolSearchTool
  if (type === '') return undefined
  reportMembers(tool, ['type', 'name', 'execution'], context)
  const name = /^tool_search_tool_(regex|bm25)/.exec(type)?.[0] ?? 'tool_search'
  return replaceBy(tool, context, { name, raw: isMessagesTarget(context) ? { type, name } : { type } })
}

function replaceBy(
  tool: ServerTool,
  { profile }: AdaptContext,
  own: { readonly name: string; readonly raw: JsonObject },
): ServerTool {
  return { ...tool, ...own, format: profile.format }
}

function reportMembers({ raw, path }: ServerTool, read: readonly string[], { report }: AdaptContext): void {
  for (const [name, value] of Object.entries(raw)) {
    if (read.includes(name) || value === null) continue
    const level = BOOKKEEPING.has(name) ? 'info' : 'lossy'
    report({ code: 'param_unsupported', level, path: pointer(path, name), message: 'the target has no such setting' })
  }
}

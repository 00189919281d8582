import type { FunctionTool, Parameters, ServerTool, Tool, ToolChoice } from '../model/chat-request.ts'
import type { JsonObject, JsonValue } from '../model/json.ts'
import type { ReportLoss } from '../model/loss.ts'
import {
  openObject,
  pointer,
  required,
  requireString,
  takeArray,
  takeBoolean,
  takeObject,
  takeString,
  type WireObject,
} from '../wire/read-object.ts'
import { withVendorFields } from '../wire/vendor-fields.ts'
import { findClientTool } from './client-tools.ts'
import { takeMembers, takeWord, withCacheMark } from './vendor-members.ts'

/** Members of tools that only Anthropic knows and that change nothing of what the tool does. */
const TOOL_MEMBERS = {
  defer_loading: 'info',
  allowed_callers: 'info',
  eager_input_streaming: 'info',
  max_characters: 'info',
} as const

/** Server tools by the beginning of their dated type names. */
const SERVER_KINDS: readonly (readonly [prefix: string, kind: ServerTool['kind']])[] = [
  ['web_search_', 'web-search'],
  ['web_fetch_', 'web-fetch'],
  ['code_execution_', 'code-execution'],
  ['tool_search_', 'tool-search'],
  ['mcp_toolset', 'mcp'],
  ['computer_', 'computer'],
  ['browser_', 'computer'],
]

/** Declared tools: the client's own, Anthropic's client tools with their schema spelled out, and server tools as they are. */
export function decodeTools(tools: readonly JsonValue[]): readonly Tool[] {
  return tools.map((tool, index) => decodeTool(openObject(tool, pointer('/tools', index))))
}

function decodeTool(tool: WireObject): Tool {
  const type = takeString(tool, 'type') || 'custom'
  if (type === 'custom') return decodeFunction(tool)
  const clientTool = findClientTool(type)
  if (clientTool === undefined) return decodeServerTool(tool, type)
  const { description, parameters } = clientTool.schema
  const name = takeString(tool, 'name') ?? clientTool.name
  return {
    ...closeTool(tool),
    name,
    description,
    parameters,
    vendor: { format: 'anthropic-messages', raw: tool.value },
  }
}

function decodeFunction(tool: WireObject): FunctionTool {
  const name = requireString(tool, 'name')
  const description = takeString(tool, 'description')
  const parameters = takeObject(tool, 'input_schema')?.value
  return {
    ...closeTool(tool),
    name,
    ...(description !== undefined && { description }),
    ...(parameters !== undefined && { parameters }),
  }
}

function closeTool(tool: WireObject): Omit<FunctionTool, 'name'> {
  const strict = takeBoolean(tool, 'strict')
  const examples = takeArray(tool, 'input_examples')
  return {
    type: 'function',
    path: tool.path,
    ...(strict !== undefined && { strict }),
    ...(examples !== undefined && { examples }),
    ...takeMembers(tool, { known: TOOL_MEMBERS }),
  }
}

function decodeServerTool(tool: WireObject, type: string): ServerTool {
  const kind = SERVER_KINDS.find(([prefix]) => type.startsWith(prefix))?.[1] ?? 'other'
  const name = takeString(tool, 'name') ?? takeString(tool, 'mcp_server_name') ?? type
  return { type: 'server', format: 'anthropic-messages', kind, name, raw: tool.value, path: tool.path }
}

/** `tool_choice`, whose ban of parallel calls is a parameter of its own. */
export function decodeToolChoice(choice: WireObject | undefined): Pick<Parameters, 'toolChoice' | 'parallelToolCalls'> {
  if (choice === undefined) return {}
  const isParallelForbidden = takeBoolean(choice, 'disable_parallel_tool_use')
  const toolChoice = { value: readChoice(choice), path: choice.path }
  if (isParallelForbidden === undefined) return { toolChoice }
  return {
    toolChoice,
    parallelToolCalls: { value: !isParallelForbidden, path: pointer(choice.path, 'disable_parallel_tool_use') },
  }
}

function readChoice(choice: WireObject): ToolChoice {
  const path = pointer(choice.path, 'type')
  const type = required(takeWord(choice, 'type', ['auto', 'any', 'tool', 'none']), path)
  if (type === 'any') return { type: 'required' }
  if (type !== 'tool') return { type }
  return { type: 'tool', name: requireString(choice, 'name') }
}

/** The tools in this format's words; a tool that another vendor runs is left out and reported. */
export function encodeTools(tools: readonly Tool[], report: ReportLoss): readonly JsonObject[] {
  return tools.map((tool) => encodeTool(tool, report)).filter((tool) => tool !== undefined)
}

function encodeTool(tool: Tool, report: ReportLoss): JsonObject | undefined {
  switch (tool.type) {
    case 'function':
      return encodeFunction(tool)
    case 'custom': {
      const message = `tool ${JSON.stringify(tool.name.slice(0, 64))} takes free text, which this format does not know; it was left out`
      report({ code: 'tool_unsupported', level: 'lossy', path: tool.path, message })
      return undefined
    }
    case 'server':
      if (tool.format === 'anthropic-messages') return tool.raw
      report({
        code: 'server_tool_dropped',
        level: 'lossy',
        path: tool.path,
        message: `server tool ${tool.kind} of another vendor was left out`,
      })
      return undefined
  }
}

/** A client tool of Anthropic goes back as it was declared, under the name and mark that the request has by now. */
function encodeFunction(tool: FunctionTool): JsonObject {
  const { name, description, parameters, strict, examples } = tool
  if (tool.vendor?.format === 'anthropic-messages') return withCacheMark({ ...tool.vendor.raw, name }, tool.cacheMark)
  const input_schema = parameters ?? { type: 'object', properties: {} }
  const declaration = { name, description, input_schema, strict, input_examples: examples }
  return withVendorFields(withCacheMark(declaration, tool.cacheMark), tool.vendorFields)
}

/** `tool_choice` without the ban of parallel calls. */
export function encodeToolChoice(choice: ToolChoice): JsonObject {
  switch (choice.type) {
    case 'auto':
    case 'none':
      return { type: choice.type }
    case 'required':
      return { type: 'any' }
    case 'tool':
      return { type: 'tool', name: choice.name }
    case 'allowed': // the tools were cut down to the allowed ones before
      return { type: choice.mode === 'required' ? 'any' : 'auto' }
  }
}

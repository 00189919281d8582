import type { EncodeRequestContext } from '../codec.ts'
import type { CustomTool, FunctionTool, Tool, ToolChoice } from '../model/chat-request.ts'
import type { JsonObject, JsonValue } from '../model/json.ts'
import { reportMark } from '../wire/openai-content.ts'
import { withVendorFields } from '../wire/vendor-fields.ts'

/** Writes the tools of an adapted request. */
export function encodeTools(tools: readonly Tool[], context: EncodeRequestContext): readonly JsonObject[] {
  return tools.map((tool) => encodeTool(tool, context)).filter((tool) => tool !== undefined)
}

/** Writes a tool choice; whether a name is a function or a custom tool is known from the tools. */
export function encodeToolChoice(choice: ToolChoice, tools: readonly Tool[]): JsonValue {
  switch (choice.type) {
    case 'auto':
    case 'none':
    case 'required':
      return choice.type
    case 'tool':
      return nameTool(choice.name, tools)
    case 'allowed': {
      const allowed = choice.names.map((name) => nameTool(name, tools))
      return { type: 'allowed_tools', allowed_tools: { mode: choice.mode, tools: allowed } }
    }
  }
}

function encodeTool(tool: Tool, context: EncodeRequestContext): JsonObject | undefined {
  switch (tool.type) {
    case 'function':
      return encodeFunction(tool, context)
    case 'custom':
      return encodeCustom(tool)
    case 'server': {
      if (tool.format === 'openai-chat') return tool.raw
      const message = 'a tool that another vendor runs has no place in a Chat request'
      context.report({ code: 'server_tool_dropped', level: 'lossy', path: tool.path, message })
      return undefined
    }
  }
}

function encodeFunction(tool: FunctionTool, context: EncodeRequestContext): JsonObject {
  const { name, description, parameters, strict, cacheMark } = tool
  if (cacheMark !== undefined) reportMark(cacheMark, 'Chat tools take no cache marks', context.report)
  return withVendorFields({ type: 'function', function: { name, description, parameters, strict } }, tool.vendorFields)
}

function encodeCustom(tool: CustomTool): JsonObject {
  const { name, description, grammar } = tool
  const format =
    grammar === undefined
      ? undefined
      : { type: 'grammar', grammar: { syntax: grammar.syntax, definition: grammar.definition } }
  return { type: 'custom', custom: { name, description, format } }
}

function nameTool(name: string, tools: readonly Tool[]): JsonObject {
  const tool = tools.find((candidate) => candidate.name === name)
  if (tool?.type === 'custom') return { type: 'custom', custom: { name } }
  if (tool?.type === 'server') return { type: name }
  return { type: 'function', function: { name } }
}

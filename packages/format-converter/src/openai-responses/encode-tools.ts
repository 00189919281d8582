import type { EncodeRequestContext } from '../codec.ts'
import type { CustomTool, FunctionTool, Tool, ToolChoice } from '../model/chat-request.ts'
import type { JsonObject, JsonValue } from '../model/json.ts'
import { reportMark } from '../wire/openai-content.ts'
import { withVendorFields } from '../wire/vendor-fields.ts'

/** A schema for tools that take no arguments. */
const NO_ARGUMENTS: JsonObject = { type: 'object', properties: {} }

/** Writes the tools of an adapted request. */
export function encodeTools(tools: readonly Tool[], context: EncodeRequestContext): readonly JsonObject[] {
  return tools.map((tool) => encodeTool(tool, context)).filter((tool) => tool !== undefined)
}

/** Writes a tool choice; what kind of tool a name is, is known from the tools. */
export function encodeToolChoice(choice: ToolChoice, tools: readonly Tool[]): JsonValue {
  switch (choice.type) {
    case 'auto':
    case 'none':
    case 'required':
      return choice.type
    case 'tool':
      return nameTool(choice.name, tools)
    case 'allowed':
      return { type: 'allowed_tools', mode: choice.mode, tools: choice.names.map((name) => nameTool(name, tools)) }
  }
}

function encodeTool(tool: Tool, context: EncodeRequestContext): JsonObject | undefined {
  switch (tool.type) {
    case 'function':
      return encodeFunction(tool, context)
    case 'custom':
      return encodeCustom(tool)
    case 'server':
      if (tool.format === 'openai-responses') return tool.raw
      context.report({
        code: 'server_tool_dropped',
        level: 'lossy',
        path: tool.path,
        message: 'a tool that another vendor runs has no place in a Responses request',
      })
      return undefined
  }
}

/** `strict` is always written: where it is absent, upstreams try to make every argument required. */
function encodeFunction(tool: FunctionTool, { report }: EncodeRequestContext): JsonObject {
  if (tool.vendor?.format === 'openai-responses') return tool.vendor.raw
  const { name, description, parameters = NO_ARGUMENTS, strict = false, cacheMark } = tool
  if (cacheMark !== undefined) reportMark(cacheMark, 'Responses tools take no cache marks', report)
  return withVendorFields(
    { type: 'function', name, ...(description !== undefined && { description }), parameters, strict },
    tool.vendorFields,
  )
}

function encodeCustom({ name, description, grammar, vendorFields }: CustomTool): JsonObject {
  const format =
    grammar === undefined ? {} : { format: { type: 'grammar', syntax: grammar.syntax, definition: grammar.definition } }
  return withVendorFields(
    { type: 'custom', name, ...(description !== undefined && { description }), ...format },
    vendorFields,
  )
}

function nameTool(name: string, tools: readonly Tool[]): JsonObject {
  const tool = tools.find((candidate) => candidate.name === name)
  if (tool?.type === 'custom') return { type: 'custom', name }
  if (tool?.type === 'server') return { type: typeof tool.raw['type'] === 'string' ? tool.raw['type'] : name }
  const ownType = tool?.vendor?.format === 'openai-responses' ? tool.vendor.raw['type'] : undefined
  return ownType === undefined ? { type: 'function', name } : { type: ownType }
}

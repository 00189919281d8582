import { ConversionError } from '../conversion-error.ts'
import type { CustomTool, FunctionTool, ServerTool, Tool, ToolChoice } from '../model/chat-request.ts'
import { isJsonObject, type JsonValue } from '../model/json.ts'
import type { ReportLoss } from '../model/loss.ts'
import {
  openObject,
  pointer,
  reportRest,
  required,
  take,
  takeArray,
  takeBoolean,
  takeObject,
  takeString,
  type WireObject,
  wrongType,
} from '../wire/read-object.ts'
import { readRest, takeMembers } from './vendor-members.ts'

/** Reads `tools`. */
export function decodeTools(tools: readonly JsonValue[], report: ReportLoss): readonly Tool[] {
  return tools.map((tool, index) => decodeTool(openObject(tool, pointer('/tools', index)), report))
}

/** Reads `functions`, which tools have replaced. */
export function decodeFunctions(functions: readonly JsonValue[]): readonly FunctionTool[] {
  return functions.map((declaration, index) => {
    const declared = openObject(declaration, pointer('/functions', index))
    return decodeFunction(declared, declared)
  })
}

/** Reads `tool_choice`; the flat form of Responses is understood too. */
export function decodeToolChoice(value: JsonValue | undefined, report: ReportLoss): ToolChoice | undefined {
  if (value === undefined) return undefined
  if (typeof value === 'string') return choiceOfWord(value)
  const choice = openObject(value, '/tool_choice')
  const type = takeString(choice, 'type')
  if (type === 'allowed_tools') return decodeAllowed(choice, report)
  const body = takeObject(choice, 'function') ?? takeObject(choice, 'custom')
  const name = body === undefined ? takeString(choice, 'name') : takeString(body, 'name')
  reportRest(choice, report)
  // A hosted tool is chosen by its type alone.
  return {
    type: 'tool',
    name: required(name ?? (type === 'function' ? undefined : type), '/tool_choice/function/name'),
  }
}

/** Reads the legacy `function_call` of a request. */
export function decodeFunctionChoice(value: JsonValue | undefined): ToolChoice | undefined {
  if (value === undefined) return undefined
  if (value === 'auto' || value === 'none') return { type: value }
  const choice = openObject(value, '/function_call')
  return { type: 'tool', name: required(takeString(choice, 'name'), '/function_call/name') }
}

function decodeTool(tool: WireObject, report: ReportLoss): Tool {
  const type = takeString(tool, 'type') ?? 'function'
  if (type === 'function') {
    const declared = required(takeObject(tool, 'function'), pointer(tool.path, 'function'))
    return decodeFunction(tool, declared)
  }
  if (type === 'custom') return decodeCustom(tool, report)
  return serverTool(tool, type)
}

/** @param declared - the object that names the function: the tool's `function`, or the legacy declaration itself */
function decodeFunction(tool: WireObject, declared: WireObject): FunctionTool {
  const name = required(takeString(declared, 'name'), pointer(declared.path, 'name'))
  const description = takeString(declared, 'description')
  const parameters = decodeParameters(declared)
  const strict = takeBoolean(declared, 'strict')
  return {
    type: 'function',
    name,
    path: tool.path,
    ...(description !== undefined && { description }),
    ...(parameters !== undefined && { parameters }),
    ...(strict !== undefined && { strict }),
    ...takeMembers(tool, declared === tool ? undefined : declared),
  }
}

function decodeParameters(declared: WireObject): FunctionTool['parameters'] {
  const parameters = take(declared, 'parameters')
  if (parameters === undefined || isJsonObject(parameters)) return parameters
  throw wrongType(pointer(declared.path, 'parameters'), 'an object', parameters)
}

function decodeCustom(tool: WireObject, report: ReportLoss): CustomTool {
  const custom = required(takeObject(tool, 'custom'), pointer(tool.path, 'custom'))
  const name = required(takeString(custom, 'name'), pointer(custom.path, 'name'))
  const description = takeString(custom, 'description')
  const format = takeObject(custom, 'format')
  const grammar = format === undefined ? undefined : decodeGrammar(format)
  for (const object of [tool, custom]) reportRest(object, report)
  return {
    type: 'custom',
    name,
    path: tool.path,
    ...(description !== undefined && { description }),
    ...(grammar !== undefined && { grammar }),
  }
}

function decodeGrammar(format: WireObject): CustomTool['grammar'] {
  if (takeString(format, 'type') !== 'grammar') return undefined
  // Chat nests the grammar, Responses does not.
  const grammar = takeObject(format, 'grammar') ?? format
  return {
    syntax: required(takeString(grammar, 'syntax'), pointer(grammar.path, 'syntax')),
    definition: required(takeString(grammar, 'definition'), pointer(grammar.path, 'definition')),
  }
}

/** Tools that compatible servers run themselves. */
function serverTool(tool: WireObject, type: string): ServerTool {
  const kind = type.includes('web_search') ? 'web-search' : 'other'
  return { type: 'server', format: 'openai-chat', kind, name: type, raw: tool.value, path: tool.path }
}

function choiceOfWord(word: string): ToolChoice {
  switch (word) {
    case 'auto':
    case 'none':
    case 'required':
      return { type: word }
    case 'any': // Mistral's word
      return { type: 'required' }
    default:
      throw new ConversionError('invalid_request', '/tool_choice: must be auto, none, required or an object', {
        param: '/tool_choice',
      })
  }
}

function decodeAllowed(choice: WireObject, report: ReportLoss): ToolChoice {
  const allowed = takeObject(choice, 'allowed_tools') ?? choice
  const mode = takeString(allowed, 'mode') === 'required' ? 'required' : 'auto'
  const path = pointer(allowed.path, 'tools')
  const tools = required(takeArray(allowed, 'tools'), path)
  const names = tools.map((tool, index) => nameOfAllowed(openObject(tool, pointer(path, index))))
  for (const field of [...readRest(choice, {}), ...(allowed === choice ? [] : readRest(allowed, {}))]) {
    report({
      code: 'unknown_field',
      level: 'lossy',
      path: field.path,
      message: 'field is not known and was not carried',
    })
  }
  return { type: 'allowed', mode, names }
}

function nameOfAllowed(tool: WireObject): string {
  const type = takeString(tool, 'type')
  const body = takeObject(tool, 'function') ?? takeObject(tool, 'custom') ?? tool
  const isHosted = type !== undefined && type !== 'function' && type !== 'custom'
  return required(takeString(body, 'name') ?? (isHosted ? type : undefined), pointer(body.path, 'name'))
}

import { ConversionError } from '../conversion-error.ts'
import type { CustomTool, FunctionTool, ServerTool, Tool, ToolChoice } from '../model/chat-request.ts'
import type { JsonValue } from '../model/json.ts'
import type { ReportLoss } from '../model/loss.ts'
import { readGrammar, takeAllowedMode, takeParameters } from '../wire/openai-tools.ts'
import {
  openObject,
  pointer,
  reportRest,
  required,
  requireObject,
  requireString,
  takeArray,
  takeBoolean,
  takeObject,
  takeString,
  type WireObject,
} from '../wire/read-object.ts'
import { readRest } from '../wire/vendor-fields.ts'
import { takeMembers } from './vendor-members.ts'

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
  for (const object of [choice, body]) if (object !== undefined) reportRest(object, report)
  // A hosted tool is chosen by its type alone.
  return {
    type: 'tool',
    name: required(name ?? (type === 'function' ? undefined : type), '/tool_choice/function/name'),
  }
}

/** Reads the legacy `function_call` of a request. */
export function decodeFunctionChoice(value: JsonValue | undefined, report: ReportLoss): ToolChoice | undefined {
  if (value === undefined) return undefined
  if (value === 'auto' || value === 'none') return { type: value }
  const choice = openObject(value, '/function_call')
  const name = requireString(choice, 'name')
  reportRest(choice, report)
  return { type: 'tool', name }
}

function decodeTool(tool: WireObject, report: ReportLoss): Tool {
  const type = takeString(tool, 'type') || 'function'
  if (type === 'function') {
    const declared = requireObject(tool, 'function')
    return decodeFunction(tool, declared)
  }
  if (type === 'custom') return decodeCustom(tool, report)
  return serverTool(tool, type)
}

/** @param declared - the object that names the function: the tool's `function`, or the legacy declaration itself */
function decodeFunction(tool: WireObject, declared: WireObject): FunctionTool {
  const name = requireString(declared, 'name')
  const description = takeString(declared, 'description')
  const parameters = takeParameters(declared)
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

function decodeCustom(tool: WireObject, report: ReportLoss): CustomTool {
  const custom = requireObject(tool, 'custom')
  const name = requireString(custom, 'name')
  const description = takeString(custom, 'description')
  const grammar = readGrammar(takeObject(custom, 'format'), report)
  for (const object of [tool, custom]) reportRest(object, report)
  return {
    type: 'custom',
    name,
    path: tool.path,
    ...(description !== undefined && { description }),
    ...(grammar !== undefined && { grammar }),
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
      throw ConversionError.at('/tool_choice', 'invalid_request', 'must be auto, none, required or an object')
  }
}

function decodeAllowed(choice: WireObject, report: ReportLoss): ToolChoice {
  const allowed = takeObject(choice, 'allowed_tools') ?? choice
  const mode = takeAllowedMode(allowed)
  const path = pointer(allowed.path, 'tools')
  const tools = required(takeArray(allowed, 'tools'), path)
  const names = tools.map((tool, index) => nameOfAllowed(openObject(tool, pointer(path, index))))
  for (const field of [...readRest(choice), ...(allowed === choice ? [] : readRest(allowed))]) {
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

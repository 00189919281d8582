import { ConversionError } from '../conversion-error.ts'
import type { CustomTool, FunctionTool, ServerTool, Tool, ToolChoice } from '../model/chat-request.ts'
import type { JsonValue } from '../model/json.ts'
import type { ReportLoss } from '../model/loss.ts'
import { stringOf } from '../wire/loose.ts'
import { readGrammar, takeAllowedMode, takeParameters } from '../wire/openai-tools.ts'
import {
  openObject,
  pointer,
  reportRest,
  requireArray,
  required,
  requireString,
  rest,
  take,
  takeBoolean,
  takeObject,
  takeString,
  type WireObject,
} from '../wire/read-object.ts'
import { type VendorMembers } from '../wire/vendor-fields.ts'
import { bridgeOfTool } from './tool-bridges.ts'
import { takeMembers } from './vendor-members.ts'
import { clip } from './wire.ts'

/** Members of a function that only steer how the vendor calls it. */
const FUNCTION_MEMBERS: VendorMembers = {
  allowed_callers: 'info',
  async: 'info',
  defer_loading: 'info',
  output_schema: 'info',
}

/** Kinds of tools that the vendor runs, by the beginning of their type. */
const SERVER_KINDS: readonly (readonly [prefix: string, kind: ServerTool['kind']])[] = [
  ['web_search', 'web-search'],
  ['file_search', 'file-search'],
  ['code_interpreter', 'code-execution'],
  ['shell', 'code-execution'],
  ['image_generation', 'image-generation'],
  ['computer', 'computer'],
  ['mcp', 'mcp'],
  ['tool_search', 'tool-search'],
  ['programmatic_tool_calling', 'programmatic-calls'],
]

/** Reads a list of tools; the members of a namespace stand in it one by one. */
export function decodeToolList(tools: readonly JsonValue[], path: string, report: ReportLoss): readonly Tool[] {
  return tools.flatMap((tool, index) => decodeTool(openObject(tool, pointer(path, index)), undefined, report))
}

/** Adds tools that the input loaded; what is there already is not loaded twice. */
export function addLoadedTools(declared: readonly Tool[], loaded: readonly Tool[]): readonly Tool[] {
  const found = new Set(loaded.filter((tool) => !isDeferred(tool)).map(keyOf))
  const present = declared.map((tool) => (found.has(keyOf(tool)) ? withoutDeferring(tool) : tool))
  const known = new Set(declared.map(keyOf))
  const fresh = loaded.filter((tool) => {
    const key = keyOf(tool)
    if (known.has(key)) return false
    known.add(key)
    return true
  })
  return [...present, ...fresh]
}

/** A tool that a search has found is deferred no more. */
export function withoutDeferring(tool: Tool): Tool {
  if (tool.type === 'server' || !isDeferred(tool)) return tool
  return { ...tool, vendorFields: tool.vendorFields?.filter(({ name }) => name !== 'defer_loading') }
}

function isDeferred(tool: Tool): boolean {
  return tool.type !== 'server' && tool.vendorFields?.some(({ name }) => name === 'defer_loading') === true
}

function keyOf(tool: Tool): string {
  const namespace = tool.type === 'server' ? tool.type : (tool.namespace ?? '')
  return `${namespace}\u0000${tool.name}`
}

function decodeTool(tool: WireObject, namespace: string | undefined, report: ReportLoss): readonly Tool[] {
  const type = takeString(tool, 'type') || 'function'
  if (type === 'function') return [decodeFunction(tool, namespace)]
  if (type === 'custom') return [decodeCustom(tool, namespace, report)]
  if (type === 'namespace') return decodeNamespace(tool, report)
  const bridge = bridgeOfTool(tool.value)
  if (bridge === undefined) return [serverTool(tool, type)]
  const description = takeString(tool, 'description') ?? bridge.description
  const parameters = takeParameters(tool) ?? bridge.parameters
  take(tool, 'execution') // it is the client's, or there would be no bridge
  reportSettings(tool, report)
  return [
    {
      type: 'function',
      name: bridge.tool,
      description,
      parameters,
      vendor: { format: 'openai-responses', raw: tool.value },
      path: tool.path,
    },
  ]
}

/** A model of another vendor learns of the tool, but not of the place where it runs. */
function reportSettings(tool: WireObject, report: ReportLoss): void {
  const environment = takeObject(tool, 'environment')
  if (environment !== undefined) take(environment, 'type') // it is here, or it would be a container
  const message = 'the setting of a tool has no place beside the function that stands for it'
  for (const object of environment === undefined ? [tool] : [tool, environment]) {
    for (const [name] of rest(object)) {
      const level = (Object.hasOwn(FUNCTION_MEMBERS, name) ? FUNCTION_MEMBERS[name] : undefined) ?? 'lossy'
      report({ code: 'param_unsupported', level, path: pointer(object.path, name), message })
    }
  }
}

function decodeFunction(tool: WireObject, namespace: string | undefined): FunctionTool {
  const { path } = tool
  const name = requireString(tool, 'name')
  const description = takeString(tool, 'description')
  const parameters = takeParameters(tool)
  const strict = takeBoolean(tool, 'strict')
  return {
    type: 'function',
    name,
    path,
    ...(namespace !== undefined && { namespace }),
    ...(description !== undefined && { description }),
    ...(parameters !== undefined && { parameters }),
    ...(strict !== undefined && { strict }),
    ...takeMembers(tool, FUNCTION_MEMBERS),
  }
}

function decodeCustom(tool: WireObject, namespace: string | undefined, report: ReportLoss): CustomTool {
  const { path } = tool
  const name = requireString(tool, 'name')
  const description = takeString(tool, 'description')
  const grammar = readGrammar(takeObject(tool, 'format'), report)
  return {
    type: 'custom',
    name,
    path,
    ...(namespace !== undefined && { namespace }),
    ...(description !== undefined && { description }),
    ...(grammar !== undefined && { grammar }),
    ...takeMembers(tool, FUNCTION_MEMBERS),
  }
}

function decodeNamespace(tool: WireObject, report: ReportLoss): readonly Tool[] {
  const { path } = tool
  const name = requireString(tool, 'name')
  const members = requireArray(tool, 'tools')
  if (takeString(tool, 'description') !== undefined) {
    const message = 'the description of a namespace has no place beside its tools'
    report({ code: 'param_unsupported', level: 'info', path: pointer(path, 'description'), message })
  }
  reportRest(tool, report)
  return members.flatMap((member, index) => {
    const opened = openObject(member, pointer(pointer(path, 'tools'), index))
    if (opened.value['type'] !== 'namespace') return decodeTool(opened, name, report)
    throw ConversionError.at(opened.path, 'invalid_request', 'a namespace cannot hold another one')
  })
}

function serverTool(tool: WireObject, type: string): ServerTool {
  const kind = SERVER_KINDS.find(([prefix]) => type.startsWith(prefix))?.[1] ?? 'other'
  return {
    type: 'server',
    format: 'openai-responses',
    kind,
    name: serverName(tool, type, kind),
    raw: tool.value,
    path: tool.path,
  }
}

/** What a choice of the tool names it by. */
function serverName(tool: WireObject, type: string, kind: ServerTool['kind']): string {
  if (kind === 'web-search') return 'web_search'
  return kind === 'mcp' ? stringOf(tool.value['server_label']) || type : clip(type)
}

/** Reads `tool_choice`. */
export function decodeToolChoice(value: JsonValue | undefined, report: ReportLoss): ToolChoice | undefined {
  if (value === undefined) return undefined
  if (value === 'auto' || value === 'none' || value === 'required') return { type: value }
  if (typeof value === 'string') {
    throw ConversionError.at('/tool_choice', 'invalid_request', 'must be auto, none, required or an object')
  }
  const choice = openObject(value, '/tool_choice')
  if (takeString(choice, 'type') === 'allowed_tools') return decodeAllowed(choice, report)
  const named = nameOf(choice)
  reportRest(choice, report)
  return { type: 'tool', ...named }
}

function decodeAllowed(choice: WireObject, report: ReportLoss): ToolChoice {
  const mode = takeAllowedMode(choice)
  const tools = requireArray(choice, 'tools')
  const names = tools.map((tool, index) => {
    const { name, namespace } = nameOf(openObject(tool, pointer(pointer(choice.path, 'tools'), index)))
    return namespace === undefined ? name : `${namespace}__${name}`
  })
  reportRest(choice, report)
  return { type: 'allowed', mode, names }
}

type NamedTool = Omit<ToolChoice & { readonly type: 'tool' }, 'type'>

/** A function or custom tool by its name, a tool of the vendor by its type. */
function nameOf(choice: WireObject): NamedTool {
  const type = takeString(choice, 'type')
  const nested = takeObject(choice, 'function')
  const name = takeString(nested ?? choice, 'name')
  const namespace = takeString(choice, 'namespace')
  if (type === 'mcp') return { name: takeString(choice, 'server_label') ?? 'mcp', isHosted: true }
  if (type !== undefined && type !== 'function' && type !== 'custom')
    return { name: type.startsWith('web_search') ? 'web_search' : type, isHosted: true }
  return { name: required(name, pointer(choice.path, 'name')), ...(namespace !== undefined && { namespace }) }
}

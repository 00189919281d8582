import { ConversionError } from '../conversion-error.ts'
import type { ChatRequest, ServerTool } from '../model/chat-request.ts'
import { isJsonArray, isJsonObject, type JsonObject, type JsonValue } from '../model/json.ts'
import type { LossLevel } from '../model/loss.ts'
import { objectsOf } from '../wire/loose.ts'
import { pointer } from '../wire/read-object.ts'
import type { AdaptContext } from './adapt-context.ts'

/** Where Anthropic keeps the addresses that its toolsets name. */
const SERVERS = 'mcp_servers'

/** Members of either vendor's declaration that are read here; others are reported. */
const READ: ReadonlySet<string> = new Set([
  'type',
  'server_label',
  'server_url',
  'authorization',
  'allowed_tools',
  'require_approval',
  'defer_loading',
  'mcp_server_name',
  'configs',
  'default_config',
])

/** Members of Anthropic's address of a server, and of what it says of its tools, that are read here. */
const READ_OF_SERVER: ReadonlySet<string> = new Set(['type', 'name', 'url', 'authorization_token'])
const READ_OF_SETUP: ReadonlySet<string> = new Set(['enabled', 'allowed_tools'])

/** Members whose loss changes nothing of what the tools do. */
const BOOKKEEPING: ReadonlySet<string> = new Set(['cache_control', 'server_description', 'allowed_callers'])

/** Names of the only tools that may be called; `undefined` = all. */
type Names = readonly string[] | undefined

/** An MCP server, whoever declared it. */
interface McpServer {
  readonly label: string
  readonly url: string
  readonly token: string | undefined
  readonly allowed: Names
  readonly isDeferred: boolean
}

/**
 * A vendor's MCP server as the target declares it; `undefined` when the target has none, or when that would hand a token
 * on which the operator does not want to be handed on.
 *
 * @throws ConversionError `unsupported_feature` when calls are to be approved, for which the target has no way
 */
export function placeMcpServer(request: ChatRequest, tool: ServerTool, context: AdaptContext): ServerTool | undefined {
  const { format } = context.profile
  if (tool.format === 'anthropic-messages' && format === 'openai-responses') return toResponses(request, tool, context)
  if (tool.format === 'openai-responses' && format === 'anthropic-messages') return toMessages(tool, context)
  return undefined
}

/** Anthropic's addresses are carried by the tools that name them; the others, and what else they say, are reported. */
export function withoutServerList(request: ChatRequest, context: AdaptContext): ChatRequest {
  const list = request.vendorFields.find(({ name }) => name === SERVERS)
  if (list === undefined || !context.options.forwardMcp || context.profile.format !== 'openai-responses') return request
  const carried = new Set(request.tools.map((tool) => (tool.type === 'server' ? tool.raw['server_label'] : undefined)))
  if (!isJsonArray(list.value)) reportMember(list.path, 'lossy', context)
  else {
    for (const [index, server] of list.value.entries()) {
      const path = pointer(list.path, String(index))
      if (isJsonObject(server) && carried.has(server['name'])) reportRestOfServer(server, path, context)
      else reportMember(path, 'lossy', context)
    }
  }
  return { ...request, vendorFields: request.vendorFields.filter((field) => field !== list) }
}

function reportRestOfServer(server: JsonObject, path: string, context: AdaptContext): void {
  const { tool_configuration: setup = null, ...others } = server
  reportOthers(others, READ_OF_SERVER, { path, context })
  const place = pointer(path, 'tool_configuration')
  if (isJsonObject(setup)) reportOthers(setup, READ_OF_SETUP, { path: place, context })
  else if (setup !== null) reportMember(place, 'lossy', context)
}

function toResponses(request: ChatRequest, tool: ServerTool, context: AdaptContext): ServerTool | undefined {
  const server = readToolset(request, tool)
  if (server === undefined || !context.options.forwardMcp) return undefined
  reportRest(tool, context)
  const switchedOff = switchedOffTools(tool.raw)
  if (switchedOff.length > 0 && server.allowed === undefined)
    reportMember(pointer(tool.path, 'configs'), 'lossy', context)
  const raw: JsonObject = {
    type: 'mcp',
    server_label: server.label,
    server_url: server.url,
    ...(server.token !== undefined && { authorization: server.token }),
    ...(server.allowed !== undefined && { allowed_tools: server.allowed }),
    require_approval: 'never',
  }
  return { type: 'server', format: 'openai-responses', kind: 'mcp', name: server.label, raw, path: tool.path }
}

function toMessages(tool: ServerTool, context: AdaptContext): ServerTool | undefined {
  const server = readResponsesServer(tool.raw)
  const { mcpBeta } = context.profile.dialect
  const isKept = server?.token !== undefined && !context.options.forwardMcp
  if (server === undefined || mcpBeta === '' || isKept) return undefined
  if (tool.raw['require_approval'] !== 'never') throw approvalRefused(tool.path)
  reportRest(tool, context)
  const filter = tool.raw['allowed_tools']
  if (isJsonObject(filter) && filter['read_only'] === true)
    reportMember(pointer(pointer(tool.path, 'allowed_tools'), 'read_only'), 'lossy', context)
  return {
    type: 'server',
    format: 'anthropic-messages',
    kind: 'mcp',
    name: server.label,
    raw: toolsetOf(server),
    beside: { member: SERVERS, entry: definitionOf(server), beta: mcpBeta },
    path: tool.path,
  }
}

function toolsetOf({ label, allowed, isDeferred }: McpServer): JsonObject {
  const defaults = { ...(allowed !== undefined && { enabled: false }), ...(isDeferred && { defer_loading: true }) }
  return {
    type: 'mcp_toolset',
    mcp_server_name: label,
    ...(Object.keys(defaults).length > 0 && { default_config: defaults }),
    ...(allowed !== undefined && { configs: Object.fromEntries(allowed.map((name) => [name, { enabled: true }])) }),
  }
}

function definitionOf({ label, url, token }: McpServer): JsonObject {
  return { type: 'url', name: label, url, ...(token !== undefined && { authorization_token: token }) }
}

function readToolset(request: ChatRequest, { raw }: ServerTool): McpServer | undefined {
  const servers = request.vendorFields.find(({ name }) => name === SERVERS)?.value
  const label = textOf(raw['mcp_server_name'])
  const server = objectsOf(servers).find((candidate) => candidate['name'] === label)
  const url = textOf(server?.['url'])
  if (server === undefined || label === undefined || url === undefined) return undefined
  const setup = isJsonObject(server['tool_configuration']) ? server['tool_configuration'] : {}
  if (setup['enabled'] === false) return undefined
  const allowed = inBoth(switchedOnTools(raw), namesOf(setup['allowed_tools']))
  return { label, url, token: textOf(server['authorization_token']), allowed, isDeferred: false }
}

function inBoth(some: Names, others: Names): Names {
  return some === undefined || others === undefined ? (some ?? others) : some.filter((name) => others.includes(name))
}

function readResponsesServer(raw: JsonObject): McpServer | undefined {
  const label = textOf(raw['server_label'])
  const url = textOf(raw['server_url'])
  if (label === undefined || url === undefined) return undefined
  const token = textOf(raw['authorization'])
  return { label, url, token, allowed: namesOf(raw['allowed_tools']), isDeferred: raw['defer_loading'] === true }
}

/** Names of the tools that are on where the others are off; `undefined` = others are on, too. */
function switchedOnTools(raw: JsonObject): Names {
  const defaults = raw['default_config']
  if (!isJsonObject(defaults) || defaults['enabled'] !== false) return undefined
  return namesWith(raw, true)
}

function switchedOffTools(raw: JsonObject): readonly string[] {
  return namesWith(raw, false)
}

function namesWith({ configs }: JsonObject, isOn: boolean): readonly string[] {
  if (!isJsonObject(configs)) return []
  const entries = Object.entries(configs).filter(([, config]) => isJsonObject(config) && config['enabled'] === isOn)
  return entries.map(([name]) => name)
}

function namesOf(filter: JsonValue | undefined): Names {
  const names = isJsonObject(filter) ? filter['tool_names'] : filter
  return isJsonArray(names) ? names.filter((name) => typeof name === 'string') : undefined
}

function reportRest({ raw, path }: ServerTool, context: AdaptContext): void {
  reportOthers(raw, READ, { path, context })
}

function reportOthers(object: JsonObject, read: ReadonlySet<string>, place: Place): void {
  for (const [name, value] of Object.entries(object)) {
    if (read.has(name) || value === null) continue
    reportMember(pointer(place.path, name), BOOKKEEPING.has(name) ? 'info' : 'lossy', place.context)
  }
}

interface Place {
  readonly path: string
  readonly context: AdaptContext
}

function reportMember(path: string, level: LossLevel, { report }: AdaptContext): void {
  report({ code: 'param_unsupported', level, path, message: 'the target has no such setting of an MCP server' })
}

function approvalRefused(path: string): ConversionError {
  const param = pointer(path, 'require_approval')
  const message = `${param}: this upstream cannot ask for the approval of a call; send "never"`
  return new ConversionError('unsupported_feature', message, { param })
}

function textOf(value: JsonValue | undefined): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

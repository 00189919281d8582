import type { EncodedRequest, EncodeRequestContext } from '../codec.ts'
import type { ChatRequest, ServerTool, Turn } from '../model/chat-request.ts'
import { isJsonArray, type JsonObject, type MutableJsonObject } from '../model/json.ts'
import type { ReportLoss } from '../model/loss.ts'
import { carryFields, withVendorFields } from '../wire/vendor-fields.ts'
import { encodeContent } from './encode-content.ts'
import { encodeParameters } from './parameters.ts'
import { encodeTools } from './tools.ts'

/**
 * Writes a request that has been adapted to its target. What this format cannot say is left out and reported; nothing is
 * decided here, and nothing throws.
 */
export function encodeRequest(request: ChatRequest, context: EncodeRequestContext): EncodedRequest {
  const { report, profile } = context
  const firstSpoken = request.turns.findIndex((turn) => turn.role !== 'operator')
  const systemCount = firstSpoken === -1 ? request.turns.length : firstSpoken
  const system = encodeSystem(request.turns.slice(0, systemCount), report)
  const messages = request.turns.slice(systemCount).map((turn) => encodeTurn(turn, report))
  const tools = encodeTools(request.tools, report)
  const body: MutableJsonObject = { model: request.model }
  if (request.stream) body['stream'] = true
  if (system.length > 0) body['system'] = system
  body['messages'] = messages
  if (tools.length > 0) body['tools'] = tools
  encodeParameters(body, request, context)
  const besides = besideTools(request.tools)
  for (const { member, entry } of besides) {
    const entries = body[member]
    body[member] = isJsonArray(entries) ? [...entries, entry] : [entry]
  }
  const compaction = body['context_management'] === undefined ? '' : profile.dialect.compactionBeta
  const wanted = [...profile.dialect.betas, ...besides.map(({ beta }) => beta), compaction]
  const betas = new Set(wanted.filter((beta) => beta !== ''))
  return {
    body: withCarriedFields(body, request, context),
    headers: protocolHeaders(profile.dialect.anthropicVersion, [...betas]),
  }
}

function besideTools(tools: ChatRequest['tools']): readonly NonNullable<ServerTool['beside']>[] {
  return tools.flatMap((tool) => (tool.type === 'server' && tool.beside !== undefined ? [tool.beside] : []))
}

function encodeSystem(turns: readonly Turn[], report: ReportLoss): readonly JsonObject[] {
  return turns.flatMap((turn) => encodeContent(turn.parts, report))
}

const WIRE_ROLES = { user: 'user', assistant: 'assistant', operator: 'system' } as const

function encodeTurn(turn: Turn, report: ReportLoss): JsonObject {
  const message = { role: WIRE_ROLES[turn.role], content: encodeContent(turn.parts, report) }
  return withVendorFields(message, turn.vendorFields)
}

/** The client's own fields for its own vendor, or those that the upstream is known to take; the rest is reported. */
function withCarriedFields(body: MutableJsonObject, request: ChatRequest, context: EncodeRequestContext): JsonObject {
  if (request.format === 'anthropic-messages') return withVendorFields(body, request.vendorFields)
  return carryFields(body, request, { title: 'Messages', context })
}

function protocolHeaders(anthropicVersion: string, betas: readonly string[]): Record<string, string> {
  const version = { 'anthropic-version': anthropicVersion }
  return betas.length === 0 ? version : { ...version, 'anthropic-beta': betas.join(',') }
}

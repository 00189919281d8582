import type { EncodeRequestContext } from '../codec.ts'
import type { ChatRequest, Turn } from '../model/chat-request.ts'
import type {
  CompactionPart,
  ContentPart,
  ReasoningPart,
  RefusalPart,
  TextPart,
  ToolCallPart,
  ToolResultPart,
} from '../model/content-part.ts'
import { isJsonObject, type JsonObject } from '../model/json.ts'
import { parseJsonObject } from '../wire/raw-json.ts'
import { withVendorFields } from '../wire/vendor-fields.ts'
import { encodeInput, encodeOutputPart, encodeResult, reportLeftOut } from './encode-content.ts'
import { bridgeOfTool, type ToolBridge } from './tool-bridges.ts'
import { PHASE } from './wire.ts'

/** What the items of one request share. */
interface Encoding {
  readonly context: EncodeRequestContext
  /** Who speaks for the system. */
  readonly operator: string
  /** Form of each call by its id: its result has the same. */
  readonly forms: Map<string, 'json' | 'free'>
  /** Tools of the request that this format spells as items of their own kind. */
  readonly bridges: ReadonlyMap<string, ToolBridge>
  /** Bridges of the calls made so far, by call id. */
  readonly bridgedCalls: Map<string, ToolBridge>
}

/** Instructions and input of a request. */
export interface EncodedConversation {
  readonly instructions?: string
  readonly input: readonly JsonObject[]
}

/** Writes the turns as items. A system prompt that is one plain text becomes the instructions. */
export function encodeConversation(request: ChatRequest, context: EncodeRequestContext): EncodedConversation {
  const encoding: Encoding = {
    context,
    operator: operatorRole(request, context),
    forms: new Map(),
    bridges: bridgesOf(request),
    bridgedCalls: new Map(),
  }
  const instructions = instructionsOf(request)
  const turns = instructions === undefined ? request.turns : request.turns.slice(1)
  const input = turns.flatMap((turn) => encodeTurn(turn, encoding))
  return { input, ...(instructions !== undefined && { instructions }) }
}

function bridgesOf(request: ChatRequest): ReadonlyMap<string, ToolBridge> {
  const bridges = new Map<string, ToolBridge>()
  for (const tool of request.tools) {
    const raw = tool.type === 'function' && tool.vendor?.format === 'openai-responses' ? tool.vendor.raw : undefined
    const bridge = raw === undefined ? undefined : bridgeOfTool(raw)
    if (bridge !== undefined) bridges.set(tool.name, bridge)
  }
  return bridges
}

/**
 * Several blocks of one system prompt are told apart by blank lines; several system messages stay messages, and so does one
 * that stands alone: an input without items is refused.
 */
function instructionsOf({ turns, format }: ChatRequest): string | undefined {
  const [first, second] = turns
  if (first?.role !== 'operator' || second === undefined || second.role === 'operator') return undefined
  const isPlain = first.parts.every(
    (part) => part.type === 'text' && part.cacheMark === undefined && part.vendorFields === undefined,
  )
  if (!isPlain || first.parts.length === 0 || (first.parts.length > 1 && format !== 'anthropic-messages'))
    return undefined
  return first.parts.map((part) => (part.type === 'text' ? part.text : '')).join('\n\n')
}

function encodeTurn(turn: Turn, encoding: Encoding): readonly JsonObject[] {
  switch (turn.role) {
    case 'operator':
      return message(encoding.operator, turn.parts, { turn, encoding })
    case 'user':
      return encodeUser(turn, encoding)
    case 'assistant':
      return encodeAssistant(turn, encoding)
  }
}

/** What Claude's clients say there is the application's word; OpenAI's own clients know the role that their model takes. */
function operatorRole({ format }: ChatRequest, { profile }: EncodeRequestContext): string {
  const { systemRole } = profile.dialect
  if (systemRole !== 'auto') return systemRole
  return profile.model.isReasoningModel || format === 'anthropic-messages' ? 'developer' : 'system'
}

interface Place {
  readonly turn: Turn
  readonly encoding: Encoding
}

function message(role: string, parts: readonly ContentPart[], { turn, encoding }: Place): readonly JsonObject[] {
  const content = encodeInput(parts, encoding.context)
  return content.length === 0 ? [] : [withVendorFields({ type: 'message', role, content }, turn.vendorFields)]
}

/** Results are items of their own; what stands between them is a message. */
function encodeUser(turn: Turn, encoding: Encoding): readonly JsonObject[] {
  const items: JsonObject[] = []
  let said: ContentPart[] = []
  const flush = (): void => {
    items.push(...message('user', said, { turn, encoding }))
    said = []
  }
  for (const part of turn.parts) {
    const item = part.type === 'tool-result' ? encodeResultItem(part, encoding) : ownItem(part)
    if (item === undefined) said.push(part)
    else {
      flush()
      items.push(item)
    }
  }
  flush()
  return items
}

/** An item of this format that only it knows; `undefined` for everything else. */
function ownItem(part: ContentPart): JsonObject | undefined {
  const isOwn = (part.type === 'opaque' || part.type === 'server-tool') && part.format === 'openai-responses'
  return isOwn && isJsonObject(part.raw) && !isContentPart(part.raw) ? part.raw : undefined
}

function isContentPart(raw: JsonObject): boolean {
  return typeof raw['type'] === 'string' && raw['type'].startsWith('input_')
}

function encodeAssistant(turn: Turn, encoding: Encoding): readonly JsonObject[] {
  const items: JsonObject[] = []
  let said: (TextPart | RefusalPart)[] = []
  const flush = (): void => {
    if (said.length > 0) items.push(assistantMessage(said, turn))
    said = []
  }
  for (const part of withoutLooseReasoning(turn.parts, encoding.context)) {
    if (part.type === 'text' || part.type === 'refusal') {
      if (said.length > 0 && phaseOf(part) !== phaseOf(said[0])) flush()
      said.push(part)
      continue
    }
    flush()
    const item = encodeAssistantItem(part, encoding)
    if (item !== undefined) items.push(item)
  }
  flush()
  return items
}

function assistantMessage(parts: readonly (TextPart | RefusalPart)[], turn: Turn): JsonObject {
  const phase = phaseOf(parts[0])
  const content = parts.map((part) => encodeOutputPart(part))
  const fields = turn.vendorFields?.filter(({ name }) => name !== PHASE) // each message of the turn has its own
  return withVendorFields(
    { type: 'message', role: 'assistant', content, ...(phase !== undefined && { phase }) },
    fields,
  )
}

function phaseOf(part: ContentPart | undefined): string | undefined {
  return part?.type === 'text' ? part.phase : undefined
}

/** Reasoning belongs to the item that follows it; where that is gone, upstreams refuse the reasoning. */
function withoutLooseReasoning(
  parts: readonly ContentPart[],
  { report }: EncodeRequestContext,
): readonly ContentPart[] {
  const end = parts.findLastIndex((part) => part.type !== 'reasoning') + 1
  for (const part of parts.slice(end)) {
    report({
      code: 'reasoning_dropped',
      level: 'degraded',
      path: part.path,
      message: 'nothing follows this reasoning, so the upstream would refuse it',
    })
  }
  return parts.slice(0, end)
}

function encodeAssistantItem(
  part: Exclude<ContentPart, TextPart | RefusalPart>,
  encoding: Encoding,
): JsonObject | undefined {
  switch (part.type) {
    case 'reasoning':
      return encodeReasoning(part, encoding.context)
    case 'tool-call':
      return encodeCall(part, encoding)
    case 'compaction':
      return encodeCompaction(part, encoding.context)
    case 'opaque':
    case 'server-tool':
      return ownItem(part) ?? reportLeftOut(part, encoding.context)
    case 'image':
    case 'document':
    case 'audio':
    case 'tool-result':
      return reportLeftOut(part, encoding.context)
  }
}

/** A proof of this vendor goes back exactly; without one the item would mean nothing upstream. */
function encodeReasoning(part: ReasoningPart, context: EncodeRequestContext): JsonObject | undefined {
  const { seal, text } = part
  if (seal?.format !== 'openai-responses' || seal.kind !== 'openai-reasoning') return reportLeftOut(part, context)
  const summary = text === '' ? [] : [{ type: 'summary_text', text }]
  return {
    type: 'reasoning',
    ...(seal.itemId !== undefined && { id: seal.itemId }),
    summary,
    encrypted_content: seal.value,
  }
}

function encodeCompaction(part: CompactionPart, context: EncodeRequestContext): JsonObject | undefined {
  const { seal } = part
  if (seal?.kind !== 'openai-compaction') return reportLeftOut(part, context)
  return { type: 'compaction', ...(seal.itemId !== undefined && { id: seal.itemId }), encrypted_content: seal.value }
}

function encodeCall(part: ToolCallPart, { forms, bridges, bridgedCalls }: Encoding): JsonObject {
  const { id, name, form } = part
  forms.set(id, form)
  const bridge = bridges.get(name)
  if (bridge !== undefined) {
    bridgedCalls.set(id, bridge)
    const members = bridge.membersOf(parseJsonObject(part.arguments))
    return { type: bridge.callType, id: bridge.idPrefix + id, call_id: id, status: 'completed', ...members }
  }
  const namespace = part.namespace === undefined ? {} : { namespace: part.namespace }
  const body =
    form === 'free'
      ? { type: 'custom_tool_call', call_id: id, name, input: part.arguments, ...namespace }
      : {
          type: 'function_call',
          call_id: id,
          name,
          arguments: part.arguments.trim() === '' ? '{}' : part.arguments,
          ...namespace,
        }
  return withVendorFields(body, part.vendorFields)
}

function encodeResultItem(part: ToolResultPart, { context, forms, bridgedCalls }: Encoding): JsonObject {
  const output = encodeResult(withErrorPrefix(part, context), context)
  const bridge = bridgedCalls.get(part.callId)
  if (bridge !== undefined) {
    const text = typeof output === 'string' ? output : JSON.stringify(output)
    return {
      type: bridge.outputType,
      id: bridge.idPrefix + part.callId,
      call_id: part.callId,
      ...bridge.outputMembersOf(text, part.isError === true),
    }
  }
  const form = forms.get(part.callId) ?? part.form
  const type = form === 'free' ? 'custom_tool_call_output' : 'function_call_output'
  return withVendorFields({ type, call_id: part.callId, output }, part.vendorFields)
}

/** The format has no mark for a failed call: its text says so. */
function withErrorPrefix(part: ToolResultPart, { options }: EncodeRequestContext): readonly ContentPart[] {
  const prefix = options.toolErrorPrefix
  if (part.isError !== true || prefix === '') return part.parts
  const [first, ...others] = part.parts
  if (first?.type !== 'text') return [{ type: 'text', text: prefix, path: part.path }, ...part.parts]
  return first.text.startsWith(prefix) ? part.parts : [{ ...first, text: prefix + first.text }, ...others]
}

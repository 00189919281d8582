import { ConversionError } from '../conversion-error.ts'
import type { Role, Tool } from '../model/chat-request.ts'
import type { ContentPart } from '../model/content-part.ts'
import { isJsonObject, type JsonObject, type JsonValue } from '../model/json.ts'
import type { ReportLoss } from '../model/loss.ts'
import type { VendorField } from '../model/vendor-field.ts'
import { entriesOf, optionalString, stringOf } from '../wire/loose.ts'
import {
  openObject,
  pointer,
  reportRest,
  required,
  requireString,
  take,
  takeArray,
  takeString,
  type WireObject,
} from '../wire/read-object.ts'
import { readRest } from '../wire/vendor-fields.ts'
import { readConfigurationUpdate, type ConfigurationUpdate } from './configuration-update.ts'
import { createConversation, type Conversation } from './conversation.ts'
import {
  decodeBridgedCall,
  decodeBridgedOutput,
  decodeCall,
  decodeCallOutput,
  reportBroken,
  reportUnseen,
} from './decode-calls.ts'
import { decodeContent } from './decode-content.ts'
import { decodeToolList, withoutDeferring } from './decode-tools.ts'
import { hostedText } from './hosted-text.ts'
import { isHostedKind, lossLevelOf } from './output-item.ts'
import { decodeSeal } from './reasoning.ts'
import { bridgeOfCall, bridgeOfOutput } from './tool-bridges.ts'
import { takeBookkeeping } from './vendor-members.ts'
import { clip, PHASE } from './wire.ts'

/** What the input of a request holds. */
export interface DecodedInput {
  readonly conversation: Conversation
  /** Tools that items of the input loaded. */
  readonly tools: readonly Tool[]
  /** Wishes that an item at the end of the input changed. */
  readonly update: ConfigurationUpdate | undefined
}

interface Decoding {
  readonly conversation: Conversation
  readonly tools: Tool[]
  readonly report: ReportLoss
  /** The body asks for a count: what only the upstream could look up does not matter. */
  readonly isCount: boolean
  /** Call ids of shell calls by their item id, which is what their results name. */
  readonly callIdByItem: Map<string, string>
  update: ConfigurationUpdate | undefined
}

export interface DecodeInputContext {
  readonly report: ReportLoss
  readonly isCount: boolean
}

/** Results and answers that come from the user's side although the vendor asked for them. */
const USER_KINDS: ReadonlySet<string> = new Set(['mcp_approval_response', 'computer_call_output'])

/** What only the upstream that keeps it can look up. */
const REFUSED: ReadonlyMap<string, string> = new Map([
  [
    'item_reference',
    'items of earlier responses cannot be looked up here; send the items themselves (state_unsupported)',
  ],
  ['compaction_trigger', 'this upstream cannot compact a conversation; send the whole conversation'],
])

/** Reads `input`: text, or a list of items. */
export function decodeInput(
  input: JsonValue | undefined,
  instructions: string | undefined,
  context: DecodeInputContext,
): DecodedInput {
  const conversation = createConversation()
  const decoding: Decoding = { ...context, conversation, tools: [], callIdByItem: new Map(), update: undefined }
  if (instructions !== undefined && instructions !== '') {
    conversation.message({
      role: 'operator',
      parts: [{ type: 'text', text: instructions, path: '/instructions' }],
      path: '/instructions',
    })
  }
  if (typeof input === 'string') {
    conversation.message({ role: 'user', parts: [{ type: 'text', text: input, path: '/input' }], path: '/input' })
  } else if (input !== undefined && input !== null) {
    const items = required(takeArray(openObject({ input }, ''), 'input'), '/input')
    items.forEach((item, index) => decodeItem(openObject(item, pointer('/input', index)), decoding))
  }
  return { conversation, tools: decoding.tools, update: decoding.update }
}

function decodeItem(item: WireObject, decoding: Decoding): void {
  const { conversation, report } = decoding
  dropUpdate(decoding)
  const type = takeString(item, 'type') ?? (Object.hasOwn(item.value, 'role') ? 'message' : 'item_reference')
  switch (type) {
    case 'message':
      return decodeMessage(item, conversation)
    case 'reasoning':
      return decodeReasoning(item, decoding)
    case 'function_call':
      return conversation.assistant(decodeCall(item, 'json', report))
    case 'custom_tool_call':
      return conversation.assistant(decodeCall(item, 'free', report))
    case 'function_call_output':
      return conversation.result(decodeCallOutput(item, 'json', report))
    case 'custom_tool_call_output':
      return conversation.result(decodeCallOutput(item, 'free', report))
    case 'additional_tools':
      decoding.tools.push(...declaredTools(item, decoding))
      return
    case 'tool_search_output':
      return decodeFoundTools(item, decoding)
    case 'configuration_update':
      decoding.update = readConfigurationUpdate(item, report)
      return
    case 'compaction':
      return decodeCompaction(item, decoding)
    default:
      return decodeOtherItem(item, type, decoding)
  }
}

/** A change of the wishes holds for what follows; only the last one, at the end, is still in force. */
function dropUpdate(decoding: Decoding): void {
  const { update, report } = decoding
  if (update === undefined) return
  decoding.update = undefined
  report({
    code: 'param_unsupported',
    level: 'lossy',
    path: update.path,
    message: 'a change of the configuration inside the conversation was left out',
  })
}

function decodeMessage(item: WireObject, conversation: Conversation): void {
  const { path } = item
  const role = roleOf(item)
  const content = decodeContent(take(item, 'content'), pointer(path, 'content'))
  const phase = takeString(item, PHASE)
  takeBookkeeping(item)
  const parts =
    phase === undefined ? content : content.map((part) => (part.type === 'text' ? { ...part, phase } : part))
  conversation.message({ role, parts, path, vendorFields: [...phaseField(phase, path), ...readRest(item)] })
}

/** The phase stands on the texts, where upstreams of this format get it from; others are told that they lose it. */
function phaseField(phase: string | undefined, path: string): readonly VendorField[] {
  if (phase === undefined) return []
  return [{ name: PHASE, value: phase, path: pointer(path, PHASE), level: 'info', isKnown: true }]
}

function roleOf(item: WireObject): Role {
  const role = requireString(item, 'role')
  if (role === 'user' || role === 'assistant') return role
  if (role === 'system' || role === 'developer') return 'operator'
  const path = pointer(item.path, 'role')
  throw ConversionError.at(path, 'invalid_request', 'must be user, assistant, system or developer')
}

function decodeReasoning(item: WireObject, { conversation, report }: Decoding): void {
  const { path } = item
  const itemId = takeString(item, 'id')
  const summary = takeTexts(item, 'summary')
  const content = takeTexts(item, 'content')
  const seal = decodeSeal(takeString(item, 'encrypted_content'), 'openai-reasoning', itemId)
  takeBookkeeping(item)
  reportRest(item, report)
  const kind = summary.length > 0 || content.length === 0 ? 'summary' : 'full'
  const text = (kind === 'summary' ? summary : content).join('\n\n')
  const isRedacted = seal?.kind === 'anthropic-redacted'
  conversation.assistant({ type: 'reasoning', text, kind, path, seal, itemId, ...(isRedacted && { isRedacted }) })
}

/** The texts of summary or content parts, of which some clients make texts alone. What cannot be read is left to be told. */
function takeTexts(item: WireObject, key: string): readonly string[] {
  const texts = entriesOf(item.value[key]).map((part) => (isJsonObject(part) ? part['text'] : part))
  if (texts.every((text) => typeof text === 'string')) take(item, key)
  return texts.map((text) => stringOf(text)).filter((text) => text !== '')
}

function decodeCompaction(item: WireObject, { conversation }: Decoding): void {
  const { path } = item
  const itemId = takeString(item, 'id')
  const content = requireString(item, 'encrypted_content')
  const seal = decodeSeal(content, 'openai-compaction', itemId)
  const text = optionalString(seal?.members?.['content'])
  conversation.assistant({ type: 'compaction', path, seal, ...(text !== undefined && { text }) })
}

/** The tools count for the whole request; the item itself says nothing more. */
function declaredTools(item: WireObject, { report }: Decoding): readonly Tool[] {
  const path = pointer(item.path, 'tools')
  return decodeToolList(required(takeArray(item, 'tools'), path), path, report)
}

/** What a search found: the result of the client's own tool, or nothing that a model of another vendor has seen. */
function decodeFoundTools(item: WireObject, decoding: Decoding): void {
  const { conversation, report } = decoding
  for (const tool of declaredTools(item, decoding)) {
    const found = withoutDeferring(tool)
    const message = 'a tool that a search has found is deferred no more'
    if (found !== tool)
      report({ code: 'param_unsupported', level: 'info', path: `${tool.path}/defer_loading`, message })
    decoding.tools.push(found)
  }
  const bridge = bridgeOfOutput(item.value)
  if (bridge === undefined) conversation.assistant(opaque(item.value, 'tool_search_output', item.path))
  else conversation.result(decodeBridgedOutput(item, bridge, decoding.callIdByItem))
}

function decodeOtherItem(item: WireObject, type: string, decoding: Decoding): void {
  const { conversation } = decoding
  const call = bridgeOfCall(item.value)
  if (call !== undefined) {
    const part = decodeBridgedCall(item, call)
    reportUnseen(item, decoding.report)
    reportBroken(item, call, decoding.report)
    decoding.callIdByItem.set(stringOf(item.value['id']), part.id)
    return conversation.assistant(part)
  }
  const output = bridgeOfOutput(item.value)
  if (output !== undefined) {
    reportUnseen(item, decoding.report)
    return conversation.result(decodeBridgedOutput(item, output, decoding.callIdByItem))
  }
  const refusal = REFUSED.get(type)
  if (refusal === undefined) return addHosted(item, type, conversation)
  if (!decoding.isCount) throw ConversionError.at(item.path, 'unsupported_feature', refusal)
}

function addHosted({ value, path }: WireObject, type: string, conversation: Conversation): void {
  const part = hostedPart(value, type, path)
  if (USER_KINDS.has(type)) conversation.message({ role: 'user', parts: [part], path })
  else conversation.assistant(part)
}

function hostedPart(raw: JsonObject, type: string, path: string): ContentPart {
  if (type === 'tool_search_call' || !isHostedKind(type)) return opaque(raw, type, path)
  const text = hostedText(raw)
  const lossLevel = lossLevelOf(raw)
  return { type: 'server-tool', format: 'openai-responses', raw, path, lossLevel, ...(text !== undefined && { text }) }
}

function opaque(raw: JsonObject, type: string, path: string): ContentPart {
  const lossLevel = type.startsWith('tool_search') ? 'info' : 'lossy' // the tools that a search found are in the request
  return { type: 'opaque', format: 'openai-responses', kind: clip(type), raw, path, lossLevel }
}

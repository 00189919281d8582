import { ConversionError } from '../conversion-error.ts'
import type { Turn } from '../model/chat-request.ts'
import type { ContentPart, ToolCallPart } from '../model/content-part.ts'
import { isJsonObject, type JsonValue } from '../model/json.ts'
import type { VendorField } from '../model/vendor-field.ts'
import {
  openObject,
  pointer,
  requireObject,
  requireString,
  take,
  takeArray,
  takeObject,
  takeString,
  type WireObject,
} from '../wire/read-object.ts'
import { argumentsText } from '../wire/tool-arguments.ts'
import { readNestedRest, readRest, type VendorMembers } from '../wire/vendor-fields.ts'
import { decodeContent, decodeResultContent } from './decode-content.ts'
import { decodeReasoning } from './decode-reasoning.ts'
import { placeReasoning } from './proof-places.ts'

/** Members of messages that other formats do not have. Answers come back with some of them, which clients keep. */
const MESSAGE_MEMBERS: VendorMembers = {
  name: 'info',
  annotations: 'info',
  prefix: 'lossy',
  extra_content: 'lossy',
  // reasoning in other words than those that were read
  reasoning: 'info',
  thinking: 'info',
  thinking_blocks: 'info',
}

/** Reads the messages, each as one turn. */
export function decodeMessages(messages: readonly JsonValue[]): readonly Turn[] {
  const ids = createLegacyIds()
  return messages.map((message, index) => decodeMessage(openObject(message, pointer('/messages', index)), ids))
}

function decodeMessage(message: WireObject, ids: LegacyIds): Turn {
  const role = requireString(message, 'role')
  switch (role) {
    case 'system':
    case 'developer':
      return turn(message, 'operator', decodeOwnContent(message))
    case 'user':
      return turn(message, 'user', decodeOwnContent(message))
    case 'assistant':
      return turn(message, 'assistant', decodeAssistant(message, ids))
    case 'tool':
      return turn(message, 'user', [decodeToolResult(message)])
    case 'function':
      return turn(message, 'user', [decodeFunctionResult(message, ids)])
    default: {
      const path = pointer(message.path, 'role')
      const known = 'system, developer, user, assistant, tool, function'
      throw ConversionError.at(path, 'invalid_request', `must be one of ${known}`)
    }
  }
}

function turn(message: WireObject, role: Turn['role'], parts: readonly ContentPart[]): Turn {
  const vendorFields: readonly VendorField[] = readRest(message, MESSAGE_MEMBERS)
  return { role, parts, path: message.path, ...(vendorFields.length > 0 && { vendorFields }) }
}

function decodeOwnContent(message: WireObject): readonly ContentPart[] {
  return decodeContent(take(message, 'content'), pointer(message.path, 'content'))
}

function decodeAssistant(message: WireObject, ids: LegacyIds): readonly ContentPart[] {
  const { path } = message
  const refusal = takeString(message, 'refusal')
  const reasoning = decodeReasoning(message)
  const content = decodeOwnContent(message)
  const parts: ContentPart[] = [...content, ...decodeSpoken(message)]
  if (refusal !== undefined && refusal !== '')
    parts.push({ type: 'refusal', text: refusal, path: pointer(path, 'refusal') })
  const calls = takeArray(message, 'tool_calls') ?? []
  for (const [index, call] of calls.entries())
    parts.push(decodeCall(openObject(call, pointer(pointer(path, 'tool_calls'), index))))
  parts.push(...decodeLegacyCall(message, ids))
  return placeReasoning(reasoning, parts)
}

function decodeLegacyCall(message: WireObject, ids: LegacyIds): readonly ToolCallPart[] {
  const called = takeObject(message, 'function_call')
  const name = called === undefined ? undefined : takeString(called, 'name')
  if (called === undefined || name === undefined || name === '') return []
  const text = argumentsText(take(called, 'arguments'))
  const call = {
    type: 'tool-call',
    id: ids.ofCall(name),
    name,
    arguments: text,
    form: 'json',
    path: called.path,
  } as const
  return [withRest(call, readNestedRest(called))]
}

/** An earlier spoken answer: its words where the client kept them; the sound itself only OpenAI has. */
function decodeSpoken(message: WireObject): readonly ContentPart[] {
  const audio = message.value['audio']
  if (!isJsonObject(audio)) return []
  take(message, 'audio')
  const path = pointer(message.path, 'audio')
  const transcript = audio['transcript']
  if (typeof transcript === 'string' && transcript !== '') return [{ type: 'text', text: transcript, path }]
  return [{ type: 'opaque', format: 'openai-chat', kind: 'audio', raw: audio, path }]
}

function decodeCall(call: WireObject): ToolCallPart {
  const { path } = call
  const id = takeString(call, 'id') ?? ''
  take(call, 'type')
  take(call, 'index')
  const custom = takeObject(call, 'custom')
  const body = custom ?? requireObject(call, 'function')
  const name = requireString(body, 'name')
  const text = argumentsText(take(body, custom === undefined ? 'arguments' : 'input'))
  const form = custom === undefined ? 'json' : 'free'
  const decoded = { type: 'tool-call', id, name, arguments: text, form, path } as const
  return withRest(decoded, [...readRest(call, { extra_content: 'degraded' }), ...readNestedRest(body)])
}

function withRest(call: ToolCallPart, vendorFields: readonly VendorField[]): ToolCallPart {
  return vendorFields.length > 0 ? { ...call, vendorFields } : call
}

function decodeToolResult(message: WireObject): ContentPart {
  const { path } = message
  const callId = requireString(message, 'tool_call_id')
  const name = takeString(message, 'name')
  const parts = decodeResultContent(take(message, 'content'), pointer(path, 'content'))
  return { type: 'tool-result', callId, parts, form: 'json', path, ...(name !== undefined && { name }) }
}

function decodeFunctionResult(message: WireObject, ids: LegacyIds): ContentPart {
  const { path } = message
  const name = requireString(message, 'name')
  const parts = decodeResultContent(take(message, 'content'), pointer(path, 'content'))
  return { type: 'tool-result', callId: ids.ofResult(name), name, parts, form: 'json', path }
}

/** Legacy calls have no ids: the n-th result of a function belongs to the n-th call of it. */
interface LegacyIds {
  ofCall(name: string): string
  ofResult(name: string): string
}

function createLegacyIds(): LegacyIds {
  const calls = new Map<string, number>()
  const results = new Map<string, number>()
  return { ofCall: (name) => nextId(calls, name), ofResult: (name) => nextId(results, name) }
}

function nextId(counts: Map<string, number>, name: string): string {
  const count = (counts.get(name) ?? 0) + 1
  counts.set(name, count)
  return `call_${name}_${count}`
}

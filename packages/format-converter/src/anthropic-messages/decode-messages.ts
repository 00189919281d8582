import { ConversionError } from '../conversion-error.ts'
import type { Role, Turn } from '../model/chat-request.ts'
import type { JsonValue } from '../model/json.ts'
import { openObject, pointer, required, requireString, take, type WireObject } from '../wire/read-object.ts'
import { readRest } from '../wire/vendor-fields.ts'
import { decodeContent } from './decode-content.ts'

const ROLES: ReadonlyMap<string, Role> = new Map([
  ['user', 'user'],
  ['assistant', 'assistant'],
  ['system', 'operator'],
])

/** Members of messages that only Anthropic knows. The effort of the last message is read once more when adapting. */
const MESSAGE_MEMBERS = { output_config: 'info', clear_at: 'info' } as const

/** The system prompt as the leading operator turn. */
export function decodeSystem(system: JsonValue | undefined): readonly Turn[] {
  if (system === undefined) return []
  return [{ role: 'operator', parts: decodeContent(system, '/system'), path: '/system' }]
}

/** The messages as turns, in order; system messages inside the conversation stay where they are. */
export function decodeMessages(messages: readonly JsonValue[]): readonly Turn[] {
  return messages.map((message, index) => decodeMessage(openObject(message, pointer('/messages', index))))
}

function decodeMessage(message: WireObject): Turn {
  const role = decodeRole(message)
  const content = take(message, 'content')
  const path = pointer(message.path, 'content')
  const parts = content === undefined && role === 'operator' ? [] : decodeContent(required(content, path), path)
  const vendorFields = readRest(message, MESSAGE_MEMBERS)
  return { role, parts, path: message.path, ...(vendorFields.length > 0 && { vendorFields }) }
}

function decodeRole(message: WireObject): Role {
  const role = ROLES.get(requireString(message, 'role'))
  if (role !== undefined) return role
  throw ConversionError.at(pointer(message.path, 'role'), 'invalid_request', 'must be user, assistant or system')
}

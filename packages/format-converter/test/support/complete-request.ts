import { isJsonArray, isJsonObject, type JsonObject, type JsonValue } from '../../src/model/json.ts'
import type { Format } from './pairs.ts'
import { SCHEMA } from './request-examples.ts'

/** A request that a vendor would take, around the part that it is about. */
export interface CompleteRequest {
  readonly body: JsonObject
  /** Where a JSON Pointer into the part points in the body. */
  movePath(path: string): string
}

/** Puts a conversation and the tools that are called around the one message, item or tool that a request is about. */
export function completeRequest(format: Format, part: JsonObject): CompleteRequest {
  const list = format === 'openai-responses' ? 'input' : 'messages'
  const given = part[list]
  const item = isJsonArray(given) ? spokenBy(format, given[0] ?? null) : undefined
  const before = item === undefined ? [{ role: 'user', content: 'x' }] : leadOf(format, item)
  const conversation = [
    ...before,
    ...(item === undefined ? [] : [item, ...tailOf(format, item)]),
    { role: 'user', content: 'z' },
  ]
  const body = {
    ...(format === 'anthropic-messages' && { max_tokens: 9000 }),
    ...part,
    model: 'm',
    ...(typeof given !== 'string' && { [list]: conversation }),
    ...toolsOf(format, part),
  }
  const first = `/${list}/0`
  const moved = `/${list}/${before.length}`
  return {
    body,
    movePath: (path) => (path === first || path.startsWith(`${first}/`) ? moved + path.slice(first.length) : path),
  }
}

/** Blocks of Messages that stand in what the assistant said; the types allow every block on both sides. */
const OF_THE_ASSISTANT =
  /^(?:thinking|redacted_thinking|tool_use|server_tool_use|compaction|fallback|mcp_.*|.+_tool_result)$/

function spokenBy(format: Format, item: JsonValue): JsonValue {
  if (format !== 'anthropic-messages' || !isJsonObject(item) || !isJsonArray(item['content'])) return item
  const [block] = item['content']
  return isJsonObject(block) && OF_THE_ASSISTANT.test(kindOf(block)) ? { ...item, role: 'assistant' } : item
}

/** What has to be said before a message or item, so that it is in place: a question, or the call that it answers. */
function leadOf(format: Format, item: JsonValue): JsonObject[] {
  const question = { role: 'user', content: 'x' }
  if (!isJsonObject(item)) return [question]
  if (kindOf(item).endsWith('_output')) return [question, responsesCall(kindOf(item))]
  if (isLead(format, item)) return []
  switch (item['role']) {
    case 'tool':
    case 'function':
      return [question, chatCall(item)]
    case 'user':
      return JSON.stringify(item).includes('"tool_result"') ? [question, messagesCall()] : [question, ANSWER]
    default:
      return [question]
  }
}

const ANSWER: JsonObject = { role: 'assistant', content: 'ok' }

/** What follows: results of calls, and an answer, so that the item is not merged with what the user says next. */
function tailOf(format: Format, item: JsonValue): JsonObject[] {
  if (!isJsonObject(item)) return []
  const kind = kindOf(item)
  if (kind.endsWith('_output') || kind === 'reasoning') return [ANSWER]
  if (kind.endsWith('_call'))
    return typeof item['call_id'] === 'string' ? [{ ...resultOf(kind), call_id: item['call_id'] }, ANSWER] : []
  if (item['role'] === 'assistant') return resultsOf(format, item)
  return isLead(format, item) || item['role'] === undefined ? [] : [ANSWER]
}

function kindOf({ type }: JsonObject): string {
  return typeof type === 'string' ? type : ''
}

/** System messages come first, but for those of Messages, which stand inside the conversation. */
function isLead(format: Format, { role }: JsonObject): boolean {
  return format !== 'anthropic-messages' && (role === 'system' || role === 'developer')
}

function resultOf(call: string): JsonObject {
  const text = { type: call.replace(/_call$/, '_call_output') }
  switch (call) {
    case 'shell_call':
      return { ...text, output: [{ stdout: 'a', stderr: '', outcome: { type: 'exit', exit_code: 0 } }] }
    case 'local_shell_call':
      return { ...text, id: 'word', output: 'a' }
    case 'apply_patch_call':
      return { ...text, status: 'completed', output: 'a' }
    default:
      return { ...text, output: 'a' }
  }
}

function resultsOf(format: Format, message: JsonObject): JsonObject[] {
  if (format === 'anthropic-messages') {
    const content = isJsonArray(message['content']) ? message['content'] : []
    const calls = content.filter((block) => isJsonObject(block) && block['type'] === 'tool_use')
    const results = calls.map((call) => ({
      type: 'tool_result',
      tool_use_id: isJsonObject(call) ? (call['id'] ?? '') : '',
      content: 'a',
    }))
    return results.length === 0 ? [] : [{ role: 'user', content: results }, ANSWER]
  }
  if (message['function_call'] !== undefined && message['function_call'] !== null)
    return [{ role: 'function', name: 'word', content: 'a' }, ANSWER]
  const calls = isJsonArray(message['tool_calls']) ? message['tool_calls'] : []
  const results = calls.map((call) => ({
    role: 'tool',
    tool_call_id: isJsonObject(call) ? (call['id'] ?? '') : '',
    content: 'a',
  }))
  return results.length === 0 ? [] : [...results, ANSWER]
}

function messagesCall(): JsonObject {
  return { role: 'assistant', content: [{ type: 'tool_use', id: 'call_1', name: 'f', input: {} }] }
}

function chatCall({ role, name }: JsonObject): JsonObject {
  const call = { name: typeof name === 'string' ? name : 'word', arguments: '{}' }
  return role === 'function'
    ? { role: 'assistant', content: null, function_call: call }
    : { role: 'assistant', content: null, tool_calls: [{ id: 'call_1', type: 'function', function: call }] }
}

/** The call that an output belongs to. */
function responsesCall(output: string): JsonObject {
  const call = { call_id: 'call_1', id: 'word', status: 'completed' }
  switch (output) {
    case 'shell_call_output':
      return { ...call, type: 'shell_call', action: { commands: ['ls'] } }
    case 'local_shell_call_output':
      return { ...call, type: 'local_shell_call', action: { type: 'exec', command: ['ls'], env: {} } }
    case 'apply_patch_call_output':
      return { ...call, type: 'apply_patch_call', operation: { type: 'create_file', path: 'a', diff: '+b' } }
    case 'custom_tool_call_output':
      return { ...call, type: 'custom_tool_call', name: 'f', input: 'x' }
    default:
      return { ...call, type: 'function_call', name: 'f', arguments: '{}' }
  }
}

/** What a choice of tools needs: the tools. */
function toolsOf(format: Format, part: JsonObject): JsonObject {
  const isNeeded =
    ['tool_choice', 'parallel_tool_calls'].some((name) => Object.hasOwn(part, name)) && part['tools'] === undefined
  if (!isNeeded) return {}
  const bare = { name: 'word', description: 'd' }
  switch (format) {
    case 'anthropic-messages':
      return {
        tools: [
          { ...bare, input_schema: SCHEMA },
          { ...bare, name: 'other', input_schema: SCHEMA },
        ],
      }
    case 'openai-chat':
      return {
        tools: [
          { type: 'function', function: { ...bare, parameters: SCHEMA } },
          { type: 'function', function: { ...bare, name: 'other', parameters: SCHEMA } },
        ],
      }
    case 'openai-responses':
      return {
        tools: [
          { type: 'function', ...bare, parameters: SCHEMA },
          { type: 'function', ...bare, name: 'other', parameters: SCHEMA },
        ],
      }
  }
}

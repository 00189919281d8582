import { isJsonObject } from '../model/json.ts'
import { ANYTHING, areObjects, isNoTrouble, isText, type ReadMembers, readMembers } from '../wire/unread-members.ts'

/** Members of a whole message that are known, read or not. */
export const ANSWER_MEMBERS = [
  'id',
  'type',
  'role',
  'model',
  'content',
  'stop_reason',
  'stop_sequence',
  'stop_details',
  'container',
  'context_management',
  'diagnostics',
  'usage',
  'error',
  'request_id',
] as const

/** What speaks of the vendor's own state; it is told of on its own. */
export const VENDOR_STATE = ['container', 'context_management', 'input_transformations', 'diagnostics'] as const
const STATE = Object.fromEntries(VENDOR_STATE.map((name) => [name, ANYTHING]))

/** Of a whole message, or the one that a stream begins with. */
export const ANSWER: ReadMembers = readMembers('info', {
  ...Object.fromEntries(ANSWER_MEMBERS.map((name) => [name, ANYTHING])),
  ...STATE,
  error: isNoTrouble,
  stop_reason: isText,
  stop_sequence: isText,
  usage: isJsonObject,
})

/** Of a usage; whether its counts are counts is looked at when they are read. */
export const USAGE: ReadMembers = readMembers('info', {
  input_tokens: ANYTHING,
  output_tokens: ANYTHING,
  output_tokens_details: ANYTHING,
  cache_read_input_tokens: ANYTHING,
  cache_creation_input_tokens: ANYTHING,
  cache_creation: ANYTHING,
  server_tool_use: ANYTHING,
  iterations: ANYTHING,
  inference_geo: ANYTHING,
  service_tier: isText,
  speed: isText,
})

/** Of the event that a message ends with. */
export const END: ReadMembers = readMembers('info', {
  ...STATE,
  type: ANYTHING,
  delta: isJsonObject,
  usage: isJsonObject,
})

/** Of why it ended. */
export const STOP: ReadMembers = readMembers('info', {
  ...STATE,
  stop_reason: isText,
  stop_sequence: isText,
  stop_details: ANYTHING,
})

/** Of a text. */
export const TEXT: ReadMembers = readMembers('degraded', { type: ANYTHING, text: ANYTHING, citations: areObjects })

/** Of reasoning. */
export const THINKING: ReadMembers = readMembers('degraded', { type: ANYTHING, thinking: ANYTHING, signature: isText })

/** Of reasoning that nobody may read. */
export const REDACTED: ReadMembers = readMembers('degraded', { type: ANYTHING, data: isText })

/** Of a call: beside the input stands where it comes from. */
export const TOOL_USE: ReadMembers = readMembers('info', {
  type: ANYTHING,
  id: isText,
  name: ANYTHING,
  input: ANYTHING,
  caller: ANYTHING,
})

/** Of a piece of any block. */
export const PIECE: ReadMembers = readMembers('degraded', {
  type: ANYTHING,
  text: ANYTHING,
  thinking: ANYTHING,
  signature: isText,
  citation: isJsonObject,
  partial_json: ANYTHING,
  content: isText,
  encrypted_content: isText,
  estimated_tokens: ANYTHING,
})

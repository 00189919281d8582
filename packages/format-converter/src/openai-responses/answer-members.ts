import { isJsonObject } from '../model/json.ts'
import { ANYTHING, areObjects, isNoTrouble, isText, type ReadMembers, readMembers } from '../wire/unread-members.ts'

/** Members of a response that are known, read or not. */
export const ANSWER_MEMBERS = [
  'id',
  'object',
  'type',
  'status',
  'created_at',
  'completed_at',
  'model',
  'output',
  'output_text',
  'error',
  'incomplete_details',
  'instructions',
  'metadata',
  'parallel_tool_calls',
  'temperature',
  'top_p',
  'top_logprobs',
  'tool_choice',
  'tools',
  'text',
  'reasoning',
  'truncation',
  'max_output_tokens',
  'max_tool_calls',
  'previous_response_id',
  'conversation',
  'prompt',
  'prompt_cache_key',
  'prompt_cache_retention',
  'prompt_cache_options',
  'safety_identifier',
  'service_tier',
  'store',
  'user',
  'usage',
  'background',
  'access_programs',
  'moderation',
] as const

/** Of a response: beside its output stands how it was made. */
export const ANSWER: ReadMembers = readMembers('info', {
  ...Object.fromEntries(ANSWER_MEMBERS.map((name) => [name, ANYTHING])),
  error: isNoTrouble,
  status: isText,
  incomplete_details: isJsonObject,
  service_tier: isText,
  usage: isJsonObject,
})

/** Of a message: what it says stands in its parts. */
export const MESSAGE: ReadMembers = readMembers('info', {
  id: ANYTHING,
  type: ANYTHING,
  status: ANYTHING,
  role: ANYTHING,
  phase: ANYTHING,
  content: ANYTHING,
})

/** Of a part of a message. */
export const PART: ReadMembers = readMembers('degraded', {
  type: ANYTHING,
  text: ANYTHING,
  refusal: ANYTHING,
  annotations: areObjects,
  logprobs: ANYTHING,
})

/** Of reasoning. */
export const REASONING: ReadMembers = readMembers('degraded', {
  id: isText,
  type: ANYTHING,
  status: ANYTHING,
  summary: ANYTHING,
  content: ANYTHING,
  encrypted_content: isText,
})

/** Of a part of reasoning. */
export const REASONING_PART: ReadMembers = readMembers('degraded', { type: ANYTHING, text: ANYTHING })

/** Of a call. */
export const CALL: ReadMembers = readMembers('info', {
  id: ANYTHING,
  type: ANYTHING,
  status: ANYTHING,
  call_id: isText,
  name: ANYTHING,
  namespace: ANYTHING,
  arguments: ANYTHING,
  input: ANYTHING,
  caller: ANYTHING,
})

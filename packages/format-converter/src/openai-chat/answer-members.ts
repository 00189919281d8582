import { isJsonArray, isJsonObject, type JsonValue } from '../model/json.ts'
import { ANYTHING, areObjects, isNoTrouble, isText, type ReadMembers, readMembers } from '../wire/unread-members.ts'
import { isReasoning } from './reasoning.ts'
import { isExtraContent } from './thought-signature.ts'

/** Members of a whole answer or a chunk that are known, read or not. */
export const ANSWER_MEMBERS = [
  'id',
  'object',
  'created',
  'model',
  'choices',
  'usage',
  'system_fingerprint',
  'service_tier',
  'error',
  'metadata',
  'moderation',
] as const

/** Of a whole answer or a chunk: beside the choices stands how they were made. */
export const ANSWER: ReadMembers = readMembers('info', {
  ...Object.fromEntries(ANSWER_MEMBERS.map((name) => [name, ANYTHING])),
  usage: isJsonObject,
  system_fingerprint: isText,
  service_tier: isText,
  error: isNoTrouble,
  x_groq: hasUsageOrNone,
  obfuscation: ANYTHING, // of a length that hides the length of the text
})

/** Of a choice. What it says and how likely that was is looked at elsewhere. */
export const CHOICE: ReadMembers = readMembers('info', {
  index: ANYTHING,
  delta: ANYTHING,
  message: ANYTHING,
  text: ANYTHING,
  logprobs: ANYTHING,
  finish_reason: isText,
  stop_reason: ANYTHING,
  matched_stop: ANYTHING,
  usage: isJsonObject,
})

/** What Groq says of an answer: its usage, at the end. */
function hasUsageOrNone(value: JsonValue): boolean {
  return isJsonObject(value) && isJsonObject(value['usage'] ?? {})
}

/** Of a message or a delta: what the model says. */
export const MESSAGE: ReadMembers = readMembers('degraded', {
  role: ANYTHING,
  index: ANYTHING,
  content: ANYTHING, // its parts are looked at one by one
  refusal: isText,
  reasoning_content: isReasoning,
  reasoning: isReasoning,
  thinking: isReasoning,
  reasoning_details: isReasoning,
  thinking_blocks: isReasoning,
  annotations: areObjects,
  tool_calls: areObjects,
  function_call: isJsonObject,
  audio: isJsonObject,
  images: isJsonArray,
  extra_content: isExtraContent,
})

/** Of a part of a content that is a list. */
export const PART: ReadMembers = readMembers('degraded', {
  type: ANYTHING,
  text: ANYTHING,
  refusal: ANYTHING,
  thinking: ANYTHING,
})

/** Of a call. */
export const CALL: ReadMembers = readMembers('degraded', {
  index: ANYTHING,
  id: isText,
  type: ANYTHING,
  function: isJsonObject,
  custom: isJsonObject,
  extra_content: isExtraContent,
})

/** Of what a call is made of. */
export const CALLED: ReadMembers = readMembers('degraded', {
  name: ANYTHING,
  arguments: ANYTHING,
  input: ANYTHING,
})

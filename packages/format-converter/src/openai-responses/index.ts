import type { Codec } from '../codec.ts'
import { encodeError } from '../wire/openai-errors.ts'
import { counting } from './count.ts'
import { decodeAnswer } from './decode-answer.ts'
import { decodeRequest } from './decode-request.ts'
import { createStreamDecoder } from './decode-stream.ts'
import { dropReasoning } from './drop-reasoning.ts'
import { encodeAnswer } from './encode-answer.ts'
import { encodeRequest, prepareIdentity } from './encode-request.ts'
import { encodeStreamError } from './encode-stream-error.ts'
import { createStreamEncoder } from './encode-stream.ts'
import { resolveState } from './resolve-state.ts'
import { repeatedMembers } from './response-object.ts'
import { tap } from './tap.ts'
import { decodeResponseUsage, decodeUsage, encodeUsage } from './usage.ts'
import { ENDPOINT, ID_PREFIX } from './wire.ts'

/** OpenAI Responses. */
export const openaiResponses: Codec = {
  format: 'openai-responses',
  endpoint: ENDPOINT,
  idPrefix: ID_PREFIX,
  decodeRequest,
  encodeRequest,
  prepareIdentity,
  resolveState,
  essentialMembers: [
    'model',
    'stream',
    'store',
    'input',
    'instructions',
    'tools',
    'tool_choice',
    'max_output_tokens',
    'text',
    'include',
    'previous_response_id',
    'conversation',
    'prompt',
    'background',
  ],
  dropReasoning,
  repeatedMembers,
  answerMembers: [
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
  ],
  decodeAnswer,
  encodeAnswer,
  createStreamDecoder,
  createStreamEncoder,
  encodeError,
  encodeStreamError,
  decodeUsage,
  decodeAnswerUsage: decodeResponseUsage,
  encodeUsage,
  counting,
  tap,
  sensitiveKeys: ['model', 'stream', 'store', 'previous_response_id', 'background'],
}

import type { Codec } from '../codec.ts'
import { encodeError } from '../wire/openai-errors.ts'
import { ANSWER_MEMBERS } from './answer-members.ts'
import { counting } from './count.ts'
import { decodeAnswer, requireAnswer } from './decode-answer.ts'
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
  answerMembers: ANSWER_MEMBERS,
  requireAnswer,
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

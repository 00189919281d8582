import type { Codec } from '../codec.ts'
import { encodeError } from '../wire/openai-errors.ts'
import { ANSWER_MEMBERS } from './answer-members.ts'
import { decodeAnswer, requireAnswer } from './decode-answer.ts'
import { decodeRequest } from './decode-request.ts'
import { createStreamDecoder, usageOf } from './decode-stream.ts'
import { dropReasoning } from './drop-reasoning.ts'
import { encodeAnswer } from './encode-answer.ts'
import { encodeRequest, prepareIdentity } from './encode-request.ts'
import { createStreamEncoder } from './encode-stream.ts'
import { encodeStreamError } from './errors.ts'
import { tap } from './tap.ts'
import { decodeUsage, encodeUsage } from './usage.ts'
import { ID_PREFIX } from './wire.ts'

/** OpenAI Chat Completions, and the servers that are compatible with it. */
export const openaiChat: Codec = {
  format: 'openai-chat',
  endpoint: '/chat/completions',
  idPrefix: ID_PREFIX,
  decodeRequest,
  encodeRequest,
  prepareIdentity,
  essentialMembers: [
    'model',
    'stream',
    'stream_options',
    'messages',
    'tools',
    'tool_choice',
    'functions',
    'function_call',
    'max_tokens',
    'max_completion_tokens',
    'stop',
    'response_format',
    'n',
    'modalities',
    'audio',
  ],
  dropReasoning,
  answerMembers: ANSWER_MEMBERS,
  requireAnswer,
  decodeAnswer,
  encodeAnswer,
  createStreamDecoder,
  createStreamEncoder,
  encodeError,
  encodeStreamError,
  decodeUsage,
  decodeAnswerUsage: usageOf,
  encodeUsage,
  tap,
  sensitiveKeys: ['model', 'stream', 'stream_options'],
}

import type { Codec } from '../codec.ts'
import { ANSWER_MEMBERS } from './answer-members.ts'
import { counting } from './count.ts'
import { decodeAnswer, requireAnswer } from './decode-answer.ts'
import { decodeRequest } from './decode-request.ts'
import { createStreamDecoder } from './decode-stream.ts'
import { dropReasoning } from './drop-reasoning.ts'
import { encodeAnswer } from './encode-answer.ts'
import { encodeRequest } from './encode-request.ts'
import { createStreamEncoder } from './encode-stream.ts'
import { encodeError, encodeStreamError } from './errors.ts'
import { refitReasoning } from './refit-reasoning.ts'
import { tap } from './tap.ts'
import { decodeUsage, encodeUsage } from './usage.ts'
import { searchTools } from './web-search.ts'

/** Anthropic Messages, `POST /v1/messages`, API versions 2023-06-01 and 2026-10-21. */
export const anthropicMessages: Codec = {
  format: 'anthropic-messages',
  endpoint: '/messages',
  idPrefix: 'msg_',
  decodeRequest,
  encodeRequest,
  prepareIdentity: (body) => body, // a Messages answer always reports its usage
  refitReasoning,
  essentialMembers: [
    'model',
    'stream',
    'max_tokens',
    'system',
    'messages',
    'tools',
    'tool_choice',
    'stop_sequences',
    'output_config',
    'thread',
  ],
  dropReasoning,
  repeatedMembers: searchTools,
  answerMembers: ANSWER_MEMBERS,
  requireAnswer,
  decodeAnswer,
  encodeAnswer,
  createStreamDecoder,
  createStreamEncoder,
  encodeError,
  encodeStreamError,
  decodeUsage,
  decodeAnswerUsage: (answer) => decodeUsage(answer['usage']),
  encodeUsage,
  counting,
  tap,
  sensitiveKeys: ['model', 'stream', 'thread'],
}

import type { Codec } from '../codec.ts'
import { decodeAnswer } from './decode-answer.ts'
import { decodeRequest } from './decode-request.ts'
import { createStreamDecoder } from './decode-stream.ts'
import { dropReasoning } from './drop-reasoning.ts'
import { encodeAnswer } from './encode-answer.ts'
import { encodeRequest, prepareIdentity } from './encode-request.ts'
import { encodeStreamError } from './encode-stream-error.ts'
import { createStreamEncoder } from './encode-stream.ts'
import { encodeError } from './errors.ts'
import { repeatedMembers } from './response-object.ts'
import { tap } from './tap.ts'
import { decodeUsage, encodeUsage } from './usage.ts'
import { ENDPOINT, ID_PREFIX } from './wire.ts'

/** OpenAI Responses. */
export const openaiResponses: Codec = {
  format: 'openai-responses',
  endpoint: ENDPOINT,
  idPrefix: ID_PREFIX,
  decodeRequest,
  encodeRequest,
  prepareIdentity,
  dropReasoning,
  repeatedMembers,
  decodeAnswer,
  encodeAnswer,
  createStreamDecoder,
  createStreamEncoder,
  encodeError,
  encodeStreamError,
  decodeUsage,
  encodeUsage,
  tap,
  sensitiveKeys: ['model', 'stream', 'store', 'previous_response_id', 'background'],
}

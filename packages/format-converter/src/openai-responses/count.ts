import type { Counting } from '../codec.ts'

/** `POST /v1/responses/input_tokens`. */
export const counting: Counting = {
  endpoint: '/responses/input_tokens',
  members: [
    'conversation',
    'input',
    'instructions',
    'model',
    'parallel_tool_calls',
    'personality',
    'previous_response_id',
    'reasoning',
    'text',
    'tool_choice',
    'tools',
    'truncation',
  ],
  encodeCount: (inputTokens) => ({ object: 'response.input_tokens', input_tokens: inputTokens }),
}

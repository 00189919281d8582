import type { Counting } from '../codec.ts'

/** `POST /v1/messages/count_tokens`. Those that are not in the plain API go with the beta that they belong to. */
export const counting: Counting = {
  endpoint: '/messages/count_tokens',
  members: [
    'cache_control',
    'messages',
    'model',
    'output_config',
    'speed',
    'system',
    'thinking',
    'tool_choice',
    'tools',
    'billing_policy',
    'compaction',
    'context_management',
    'mcp_servers',
    'output_format',
  ],
  encodeCount: (inputTokens) => ({ input_tokens: inputTokens }),
}

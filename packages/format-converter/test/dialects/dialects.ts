import { expect } from 'vitest'

import type { Loose } from '../../src/testing/loose.ts'

/** What is particular of a vendor's dialect of Chat, and what must therefore come out. */
export interface Dialect {
  /** Preset, and case in `fixtures/openai-chat`. */
  readonly id: string
  readonly model: string
  /** Members of the body for the request in `dialects.test.ts`; `undefined` = must not be there. */
  readonly sends: Loose
  /** How the assistant's earlier turn is spelled. */
  readonly replays: Loose
  /** Content types of the PDF's and the linked document's parts; none where both become notes in the text. */
  readonly documents: readonly string[]
  /** Codes of the losses that are degraded or lossy, all of them. */
  readonly losses: readonly string[]
  /** Reasoning text that the stream of the fixture holds; `undefined` = none. */
  readonly thinks?: string
  readonly usage: Loose
}

const CALL_ID = 'toolu_01ABC'
const call = (id = CALL_ID): Loose => [{ id, type: 'function', function: { name: 'look', arguments: '{"a":"b"}' } }]
const CACHED = { input_tokens: 10, cache_read_input_tokens: 20, output_tokens: 12 }
const PLAIN = { input_tokens: 30, output_tokens: 12 }
const FORCED = { tool_choice: 'required' }
const UNFORCED = { tool_choice: 'auto' }
/** Both documents became notes. */
const NOTED = ['media_linked', 'media_type_unsupported']

export const DIALECTS: readonly Dialect[] = [
  {
    id: 'deepseek',
    model: 'deepseek-chat',
    sends: {
      max_tokens: 2000,
      thinking: { type: 'enabled' },
      reasoning_effort: 'high',
      stream_options: { include_usage: true },
      ...FORCED,
      parallel_tool_calls: undefined,
    },
    replays: { content: 'Ok.', reasoning_content: 'Hm.', tool_calls: call() },
    documents: [],
    losses: [...NOTED, 'param_unsupported', 'response_format_degraded', 'sampling_rejected'],
    thinks: 'Ask the tool.',
    usage: CACHED,
  },
  {
    id: 'openrouter',
    model: 'anthropic/claude-sonnet-4.5',
    sends: { max_tokens: 2000, reasoning_effort: 'high', stream_options: { include_usage: true }, ...FORCED },
    replays: { content: 'Ok.', reasoning_content: undefined, tool_calls: call() },
    documents: ['file', 'file'],
    losses: ['reasoning_dropped', 'strict_dropped'],
    thinks: 'Ask the tool.',
    usage: CACHED,
  },
  {
    id: 'vllm',
    model: 'qwen3-coder',
    sends: {
      max_tokens: 2000,
      reasoning_effort: 'high',
      top_k: 40,
      stream_options: { include_usage: true },
      ...FORCED,
    },
    replays: { content: 'Ok.', reasoning_content: undefined, tool_calls: call() },
    documents: [],
    losses: [...NOTED, 'reasoning_dropped', 'strict_dropped'],
    thinks: 'Ask the tool.',
    usage: PLAIN,
  },
  {
    id: 'ollama',
    model: 'gpt-oss:20b',
    sends: {
      max_tokens: 2000,
      reasoning_effort: 'high',
      top_k: undefined,
      stream_options: { include_usage: true },
      ...UNFORCED,
    },
    replays: { content: 'Ok.', reasoning_content: undefined, tool_calls: call() },
    documents: [],
    losses: [...NOTED, 'param_unsupported', 'reasoning_dropped', 'sampling_rejected', 'strict_dropped'],
    thinks: 'Ask the tool.',
    usage: PLAIN,
  },
  {
    id: 'groq',
    model: 'qwen/qwen3-32b',
    sends: { max_completion_tokens: 2000, max_tokens: undefined, stream_options: { include_usage: true }, ...FORCED },
    replays: { content: 'Ok.', reasoning_content: undefined, tool_calls: call() },
    documents: [],
    losses: [...NOTED, 'reasoning_dropped', 'sampling_rejected', 'strict_dropped'],
    thinks: '\nAsk the tool.',
    usage: PLAIN,
  },
  {
    id: 'mistral',
    model: 'mistral-medium-latest',
    sends: {
      max_tokens: 2000,
      reasoning_effort: undefined,
      user: undefined,
      stream_options: undefined,
      prompt_cache_key: expect.any(String),
      ...FORCED,
    },
    replays: {
      content: 'Ok.',
      tool_calls: [
        {
          id: expect.stringMatching(/^[a-zA-Z0-9]{9}$/),
          type: 'function',
          function: { name: 'look', arguments: '{"a":"b"}' },
        },
      ],
    },
    documents: ['document_url', 'document_url'],
    losses: ['effort_clamped', 'reasoning_dropped', 'sampling_rejected', 'strict_dropped'],
    thinks: 'Ask the tool.',
    usage: CACHED,
  },
  {
    id: 'xai',
    model: 'grok-3-mini',
    sends: { max_tokens: 2000, reasoning_effort: 'high', stream_options: { include_usage: true }, ...FORCED },
    replays: { content: 'Ok.', reasoning_content: undefined, tool_calls: call() },
    documents: [],
    losses: [...NOTED, 'reasoning_dropped', 'sampling_rejected', 'strict_dropped'],
    thinks: 'Ask the tool.',
    usage: CACHED, // its own count leaves the reasoning out
  },
  {
    id: 'moonshot',
    model: 'kimi-k2.6',
    sends: { max_tokens: 2000, thinking: { type: 'enabled' }, reasoning_effort: undefined, ...UNFORCED },
    replays: { content: 'Ok.', reasoning_content: 'Hm.', tool_calls: call('functions.look:0') },
    documents: [],
    losses: ['effort_clamped', ...NOTED, 'param_unsupported', 'response_format_degraded', 'sampling_rejected'],
    thinks: 'Ask the tool.',
    usage: CACHED,
  },
  {
    id: 'glm',
    model: 'glm-5.3',
    sends: { max_tokens: 2000, thinking: { type: 'enabled' }, reasoning_effort: 'high', user: undefined, ...UNFORCED },
    replays: { content: 'Ok.', reasoning_content: 'Hm.', tool_calls: call() },
    documents: [],
    losses: [...NOTED, 'param_unsupported', 'response_format_degraded', 'sampling_rejected'],
    thinks: 'Ask the tool.',
    usage: CACHED,
  },
  {
    id: 'qwen',
    model: 'qwen3-max',
    sends: { max_tokens: 2000, enable_thinking: true, reasoning_effort: undefined, ...UNFORCED },
    replays: { content: 'Ok.', reasoning_content: undefined, tool_calls: call() },
    documents: [],
    losses: ['effort_clamped', ...NOTED, 'param_unsupported', 'reasoning_dropped', 'response_format_degraded'],
    thinks: 'Ask the tool.',
    usage: CACHED,
  },
  {
    id: 'azure',
    model: 'gpt-5-mini',
    sends: {
      max_completion_tokens: 2000,
      max_tokens: undefined,
      reasoning_effort: 'high',
      safety_identifier: undefined,
      ...FORCED,
    },
    replays: { content: 'Ok.', reasoning_content: undefined, tool_calls: call() },
    documents: [],
    losses: [...NOTED, 'reasoning_dropped', 'sampling_rejected', 'strict_dropped'],
    usage: CACHED,
  },
]

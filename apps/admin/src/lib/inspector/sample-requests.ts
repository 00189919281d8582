import type { FormatName } from '@relay/format-converter'

/** A request to try, for each format. */
export type SampleName = 'plain' | 'tools' | 'rich'

/** In the order in which they are offered. */
export const SAMPLE_NAMES: readonly SampleName[] = ['plain', 'tools', 'rich']

type Samples = Readonly<Record<SampleName, object>>

const NAME = 'get_weather'
const DESCRIPTION = 'Weather of a city'
const PARAMETERS = {
  type: 'object',
  properties: { city: { type: 'string', description: 'Name of the city' }, unit: { type: 'string', enum: ['c', 'f'] } },
  required: ['city'],
}
/** One pixel. */
const PICTURE = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNkYAAAAAYAAjCB0C8AAAAASUVORK5CYII='
const PICTURE_URL = `data:image/png;base64,${PICTURE}`

const MESSAGES: Samples = {
  plain: {
    model: 'claude-sonnet-4-5',
    max_tokens: 512,
    stream: true,
    system: 'Answer in one sentence.',
    messages: [{ role: 'user', content: 'What is a relay?' }],
  },
  tools: {
    model: 'claude-sonnet-4-5',
    max_tokens: 1024,
    stream: true,
    tools: [{ name: NAME, description: DESCRIPTION, input_schema: PARAMETERS }],
    tool_choice: { type: 'auto', disable_parallel_tool_use: true },
    messages: [
      { role: 'user', content: 'How warm is it in Oslo?' },
      { role: 'assistant', content: [{ type: 'tool_use', id: 'toolu_01', name: NAME, input: { city: 'Oslo' } }] },
      { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'toolu_01', content: '4 °C, rain' }] },
    ],
  },
  rich: {
    model: 'claude-opus-4-5',
    max_tokens: 4096,
    stream: true,
    top_k: 40,
    thinking: { type: 'enabled', budget_tokens: 2048 },
    metadata: { user_id: 'user-17' },
    system: [{ type: 'text', text: 'You describe pictures.', cache_control: { type: 'ephemeral', ttl: '1h' } }],
    messages: [
      {
        role: 'user',
        content: [
          { type: 'image', source: { type: 'base64', media_type: 'image/png', data: PICTURE } },
          { type: 'text', text: 'What is in the picture?' },
        ],
      },
    ],
  },
}

const CHAT: Samples = {
  plain: {
    model: 'gpt-5.2',
    max_completion_tokens: 512,
    stream: true,
    stream_options: { include_usage: true },
    messages: [
      { role: 'system', content: 'Answer in one sentence.' },
      { role: 'user', content: 'What is a relay?' },
    ],
  },
  tools: {
    model: 'gpt-5.2',
    stream: true,
    parallel_tool_calls: false,
    tools: [
      { type: 'function', function: { name: NAME, description: DESCRIPTION, parameters: PARAMETERS, strict: false } },
    ],
    messages: [
      { role: 'user', content: 'How warm is it in Oslo?' },
      {
        role: 'assistant',
        tool_calls: [{ id: 'call_01', type: 'function', function: { name: NAME, arguments: '{"city":"Oslo"}' } }],
      },
      { role: 'tool', tool_call_id: 'call_01', content: '4 °C, rain' },
    ],
  },
  rich: {
    model: 'gpt-5.2',
    stream: true,
    seed: 7,
    logprobs: true,
    presence_penalty: 0.5,
    reasoning_effort: 'high',
    response_format: { type: 'json_object' },
    messages: [
      {
        role: 'user',
        content: [
          { type: 'image_url', image_url: { url: PICTURE_URL, detail: 'low' } },
          { type: 'text', text: 'What is in the picture? Answer in JSON.' },
        ],
      },
    ],
  },
}

const RESPONSES: Samples = {
  plain: {
    model: 'gpt-5.2',
    stream: true,
    store: false,
    instructions: 'Answer in one sentence.',
    input: 'What is a relay?',
  },
  tools: {
    model: 'gpt-5.2',
    stream: true,
    store: false,
    parallel_tool_calls: false,
    tools: [{ type: 'function', name: NAME, description: DESCRIPTION, parameters: PARAMETERS, strict: false }],
    input: [
      { role: 'user', content: 'How warm is it in Oslo?' },
      { type: 'function_call', call_id: 'call_01', name: NAME, arguments: '{"city":"Oslo"}' },
      { type: 'function_call_output', call_id: 'call_01', output: '4 °C, rain' },
    ],
  },
  rich: {
    model: 'gpt-5.2',
    stream: true,
    store: false,
    reasoning: { effort: 'high', summary: 'auto' },
    text: { verbosity: 'low' },
    truncation: 'auto',
    include: ['reasoning.encrypted_content'],
    input: [
      {
        role: 'user',
        content: [
          { type: 'input_image', image_url: PICTURE_URL, detail: 'low' },
          { type: 'input_text', text: 'What is in the picture?' },
        ],
      },
    ],
  },
}

const REQUESTS: Readonly<Partial<Record<FormatName, Samples>>> = {
  'anthropic-messages': MESSAGES,
  'openai-chat': CHAT,
  'openai-responses': RESPONSES,
}

/** A request to try, as JSON. */
export function sampleRequest(format: FormatName, name: SampleName): string {
  return JSON.stringify(REQUESTS[format]?.[name] ?? {}, undefined, 2)
}

import type { JsonObject } from '../../src/index.ts'

const MINIMAL: JsonObject = { model: 'm', max_tokens: 100, messages: [{ role: 'user', content: 'x' }] }
const FUNCTION: JsonObject = {
  type: 'function',
  function: { name: 'f', parameters: { type: 'object', properties: { a: { type: 'string' } } } },
}
const CALL: JsonObject = { id: 'call_1', type: 'function', function: { name: 'f', arguments: '{"a":1}' } }

const user = (part: JsonObject): JsonObject => ({
  ...MINIMAL,
  messages: [{ role: 'user', content: [part, { type: 'text', text: 'y' }] }],
})
const conversation = (...messages: JsonObject[]): JsonObject => ({
  ...MINIMAL,
  messages: [{ role: 'user', content: 'x' }, ...messages, { role: 'user', content: 'z' }],
})
const request = (rest: JsonObject): JsonObject => ({ ...MINIMAL, ...rest })
const tooled = (rest: JsonObject): JsonObject => ({ ...MINIMAL, tools: [FUNCTION], ...rest })

/** Every documented field of a Chat request, and what compatible servers add. */
export const CHAT_SAMPLES: Readonly<Record<string, JsonObject>> = {
  'text part': user({ type: 'text', text: 'a', prompt_cache_breakpoint: { mode: 'explicit', ttl: '30m' }, odd: 1 }),
  'image part': user({
    type: 'image_url',
    image_url: { url: 'data:image/png;base64,iVBORw0KGgo=', detail: 'high', odd: 1 },
  }),
  'image by URL': user({ type: 'image_url', image_url: { url: 'https://a.example/x.png', detail: 'low' } }),
  'file part': user({
    type: 'file',
    file: { file_data: 'data:application/pdf;base64,JVBERi0=', filename: 'a.pdf', odd: 1 },
  }),
  'stored file': user({ type: 'file', file: { file_id: 'file-1' } }),
  'audio part': user({ type: 'input_audio', input_audio: { data: 'UklG', format: 'wav' } }),
  'unknown part': user({ type: 'video_url', video_url: { url: 'https://a.example/x.mp4' } }),
  system: conversation({ role: 'system', content: 'late', name: 'ops' }),
  developer: request({
    messages: [
      { role: 'developer', content: 'early', name: 'ops' },
      { role: 'user', content: 'x', name: 'Ann', odd: 1 },
    ],
  }),
  assistant: conversation({
    role: 'assistant',
    content: 'a',
    name: 'bot',
    refusal: 'no',
    annotations: [{ type: 'url_citation' }],
    prefix: true,
    odd: 1,
  }),
  'refusal part': conversation({ role: 'assistant', content: [{ type: 'refusal', refusal: 'no' }] }),
  'spoken answer': conversation({ role: 'assistant', content: 'a', audio: { id: 'audio_1' } }),
  reasoning: conversation({ role: 'assistant', content: 'a', reasoning_content: 'why' }),
  'reasoning details': conversation({
    role: 'assistant',
    content: 'a',
    reasoning_details: [{ type: 'reasoning.encrypted', data: 'E', id: 'r' }],
  }),
  call: conversation(
    { role: 'assistant', tool_calls: [{ ...CALL, extra_content: { google: { thought_signature: 's' } } }] },
    { role: 'tool', tool_call_id: 'call_1', content: 'out', name: 'f' },
  ),
  'custom call': conversation(
    { role: 'assistant', tool_calls: [{ id: 'call_1', type: 'custom', custom: { name: 'p', input: 'raw' } }] },
    { role: 'tool', tool_call_id: 'call_1', content: [{ type: 'text', text: 'out' }] },
  ),
  'legacy call': conversation(
    { role: 'assistant', function_call: { name: 'f', arguments: '{"a":1}' } },
    { role: 'function', name: 'f', content: 'out' },
  ),
  limits: request({ max_completion_tokens: 50, stop: ['x', 'y'] }),
  sampling: request({
    temperature: 0.5,
    top_p: 0.5,
    top_k: 5,
    seed: 7,
    frequency_penalty: 0.5,
    presence_penalty: 0.5,
    logit_bias: { 1: 5 },
  }),
  'log probabilities': request({ logprobs: true, top_logprobs: 2 }),
  choices: request({ n: 2 }),
  'reasoning effort': request({ reasoning_effort: 'high' }),
  'reasoning object': request({ reasoning: { effort: 'high', odd: 1 } }),
  'unknown effort': request({ reasoning_effort: 'auto' }),
  verbosity: request({ verbosity: 'low' }),
  'schema format': request({
    response_format: {
      type: 'json_schema',
      json_schema: {
        name: 'n',
        description: 'd',
        schema: { type: 'object', properties: { a: { type: 'string' } } },
        strict: true,
        odd: 1,
      },
    },
  }),
  'object format': request({ response_format: { type: 'json_object' } }),
  'spoken output': request({ modalities: ['text', 'audio'], audio: { voice: 'alloy', format: 'wav' } }),
  prediction: request({ prediction: { type: 'content', content: 'x' } }),
  'web search': request({
    web_search_options: {
      search_context_size: 'low',
      user_location: { type: 'approximate', approximate: { city: 'Bonn' } },
    },
  }),
  caching: request({
    prompt_cache_key: 'k',
    prompt_cache_retention: '24h',
    prompt_cache_options: { mode: 'explicit' },
  }),
  identity: request({ user: 'u', metadata: { a: 'b' } }),
  'safety identity': request({ safety_identifier: 's' }),
  tier: request({ service_tier: 'flex' }),
  storing: request({ store: true }),
  streaming: request({ stream: true, stream_options: { include_usage: true } }),
  'vendor fields': request({ moderation: { model: 'm' }, access_programs: ['a'], provider: { order: ['x'] }, odd: 1 }),
  'extra body': request({ extra_body: { min_p: 0.1 } }),
  'function tool': tooled({
    tools: [
      {
        type: 'function',
        function: {
          name: 'f',
          description: 'd',
          parameters: { type: 'object', properties: { a: { type: 'string' } } },
          strict: true,
          odd: 1,
        },
        odd: 1,
      },
    ],
  }),
  'custom tool': tooled({
    tools: [
      {
        type: 'custom',
        custom: {
          name: 'p',
          description: 'd',
          format: { type: 'grammar', grammar: { syntax: 'lark', definition: 'start: "x"' } },
          odd: 1,
        },
      },
    ],
  }),
  'hosted tool': tooled({ tools: [FUNCTION, { type: '$web_search', odd: 3 }] }),
  functions: request({
    functions: [{ name: 'f', description: 'd', parameters: { type: 'object', properties: { a: { type: 'string' } } } }],
    function_call: { name: 'f' },
  }),
  'tool choice': tooled({ tool_choice: { type: 'function', function: { name: 'f' } }, parallel_tool_calls: false }),
  'allowed tools': tooled({
    tool_choice: {
      type: 'allowed_tools',
      allowed_tools: { mode: 'required', tools: [{ type: 'function', function: { name: 'f' } }], odd: 1 },
    },
  }),
}

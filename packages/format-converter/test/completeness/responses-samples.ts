import type { JsonObject } from '../../src/index.ts'
import { wrapSeal } from '../../src/wire/seal-envelope.ts'

const MINIMAL: JsonObject = { model: 'm', input: 'x' }
const PARAMETERS: JsonObject = { type: 'object', properties: { a: { type: 'string' } } }
const FUNCTION: JsonObject = { type: 'function', name: 'f', parameters: PARAMETERS }
const CALL: JsonObject = {
  type: 'function_call',
  id: 'fc_1',
  call_id: 'call_1',
  name: 'f',
  arguments: '{"a":1}',
  status: 'completed',
}
const OUTPUT: JsonObject = { type: 'function_call_output', id: 'fco_1', call_id: 'call_1', output: 'out' }

const user = (part: JsonObject): JsonObject => ({
  ...MINIMAL,
  input: [{ type: 'message', role: 'user', content: [part, { type: 'input_text', text: 'y' }] }],
})
const conversation = (...items: JsonObject[]): JsonObject => ({
  ...MINIMAL,
  input: [{ role: 'user', content: 'x' }, ...items, { role: 'user', content: 'z' }],
})
const request = (rest: JsonObject): JsonObject => ({ ...MINIMAL, ...rest })
const tooled = (rest: JsonObject): JsonObject => ({ ...MINIMAL, tools: [FUNCTION], ...rest })
const tool = (declared: JsonObject): JsonObject => ({ ...MINIMAL, tools: [FUNCTION, declared] })

const SEALED = wrapSeal({ kind: 'anthropic-signature', format: 'anthropic-messages', value: 'SIG' })

/** Every documented field of a Responses request. */
export const RESPONSES_SAMPLES: Readonly<Record<string, JsonObject>> = {
  instructions: request({ instructions: 'Be brief.' }),
  'text part': user({
    type: 'input_text',
    text: 'a',
    prompt_cache_breakpoint: { mode: 'explicit', ttl: '30m' },
    odd: 1,
  }),
  'image part': user({ type: 'input_image', image_url: 'data:image/png;base64,iVBORw0KGgo=', detail: 'high', odd: 1 }),
  'image by URL': user({ type: 'input_image', image_url: 'https://a.example/x.png', detail: 'low' }),
  'stored image': user({ type: 'input_image', file_id: 'file-1', detail: 'auto' }),
  'file part': user({
    type: 'input_file',
    file_data: 'data:application/pdf;base64,JVBERi0=',
    filename: 'a.pdf',
    odd: 1,
  }),
  'file by URL': user({ type: 'input_file', file_url: 'https://a.example/x.pdf', filename: 'x.pdf', detail: 'high' }),
  'stored file': user({ type: 'input_file', file_id: 'file-1' }),
  'audio part': user({ type: 'input_audio', input_audio: { data: 'UklG', format: 'wav' } }),
  'unknown part': user({ type: 'input_video', video_url: 'https://a.example/x.mp4' }),
  developer: conversation({
    type: 'message',
    role: 'developer',
    content: [{ type: 'input_text', text: 'late' }],
    odd: 1,
  }),
  assistant: conversation({
    type: 'message',
    id: 'msg_1',
    role: 'assistant',
    status: 'completed',
    phase: 'commentary',
    content: [
      {
        type: 'output_text',
        text: 'a',
        annotations: [{ type: 'url_citation', url: 'https://a.example' }],
        logprobs: [],
      },
      { type: 'refusal', refusal: 'no' },
    ],
  }),
  reasoning: conversation(
    {
      type: 'reasoning',
      id: 'rs_1',
      summary: [{ type: 'summary_text', text: 'why' }],
      encrypted_content: SEALED,
      odd: 1,
    },
    { role: 'assistant', content: 'a' },
  ),
  'foreign reasoning': conversation(
    {
      type: 'reasoning',
      id: 'rs_1',
      summary: [{ type: 'summary_text', text: 'why' }],
      content: null,
      encrypted_content: 'native',
    },
    { role: 'assistant', content: 'a' },
  ),
  call: conversation({ ...CALL, caller: { type: 'direct' }, odd: 1 }, { ...OUTPUT, name: 'f', odd: 1 }),
  'call in a namespace': conversation({ ...CALL, namespace: 'ns' }, OUTPUT),
  'custom call': conversation(
    { type: 'custom_tool_call', call_id: 'call_1', name: 'p', input: 'raw', namespace: 'ns' },
    { type: 'custom_tool_call_output', call_id: 'call_1', output: [{ type: 'input_text', text: 'out' }] },
  ),
  'output with an image': conversation(CALL, {
    ...OUTPUT,
    output: [{ type: 'input_image', image_url: 'https://a.example/x.png', detail: 'high' }],
  }),
  'shell call': conversation(
    { type: 'shell_call', call_id: 'call_1', action: { commands: ['ls'], timeout_ms: 5, max_output_length: 9 } },
    {
      type: 'shell_call_output',
      call_id: 'call_1',
      output: [{ stdout: 'a', stderr: 'b', outcome: { type: 'exit', exit_code: 0 } }],
    },
  ),
  'local shell call': conversation(
    {
      type: 'local_shell_call',
      id: 'lsh_1',
      call_id: 'call_1',
      status: 'completed',
      action: { type: 'exec', command: ['ls'], env: { A: '1' }, timeout_ms: 5, user: 'u', working_directory: '/' },
    },
    { type: 'local_shell_call_output', id: 'lsh_1', output: 'a' },
  ),
  'patch call': conversation(
    {
      type: 'apply_patch_call',
      call_id: 'call_1',
      status: 'completed',
      operation: { type: 'update_file', path: 'a', diff: '+b' },
    },
    { type: 'apply_patch_call_output', call_id: 'call_1', status: 'completed', output: 'a' },
  ),
  'web search call': conversation({
    type: 'web_search_call',
    id: 'ws_1',
    status: 'completed',
    action: { type: 'search', query: 'cats', queries: ['cats'], sources: [{ type: 'url', url: 'https://a.example' }] },
  }),
  'other hosted calls': conversation(
    {
      type: 'file_search_call',
      id: 'fs_1',
      status: 'completed',
      queries: ['q'],
      results: [{ filename: 'a', text: 'b' }],
    },
    {
      type: 'code_interpreter_call',
      id: 'ci_1',
      status: 'completed',
      code: '1+1',
      container_id: 'c',
      outputs: [{ type: 'logs', logs: '2' }],
    },
    { type: 'mcp_call', id: 'mcp_1', server_label: 's', name: 't', arguments: '{}', output: 'o' },
    { type: 'image_generation_call', id: 'ig_1', status: 'completed', result: 'AAAA' },
  ),
  'tool search': conversation(
    { type: 'tool_search_call', call_id: 'ts_1', execution: 'client', arguments: { q: 1 } },
    { type: 'tool_search_output', call_id: 'ts_1', execution: 'client', tools: [{ ...FUNCTION, name: 'found' }] },
  ),
  'additional tools': conversation({
    type: 'additional_tools',
    role: 'developer',
    tools: [{ type: 'namespace', name: 'ns', description: 'd', tools: [FUNCTION] }],
  }),
  'unknown item': conversation({ type: 'odd_item', value: 1 }),
  'item reference': conversation({ type: 'item_reference', id: 'msg_1' }),
  compaction: conversation({ type: 'compaction', encrypted_content: 'native' }),
  'configuration update': request({
    input: [
      { role: 'user', content: 'x' },
      {
        type: 'configuration_update',
        reasoning: { effort: 'low', odd: 1 },
        text: { format: { type: 'json_schema', name: 'n', schema: PARAMETERS } },
        odd: 1,
      },
    ],
  }),
  limits: request({ max_output_tokens: 50, max_tool_calls: 3, truncation: 'auto' }),
  sampling: request({
    temperature: 0.5,
    top_p: 0.5,
    top_logprobs: 2,
    include: ['message.output_text.logprobs', 'file_search_call.results'],
  }),
  'reasoning wish': request({
    reasoning: { effort: 'high', summary: 'concise', context: 'all_turns', mode: 'pro', odd: 1 },
  }),
  'older summary': request({ reasoning: { effort: 'high', generate_summary: 'detailed' } }),
  'unknown effort': request({ reasoning: { effort: 'auto' } }),
  text: request({
    text: {
      verbosity: 'low',
      format: { type: 'json_schema', name: 'n', description: 'd', schema: PARAMETERS, strict: true, odd: 1 },
      odd: 1,
    },
  }),
  'object format': request({ text: { format: { type: 'json_object' } } }),
  caching: request({
    prompt_cache_key: 'k',
    prompt_cache_retention: '24h',
    prompt_cache_options: { mode: 'explicit' },
  }),
  identity: request({ user: 'u', metadata: { a: 'b' } }),
  'safety identity': request({ safety_identifier: 's' }),
  tier: request({ service_tier: 'flex' }),
  storing: request({ store: true }),
  'earlier response': request({ previous_response_id: 'resp_1' }),
  'stored conversation': request({ conversation: { id: 'conv_1' } }),
  prompt: request({ prompt: { id: 'pmpt_1' } }),
  background: request({ background: true }),
  'context management': request({ context_management: [{ type: 'compaction', compact_threshold: 1000 }] }),
  streaming: request({ stream: true, stream_options: { include_obfuscation: false, odd: 1 } }),
  'vendor fields': request({
    moderation: { model: 'm' },
    access_programs: { cyber: 'standard' },
    client_metadata: { a: 'b' },
    image: { context_compression: 'auto' },
    odd: 1,
  }),
  'function tool': tool({
    type: 'function',
    name: 'g',
    description: 'd',
    parameters: PARAMETERS,
    strict: true,
    defer_loading: true,
    output_schema: {},
    allowed_callers: ['direct'],
    odd: 1,
  }),
  'custom tool': tool({
    type: 'custom',
    name: 'p',
    description: 'd',
    format: { type: 'grammar', syntax: 'lark', definition: 'start: "x"', odd: 1 },
    odd: 1,
  }),
  'namespace tool': tool({
    type: 'namespace',
    name: 'ns',
    description: 'd',
    tools: [FUNCTION, { type: 'custom', name: 'c' }],
    odd: 1,
  }),
  'shell tools': tooled({ tools: [{ type: 'shell' }, { type: 'local_shell' }, { type: 'apply_patch' }] }),
  'web search tool': tool({
    type: 'web_search',
    filters: { allowed_domains: ['a.example'] },
    search_context_size: 'low',
    user_location: { type: 'approximate', city: 'Bonn' },
  }),
  'mcp tool': tool({ type: 'mcp', server_label: 's', server_url: 'https://mcp.example' }),
  'hosted tool': tool({ type: 'file_search', vector_store_ids: ['v'] }),
  'tool choice': tooled({ tool_choice: { type: 'function', name: 'f', odd: 1 }, parallel_tool_calls: false }),
  'allowed tools': tooled({
    tool_choice: { type: 'allowed_tools', mode: 'required', tools: [{ type: 'function', name: 'f' }], odd: 1 },
  }),
}

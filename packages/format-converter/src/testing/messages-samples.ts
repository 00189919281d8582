import type { JsonObject } from '../model/json.ts'

/** The least request. */
export const MINIMAL_REQUEST = {
  model: 'claude',
  max_tokens: 10,
  messages: [{ role: 'user', content: [{ type: 'text', text: 'hi' }] }],
}

const CACHE = { type: 'ephemeral', ttl: '1h' }
/** Content blocks with every member that the format knows, and some that it does not. */
export const CONTENT_BLOCKS: Record<string, JsonObject> = {
  'marked text with citations': {
    type: 'text',
    text: 't',
    cache_control: CACHE,
    citations: [{ type: 'char_location', cited_text: 'c', document_index: 0 }],
  },
  'base64 image': {
    type: 'image',
    source: { type: 'base64', media_type: 'image/png', data: 'iVBO' },
    cache_control: { type: 'ephemeral' },
  },
  'image by address': {
    type: 'image',
    source: { type: 'url', url: 'https://example.com/a.png' },
    transformations: { resize: 1 },
  },
  'image by file id': { type: 'image', source: { type: 'file', file_id: 'file_1' } },
  'PDF with citations': {
    type: 'document',
    source: { type: 'base64', media_type: 'application/pdf', data: 'JVBE' },
    title: 'T',
    context: 'C',
    citations: { enabled: true },
  },
  'text document': { type: 'document', source: { type: 'text', media_type: 'text/plain', data: 'd' } },
  'document of blocks': { type: 'document', source: { type: 'content', content: [{ type: 'text', text: 'x' }] } },
  'document by address': {
    type: 'document',
    source: { type: 'url', url: 'https://example.com/a.pdf' },
    cache_control: CACHE,
  },
  'search result': {
    type: 'search_result',
    source: 'https://example.com',
    title: 'T',
    content: [{ type: 'text', text: 'x' }],
    citations: { enabled: true },
  },
  thinking: { type: 'thinking', thinking: 'hm', signature: 'SIG' },
  'redacted thinking': { type: 'redacted_thinking', data: 'DATA' },
  'call with a caller': {
    type: 'tool_use',
    id: 't1',
    name: 'n',
    input: { a: [1, { b: null }] },
    caller: { type: 'code_execution_20250825', tool_id: 's' },
    toolset_name: 'computer',
  },
  'failed result with an image': {
    type: 'tool_result',
    tool_use_id: 't1',
    is_error: true,
    content: [
      { type: 'text', text: 'no' },
      { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'i' } },
    ],
    cache_control: CACHE,
  },
  'result as text': { type: 'tool_result', tool_use_id: 't1', is_error: false, content: 'ok' },
  'result without content': { type: 'tool_result', tool_use_id: 't1' },
  'result with a reference': {
    type: 'tool_result',
    tool_use_id: 't1',
    content: [{ type: 'tool_reference', tool_name: 'n' }],
  },
  'server tool call': {
    type: 'server_tool_use',
    id: 's',
    name: 'web_search',
    input: { query: 'q' },
    cache_control: CACHE,
  },
  'server tool result': {
    type: 'web_search_tool_result',
    tool_use_id: 's',
    content: [{ type: 'web_search_result', url: 'https://example.com', title: 'T', encrypted_content: 'E' }],
  },
  'MCP call': { type: 'mcp_tool_use', id: 'm', name: 'n', server_name: 's', input: {} },
  'uploaded file': { type: 'container_upload', file_id: 'file_1' },
  compaction: { type: 'compaction', content: 'summary', encrypted_content: 'E', signature: 'S', tool_changes: [] },
  fallback: { type: 'fallback', from: { model: 'a' }, to: { model: 'b' } },
  'unknown block': { type: 'hologram', size: 3, nested: { x: 1 } },
  'unknown members at every level': {
    type: 'image',
    source: { type: 'url', url: 'u', quality: 9 },
    alt: 'x',
    cache_control: { type: 'ephemeral', scope: 'all' },
  },
}

/** Top-level members of a request. */
export const MEMBERS: Record<string, JsonObject> = {
  'a marked system prompt': { system: [{ type: 'text', text: 'S', cache_control: CACHE }] },
  'a streamed request': { stream: true },
  sampling: { temperature: 0.5, top_p: 0.9, top_k: 4 },
  'stop sequences': { stop_sequences: ['a', 'b'] },
  'a budget of thinking': { thinking: { type: 'enabled', budget_tokens: 2048, display: 'summarized' } },
  'adaptive thinking': { thinking: { type: 'adaptive', display: 'omitted' }, output_config: { effort: 'xhigh' } },
  'a display of a later version': {
    thinking: { type: 'adaptive', display: 'updates', block_binding: { prefix_mismatch_behavior: 'error' } },
  },
  'thinking between tools': { thinking: { type: 'between_tools' } },
  'no thinking': { thinking: { type: 'disabled' } },
  'an effort without thinking': { output_config: { effort: 'low' } },
  'an output format and a task budget': {
    output_config: {
      format: { type: 'json_schema', schema: { type: 'object' } },
      task_budget: { type: 'tokens', total: 5 },
    },
  },
  'tool choices': {
    tool_choice: { type: 'tool', name: 'n', disable_parallel_tool_use: true },
    tools: [{ name: 'n', input_schema: { type: 'object', properties: { a: { type: 'string' } } } }],
  },
  identity: { metadata: { user_id: 'u', team: 'unknown member' } },
  'a service tier': { service_tier: 'standard_only' },
  'a speed': { speed: 'fast' },
  'an automatic cache mark': { cache_control: { type: 'ephemeral', ttl: '5m' } },
  'vendor state': {
    container: { id: 'c', skills: [] },
    context_management: { edits: [{ type: 'clear_thinking_20251015', keep: 'all' }] },
    thread: { type: 'create' },
    fallbacks: [{ model: 'm' }],
    mcp_servers: [{ type: 'url', name: 's', url: 'https://example.com' }],
    inference_geo: 'eu',
    diagnostics: { previous_message_id: null },
    billing_policy: { type: 'billing_policy' },
    compaction: { type: 'summarize' },
    something_new: [1, { two: 2 }],
  },
}

/** Declarations of tools. */
export const TOOLS: Record<string, JsonObject> = {
  'full function': {
    name: 'n',
    description: 'd',
    input_schema: { type: 'object', properties: { a: { type: 'string' } } },
    strict: true,
    input_examples: [{ a: 'x' }],
    cache_control: CACHE,
    defer_loading: true,
    allowed_callers: ['direct'],
    eager_input_streaming: true,
    brand_new: 1,
  },
  bash: { type: 'bash_20250124', name: 'bash', cache_control: CACHE },
  'text editor': { type: 'text_editor_20250728', name: 'str_replace_based_edit_tool', max_characters: 100 },
  memory: { type: 'memory_20250818', name: 'memory' },
  'web search': {
    type: 'web_search_20250305',
    name: 'web_search',
    max_uses: 8,
    user_location: { type: 'approximate', city: 'X' },
  },
  computer: { type: 'computer_20251124', name: 'computer', display_width_px: 1, display_height_px: 1 },
  'MCP toolset': { type: 'mcp_toolset', mcp_server_name: 's' },
  'tool of a later version': { type: 'teleporter_20300101', name: 'teleport', range: 5 },
}

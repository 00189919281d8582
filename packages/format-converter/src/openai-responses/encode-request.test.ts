import { describe, expect, it } from 'vitest'

import { profiles } from '../adapt/profiles.ts'
import type { JsonObject } from '../model/json.ts'
import type { LossReport } from '../model/loss.ts'
import { DEFAULT_OPTIONS } from '../options.ts'
import { decodeRequest } from './decode-request.ts'
import { encodeRequest } from './encode-request.ts'

/** A request that is read and written again, without a target in between. */
function again(body: JsonObject): { readonly body: JsonObject; readonly losses: readonly LossReport[] } {
  const losses: LossReport[] = []
  const report = (loss: LossReport): unknown => losses.push(loss)
  const profile = profiles.resolve('openai-responses', 'gpt-5.2', { dialect: { explicitCache: true } })
  const request = decodeRequest(body, { report })
  return { body: encodeRequest(request, { profile, options: DEFAULT_OPTIONS, report }).body, losses }
}

const PARAMETERS = { type: 'object', properties: { a: { type: 'string' } } }

/** Everything that the format can say, in the spelling that Relay writes. */
const BODY: JsonObject = {
  model: 'gpt-5.2',
  instructions: 'Be brief.',
  input: [
    {
      type: 'message',
      role: 'user',
      content: [
        { type: 'input_text', text: 'U', prompt_cache_breakpoint: { mode: 'explicit', ttl: '12h' } },
        { type: 'input_image', image_url: 'https://a.example/x.png', detail: 'high' },
        { type: 'input_image', file_id: 'file-1', detail: 'auto' },
        { type: 'input_file', filename: 'a.pdf', file_data: 'data:application/pdf;base64,JVBERi0=' },
        { type: 'input_file', file_url: 'https://a.example/x.pdf' },
        { type: 'input_file', file_id: 'file-2' },
      ],
    },
    { type: 'reasoning', id: 'rs_1', summary: [{ type: 'summary_text', text: 'why' }], encrypted_content: 'SECRET' },
    {
      type: 'message',
      role: 'assistant',
      content: [{ type: 'output_text', text: 'Looking.', annotations: [] }],
      phase: 'commentary',
    },
    { type: 'function_call', call_id: 'call_1', name: 'f', arguments: '{"a":12345678901234567890}', namespace: 'ns' },
    { type: 'custom_tool_call', call_id: 'call_2', name: 'p', input: 'raw' },
    {
      type: 'shell_call',
      id: 'sh_call_3',
      call_id: 'call_3',
      status: 'completed',
      action: { commands: ['ls'], timeout_ms: 5, max_output_length: null },
      environment: null,
    },
    { type: 'web_search_call', id: 'ws_1', status: 'completed', action: { type: 'search', query: 'cats' } },
    { type: 'function_call_output', call_id: 'call_1', output: 'one' },
    {
      type: 'custom_tool_call_output',
      call_id: 'call_2',
      output: [{ type: 'input_image', image_url: 'https://a.example/y.png', detail: 'auto' }],
    },
    {
      type: 'shell_call_output',
      id: 'sh_call_3',
      call_id: 'call_3',
      output: [{ stdout: 'a', stderr: '', outcome: { type: 'exit', exit_code: 0 } }],
    },
    { type: 'compaction', id: 'cmp_1', encrypted_content: 'SUMMARY' },
    { type: 'message', role: 'developer', content: [{ type: 'input_text', text: 'late' }] },
  ],
  tools: [
    { type: 'function', name: 'f', description: 'd', parameters: PARAMETERS, strict: true, defer_loading: true },
    { type: 'custom', name: 'p', description: 'd', format: { type: 'grammar', syntax: 'lark', definition: 'x' } },
    { type: 'shell' },
    { type: 'web_search', filters: { allowed_domains: ['a.example'] } },
  ],
  max_output_tokens: 50,
  max_tool_calls: 3,
  tool_choice: { type: 'custom', name: 'p' },
  parallel_tool_calls: false,
  temperature: 0.5,
  top_p: 0.5,
  top_logprobs: 2,
  reasoning: { effort: 'high', summary: 'concise' },
  text: {
    format: { type: 'json_schema', name: 'n', description: 'd', schema: PARAMETERS, strict: true },
    verbosity: 'low',
  },
  prompt_cache_key: 'k',
  prompt_cache_retention: '24h',
  prompt_cache_options: { mode: 'explicit' },
  safety_identifier: 's',
  user: 'u',
  metadata: { a: 'b' },
  service_tier: 'flex',
  previous_response_id: 'resp_1',
  conversation: { id: 'conv_1' },
  background: true,
  truncation: 'auto',
  context_management: [{ type: 'compaction', compact_threshold: 1000 }],
  store: true,
  include: ['message.output_text.logprobs', 'file_search_call.results'],
  stream: true,
  moderation: { model: 'm' },
  odd: 1,
}

describe('a Responses request that is read and written again', () => {
  it('is the same, member for member', () => {
    const { body, losses } = again(BODY)
    expect(body).toEqual(BODY)
    expect(losses).toEqual([])
  })

  it.for([
    'auto',
    'none',
    'required',
    { type: 'function', name: 'f' },
    { type: 'shell' },
    { type: 'web_search' },
    {
      type: 'allowed_tools',
      mode: 'auto',
      tools: [
        { type: 'function', name: 'f' },
        { type: 'custom', name: 'p' },
      ],
    },
  ] as const)('keeps the tool choice %j', (choice) => {
    expect(again({ ...BODY, tool_choice: choice }).body['tool_choice']).toEqual(choice)
  })

  it('reads a count of what only the upstream keeps', () => {
    const body = {
      model: 'm',
      prompt: { id: 'p' },
      input: [
        { type: 'item_reference', id: 'msg_1' },
        { role: 'user', content: 'x' },
      ],
    }
    expect(decodeRequest(body, { report: () => {}, isCount: true }).turns).toHaveLength(1)
    expect(() => decodeRequest(body, { report: () => {} })).toThrow('/input/0')
  })
})

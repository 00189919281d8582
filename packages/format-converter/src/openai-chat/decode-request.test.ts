import { describe, expect, it, test } from 'vitest'

import type { ChatRequest } from '../model/chat-request.ts'
import type { ContentPart } from '../model/content-part.ts'
import type { JsonObject, JsonValue } from '../model/json.ts'
import type { LossReport } from '../model/loss.ts'
import { wrapSeal } from '../wire/seal-envelope.ts'
import { decodeRequest } from './decode-request.ts'

const USER = { role: 'user', content: 'hi' }

function decode(rest: JsonObject, losses: LossReport[] = []): ChatRequest {
  return decodeRequest({ model: 'm', messages: [USER], ...rest }, { report: (loss) => losses.push(loss) })
}

function partsOf(message: JsonObject): readonly ContentPart[] {
  return decode({ messages: [message] }).turns[0]?.parts ?? []
}

const withContent = (part: JsonValue): readonly ContentPart[] => partsOf({ role: 'user', content: [part] })

const envelope = (
  value: string,
  kind: 'anthropic-signature' | 'anthropic-redacted' = 'anthropic-signature',
): JsonObject => ({
  type: 'reasoning.encrypted',
  id: 'x',
  data: wrapSeal({ kind, format: 'anthropic-messages', value, issuer: 'acc' }),
  format: 'relay-v1',
  index: 0,
})

const reasoningOf = (message: JsonObject): readonly ContentPart[] =>
  partsOf({ role: 'assistant', content: 'x', ...message }).filter((part) => part.type === 'reasoning')

describe('messages', () => {
  it('become one turn each, with system and developer as operator', () => {
    const roles = ['system', 'developer', 'user', 'assistant'] as const
    const { turns } = decode({ messages: roles.map((role) => ({ role, content: role })) })
    expect(turns.map((turn) => turn.role)).toEqual(['operator', 'operator', 'user', 'assistant'])
    expect(turns[1]).toEqual({
      role: 'operator',
      path: '/messages/1',
      parts: [{ type: 'text', text: 'developer', path: '/messages/1/content' }],
    })
  })

  it('null content is no text', () => {
    const calls = [{ id: 'a', type: 'function', function: { name: 'f', arguments: '{"x":1}' } }]
    expect(partsOf({ role: 'assistant', content: null, tool_calls: calls })).toEqual([
      { type: 'tool-call', id: 'a', name: 'f', arguments: '{"x":1}', form: 'json', path: '/messages/0/tool_calls/0' },
    ])
  })

  it('keep the order reasoning, text, refusal, calls', () => {
    const message = {
      role: 'assistant',
      content: 'text',
      refusal: 'no',
      reasoning_content: 'think',
      tool_calls: [{ id: 'a', type: 'custom', custom: { name: 'patch', input: '*** Begin' } }],
    }
    expect(partsOf(message).map((part) => part.type)).toEqual(['reasoning', 'text', 'refusal', 'tool-call'])
    expect(partsOf(message)[3]).toMatchObject({ form: 'free', arguments: '*** Begin' })
  })

  test.for<[string, JsonValue, readonly string[]]>([
    ['a string', 'out', ['out']],
    [
      'an array',
      [
        { type: 'text', text: 'a' },
        { type: 'text', text: 'b' },
      ],
      ['a', 'b'],
    ],
    ['an object', { ok: true }, ['{"ok":true}']],
    ['nothing', null, []],
  ])('a tool result may be %s', ([, content, texts]) => {
    const [result] = partsOf({ role: 'tool', tool_call_id: 'a', name: 'f', content })
    expect(result).toMatchObject({ type: 'tool-result', callId: 'a', name: 'f' })
    expect(result?.type === 'tool-result' && result.parts.map((part) => part.type === 'text' && part.text)).toEqual(
      texts,
    )
  })

  it('of the legacy form pair the n-th call with the n-th result of a function', () => {
    const call = { role: 'assistant', content: null, function_call: { name: 'f', arguments: '{}' } }
    const result = { role: 'function', name: 'f', content: 'out' }
    const { turns } = decode({ messages: [USER, call, result, call, result] })
    const ids = turns
      .flatMap((turn) => turn.parts)
      .map((part) => (part.type === 'tool-call' ? part.id : part.type === 'tool-result' ? part.callId : ''))
    expect(ids).toEqual(['', 'call_f_1', 'call_f_1', 'call_f_2', 'call_f_2'])
  })

  it('keep names and unknown members as fields of the turn', () => {
    const [turn] = decode({ messages: [{ ...USER, name: 'Ann', mood: 'good' }] }).turns
    expect(turn?.vendorFields).toEqual([
      { name: 'name', value: 'Ann', path: '/messages/0/name', level: 'info', isKnown: true },
      { name: 'mood', value: 'good', path: '/messages/0/mood', level: 'lossy', isKnown: false },
    ])
  })

  it.each([
    [{ tool_calls: [{ id: 'a', function: { name: 'f', arguments: '', mood: 'good' } }] }, 'tool_calls/0/function'],
    [{ tool_calls: [{ id: 'a', custom: { name: 'f', input: '', mood: 'good' } }] }, 'tool_calls/0/custom'],
    [{ function_call: { name: 'f', arguments: '', mood: 'good' } }, 'function_call'],
  ])('keep what else a call is made of: %j', (called, place) => {
    const [part] = partsOf({ role: 'assistant', content: null, ...called })
    const { vendorFields } = part?.type === 'tool-call' ? part : {}
    expect(vendorFields).toMatchObject([{ value: { mood: 'good' }, path: `/messages/0/${place}/mood`, level: 'lossy' }])
  })

  test.for<[JsonValue, string]>([
    [{ role: 'judge', content: 'x' }, '/messages/0/role'],
    [{ content: 'x' }, '/messages/0/role'],
    [{ role: 'tool', content: 'x' }, '/messages/0/tool_call_id'],
    [{ role: 'user', content: 7 }, '/messages/0/content'],
    [{ role: 'user', content: [{ type: 'text' }] }, '/messages/0/content/0/text'],
    [
      { role: 'user', content: [{ type: 'image_url', image_url: { url: 'data:x' } }] },
      '/messages/0/content/0/image_url/url',
    ],
    [{ role: 'assistant', tool_calls: [{ id: 'a', type: 'function' }] }, '/messages/0/tool_calls/0/function'],
    ['text', '/messages/0'],
  ])('%j is refused with the place %s', ([message, param]) => {
    expect(() => decode({ messages: [message] })).toThrow(expect.objectContaining({ kind: 'invalid_request', param }))
  })
})

describe('content parts', () => {
  test.for<[JsonObject, JsonObject]>([
    [
      { type: 'image_url', image_url: { url: 'https://a.example/x.png', detail: 'low' } },
      { type: 'image', detail: 'low', source: { type: 'url', url: 'https://a.example/x.png' } },
    ],
    [
      { type: 'image_url', image_url: 'data:image/png;base64,iVBO' },
      { type: 'image', source: { type: 'base64', mediaType: 'image/png', data: 'iVBO' } },
    ],
    [
      { type: 'file', file: { file_data: 'data:application/pdf;base64,JVBE', filename: 'a.pdf' } },
      { type: 'document', title: 'a.pdf', source: { type: 'base64', mediaType: 'application/pdf', data: 'JVBE' } },
    ],
    [
      { type: 'file', file: { file_data: 'JVBE\nRi0=' } },
      { type: 'document', source: { type: 'base64', mediaType: 'application/octet-stream', data: 'JVBERi0=' } },
    ],
    [
      { type: 'file', file: { file_id: 'file-1' } },
      { type: 'document', source: { type: 'file', fileId: 'file-1', format: 'openai-chat' } },
    ],
    [
      { type: 'input_audio', input_audio: { data: 'UklG', format: 'wav' } },
      { type: 'audio', data: 'UklG', audioFormat: 'wav' },
    ],
    [
      { type: 'text', text: 'x', prompt_cache_breakpoint: { mode: 'explicit', ttl: '30m' } },
      { type: 'text', text: 'x', cacheMark: { ttl: '30m', path: '/messages/0/content/0/prompt_cache_breakpoint' } },
    ],
    [
      { type: 'text', text: 'x', cache_control: { type: 'ephemeral' } },
      { type: 'text', text: 'x', cacheMark: { path: '/messages/0/content/0/cache_control' } },
    ],
    [
      { type: 'thinking', thinking: [{ type: 'text', text: 'why' }] },
      { type: 'reasoning', text: 'why' },
    ],
    [
      { type: 'video_url', video_url: { url: 'x' } },
      { type: 'opaque', kind: 'video_url', format: 'openai-chat' },
    ],
  ])('%j', ([part, expected]) => {
    expect(withContent(part)[0]).toMatchObject(expected)
  })

  it('keep members that nobody knows', () => {
    const [part] = withContent({ type: 'image_url', image_url: { url: 'https://a.example', zoom: 2 }, mood: 'x' })
    expect(part?.vendorFields?.map((field) => [field.path, field.name, field.value])).toEqual([
      ['/messages/0/content/0/mood', 'mood', 'x'],
      ['/messages/0/content/0/image_url/zoom', 'image_url', { zoom: 2 }],
    ])
  })
})

describe('earlier reasoning', () => {
  it('gets its proof back from the envelope, together with its text', () => {
    expect(reasoningOf({ reasoning_content: 'why', reasoning_details: [envelope('SIG')] })).toMatchObject([
      { text: 'why', seal: { kind: 'anthropic-signature', value: 'SIG', issuer: 'acc' } },
    ])
  })

  it('gives the text to the one proof that can have a text', () => {
    expect(
      reasoningOf({
        reasoning_content: 'why',
        reasoning_details: [envelope('RED', 'anthropic-redacted'), envelope('SIG')],
      }),
    ).toMatchObject([
      { text: '', isRedacted: true, seal: { value: 'RED' } },
      { text: 'why', seal: { value: 'SIG' } },
    ])
  })

  it('keeps the text apart when there are several proofs', () => {
    const parts = reasoningOf({ reasoning_content: 'why', reasoning_details: [envelope('A'), envelope('B')] })
    expect(parts).toMatchObject([
      { text: 'why' },
      { text: '', seal: { value: 'A' } },
      { text: '', seal: { value: 'B' } },
    ])
    expect(parts[0]).not.toHaveProperty('seal')
  })

  it("keeps a vendor's own details together as one proof", () => {
    const details = [{ type: 'reasoning.text', text: 'why', signature: 'S', index: 0 }]
    const [part] = reasoningOf({ reasoning_details: details })
    expect(part).toMatchObject({ text: 'why', seal: { kind: 'chat-detail', format: 'openai-chat' } })
    expect(JSON.parse(part?.type === 'reasoning' ? (part.seal?.value ?? '') : '')).toEqual(details)
  })

  it('without proof is text only', () => {
    expect(reasoningOf({ reasoning: 'why', reasoning_content: 'why' })).toEqual([
      { type: 'reasoning', text: 'why', kind: 'full', path: '/messages/0/reasoning_content' },
    ])
  })
})

describe('tools', () => {
  it('are functions, custom tools and hosted tools', () => {
    const { tools } = decode({
      tools: [
        { type: 'function', function: { name: 'f', description: 'd', parameters: { type: 'object' }, strict: true } },
        { function: { name: 'bare', parameters: null } },
        {
          type: 'custom',
          custom: { name: 'patch', format: { type: 'grammar', grammar: { syntax: 'lark', definition: 'start: "x"' } } },
        },
        { type: 'web_search', max_results: 3 },
      ],
    })
    expect(tools).toEqual([
      { type: 'function', name: 'f', description: 'd', parameters: { type: 'object' }, strict: true, path: '/tools/0' },
      { type: 'function', name: 'bare', path: '/tools/1' },
      { type: 'custom', name: 'patch', grammar: { syntax: 'lark', definition: 'start: "x"' }, path: '/tools/2' },
      {
        type: 'server',
        format: 'openai-chat',
        kind: 'web-search',
        name: 'web_search',
        raw: { type: 'web_search', max_results: 3 },
        path: '/tools/3',
      },
    ])
  })

  it('of the legacy form make the answer legacy too', () => {
    const request = decode({ functions: [{ name: 'f', parameters: { type: 'object' } }], function_call: { name: 'f' } })
    expect(request.usesLegacyFunctions).toBe(true)
    expect(request.tools).toMatchObject([{ type: 'function', name: 'f', path: '/functions/0' }])
    expect(request.parameters.toolChoice).toEqual({ value: { type: 'tool', name: 'f' }, path: '/function_call' })
  })

  test.for<[JsonValue, JsonObject]>([
    ['required', { type: 'required' }],
    ['none', { type: 'none' }],
    ['any', { type: 'required' }],
    [
      { type: 'function', function: { name: 'f' } },
      { type: 'tool', name: 'f' },
    ],
    [
      { type: 'function', name: 'f' },
      { type: 'tool', name: 'f' },
    ],
    [
      { type: 'custom', custom: { name: 'p' } },
      { type: 'tool', name: 'p' },
    ],
    [{ type: 'web_search' }, { type: 'tool', name: 'web_search' }],
    [
      {
        type: 'allowed_tools',
        allowed_tools: { mode: 'required', tools: [{ type: 'function', function: { name: 'f' } }] },
      },
      { type: 'allowed', mode: 'required', names: ['f'] },
    ],
    [
      { type: 'allowed_tools', mode: 'auto', tools: [{ type: 'function', name: 'f' }] },
      { type: 'allowed', mode: 'auto', names: ['f'] },
    ],
  ])('tool_choice %j', ([choice, expected]) => {
    expect(decode({ tool_choice: choice }).parameters.toolChoice?.value).toEqual(expected)
  })

  test.for<[JsonObject, string]>([
    [{ tools: [{ type: 'function' }] }, '/tools/0/function'],
    [{ tools: [{ type: 'function', function: { name: 'f', parameters: [] } }] }, '/tools/0/function/parameters'],
    [{ tool_choice: 'always' }, '/tool_choice'],
    [{ tool_choice: { type: 'function' } }, '/tool_choice/function/name'],
  ])('%j is refused', ([rest, param]) => {
    expect(() => decode(rest)).toThrow(expect.objectContaining({ kind: 'invalid_request', param }))
  })
})

describe('parameters', () => {
  test.for<[JsonObject, string, unknown]>([
    [{ max_tokens: 5 }, 'maxOutputTokens', 5],
    [{ max_tokens: 5, max_completion_tokens: 7 }, 'maxOutputTokens', 7],
    [{ stop: 'x' }, 'stop', ['x']],
    [{ stop: ['x', 'y'] }, 'stop', ['x', 'y']],
    [{ parallel_tool_calls: false }, 'parallelToolCalls', false],
    [{ temperature: 0 }, 'temperature', 0],
    [{ logprobs: true, top_logprobs: 3 }, 'logprobs', 3],
    [{ logprobs: true }, 'logprobs', 0],
    [{ n: 2 }, 'choices', 2],
    [{ reasoning_effort: 'high' }, 'reasoning', { mode: 'on', effort: 'high' }],
    [{ reasoning_effort: 'none' }, 'reasoning', { mode: 'off', effort: 'none' }],
    [
      { reasoning: { effort: 'low', exclude: true } },
      'reasoning',
      { mode: 'on', effort: 'low', visibility: 'omitted' },
    ],
    [{ reasoning: { max_tokens: 2000 } }, 'reasoning', { mode: 'default', budgetTokens: 2000 }],
    [{ thinking: { type: 'disabled' } }, 'reasoning', { mode: 'off' }],
    [{ response_format: { type: 'json_object' } }, 'outputFormat', { type: 'json-object' }],
    [
      {
        response_format: { type: 'json_schema', json_schema: { name: 'n', schema: { type: 'object' }, strict: true } },
      },
      'outputFormat',
      { type: 'json-schema', name: 'n', schema: { type: 'object' }, strict: true },
    ],
    [{ verbosity: 'low' }, 'verbosity', 'low'],
    [{ user: 'u' }, 'userId', 'u'],
    [{ safety_identifier: 's' }, 'safetyIdentifier', 's'],
    [{ prompt_cache_key: 'k' }, 'cacheKey', 'k'],
    [{ service_tier: 'flex' }, 'serviceTier', 'flex'],
    [{ store: true }, 'store', true],
    [{ stream: true, stream_options: { include_usage: true, include_obfuscation: false } }, 'streamUsage', true],
    [{ extra_body: { top_k: 4 } }, 'topK', 4],
  ])('%j', ([rest, name, value]) => {
    const losses: LossReport[] = []
    const request = decode(rest, losses)
    expect(Object.entries(request.parameters).map(([key, parameter]) => [key, parameter?.value])).toEqual([
      [name, value],
    ])
    expect(request.vendorFields).toEqual([])
    expect(losses.filter((loss) => loss.level !== 'info')).toEqual([])
  })

  it('name their place, also inside extra_body', () => {
    const { parameters, vendorFields } = decode({
      temperature: 1,
      extra_body: { temperature: 2, top_p: 0.5, min_p: 0.1 },
    })
    expect(parameters.temperature).toEqual({ value: 1, path: '/temperature' })
    expect(parameters.topP).toEqual({ value: 0.5, path: '/extra_body/top_p' })
    expect(vendorFields).toEqual([
      { name: 'min_p', value: 0.1, path: '/extra_body/min_p', level: 'lossy', isKnown: false },
    ])
  })

  it('null is the same as absent', () => {
    const request = decode({
      temperature: null,
      stop: null,
      tools: null,
      tool_choice: null,
      reasoning_effort: null,
      verbosity: null,
      response_format: null,
    })
    expect(request.parameters).toEqual({})
    expect(request.vendorFields).toEqual([])
  })

  test.for<[JsonObject, string]>([
    [{ temperature: '1' }, '/temperature'],
    [{ max_tokens: 1.5 }, '/max_tokens'],
    [{ stop: [1] }, '/stop/0'],
    [{ stream: 'yes' }, '/stream'],
    [{ model: undefined }, '/model'],
    [{ messages: 'x' }, '/messages'],
    [{ response_format: { type: 'json_schema' } }, '/response_format/json_schema'],
  ])('%j is refused', ([rest, param]) => {
    expect(() => decode(rest)).toThrow(expect.objectContaining({ kind: 'invalid_request', param }))
  })

  it('every unknown field is kept and named, whatever it is called', () => {
    const body = JSON.parse(
      '{"__proto__":{"polluted":true},"constructor":1,"moderation":{"model":"x"},"reasoning_effort":"auto"}',
    )
    const { vendorFields } = decode(Object.fromEntries(Object.entries(body)))
    expect(vendorFields.map((field) => [field.name, field.isKnown])).toEqual([
      ['__proto__', false],
      ['constructor', false],
      ['moderation', true],
      ['reasoning_effort', false],
    ])
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined()
  })
})

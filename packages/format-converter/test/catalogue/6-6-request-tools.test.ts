import { describe, expect, test } from 'vitest'

import { ConversionError, convertRequest, createConverter, type JsonObject } from '../../src/index.ts'
import { chatCall, chatResult, chatTool, toChat, toMessages, toolResult, toolUse } from './request-bodies.ts'

const USER = { role: 'user', content: 'hi' } as const

/** A text with Anthropic's cache mark. */
function marked(text: string): JsonObject {
  return { type: 'text', text, cache_control: { type: 'ephemeral' } }
}

/** The error that a conversion ends with. */
function refusal(run: () => unknown): ConversionError | undefined {
  try {
    run()
  } catch (error) {
    return ConversionError.is(error) ? error : undefined
  }
  return undefined
}

describe('schemas', () => {
  test.for([undefined, null])('EC-140 a tool with parameters %s takes none', (parameters) => {
    const { body } = toMessages({ tools: [{ type: 'function', function: { name: 'look', parameters } }] })
    expect(body.tools).toEqual([{ name: 'look', input_schema: { type: 'object', properties: {} } }])
  })

  test('EC-141 a union at the root becomes one object', () => {
    const parameters = {
      anyOf: [
        { type: 'object', properties: { a: { type: 'string' }, b: { type: 'string' } }, required: ['a', 'b'] },
        { type: 'object', properties: { b: { type: 'string' }, c: { type: 'string' } }, required: ['b'] },
      ],
    }
    const { body, marks } = toMessages({ tools: [chatTool('look', parameters)] })
    expect(body.tools[0].input_schema).toEqual({
      type: 'object',
      properties: { a: { type: 'string' }, b: { type: 'string' }, c: { type: 'string' } },
      required: ['b'],
    })
    expect(marks).toContain('schema_root_union:degraded')
  })

  test('EC-142 everything else in a schema stays, in its order', () => {
    const parameters = {
      type: 'object',
      properties: {
        kind: { enum: ['a', 'b'] },
        either: { anyOf: [{ type: 'string' }, { $ref: '#/$defs/part' }] },
        __proto: { default: { $ref: 'no reference' } },
      },
      additionalProperties: false,
      $defs: { part: { type: 'object', oneOf: [{ const: 1 }] } },
    }
    const text = JSON.stringify(parameters)
    expect(JSON.stringify(toMessages({ tools: [chatTool('look', parameters)] }).body.tools[0].input_schema)).toBe(text)
    expect(
      JSON.stringify(toChat({ tools: [{ name: 'look', input_schema: parameters }] }).body.tools[0].function.parameters),
    ).toBe(text)
  })

  test('a reference that leads nowhere becomes anything', () => {
    const parameters = { type: 'object', properties: { a: { $ref: '#/$defs/missing' } } }
    const { body, marks } = toMessages({ tools: [chatTool('look', parameters)] })
    expect(body.tools[0].input_schema.properties).toEqual({ a: {} })
    expect(marks).toContain('schema_sanitized:repaired')
  })

  test('strict goes to OpenAI only where it would be taken', () => {
    const closed = {
      type: 'object',
      properties: { a: { type: 'string' } },
      required: ['a'],
      additionalProperties: false,
    }
    const open = { type: 'object', properties: { a: { type: 'string' } } }
    const sent = toChat({
      tools: [
        { name: 'closed', strict: true, input_schema: closed },
        { name: 'open', strict: true, input_schema: open },
      ],
    })
    expect(sent.body.tools.map((tool: { function: { strict: boolean } }) => tool.function.strict)).toEqual([
      true,
      false,
    ])
    expect(sent.body.tools[1].function.parameters).toEqual(open)
    expect(sent.losses).toContainEqual(
      expect.objectContaining({ code: 'strict_dropped', path: '/tools/1/strict', level: 'degraded' }),
    )
  })

  test('EC-165 bounds of structured output move into the description', () => {
    const schema = {
      type: 'object',
      properties: { n: { type: 'number', description: 'count', minimum: 3 } },
      required: ['n'],
    }
    const { body, marks } = toMessages({
      response_format: { type: 'json_schema', json_schema: { name: 'x', schema, strict: true } },
    })
    expect(body.output_config.format).toEqual({
      type: 'json_schema',
      schema: {
        type: 'object',
        properties: { n: { type: 'number', description: 'count {minimum: 3}' } },
        required: ['n'],
        additionalProperties: false,
      },
    })
    expect(marks).toContain('schema_sanitized:degraded')
  })

  test('EC-165 output_config.format becomes response_format', () => {
    const schema = {
      type: 'object',
      properties: { n: { type: 'number' } },
      required: ['n'],
      additionalProperties: false,
    }
    const { body } = toChat({ output_config: { format: { type: 'json_schema', schema } } })
    expect(body.response_format).toEqual({ type: 'json_schema', json_schema: { name: 'output', schema, strict: true } })
  })

  test('a model without structured output is asked in words', () => {
    const json = toMessages({ response_format: { type: 'json_object' } })
    expect(json.body.system).toEqual([{ type: 'text', text: 'Respond with one JSON object and nothing else.' }])
    expect(json.marks).toContain('response_format_degraded:degraded')
    const schema = toMessages(
      { response_format: { type: 'json_schema', json_schema: { name: 'x', schema: { type: 'object' } } } },
      { model: 'claude-3-5-haiku' },
    )
    expect(schema.body.system[0].text).toContain('{"type":"object"}')
    expect(schema.body.output_config).toBeUndefined()
  })
})

describe('names', () => {
  test('EC-144 a name with odd characters is replaced, and restored in the answer', () => {
    const body = { model: 'claude-opus-5', messages: [USER], tools: [chatTool('my tool.v1/x')] }
    const exchange = createConverter({ client: 'openai-chat', upstream: 'anthropic-messages' }).exchange(body)
    expect(exchange.request['tools']).toMatchObject([{ name: 'my_tool_v1_x' }])
    const answer = exchange.response({
      id: 'msg_1',
      type: 'message',
      role: 'assistant',
      model: 'claude-opus-5',
      content: [{ type: 'tool_use', id: 'toolu_1', name: 'my_tool_v1_x', input: {} }],
      stop_reason: 'tool_use',
      stop_sequence: null,
      usage: { input_tokens: 1, output_tokens: 1 },
    })
    expect(answer.body).toMatchObject({
      choices: [{ message: { tool_calls: [{ function: { name: 'my tool.v1/x' } }] } }],
    })
  })

  test('EC-145 long names are shortened and stay apart', () => {
    const names = ['1', '2'].map((end) => 'n'.repeat(99) + end)
    const { body } = toChat({
      tools: names.map((name) => ({ name, input_schema: { type: 'object' } })),
      messages: [USER, toolUse('a', names[0]), toolResult('a')],
    })
    const sent = body.tools.map((tool: { function: { name: string } }) => tool.function.name)
    expect(sent[0]).toMatch(/^n{47}_[0-9a-f]{16}$/)
    expect(new Set(sent).size).toBe(2)
    expect(body.messages[1].tool_calls[0].function.name).toBe(sent[0])
  })

  test('two names that would become one stay apart', () => {
    const { body } = toMessages({ tools: [chatTool('a.b'), chatTool('a:b'), chatTool('a_b')] })
    const sent = body.tools.map((tool: { name: string }) => tool.name)
    expect(new Set(sent).size).toBe(3)
    for (const name of sent) expect(name).toMatch(/^a_b_[\da-f]{16}$/)
  })

  test('two tools of one name are refused', () => {
    expect(() => toMessages({ tools: [chatTool('a'), chatTool('a')] })).toThrow('tool_name_collision')
  })

  test('EC-146 the names of one request say nothing about another', () => {
    const first = convertRequest({
      from: 'openai-chat',
      to: 'anthropic-messages',
      body: { model: 'm', messages: [USER], tools: [chatTool('a.b')] },
    })
    const second = convertRequest({
      from: 'openai-chat',
      to: 'anthropic-messages',
      body: { model: 'm', messages: [USER], tools: [chatTool('a:b')] },
    })
    expect([first, second].map((result) => result.context.renamedTools.map((tool) => tool.name))).toEqual([
      ['a.b'],
      ['a:b'],
    ])
  })
})

describe('choices', () => {
  const tools = [chatTool('a'), chatTool('b.c')]

  test.for([
    ['EC-147', 'required', { type: 'any' }],
    ['EC-148', 'none', { type: 'none' }],
    ['auto', 'auto', { type: 'auto' }],
    ['EC-149', { type: 'function', function: { name: 'b.c' } }, { type: 'tool', name: 'b_c' }],
    ['EC-149 in the flat form of Responses', { type: 'function', name: 'b.c' }, { type: 'tool', name: 'b_c' }],
  ] as const)('%s %o is %o', ([, choice, expected]) => {
    expect(toMessages({ tools, tool_choice: choice }).body.tool_choice).toEqual(expected)
  })

  test.for([
    [{ type: 'any' }, 'required'],
    [{ type: 'none' }, 'none'],
    [
      { type: 'tool', name: 'a' },
      { type: 'function', function: { name: 'a' } },
    ],
  ] as const)('%o for Chat is %o', ([choice, expected]) => {
    expect(
      toChat({ tools: [{ name: 'a', input_schema: { type: 'object' } }], tool_choice: choice }).body.tool_choice,
    ).toEqual(expected)
  })

  test('EC-150 allowed tools are the only ones sent', () => {
    const allowed = { mode: 'required', tools: [{ type: 'function', function: { name: 'b.c' } }] }
    const { body } = toMessages({ tools, tool_choice: { type: 'allowed_tools', allowed_tools: allowed } })
    expect(body.tools.map((tool: { name: string }) => tool.name)).toEqual(['b_c'])
    expect(body.tool_choice).toEqual({ type: 'any' })
  })

  test('EC-151 a ban of parallel calls survives, in both directions', () => {
    expect(toMessages({ tools, parallel_tool_calls: false }).body.tool_choice).toEqual({
      type: 'auto',
      disable_parallel_tool_use: true,
    })
    const chat = toChat({
      tools: [{ name: 'a', input_schema: { type: 'object' } }],
      tool_choice: { type: 'any', disable_parallel_tool_use: true },
    })
    expect([chat.body.tool_choice, chat.body.parallel_tool_calls]).toEqual(['required', false])
  })

  test('EC-152 a choice without tools is removed', () => {
    for (const tools of [undefined, []]) {
      const { body } = toMessages({ tools, tool_choice: 'auto', parallel_tool_calls: false })
      expect([body.tools, body.tool_choice]).toEqual([undefined, undefined])
    }
    expect(toChat({ tools: [], tool_choice: { type: 'any' } }).body).not.toHaveProperty('tool_choice')
  })

  test('EC-153 a forced tool switches thinking off on older models', () => {
    const { body, marks } = toMessages(
      { tools, tool_choice: 'required', reasoning_effort: 'high', max_tokens: 40_000 },
      { model: 'claude-sonnet-4-5' },
    )
    expect([body.thinking, body.tool_choice]).toEqual([{ type: 'disabled' }, { type: 'any' }])
    expect(marks).toContain('thinking_disabled_forced_tool:degraded')
  })

  test('EC-153 the default limit has no room for thinking that is switched off', () => {
    const asked = { tools, reasoning_effort: 'high' }
    expect(toMessages(asked, { model: 'claude-sonnet-4-5' }).body.max_tokens).toBe(16_000 + 24_576)
    const forced = toMessages({ ...asked, tool_choice: 'required' }, { model: 'claude-sonnet-4-5' })
    expect(forced.body.max_tokens).toBe(16_000)
  })
})

describe('limits and sampling', () => {
  test('EC-154 max_completion_tokens wins over max_tokens', () => {
    expect(toMessages({ max_tokens: 10, max_completion_tokens: 20 }).body.max_tokens).toBe(20)
  })

  test.for([
    ['claude-opus-5', false, 16_000],
    ['claude-opus-5', true, 64_000],
    ['claude-opus-4-1', true, 32_000],
    ['claude-3-haiku', false, 4_096],
    ['another-model', false, 8_192],
  ] as const)('EC-155 without a limit %s (stream: %s) gets %i', ([model, stream, expected]) => {
    expect(toMessages({ stream }, { model }).body.max_tokens).toBe(expected)
  })

  test('a limit beyond the model is clamped', () => {
    expect(toChat({ max_tokens: 64_000 }, { model: 'gpt-4o' }).body.max_completion_tokens).toBe(16_384)
    expect(toMessages({ max_tokens: 64_000 }, { model: 'claude-opus-4-1' }).body.max_tokens).toBe(32_000)
  })

  test('EC-157 one stop sequence is a list of one', () => {
    expect(toMessages({ stop: 'x' }).body.stop_sequences).toEqual(['x'])
  })

  test('EC-158 six stop sequences are four and a loss', () => {
    const { body, losses } = toChat({ stop_sequences: ['1', '2', '3', '4', '5', '6'] })
    expect(body.stop).toEqual(['1', '2', '3', '4'])
    expect(losses).toContainEqual(expect.objectContaining({ code: 'stop_truncated', level: 'lossy' }))
    expect(toChat({ stop_sequences: ['1'] }, { model: 'o3' }).marks).toContain('stop_unsupported:lossy')
  })

  test('EC-159 a temperature of 1.7 is clamped to 1', () => {
    const { body, losses } = toMessages({ temperature: 1.7 })
    expect(body.temperature).toBe(1)
    expect(losses).toContainEqual(
      expect.objectContaining({ code: 'param_clamped', level: 'repaired', detail: { value: 1.7, replacedBy: 1 } }),
    )
  })

  test('EC-160 of temperature and top_p one is kept on Claude 4.5 and later', () => {
    const { body, marks } = toMessages({ temperature: 0.5, top_p: 0.9 }, { model: 'claude-sonnet-4-5' })
    expect([body.temperature, body.top_p]).toEqual([0.5, undefined])
    expect(marks).toContain('sampling_rejected:lossy')
  })

  test('EC-161 a temperature for Opus 4.7 and later is dropped, and missed unless it is 1', () => {
    const { body, marks } = toMessages({ temperature: 0.5 }, { model: 'claude-opus-4-7' })
    expect(body.temperature).toBeUndefined()
    expect(marks).toContain('sampling_rejected:lossy')
    expect(toMessages({ temperature: 1 }, { model: 'claude-opus-4-7' }).marks).toContain('sampling_rejected:info')
  })

  test('a reasoning model of OpenAI samples by itself', () => {
    const { body, marks } = toChat({ temperature: 0.5, top_k: 5 })
    expect([body.temperature, body.top_k]).toEqual([undefined, undefined])
    expect(marks).toContain('sampling_rejected:lossy')
    expect(toChat({ temperature: 0.5, thinking: { type: 'disabled' } }).body).toMatchObject({
      temperature: 0.5,
      reasoning_effort: 'none',
    })
  })

  test('EC-162 an effort beyond the model is the next lower one', () => {
    expect(toChat({ output_config: { effort: 'xhigh' } }, { model: 'o3' }).body.reasoning_effort).toBe('high')
  })

  test('EC-163 a thinking budget beyond the limit is lowered', () => {
    const { body } = toMessages(
      { max_tokens: 2_000, thinking: { type: 'enabled', budget_tokens: 4_000 } },
      { model: 'claude-sonnet-4-5' },
    )
    expect(body.thinking).toEqual({ type: 'enabled', budget_tokens: 1_999 })
  })

  test('EC-163 a budget that stands for an effort is lowered too, and said', () => {
    const model = 'claude-sonnet-4-5'
    const { body, losses } = toMessages({ max_tokens: 2_000, reasoning_effort: 'high' }, { model })
    expect(body.thinking).toEqual({ type: 'enabled', budget_tokens: 1_500 })
    expect(losses).toContainEqual(
      expect.objectContaining({ code: 'budget_clamped', detail: { value: 24_576, replacedBy: 1_500 } }),
    )
    expect(toMessages({ max_tokens: 64_000, reasoning_effort: 'high' }, { model }).losses).toEqual([])
  })

  test('EC-164 switching thinking off reaches models that think by default', () => {
    expect(toMessages({ reasoning_effort: 'none' }, { model: 'claude-opus-5' }).body.thinking).toEqual({
      type: 'disabled',
    })
    expect(toChat({ thinking: { type: 'disabled' } }).body.reasoning_effort).toBe('none')
  })
})

describe('caches', () => {
  test('EC-166 of five breakpoints the last four stay', () => {
    const content = ['1', '2', '3', '4', '5'].map((text) => ({
      type: 'text',
      text,
      prompt_cache_breakpoint: { mode: 'explicit' },
    }))
    const { body } = toMessages({ messages: [{ role: 'user', content }] })
    const kept = body.messages[0].content.filter(
      (block: { cache_control?: unknown }) => block.cache_control !== undefined,
    )
    expect(kept.map((block: { text: string }) => block.text)).toEqual(['2', '3', '4', '5'])
  })

  test('EC-167 an upstream that does not know marks gets none, also inside results', () => {
    const result = {
      type: 'tool_result',
      tool_use_id: 'a',
      content: [marked('inner')],
      cache_control: { type: 'ephemeral', ttl: '1h' },
    }
    const tool = { name: 'look', input_schema: { type: 'object' }, cache_control: { type: 'ephemeral' } }
    const { body, losses } = toChat({
      cache_control: { type: 'ephemeral' },
      system: [marked('S')],
      tools: [tool],
      messages: [USER, toolUse('a'), { role: 'user', content: [result, marked('x')] }],
    })
    expect(JSON.stringify(body)).not.toContain('cache')
    expect(losses.every((loss) => loss.code === 'cache_mark_dropped' && loss.level === 'info')).toBe(true)
    expect(losses.map((loss) => loss.path)).toContain('/system/0/cache_control')
  })

  test('an upstream that knows breakpoints gets them, that of a tool at the end of the system prompt', () => {
    const tool = { name: 'look', input_schema: { type: 'object' }, cache_control: { type: 'ephemeral' } }
    const content = [{ type: 'text', text: 'x', cache_control: { type: 'ephemeral', ttl: '1h' } }]
    const request = { system: 'S', tools: [tool], messages: [{ role: 'user', content }] }
    const { body, marks } = toChat(request, { profile: { dialect: { explicitCache: true } } })
    expect(body.messages[0].content).toEqual([
      { type: 'text', text: 'S', prompt_cache_breakpoint: { mode: 'explicit' } },
    ])
    expect(body.messages[1].content[0].prompt_cache_breakpoint).toEqual({ mode: 'explicit' })
    expect(marks).toContain('cache_ttl_changed:degraded')
  })

  test('EC-167 OpenAI knows breakpoints from gpt-5.6 on', () => {
    const system = [{ type: 'text', text: 'S', cache_control: { type: 'ephemeral' } }]
    const sent = (model: string): unknown => toChat({ system }, { model }).body.messages[0]
    expect(sent('gpt-5.5')).toEqual({ role: 'developer', content: 'S' })
    const content = [{ type: 'text', text: 'S', prompt_cache_breakpoint: { mode: 'explicit' } }]
    for (const model of ['gpt-5.6', 'gpt-5.10-mini', 'gpt-6'])
      expect(sent(model)).toEqual({ role: 'developer', content })
    expect(toChat({ system }, { model: 'gpt-6', profile: { dialect: { explicitCache: false } } }).marks).toEqual([
      'cache_mark_dropped:info',
    ])
  })

  test('lifetimes of OpenAI become those of Anthropic', () => {
    const content = ['30m', '12h'].map((ttl) => ({
      type: 'text',
      text: ttl,
      prompt_cache_breakpoint: { mode: 'explicit', ttl },
    }))
    const { body } = toMessages({ messages: [{ role: 'user', content }] })
    expect(body.messages[0].content.map((block: { cache_control: unknown }) => block.cache_control)).toEqual([
      { type: 'ephemeral' },
      { type: 'ephemeral', ttl: '1h' },
    ])
  })
})

describe('identities', () => {
  test('EC-168 a long user id is hashed', () => {
    const user = JSON.stringify({ device_id: 'd'.repeat(200), account_uuid: 'secret' })
    const { body, losses } = toChat({ metadata: { user_id: user } })
    expect(body.safety_identifier).toMatch(/^[0-9a-f]{32,128}$/)
    expect(body.prompt_cache_key).toMatch(/^[0-9a-f]{32}$/)
    expect(JSON.stringify(body)).not.toContain('secret')
    expect(losses).toContainEqual(expect.objectContaining({ code: 'identity_hashed', path: '/metadata/user_id' }))
  })

  test('EC-168 a classic upstream gets it as user', () => {
    const { body } = toChat({ metadata: { user_id: 'someone' } }, { model: 'some-model' })
    expect(body.user).toMatch(/^[0-9a-f]{32}$/)
    expect(body.safety_identifier).toBeUndefined()
  })

  test('the safety identifier wins over user', () => {
    expect(toMessages({ user: 'u', safety_identifier: 's' }).body.metadata).toEqual({ user_id: 's' })
  })
})

describe('refusals', () => {
  test('EC-169 several answers are refused, one is not', () => {
    expect(refusal(() => toMessages({ n: 2 }))).toMatchObject({ kind: 'unsupported_feature', param: '/n' })
    expect(toMessages({ n: 1 }).losses.map((loss) => loss.path)).not.toContain('/n')
  })

  test('EC-170 log probabilities are lost, and refused by a strict policy', () => {
    const request = { model: 'claude-opus-5', messages: [USER], logprobs: true, top_logprobs: 3 }
    expect(toMessages(request).marks).toContain('logprobs_dropped:lossy')
    const strict = createConverter({ client: 'openai-chat', upstream: 'anthropic-messages', policy: 'reject' })
    expect(refusal(() => strict.exchange(request))).toMatchObject({ kind: 'unsupported_feature', param: '/logprobs' })
  })

  test('EC-172 an unknown field is named, and passed on where the profile says so', () => {
    const request = { safeguards_v9: { a: 1 } }
    expect(toChat(request).losses).toContainEqual(
      expect.objectContaining({ code: 'unknown_field', path: '/safeguards_v9', level: 'lossy' }),
    )
    const passed = toChat(request, { profile: { passthrough: ['safeguards_v9'] } })
    expect(passed.body.safeguards_v9).toEqual({ a: 1 })
    expect(passed.losses).toContainEqual(
      expect.objectContaining({ code: 'unknown_field', path: '/safeguards_v9', level: 'info' }),
    )
  })

  test('EC-172 a literal extra_body is spread where the profile knows it, and never over what Relay writes', () => {
    const request = { min_p: 0.1, extra_body: { min_p: 0.3, odd: { a: 1 }, messages: [], stream: true } }
    const { body, losses } = toChat(request, { model: 'any', profile: { id: 'generic-openai' } })
    expect(body).toMatchObject({ min_p: 0.1, odd: { a: 1 }, messages: [{ role: 'user' }] })
    expect(body).not.toHaveProperty('extra_body')
    expect(body).not.toHaveProperty('stream')
    expect(losses.map(({ path }) => path)).toContain('/extra_body/stream')
    const first = toChat(request, { profile: { id: 'openai' } })
    expect(first.body).not.toHaveProperty('odd')
    expect(first.losses.map(({ path }) => path)).toEqual(expect.arrayContaining(['/min_p', '/extra_body/odd']))
  })

  test('a message thread is refused in the way that its client understands', () => {
    const error = refusal(() => toChat({ thread: { type: 'create' } }))
    expect(error).toMatchObject({
      kind: 'unsupported_feature',
      details: { error_code: 'thread_unsupported_request', unsupported: ['thread'] },
    })
  })

  test('warming a cache, sound and a container upload are refused', () => {
    expect(refusal(() => toChat({ max_tokens: 0 }))?.param).toBe('/max_tokens')
    expect(
      refusal(() => toMessages({ modalities: ['text', 'audio'], audio: { voice: 'a', format: 'wav' } }))?.param,
    ).toBe('/modalities')
    expect(
      refusal(() => toChat({ messages: [{ role: 'user', content: [{ type: 'container_upload', file_id: 'f' }] }] }))
        ?.param,
    ).toBe('/messages/0/content/0')
  })
})

describe('tools of vendors', () => {
  const search = { type: 'web_search_20250305', name: 'web_search', max_uses: 8 }

  test('EC-173 a server tool is dropped together with the choice that forces it', () => {
    const { body, losses } = toChat({ tools: [search], tool_choice: { type: 'tool', name: 'web_search' } })
    expect([body.tools, body.tool_choice]).toEqual([undefined, undefined])
    expect(losses.filter((loss) => loss.code === 'server_tool_dropped' && loss.level === 'lossy')).toHaveLength(2)
  })

  test('EC-173 by policy it is refused', () => {
    expect(() => toChat({ tools: [search] }, { profile: { serverTools: 'error' } })).toThrow('/tools/0')
  })

  test('EC-173 an upstream with a web search of its own searches', () => {
    const { body, losses } = toChat(
      { tools: [{ ...search, user_location: { type: 'approximate', city: 'Oslo' } }] },
      { profile: { dialect: { webSearchOptions: true } } },
    )
    expect(body.web_search_options).toEqual({ user_location: { type: 'approximate', approximate: { city: 'Oslo' } } })
    expect(losses).toContainEqual(expect.objectContaining({ path: '/tools/0/max_uses', level: 'lossy' }))
  })

  test('web_search_options become the search tool of Claude', () => {
    const { body } = toMessages({
      web_search_options: {
        search_context_size: 'low',
        user_location: { type: 'approximate', approximate: { country: 'NO' } },
      },
    })
    expect(body.tools).toEqual([
      { type: 'web_search_20250305', name: 'web_search', user_location: { type: 'approximate', country: 'NO' } },
    ])
  })

  test("Anthropic's client tools become functions with their documented schema", () => {
    const { body } = toChat({ tools: [{ type: 'bash_20250124', name: 'bash' }] })
    expect(body.tools[0].function).toMatchObject({
      name: 'bash',
      parameters: { type: 'object', properties: { command: { type: 'string' } } },
    })
  })

  test('a computer tool is refused', () => {
    expect(() =>
      toChat({ tools: [{ type: 'computer_20250124', name: 'computer', display_width_px: 1, display_height_px: 1 }] }),
    ).toThrow('tool_unsupported')
  })

  test('examples of inputs go into the description', () => {
    const { body } = toChat({
      tools: [{ name: 'look', description: 'Looks.', input_schema: { type: 'object' }, input_examples: [{ a: 1 }] }],
    })
    expect(body.tools[0].function.description).toBe('Looks.\n\nExamples:\n{"a":1}')
  })

  test('a custom tool is a function with its grammar in words, and its history fits', () => {
    const custom = {
      type: 'custom',
      custom: {
        name: 'exec',
        description: 'Runs.',
        format: { type: 'grammar', grammar: { syntax: 'lark', definition: 'start: "a"' } },
      },
    }
    const call = {
      role: 'assistant',
      content: null,
      tool_calls: [{ id: 'a', type: 'custom', custom: { name: 'exec', input: 'let a = "1"' } }],
    }
    const { body, marks } = toMessages({ tools: [custom], messages: [USER, call, chatResult('a')] })
    expect(body.tools[0]).toMatchObject({
      name: 'exec',
      input_schema: { type: 'object', properties: { input: { type: 'string' } }, required: ['input'] },
    })
    expect(body.tools[0].description).toContain('start: "a"')
    expect(body.messages[1].content[0].input).toEqual({ input: 'let a = "1"' })
    expect(marks).toContain('tool_bridged:info')
  })

  test('a deferred tool goes out only once it was asked for', () => {
    const tools = [
      { name: 'ToolSearch', input_schema: { type: 'object' } },
      { name: 'later', input_schema: { type: 'object' }, defer_loading: true },
    ]
    const names = (messages: JsonObject[]): string[] =>
      toChat({ tools, messages }).body.tools.map((tool: { function: { name: string } }) => tool.function.name)
    expect(names([USER])).toEqual(['ToolSearch'])
    expect(
      names([
        USER,
        toolUse('a', 'ToolSearch'),
        toolResult('a', { content: [{ type: 'tool_reference', tool_name: 'later' }] }),
      ]),
    ).toEqual(['ToolSearch', 'later'])
  })

  test('a referenced tool is named in the result', () => {
    const { body } = toChat({
      messages: [
        USER,
        toolUse('a', 'ToolSearch'),
        toolResult('a', { content: [{ type: 'tool_reference', tool_name: 'later' }] }),
      ],
    })
    expect(body.messages[2].content).toBe('[tool available: later]')
  })

  test('a backend that wants called tools declared gets them', () => {
    const { body } = toMessages(
      { messages: [USER, chatCall('a'), chatResult('a')] },
      { profile: { dialect: { toolsRequiredWithHistory: true } } },
    )
    expect(body.tools).toEqual([{ name: 'look', input_schema: { type: 'object', properties: {} } }])
  })
})

test('fast mode is a tier of OpenAI, and a priority tier is fast mode', () => {
  expect(toChat({ speed: 'fast' }).body.service_tier).toBe('priority')
  expect(toMessages({ service_tier: 'priority' }, { model: 'claude-opus-5' }).body).toMatchObject({ speed: 'fast' })
  expect(toMessages({ service_tier: 'flex' }).marks).toContain('service_tier_changed:lossy')
  expect(toChat({ service_tier: 'standard_only' }).body.service_tier).toBe('default')
})

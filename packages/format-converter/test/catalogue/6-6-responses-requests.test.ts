import { describe, expect, it } from 'vitest'

import type { JsonObject } from '../../src/model/json.ts'
import type { Loose } from '../../src/testing/loose.ts'
import { wrapSeal } from '../../src/wire/seal-envelope.ts'
import { codesOfSent, fromChat, fromMessages, toChat, toMessages, TOOL } from './responses-requests.ts'

describe('6.6 Responses requests: tools and parameters', () => {
  it('A.5 a Codex-like request becomes a Messages request without a loss that matters', () => {
    const envelope = wrapSeal({ kind: 'anthropic-signature', format: 'anthropic-messages', value: 'SIG' })
    const grammar = { type: 'grammar', syntax: 'lark', definition: 'start: "x"' }
    const sent = toMessages({
      instructions: 'I',
      store: false,
      stream: true,
      include: ['reasoning.encrypted_content'],
      reasoning: { effort: 'high', summary: 'auto' },
      parallel_tool_calls: false,
      tools: [
        { type: 'custom', name: 'apply_patch', format: grammar },
        {
          type: 'function',
          name: 'sh',
          parameters: { type: 'object', properties: { c: { type: 'string' } } },
          strict: false,
        },
      ],
      input: [
        { type: 'message', role: 'developer', content: [{ type: 'input_text', text: 'D' }] },
        { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'U' }] },
        { type: 'reasoning', summary: [], encrypted_content: envelope },
        { type: 'custom_tool_call', call_id: 'call_1', name: 'apply_patch', input: '*** Begin' },
        { type: 'custom_tool_call_output', call_id: 'call_1', output: 'done' },
      ],
    })
    expect(sent.body).toMatchObject({
      stream: true,
      max_tokens: 64_000,
      system: [
        { type: 'text', text: 'I' },
        { type: 'text', text: 'D' },
      ],
      thinking: { type: 'adaptive', display: 'summarized' },
      output_config: { effort: 'high' },
      tool_choice: { type: 'auto', disable_parallel_tool_use: true },
      tools: [
        {
          name: 'apply_patch',
          input_schema: { type: 'object', properties: { input: { type: 'string' } }, required: ['input'] },
        },
        { name: 'sh', input_schema: { type: 'object', properties: { c: { type: 'string' } } } },
      ],
    })
    expect(sent.body.messages).toEqual([
      { role: 'user', content: [{ type: 'text', text: 'U' }] },
      {
        role: 'assistant',
        content: [
          { type: 'thinking', thinking: '', signature: 'SIG' },
          { type: 'tool_use', id: 'call_1', name: 'apply_patch', input: { input: '*** Begin' } },
        ],
      },
      { role: 'user', content: [expect.objectContaining({ type: 'tool_result', tool_use_id: 'call_1' })] },
    ])
    expect(sent.losses.map(({ code, level, path }) => [code, level, path])).toEqual([
      ['tool_bridged', 'info', '/tools/0'],
      ['max_tokens_defaulted', 'info', expect.any(String)],
    ])
  })

  it('tools of additional_tools are sent, their namespaces flattened', () => {
    const input = [
      {
        type: 'additional_tools',
        role: 'developer',
        tools: [
          { type: 'namespace', name: 'functions', description: '', tools: [{ type: 'custom', name: 'exec' }, TOOL] },
        ],
      },
      { role: 'user', content: 'U' },
    ]
    const { body } = toMessages({ input })
    expect(body.tools.map((tool: Loose) => tool.name)).toEqual(['functions__exec', 'functions__w'])
  })

  it('EC-143 strict is always explicit', () => {
    const { body } = fromMessages({ tools: [{ name: 'w', input_schema: { type: 'object', properties: {} } }] })
    expect(body.tools[0]).toMatchObject({ type: 'function', name: 'w', strict: false })
    expect(
      fromChat({
        tools: [{ type: 'function', function: { name: 'w', parameters: { type: 'object', properties: {} } } }],
      }).body.tools[0].strict,
    ).toBe(false)
  })

  it('EC-147 EC-148 EC-149 tool choices keep their meaning in both directions', () => {
    const choices: [unknown, unknown][] = [
      ['required', { type: 'any' }],
      ['none', { type: 'none' }],
      ['auto', { type: 'auto' }],
      [
        { type: 'function', name: 'w' },
        { type: 'tool', name: 'w' },
      ],
    ]
    for (const [flat, native] of choices) {
      expect(toMessages({ tools: [TOOL], tool_choice: flat as Loose }).body.tool_choice).toMatchObject(native as Loose)
      const tools = [{ name: 'w', input_schema: { type: 'object', properties: {} } }]
      expect(fromMessages({ tools, tool_choice: native as Loose }).body.tool_choice).toEqual(flat)
    }
  })

  it('EC-150 allowed tools are a flat list here, nested in Chat, and a filter in Messages', () => {
    const tools = [TOOL, { ...TOOL, name: 'v' }]
    const choice = { type: 'allowed_tools', mode: 'required', tools: [{ type: 'function', name: 'v' }] }
    expect(toMessages({ tools, tool_choice: choice }).body).toMatchObject({
      tools: [{ name: 'v' }],
      tool_choice: { type: 'any' },
    })
    const nested = {
      type: 'allowed_tools',
      allowed_tools: { mode: 'required', tools: [{ type: 'function', function: { name: 'v' } }] },
    }
    expect(toChat({ tools, tool_choice: choice }).body.tool_choice).toEqual(nested)
    const chatTools = ['w', 'v'].map((name) => ({ type: 'function', function: { name } }))
    expect(fromChat({ tools: chatTools, tool_choice: nested }).body.tool_choice).toEqual(choice)
  })

  it('EC-151 parallel_tool_calls: false survives', () => {
    const tools = [{ name: 'w', input_schema: { type: 'object', properties: {} } }]
    expect(
      fromMessages({ tools, tool_choice: { type: 'auto', disable_parallel_tool_use: true } }).body.parallel_tool_calls,
    ).toBe(false)
  })

  it('EC-156 a limit of 10 tokens is raised to 16, and said', () => {
    const sent = fromMessages({ max_tokens: 10 })
    expect(sent.body.max_output_tokens).toBe(16)
    expect(codesOfSent(sent)).toEqual(['max_tokens_clamped'])
  })

  it('EC-157 EC-158 stop sequences are lost, and said', () => {
    const sent = fromMessages({ stop_sequences: ['x'] })
    expect(sent.body).not.toHaveProperty('stop')
    expect(codesOfSent(sent)).toEqual(['stop_unsupported'])
  })

  it('EC-169 n: 2 is refused by name, n: 1 is fine', () => {
    expect(() => fromChat({ n: 2 })).toThrow(expect.objectContaining({ kind: 'unsupported_feature', param: '/n' }))
    expect(fromChat({ n: 1 }).losses).toEqual([])
  })

  it('EC-170 logprobs become an include and come from one', () => {
    expect(fromChat({ logprobs: true, top_logprobs: 2 }).body).toMatchObject({
      include: ['message.output_text.logprobs'],
      top_logprobs: 2,
    })
    expect(toChat({ include: ['message.output_text.logprobs'], top_logprobs: 2 }).body).toMatchObject({
      logprobs: true,
      top_logprobs: 2,
    })
    expect(toMessages({ top_logprobs: 2 }).losses).toContainEqual(
      expect.objectContaining({ level: 'lossy', path: '/top_logprobs' }),
    )
  })

  it('EC-171 conversations, stored prompts and items that only their upstream keeps are refused by name', () => {
    const bodies: [JsonObject, string][] = [
      [{ conversation: 'conv_1' }, '/conversation'],
      [{ prompt: { id: 'pmpt_1' } }, '/prompt'],
      [{ background: true }, '/background'],
      [{ input: [{ type: 'item_reference', id: 'msg_1' }] }, '/input/0'],
      [{ input: [{ id: 'msg_1' }] }, '/input/0'],
      [{ input: [{ type: 'compaction_trigger' }] }, '/input/0'],
      [{ input: [{ type: 'compaction', encrypted_content: 'native' }] }, '/input/0'],
    ]
    for (const [body, param] of bodies) {
      expect(() => toMessages(body)).toThrow(expect.objectContaining({ kind: 'unsupported_feature', param }))
      expect(() => toChat(body)).toThrow(expect.objectContaining({ kind: 'unsupported_feature', param }))
    }
  })

  it('EC-172 fields that nobody knows are named, wherever they stand', () => {
    const sent = toMessages({
      mystery: 1,
      input: [{ role: 'user', content: [{ type: 'input_text', text: 'x', odd: 1 }], strange: 1 }],
    })
    const unknown = sent.losses.filter(({ code }) => code === 'unknown_field').map(({ path }) => path)
    expect(unknown.toSorted()).toEqual(['/input/0/content/0/odd', '/input/0/strange', '/mystery'])
  })

  it('EC-173 tools of the vendor are dropped and said where the target has none', () => {
    for (const type of ['file_search', 'code_interpreter', 'image_generation']) {
      expect(codesOfSent(toChat({ tools: [{ type, vector_store_ids: [] }] }))).toEqual(['server_tool_dropped'])
    }
  })

  it('nothing is kept upstream unless the client says so, and proofs are asked for where the model reasons', () => {
    expect(fromMessages({}).body).toMatchObject({ store: false, include: ['reasoning.encrypted_content'] })
    expect(fromChat({}).body).toMatchObject({ store: false })
    expect(fromChat({}).body).not.toHaveProperty('include')
    expect(fromChat({ store: true }).body.store).toBe(true)
  })

  it('a configuration update at the end is applied, one before that is lost and said', () => {
    const update = { type: 'configuration_update', reasoning: { effort: 'low' } }
    const user = { role: 'user', content: 'U' }
    expect(toChat({ reasoning: { effort: 'high' }, input: [user, update] }).body.reasoning_effort).toBe('low')
    const early = toChat({ reasoning: { effort: 'high' }, input: [update, user] })
    expect(early.body.reasoning_effort).toBe('high')
    expect(codesOfSent(early)).toEqual(['param_unsupported'])
  })

  it.for([
    [
      'shell',
      { type: 'shell_call', call_id: 'call_1', action: { commands: ['ls'] } },
      {
        type: 'shell_call_output',
        call_id: 'call_1',
        output: [{ stdout: 'a', stderr: '', outcome: { type: 'exit', exit_code: 0 } }],
      },
    ],
    [
      'local_shell',
      {
        type: 'local_shell_call',
        id: 'lsh_1',
        call_id: 'call_1',
        status: 'completed',
        action: { type: 'exec', command: ['ls'], env: {} },
      },
      { type: 'local_shell_call_output', id: 'lsh_1', output: 'a' },
    ],
    [
      'apply_patch',
      {
        type: 'apply_patch_call',
        call_id: 'call_1',
        status: 'completed',
        operation: { type: 'delete_file', path: 'a' },
      },
      { type: 'apply_patch_call_output', call_id: 'call_1', status: 'failed', output: 'a' },
    ],
  ] as const)('a %s tool is a function elsewhere, with its calls and results', ([type, made, output]) => {
    const { body } = toMessages({ input: [{ role: 'user', content: 'U' }, made, output], tools: [{ type }] })
    expect(body.tools).toMatchObject([{ name: type, input_schema: { type: 'object' } }])
    expect(body.messages[1].content).toMatchObject([{ type: 'tool_use', id: 'call_1', name: type }])
    expect(body.messages[2].content).toMatchObject([{ type: 'tool_result', tool_use_id: 'call_1' }])
    expect(JSON.stringify(body.messages[2])).toContain('a')
  })
})

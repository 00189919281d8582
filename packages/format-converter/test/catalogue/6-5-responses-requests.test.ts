import { describe, expect, it } from 'vitest'

import type { JsonObject } from '../../src/model/json.ts'
import type { Loose } from '../../src/testing/loose.ts'
import { wrapSeal } from '../../src/wire/seal-envelope.ts'
import { CALL, codesOfSent, fromMessages, OUTPUT, toChat, toMessages, TOOL } from './responses-requests.ts'

const PNG = 'iVBORw0KGgoAAAANSUhEUg=='

describe('6.5 Responses requests: messages', () => {
  it('EC-103 developer items become the system prompt, never the assistant', () => {
    const input = [
      { type: 'message', role: 'developer', content: [{ type: 'input_text', text: 'D' }] },
      { role: 'user', content: 'U' },
    ]
    expect(toMessages({ input }).body).toMatchObject({ system: [{ text: 'D' }], messages: [{ role: 'user' }] })
    expect(toChat({ input }).body.messages.map((message: Loose) => message.role)).toEqual(['system', 'user'])
  })

  it('EC-104 instructions come before developer items, and later ones stay in their place', () => {
    const input = [
      { role: 'developer', content: 'D' },
      { role: 'user', content: 'U' },
      { role: 'assistant', content: 'A' },
      { role: 'developer', content: 'late' },
      { role: 'user', content: 'V' },
    ]
    const { body } = toChat({ instructions: 'I', input })
    expect(body.messages.map((message: Loose) => message.content)).toEqual(['I', 'D', 'U', 'A', 'late', 'V'])
  })

  it('EC-106 an assistant item without content is no text', () => {
    const input = [{ role: 'user', content: 'U' }, { type: 'message', role: 'assistant', content: null }, CALL, OUTPUT]
    const { body } = toChat({ input, tools: [TOOL] })
    expect(body.messages[1]).toMatchObject({ content: null, tool_calls: [{ id: 'call_1' }] })
  })

  it('EC-108 several outputs become one user message with all results', () => {
    const second = { ...CALL, call_id: 'call_2' }
    const input = [{ role: 'user', content: 'U' }, CALL, second, OUTPUT, { ...OUTPUT, call_id: 'call_2' }]
    const { body } = toMessages({ input, tools: [TOOL] })
    expect(body.messages).toHaveLength(3)
    expect(body.messages[2].content.map((block: Loose) => block.tool_use_id)).toEqual(['call_1', 'call_2'])
  })

  it('what Codex notes on its items for its own server is no loss', () => {
    const plain = [{ role: 'user', content: 'U' }, CALL, OUTPUT]
    const noted = plain.map((item) => ({ ...item, internal_chat_message_metadata_passthrough: { turn_id: 't' } }))
    const sent = toMessages({ input: noted, tools: [TOOL] })
    expect(JSON.stringify(sent.body)).not.toContain('passthrough')
    expect(codesOfSent(sent)).toEqual(codesOfSent(toMessages({ input: plain, tools: [TOOL] })))
  })

  it('EC-111 an output without its call becomes text, a call without output gets one', () => {
    const orphan = toMessages({ input: [{ role: 'user', content: 'U' }, OUTPUT] })
    expect(JSON.stringify(orphan.body.messages)).toContain('call_1')
    expect(codesOfSent(orphan)).toContain('orphan_tool_result')
    const missing = toMessages({
      input: [{ role: 'user', content: 'U' }, CALL, { role: 'user', content: 'V' }],
      tools: [TOOL],
    })
    expect(codesOfSent(missing)).toContain('missing_tool_result')
  })

  it('EC-120 images in a tool result go as input_image to Responses, and after all tool messages to Chat', () => {
    const source = { type: 'base64', media_type: 'image/png', data: PNG }
    const messages = [
      { role: 'user', content: 'go' },
      { role: 'assistant', content: [{ type: 'tool_use', id: 'toolu_1', name: 'shot', input: {} }] },
      {
        role: 'user',
        content: [
          {
            type: 'tool_result',
            tool_use_id: 'toolu_1',
            content: [
              { type: 'text', text: 'ok' },
              { type: 'image', source },
            ],
          },
        ],
      },
    ]
    const { body } = fromMessages({ messages, tools: [{ name: 'shot', input_schema: { type: 'object' } }] })
    expect(body.input.at(-1)).toEqual({
      type: 'function_call_output',
      call_id: 'toolu_1',
      output: [
        { type: 'input_text', text: 'ok' },
        { type: 'input_image', image_url: `data:image/png;base64,${PNG}`, detail: 'auto' },
      ],
    })
    const image = { type: 'input_image', image_url: `data:image/png;base64,${PNG}` }
    const chat = toChat({
      input: [{ role: 'user', content: 'U' }, CALL, { ...OUTPUT, output: [image] }],
      tools: [TOOL],
    })
    expect(chat.body.messages.map((message: Loose) => message.role)).toEqual(['user', 'assistant', 'tool', 'user'])
  })

  it('EC-121 an output may be text, a list, empty or missing', () => {
    const outputs: JsonObject[] = [
      { output: 'x' },
      { output: [{ type: 'input_text', text: 'x' }] },
      { output: '' },
      { output: [] },
      {},
    ]
    for (const output of outputs) {
      const item = { type: 'function_call_output', call_id: 'call_1', ...output }
      const { body } = toMessages({ input: [{ role: 'user', content: 'U' }, CALL, item], tools: [TOOL] })
      expect(body.messages[2].content).toMatchObject([{ type: 'tool_result', tool_use_id: 'call_1' }])
    }
  })

  it('EC-122 a failed tool says so in its text', () => {
    const messages = [
      { role: 'user', content: 'go' },
      { role: 'assistant', content: [{ type: 'tool_use', id: 'toolu_1', name: 'w', input: {} }] },
      {
        role: 'user',
        content: [{ type: 'tool_result', tool_use_id: 'toolu_1', is_error: true, content: 'no such file' }],
      },
    ]
    const { body } = fromMessages({ messages, tools: [{ name: 'w', input_schema: { type: 'object' } }] })
    expect(body.input.at(-1).output).toBe('Error: no such file')
  })

  it.each([
    [{ ok: true }, '{"ok":true}'],
    [[{ x: 1 }, 2], '[{"x":1},2]'],
  ])('EC-123 an output that is the value %j becomes its JSON text', (output, text) => {
    const input = [{ role: 'user', content: 'U' }, CALL, { ...OUTPUT, output }]
    expect(toChat({ input, tools: [TOOL] }).body.messages.at(-1).content).toBe(text)
  })

  it('EC-124 a proof of another vendor or account is dropped, and none is made up', () => {
    const foreign = { type: 'reasoning', id: 'rs_1', summary: [], encrypted_content: 'native' }
    const sent = toMessages({ input: [{ role: 'user', content: 'U' }, foreign, CALL, OUTPUT], tools: [TOOL] })
    expect(sent.body.messages[1].content.map((block: Loose) => block.type)).toEqual(['tool_use'])
    expect(codesOfSent(sent)).toContain('reasoning_dropped')
    const thinking = { type: 'thinking', thinking: 't', signature: 'native' }
    const messages = [
      { role: 'user', content: 'go' },
      { role: 'assistant', content: [thinking, { type: 'text', text: 'A' }] },
      { role: 'user', content: 'on' },
    ]
    expect(fromMessages({ messages }).body.input.map((item: Loose) => item.type)).toEqual([
      'message',
      'message',
      'message',
    ])
  })

  it('a proof that went through a client of the other format comes back exactly', () => {
    const ours = wrapSeal({ kind: 'openai-reasoning', format: 'openai-responses', value: 'SECRET', itemId: 'rs_1' })
    const messages = [
      { role: 'user', content: 'go' },
      {
        role: 'assistant',
        content: [
          { type: 'thinking', thinking: 'summary', signature: ours },
          { type: 'tool_use', id: 'toolu_1', name: 'w', input: {} },
        ],
      },
      { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'toolu_1', content: 'ok' }] },
    ]
    const { body } = fromMessages({ messages, tools: [{ name: 'w', input_schema: { type: 'object' } }] })
    expect(body.input.slice(1, 3)).toMatchObject([
      {
        type: 'reasoning',
        id: 'rs_1',
        summary: [{ type: 'summary_text', text: 'summary' }],
        encrypted_content: 'SECRET',
      },
      { type: 'function_call', call_id: 'toolu_1' },
    ])
    const theirs = wrapSeal({ kind: 'anthropic-signature', format: 'anthropic-messages', value: 'SIG' })
    const reasoning = {
      type: 'reasoning',
      id: 'rs_2',
      summary: [{ type: 'summary_text', text: 't' }],
      content: null,
      encrypted_content: theirs,
    }
    const back = toMessages({ input: [{ role: 'user', content: 'U' }, reasoning, CALL, OUTPUT], tools: [TOOL] })
    expect(back.body.messages[1].content[0]).toEqual({ type: 'thinking', thinking: 't', signature: 'SIG' })
  })

  it('EC-126 reasoning whose pair is gone is dropped', () => {
    const ours = wrapSeal({ kind: 'openai-reasoning', format: 'openai-responses', value: 'SECRET', itemId: 'rs_1' })
    const messages = [
      { role: 'user', content: 'go' },
      {
        role: 'assistant',
        content: [
          { type: 'text', text: 'A' },
          { type: 'thinking', thinking: '', signature: ours },
        ],
      },
      { role: 'user', content: 'on' },
    ]
    const sent = fromMessages({ messages })
    expect(sent.body.input.filter((item: Loose) => item.type === 'reasoning')).toEqual([])
    expect(codesOfSent(sent)).toContain('reasoning_dropped')
  })

  it('EC-127 reasoning without text has an empty summary', () => {
    const ours = wrapSeal({ kind: 'openai-reasoning', format: 'openai-responses', value: 'SECRET' })
    const messages = [
      { role: 'user', content: 'go' },
      {
        role: 'assistant',
        content: [
          { type: 'thinking', thinking: '', signature: ours },
          { type: 'text', text: 'A' },
        ],
      },
      { role: 'user', content: 'on' },
    ]
    expect(fromMessages({ messages }).body.input[1]).toEqual({
      type: 'reasoning',
      summary: [],
      encrypted_content: 'SECRET',
    })
    expect(() =>
      toMessages({ input: [{ role: 'user', content: 'U' }, { type: 'reasoning', id: 'rs_1' }, CALL, OUTPUT] }),
    ).not.toThrow()
  })

  it('EC-128 reasoning without a proof is dropped, which is no news', () => {
    const sent = toMessages({
      input: [
        { role: 'user', content: 'U' },
        { type: 'reasoning', summary: [{ type: 'summary_text', text: 't' }] },
        CALL,
        OUTPUT,
      ],
      tools: [TOOL],
    })
    expect(sent.body.messages[1].content.map((block: Loose) => block.type)).toEqual(['tool_use'])
    expect(sent.losses).toContainEqual(expect.objectContaining({ code: 'reasoning_dropped', level: 'info' }))
  })

  it('EC-129 reasoning, message and call keep their order', () => {
    const ours = wrapSeal({ kind: 'openai-reasoning', format: 'openai-responses', value: 'SECRET' })
    const messages = [
      { role: 'user', content: 'go' },
      {
        role: 'assistant',
        content: [
          { type: 'thinking', thinking: '', signature: ours },
          { type: 'text', text: 'A' },
          { type: 'tool_use', id: 'toolu_1', name: 'w', input: {} },
        ],
      },
      { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'toolu_1', content: 'ok' }] },
    ]
    const { body } = fromMessages({ messages, tools: [{ name: 'w', input_schema: { type: 'object' } }] })
    expect(body.input.map((item: Loose) => item.type)).toEqual([
      'message',
      'reasoning',
      'message',
      'function_call',
      'function_call_output',
    ])
  })

  it('EC-130 an earlier response that nobody here keeps is refused by name', () => {
    const body = { previous_response_id: 'resp_1', input: [OUTPUT] }
    expect(() => toMessages(body)).toThrow(
      expect.objectContaining({ kind: 'unsupported_feature', param: '/previous_response_id' }),
    )
  })

  it('EC-132 EC-133 an image goes by its URL, and data URLs in any spelling are read', () => {
    const content = [
      { type: 'input_image', image_url: 'https://a.example/x.png', detail: 'high' },
      { type: 'input_image', image_url: `DATA:image/png;charset=utf-8;BASE64,${PNG.slice(0, 8)}\n${PNG.slice(8)}` },
    ]
    const { body } = toMessages({ input: [{ role: 'user', content }] })
    expect(body.messages[0].content).toMatchObject([
      { type: 'image', source: { type: 'url', url: 'https://a.example/x.png' } },
      { type: 'image', source: { type: 'base64', media_type: 'image/png', data: PNG } },
    ])
  })

  it('EC-134 a PDF goes as input_file, and comes from one', () => {
    const pdf = 'JVBERi0xLjQK'
    const document = {
      type: 'document',
      title: 'a.pdf',
      source: { type: 'base64', media_type: 'application/pdf', data: pdf },
    }
    const sent = fromMessages({ messages: [{ role: 'user', content: [document] }] })
    expect(sent.body.input[0].content).toEqual([
      { type: 'input_file', filename: 'a.pdf', file_data: `data:application/pdf;base64,${pdf}` },
    ])
    const input = [
      {
        role: 'user',
        content: [{ type: 'input_file', filename: 'a.pdf', file_data: `data:application/pdf;base64,${pdf}` }],
      },
    ]
    expect(toMessages({ input }).body.messages[0].content).toMatchObject([
      { type: 'document', source: { media_type: 'application/pdf', data: pdf } },
    ])
  })
})

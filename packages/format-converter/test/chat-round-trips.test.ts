import { describe, expect, it } from 'vitest'

import { createConverter, profiles, type JsonObject } from '../src/index.ts'
import type { Loose } from '../src/testing/loose.ts'

const TOOLS = [{ name: 'w', input_schema: { type: 'object', properties: { q: { type: 'string' } } } }]
const USER = { role: 'user', content: 'x' }

describe('reasoning proofs come back as they were', () => {
  it('of OpenRouter, through a Messages client', () => {
    const details = [
      { type: 'reasoning.text', text: 'Need weather.', signature: 'SIG', format: 'anthropic-claude-v1', index: 0 },
      { type: 'reasoning.encrypted', data: 'ENC', id: 'rs_1', format: 'openai-responses-v1', index: 1 },
    ]
    const message = {
      role: 'assistant',
      content: null,
      reasoning: 'Need weather.',
      reasoning_details: details,
      tool_calls: [{ id: 'call_a', type: 'function', function: { name: 'w', arguments: '{"q":"Bonn"}' } }],
    }
    const profile = profiles.resolve('openai-chat', 'some-model', { id: 'openrouter' })
    const converter = createConverter({
      client: 'anthropic-messages',
      upstream: 'openai-chat',
      profile,
      seals: { issuer: 'account-1' },
    })
    const first = { model: 'm', max_tokens: 100, tools: TOOLS, messages: [USER] }
    const answer: Loose = converter
      .exchange(first)
      .response({ choices: [{ index: 0, message, finish_reason: 'tool_calls' }] }).body
    const history = [
      USER,
      { role: 'assistant', content: answer.content },
      { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'call_a', content: 'sunny' }] },
    ]
    const second: Loose = converter.exchange({ ...first, messages: history })
    expect(second.request.messages[1]).toEqual({
      role: 'assistant',
      content: null,
      reasoning_details: details,
      tool_calls: message.tool_calls,
    })
    expect(second.losses.filter((loss: Loose) => loss.level !== 'info')).toEqual([])

    const other = createConverter({
      client: 'anthropic-messages',
      upstream: 'openai-chat',
      profile,
      seals: { issuer: 'account-2' },
    })
    const elsewhere: Loose = other.exchange({ ...first, messages: history })
    expect(elsewhere.request.messages[1]).not.toHaveProperty('reasoning_details')
    expect(elsewhere.losses).toContainEqual(expect.objectContaining({ code: 'reasoning_dropped', level: 'degraded' }))
  })

  it('of Anthropic, through a Chat client', () => {
    const content = [
      { type: 'thinking', thinking: 'Need weather.', signature: 'SIG' },
      { type: 'redacted_thinking', data: 'RED' },
      { type: 'text', text: 'Looking.' },
      { type: 'tool_use', id: 'toolu_1', name: 'w', input: { q: 'Bonn' } },
    ]
    const body = {
      id: 'msg_1',
      type: 'message',
      role: 'assistant',
      model: 'claude-opus-5',
      content,
      stop_reason: 'tool_use',
      stop_sequence: null,
      usage: { input_tokens: 1, output_tokens: 1 },
    }
    const converter = createConverter({
      client: 'openai-chat',
      upstream: 'anthropic-messages',
      seals: { issuer: 'account-1' },
    })
    const first = {
      model: 'claude-opus-5',
      tools: [{ type: 'function', function: { name: 'w', parameters: TOOLS[0]?.input_schema } }],
      messages: [USER],
    }
    const answer: Loose = converter.exchange(first).response(body).body
    expect(answer.choices[0].message).toMatchObject({ content: 'Looking.', reasoning_content: 'Need weather.' })
    const second: Loose = converter.exchange({
      ...first,
      messages: [USER, answer.choices[0].message, { role: 'tool', tool_call_id: 'toolu_1', content: 'sunny' }],
    })
    const replayed: JsonObject[] = second.request.messages[1].content
    expect(replayed).toEqual(content)
  })
})

describe('numbers that JavaScript cannot hold', () => {
  it('survive in the arguments of a Chat call for a Chat client', () => {
    const text = '{"id":12345678901234567890,"b":1.10,"a":1}'
    const message = {
      role: 'assistant',
      content: null,
      tool_calls: [{ id: 'call_a', type: 'function', function: { name: 'w', arguments: text } }],
    }
    const converter = createConverter({ client: 'openai-chat', upstream: 'openai-chat' })
    const exchange = converter.exchange({ model: 'm', messages: [USER] })
    const body: Loose = exchange.response({ choices: [{ index: 0, message, finish_reason: 'tool_calls' }] }).body
    expect(body.choices[0].message.tool_calls[0].function.arguments).toBe(text)
  })
})

describe("Google's thought signatures", () => {
  const answer = {
    choices: [
      {
        index: 0,
        message: {
          role: 'assistant',
          tool_calls: [
            {
              id: '',
              type: 'function',
              function: { name: 'w', arguments: '{}' },
              extra_content: { google: { thought_signature: 'AVSoSIG' } },
            },
          ],
        },
        finish_reason: 'tool_calls',
      },
    ],
  }

  it.for(['account-1', undefined])('go back with the call that they prove, for issuer %s', (issuer) => {
    const open = { client: 'anthropic-messages', upstream: 'openai-chat', seals: { issuer } } as const
    const first = { model: 'gemini-3-pro', max_tokens: 100, tools: TOOLS, messages: [USER] }
    const content: Loose = createConverter(open).exchange(first).response(answer).body.content
    expect(content.map((block: Loose) => block.type)).toEqual(['thinking', 'tool_use'])
    const history = [
      USER,
      { role: 'assistant', content },
      { role: 'user', content: [{ type: 'tool_result', tool_use_id: content[1].id, content: 'sunny' }] },
    ]
    const second: Loose = createConverter(open).exchange({ ...first, messages: history })
    expect(second.request.messages[1].tool_calls).toEqual([
      {
        id: content[1].id,
        type: 'function',
        function: { name: 'w', arguments: '{}' },
        extra_content: { google: { thought_signature: 'AVSoSIG' } },
      },
    ])
    expect(second.losses.filter((loss: Loose) => loss.level !== 'info')).toEqual([])
    const elsewhere: Loose = createConverter({ ...open, seals: { issuer: 'account-2' } }).exchange({
      ...first,
      messages: history,
    })
    const isKept = JSON.stringify(elsewhere.request).includes('AVSoSIG')
    expect(isKept).toBe(issuer === undefined)
  })

  it('go back each with its own call where the upstream gave all calls one id', () => {
    const converter = createConverter({ client: 'anthropic-messages', upstream: 'openai-chat' })
    const first = { model: 'gemini-3-pro', max_tokens: 100, tools: TOOLS, messages: [USER] }
    const calls = ['SIG1', 'SIG2'].map((thought_signature) => ({
      id: 'call_0',
      type: 'function',
      function: { name: 'w', arguments: '{}' },
      extra_content: { google: { thought_signature } },
    }))
    const message = { role: 'assistant', content: null, tool_calls: calls }
    const { body } = converter.exchange(first).response({ choices: [{ message, finish_reason: 'tool_calls' }] })
    const { content }: Loose = body
    const second: Loose = converter.exchange({ ...first, messages: [USER, { role: 'assistant', content }] })
    expect(second.request.messages[1].tool_calls).toMatchObject(
      calls.map(({ extra_content }, index) => ({ id: index === 0 ? 'call_0' : 'call_0_2', extra_content })),
    )
  })
})

import { describe, expect, it, test } from 'vitest'

import type { JsonObject } from '../src/index.ts'
import type { Loose } from '../src/testing/loose.ts'
import { eventsOf, explode, open, plain } from './support/exchanges.ts'
import type { Format } from './support/pairs.ts'

const TOOLS = [{ type: 'function', function: { name: 'f' } }]
const USER = { role: 'user', content: 'x' }
const RESULT = { role: 'tool', tool_call_id: 'call_1', content: 'done' }

/** Answers in which reasoning stands between everything else. */
const ANSWERS: { readonly [Name in Exclude<Format, 'openai-chat'>]: JsonObject } = {
  'anthropic-messages': {
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    content: [
      { type: 'thinking', thinking: 'first\n\nthought', signature: 'SIG1' },
      { type: 'redacted_thinking', data: 'SECRET' },
      { type: 'text', text: 'Let me see.' },
      { type: 'thinking', thinking: 'second', signature: 'SIG2' },
      { type: 'tool_use', id: 'call_1', name: 'f', input: {} },
    ],
    stop_reason: 'tool_use',
  },
  'openai-responses': {
    id: 'resp_1',
    object: 'response',
    status: 'completed',
    output: [
      reasoningItem('rs_1', 'ENC1', 'one', 'two'),
      {
        id: 'msg_1',
        type: 'message',
        role: 'assistant',
        content: [{ type: 'output_text', text: 'Let me see.', annotations: [] }],
      },
      reasoningItem('rs_2', 'ENC2'),
      { id: 'fc_1', type: 'function_call', call_id: 'call_1', name: 'f', arguments: '{}' },
    ],
  },
}

function reasoningItem(id: string, encrypted_content: string, ...texts: readonly string[]): JsonObject {
  return { id, type: 'reasoning', summary: texts.map((text) => ({ type: 'summary_text', text })), encrypted_content }
}

/** The message that a Chat client keeps of a whole answer. */
function keptWhole(upstream: Format, answer: JsonObject): Loose {
  const { body } = open({ client: 'openai-chat', upstream, request: { tools: TOOLS } }).response(answer)
  return plain(body).choices[0].message
}

/** The message that a client keeps of a stream, when it appends what it gets. */
function keptStream(upstream: Format, answer: JsonObject): Loose {
  const sse = explode({ client: 'openai-chat', upstream, request: { tools: TOOLS, stream: true } }, answer)
  const message: Loose = { role: 'assistant', content: '', reasoning_content: '', tool_calls: [] }
  for (const { choices } of eventsOf(sse)) {
    const delta = choices[0]?.delta ?? {}
    message.content += delta.content ?? ''
    message.reasoning_content += delta.reasoning_content ?? ''
    if (delta.reasoning_details !== undefined) message.reasoning_details = delta.reasoning_details
    for (const call of delta.tool_calls ?? []) {
      if (call.id === undefined) message.tool_calls[call.index].function.arguments += call.function.arguments
      else message.tool_calls[call.index] = call
    }
  }
  return message
}

/** What goes upstream when the client goes on. */
function sentNext(upstream: Format, model: string, message: Loose): Loose {
  const messages = [USER, message, RESULT]
  return plain(open({ client: 'openai-chat', upstream, model, request: { tools: TOOLS, messages } }).request)
}

describe.each([
  ['whole', keptWhole],
  ['streamed', keptStream],
])('reasoning of a %s answer that a Chat client gives back', (_way, kept) => {
  it('stands where it stood, with its own words, for Claude', () => {
    const answer = ANSWERS['anthropic-messages']
    const { messages } = sentNext('anthropic-messages', 'claude-opus-5', kept('anthropic-messages', answer))
    expect(messages[1].content).toEqual(answer['content'])
  })

  it('stands where it stood, each item before the one that it led to, for OpenAI', () => {
    const answer = ANSWERS['openai-responses']
    const { input } = sentNext('openai-responses', 'gpt-5.2', kept('openai-responses', answer))
    expect(input.slice(1, 5)).toMatchObject([
      reasoningItem('rs_1', 'ENC1', 'one\n\ntwo'),
      { type: 'message', role: 'assistant' },
      reasoningItem('rs_2', 'ENC2'),
      { type: 'function_call', call_id: 'call_1' },
    ])
  })

  it('goes before the one text of its message where it stood between two texts, in its order', () => {
    const { content, ...answer }: Loose = ANSWERS['anthropic-messages']
    const [first, redacted, text, second, call] = content
    const message = kept('anthropic-messages', {
      ...answer,
      content: [text, first, call, redacted, second, { type: 'text', text: 'Done.' }],
    })
    const exchange = open({
      client: 'openai-chat',
      upstream: 'anthropic-messages',
      model: 'claude-opus-5',
      request: { tools: TOOLS, messages: [USER, message, RESULT], max_tokens: 9 },
    })
    const joined = { type: 'text', text: 'Let me see.\n\nDone.' }
    expect(plain(exchange.request).messages[1].content).toEqual([first, redacted, second, joined, call])
    expect(exchange.losses).toEqual([])
  })

  it('keeps its words behind a summary, which Chat has no place for', () => {
    const summary = { type: 'compaction', content: 'they spoke of cats', encrypted_content: 'SEALED' }
    const { content, ...answer } = ANSWERS['anthropic-messages']
    const message = kept('anthropic-messages', { ...answer, content: [summary, ...(content as JsonObject[])] })
    const exchange = open({
      client: 'openai-chat',
      upstream: 'anthropic-messages',
      model: 'claude-opus-5',
      request: { tools: TOOLS, messages: [USER, message, RESULT], max_tokens: 9 },
    })
    expect(plain(exchange.request).messages[1].content).toEqual(content)
    expect(exchange.losses).toEqual([])
  })
})

test('reasoning whose words the client left out or changed keeps its place, without words', () => {
  const { reasoning_content: words, ...message } = keptWhole('anthropic-messages', ANSWERS['anthropic-messages'])
  const bare = ['thinking', 'redacted_thinking', 'text', 'thinking', 'tool_use']
  for (const changed of [message, { ...message, reasoning_content: `${words} and more` }]) {
    const { content } = sentNext('anthropic-messages', 'claude-opus-5', changed).messages[1]
    expect(content.map(({ type }: Loose) => type)).toEqual(bare)
    expect(content.map(({ thinking }: Loose) => thinking ?? '').join('')).toBe('')
  }
})

test('reasoning that came first and alone has an envelope without a place', () => {
  const [thinking] = ANSWERS['anthropic-messages']['content'] as [JsonObject]
  const answer = { ...ANSWERS['anthropic-messages'], content: [thinking, { type: 'text', text: 'Hi' }] }
  const [detail] = keptWhole('anthropic-messages', answer).reasoning_details
  const envelope = JSON.parse(Buffer.from(detail.data.slice('rly1.'.length), 'base64url').toString())
  expect(envelope).toEqual({ k: 't', v: 'SIG1', of: 'anthropic-messages' })
})

describe('reasoning that nothing followed, towards Messages', () => {
  const thinking = { type: 'thinking', thinking: 'hm', signature: 'SIG' }
  const cut = { ...ANSWERS['anthropic-messages'], stop_reason: 'max_tokens' }

  it('is left out at the end of an answer, and that is told', () => {
    const kept = keptWhole('anthropic-messages', {
      ...cut,
      content: [thinking, { type: 'text', text: 'Hi' }, thinking],
    })
    const exchange = open({
      client: 'openai-chat',
      upstream: 'anthropic-messages',
      model: 'claude-opus-5',
      request: { messages: [USER, kept, USER] },
    })
    const types = plain(exchange.request).messages[1].content.map(({ type }: Loose) => type)
    expect(types).toEqual(['thinking', 'text'])
    expect(exchange.losses).toContainEqual(expect.objectContaining({ code: 'reasoning_dropped', level: 'degraded' }))
  })

  it('goes with its turn where there was nothing else', () => {
    const asked = { client: 'openai-responses', upstream: 'anthropic-messages', model: 'claude-opus-5' } as const
    const { output } = plain(open(asked).response({ ...cut, content: [thinking] }).body)
    const { messages } = plain(open({ ...asked, request: { input: [USER, ...output, USER] } }).request)
    expect(messages).toEqual([{ role: 'user', content: [expect.anything(), expect.anything()] }])
  })
})

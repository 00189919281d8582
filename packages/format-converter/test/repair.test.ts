import { describe, expect, test } from 'vitest'

import { createConverter, readSealIssuer } from '../src/index.ts'

const THOUGHT = { type: 'thinking', thinking: 'First the time.', signature: 'c2lnbmF0dXJl' }
const CALL = { type: 'tool_use', id: 'toolu_1', name: 'now', input: {} }
const RESULT = { type: 'tool_result', tool_use_id: 'toolu_1', content: '10:00' }
const MESSAGES = {
  model: 'claude-opus-5',
  max_tokens: 4096,
  tools: [{ name: 'now', input_schema: { type: 'object' } }],
  messages: [
    { role: 'user', content: [{ type: 'text', text: 'What time is it?' }] },
    { role: 'assistant', content: [THOUGHT, CALL] },
    { role: 'user', content: [RESULT] },
  ],
}
const ITEM = { type: 'reasoning', id: 'rs_1', summary: [], encrypted_content: 'Y2lwaGVy' }
const RESPONSES = {
  model: 'gpt-5.2',
  store: false,
  input: [
    { role: 'user', content: 'hi' },
    ITEM,
    { role: 'assistant', content: 'hello' },
    { role: 'user', content: 'and?' },
  ],
}

describe('one retry without the earlier reasoning', () => {
  test('to the same format: the thinking is gone, everything else is as it was', () => {
    const converter = createConverter({ client: 'anthropic-messages', upstream: 'anthropic-messages' })
    const exchange = converter.exchange(MESSAGES)
    expect(exchange.request).toBe(MESSAGES)
    expect(exchange.losses).toEqual([])
    const repaired = exchange.repair('strip-reasoning')
    expect(repaired.request).toEqual({
      ...MESSAGES,
      messages: [MESSAGES.messages[0], { role: 'assistant', content: [CALL] }, MESSAGES.messages[2]],
    })
    expect(repaired.losses).toMatchObject([
      { code: 'reasoning_dropped', level: 'degraded', path: '/messages/1/content/0' },
    ])
    expect(exchange.request).toBe(MESSAGES)
  })

  test('a Responses item goes whole', () => {
    const converter = createConverter({ client: 'openai-responses', upstream: 'openai-responses' })
    const { request } = converter.exchange(RESPONSES).repair('strip-reasoning')
    expect(request).toEqual({ ...RESPONSES, input: RESPONSES.input.filter((item) => item !== ITEM) })
  })

  test('of a Chat message only the proofs go', () => {
    const converter = createConverter({ client: 'openai-chat', upstream: 'openai-chat' })
    const answer = { role: 'assistant', content: 'Ten.', reasoning: 'First the time.' }
    const summary = { type: 'reasoning.summary', summary: 'The time.' }
    const proof = { type: 'reasoning.encrypted', data: 'Y2lwaGVy', id: 'rs_1' }
    const body = {
      model: 'gpt-5.2',
      reasoning: { effort: 'high' },
      messages: [
        { ...answer, reasoning_details: [proof] },
        { ...answer, reasoning_details: [summary, proof] },
        { role: 'user', content: 'Sure?' },
      ],
    }
    const repaired = converter.exchange(body).repair('strip-reasoning')
    expect(repaired.request).toEqual({
      ...body,
      messages: [answer, { ...answer, reasoning_details: [summary] }, body.messages[2]],
    })
    expect(repaired.losses.map(({ path, detail }) => [path, detail?.count])).toEqual([
      ['/messages/0/reasoning_details/0', 2],
    ])
  })

  test('the policy reject does not let it pass', () => {
    const converter = createConverter({ client: 'openai-responses', upstream: 'openai-responses', policy: 'reject' })
    expect(() => converter.exchange(RESPONSES).repair('strip-reasoning')).toThrow(/reasoning_dropped/)
  })

  test('a mapped model stays mapped', () => {
    const converter = createConverter({ client: 'anthropic-messages', upstream: 'anthropic-messages' })
    const repaired = converter.exchange(MESSAGES, { model: 'claude-sonnet-5' }).repair('strip-reasoning')
    expect(repaired.request.model).toBe('claude-sonnet-5')
  })

  test('a thinking budget is switched off where the open tool loop lost its thinking', () => {
    const converter = createConverter({ client: 'anthropic-messages', upstream: 'anthropic-messages' })
    const thinking = { type: 'enabled', budget_tokens: 2048 }
    const { request } = converter
      .exchange({ ...MESSAGES, model: 'claude-sonnet-4-5', thinking })
      .repair('strip-reasoning')
    expect(request.thinking).not.toEqual(thinking)
  })

  test('a proof that another format carried is left out too', () => {
    const toResponses = createConverter({ client: 'anthropic-messages', upstream: 'openai-responses' })
    const sealed = sealedByResponses()
    const messages = [
      { role: 'user', content: 'hi' },
      { role: 'assistant', content: [sealed, { type: 'text', text: 'hello' }] },
      { role: 'user', content: 'and?' },
    ]
    const exchange = toResponses.exchange({ model: 'gpt-5.2', max_tokens: 100, messages })
    expect(JSON.stringify(exchange.request)).toContain('Y2lwaGVy')
    expect(JSON.stringify(exchange.repair('strip-reasoning').request)).not.toContain('Y2lwaGVy')
  })
})

describe('a conversation that moved between upstreams of several formats', () => {
  const moved = {
    ...MESSAGES,
    messages: [
      ...MESSAGES.messages.slice(0, 1),
      { role: 'assistant', content: [sealedByResponses('org-7')] },
      { role: 'user', content: [{ type: 'text', text: 'Please.' }] },
      ...MESSAGES.messages.slice(1),
    ],
  }

  test('loses the proofs of others where it passes as it is, and keeps the upstream’s own', () => {
    const converter = createConverter({ client: 'anthropic-messages', upstream: 'anthropic-messages' })
    const repaired = converter.exchange(moved).repair('strip-foreign-reasoning')
    expect(repaired.request.messages).toEqual([
      MESSAGES.messages[0],
      { role: 'user', content: [{ type: 'text', text: 'Please.' }] },
      ...MESSAGES.messages.slice(1),
    ])
    expect(repaired.losses).toMatchObject([{ code: 'reasoning_dropped', level: 'degraded' }])
  })

  test('is left alone where nobody else proved anything', () => {
    const converter = createConverter({ client: 'anthropic-messages', upstream: 'anthropic-messages' })
    const repaired = converter.exchange(MESSAGES).repair('strip-foreign-reasoning')
    expect(repaired.request).toEqual(MESSAGES)
    expect(repaired.losses).toEqual([])
  })

  test('says whose the proofs are', () => {
    const { signature } = sealedByResponses('org-7') as { readonly signature: string }
    expect(readSealIssuer(`${signature}"}]`)).toBe('org-7')
    for (const text of ['', 'rly1.', 'rly1.e30', 'c2lnbmF0dXJl', ` ${signature}`])
      expect(readSealIssuer(text)).toBeUndefined()
  })
})

/** The thinking block that a Messages client gets for a Responses reasoning item. */
function sealedByResponses(issuer?: string): object {
  const seals = { issuer }
  const converter = createConverter({ client: 'anthropic-messages', upstream: 'openai-responses', seals })
  const exchange = converter.exchange({
    model: 'gpt-5.2',
    max_tokens: 100,
    messages: [{ role: 'user', content: 'hi' }],
  })
  const { body } = exchange.response({
    id: 'resp_1',
    object: 'response',
    model: 'gpt-5.2',
    status: 'completed',
    output: [ITEM],
  })
  const block = body.content.find(({ type }) => type === 'thinking')
  if (block === undefined) throw new Error('the answer has no thinking block')
  return block
}

test('a whole answer explodes into the events of a stream', () => {
  const converter = createConverter({ client: 'openai-chat', upstream: 'anthropic-messages' })
  const exchange = converter.exchange({ model: 'claude-opus-5', messages: [{ role: 'user', content: 'hi' }] })
  const events = exchange.explode({
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    model: 'claude-opus-5',
    content: [{ type: 'text', text: 'Hello' }],
    stop_reason: 'end_turn',
    stop_sequence: null,
    usage: { input_tokens: 3, output_tokens: 1 },
  })
  expect(events.at(-1)).toBe('[DONE]')
  const texts = events.map((event) => (event === '[DONE]' ? '' : (event.choices[0]?.delta.content ?? '')))
  expect(texts.join('')).toBe('Hello')
  expect(() => exchange.explode({ type: 'error', error: { type: 'overloaded_error', message: 'busy' } })).toThrow(
    'busy',
  )
})

describe('one retry with the essentials only', () => {
  const request = {
    ...MESSAGES,
    temperature: 0.5,
    metadata: { user_id: 'me' },
    stop_sequences: ['END'],
    container: 'c',
  }

  test('to the same format: the other members are gone, and reported', () => {
    const converter = createConverter({ client: 'anthropic-messages', upstream: 'anthropic-messages' })
    const repaired = converter.exchange(request).repair('minimal')
    expect(repaired.request).toEqual({
      ...MESSAGES,
      messages: [MESSAGES.messages[0], { role: 'assistant', content: [CALL] }, MESSAGES.messages[2]],
      stop_sequences: ['END'],
    })
    expect(repaired.losses.map(({ path }) => path)).toEqual([
      '/messages/1/content/0',
      '/temperature',
      '/metadata',
      '/container',
    ])
  })

  test('to another format', () => {
    const converter = createConverter({ client: 'anthropic-messages', upstream: 'openai-chat' })
    const marked = { ...request, system: [{ type: 'text', text: 'S', cache_control: { type: 'ephemeral' } }] }
    const repaired = converter.exchange(marked, { model: 'some-model' }).repair('minimal')
    expect(Object.keys(repaired.request).toSorted()).toEqual(['max_tokens', 'messages', 'model', 'stop', 'tools'])
    expect(repaired.losses.map(({ path }) => path)).toEqual(
      expect.arrayContaining(['/temperature', '/metadata/user_id', '/container', '/system/0/cache_control']),
    )
  })
})

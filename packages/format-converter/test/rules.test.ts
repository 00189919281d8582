import Anthropic from '@anthropic-ai/sdk'
import { describe, expect, test } from 'vitest'

import { ConversionError, createConverter, type FormatName } from '../src/index.ts'
import { compileRules, type CompiledRules } from '../src/rules/index.ts'

const CHAT = { model: 'gpt-5.2', messages: [{ role: 'user', content: 'hi' }], max_tokens: 100 } as const
const MESSAGES = { model: 'claude-opus-4-6', max_tokens: 100, messages: [{ role: 'user', content: 'hi' }] } as const

describe('rules of requests', () => {
  test('change the client body before it is decoded', () => {
    const rules = compile([{ id: 'cap', phase: 'request.client', ops: [{ op: 'clamp', path: '/max_tokens', max: 7 }] }])
    const exchange = convert('anthropic-messages', 'openai-chat', rules).exchange(MESSAGES)
    expect(JSON.stringify(exchange.request)).toMatch(/"max_(completion_)?tokens":7/)
    expect(exchange.losses.filter(({ stage }) => stage === 'rules')).toEqual([
      {
        code: 'rule_applied',
        level: 'info',
        stage: 'rules',
        path: '',
        from: 'anthropic-messages',
        to: 'openai-chat',
        message: 'rule cap acted in request.client',
        detail: { value: 'cap' },
      },
    ])
  })

  test('switch options and flags of the profile', () => {
    const rules = compile([
      {
        id: 'old-server',
        phase: 'request.ir',
        when: { model: 'my-*' },
        ops: [
          { op: 'set', path: '/profile/dialect/maxTokensField', value: 'max_tokens' },
          { op: 'set', path: '/profile/dialect/includeUsage', value: false },
        ],
      },
    ])
    const converter = convert('anthropic-messages', 'openai-chat', rules)
    const ruled = converter.exchange({ ...MESSAGES, stream: true }, { model: 'my-model' })
    expect(ruled.request).toMatchObject({ max_tokens: 100 })
    expect(ruled.request).not.toHaveProperty('stream_options')
    expect(ruled.profile.dialect.includeUsage).toBe(false)
    const other = converter.exchange({ ...MESSAGES, stream: true }, { model: 'gpt-5.2' })
    expect(other.request).toMatchObject({ stream_options: { include_usage: true } })
  })

  test('change what is sent, and its headers', () => {
    const rules = compile([
      {
        id: 'sent',
        phase: 'request.upstream',
        when: { upstream: ['anthropic-messages'] },
        ops: [
          { op: 'set', path: '/service_tier', value: 'auto' },
          { op: 'header.set', name: 'anthropic-beta', value: 'a-beta' },
          { op: 'header.remove', name: 'anthropic-version' },
        ],
      },
    ])
    const exchange = convert('openai-chat', 'anthropic-messages', rules).exchange(CHAT)
    expect(exchange.request).toMatchObject({ service_tier: 'auto' })
    expect(exchange.headers).toEqual({ 'anthropic-beta': 'a-beta' })
    expect([...exchange.headerChanges.keys()]).toEqual(['anthropic-beta', 'anthropic-version'])
  })

  test('leave the very object of an identity path alone unless one acts', () => {
    const rules = compile([
      { id: 'n', phase: 'request.client', ops: [{ op: 'remove', path: '/n' }] },
      { id: 'k', phase: 'request.upstream', ops: [{ op: 'rename', path: '/top_k', to: '/k' }] },
    ])
    const converter = convert('openai-chat', 'openai-chat', rules)
    expect(converter.exchange(CHAT).request).toBe(CHAT)
    expect(converter.exchange(CHAT).losses).toEqual([])
    const body = { ...CHAT, n: 1, top_k: 4 }
    const changed = converter.exchange(body).request
    expect(changed).toEqual({ ...CHAT, k: 4 })
    expect(changed.messages).toBe(body.messages)
  })

  test('that refuse a request say so in the client format', () => {
    const rules = compile([
      {
        id: 'ban',
        phase: 'request.client',
        ops: [{ op: 'reject', if: { path: '/n', gt: 1 }, message: 'n is not supported', status: 422 }],
      },
    ])
    const converter = convert('openai-chat', 'anthropic-messages', rules)
    expect(converter.exchange({ ...CHAT, n: 1 }).losses.some(({ stage }) => stage === 'rules')).toBe(false)
    const error = thrownBy(() => converter.exchange({ ...CHAT, n: 2 }))
    expect(error).toMatchObject({ kind: 'unprocessable', status: 422, message: 'n is not supported' })
    expect(ConversionError.is(error) && error.losses).toMatchObject([
      { code: 'rule_applied', detail: { value: 'ban' } },
    ])
  })

  test('that would break the request are skipped, and it is said', () => {
    const rules = compile([
      { id: 'bad', phase: 'request.upstream', ops: [{ op: 'set', path: '/temperature', value: 'warm' }] },
    ])
    const exchange = convert('openai-chat', 'openai-chat', rules).exchange(CHAT)
    expect(exchange.request).toBe(CHAT)
    expect(exchange.losses).toMatchObject([{ code: 'rule_skipped', level: 'info', detail: { value: 'bad' } }])
  })

  test('each have their own entry among the losses', () => {
    const names = ['a', 'b', 'c']
    const rules = compile(
      names.map((id) => ({ id, phase: 'request.client', ops: [{ op: 'append', path: '/stop', value: id }] })),
    )
    const { losses } = convert('openai-chat', 'openai-chat', rules).exchange({ ...CHAT, stop: [] })
    expect(losses.map(({ detail }) => detail?.value)).toEqual(names)
  })
})

const ANSWER = {
  id: 'chatcmpl-1',
  object: 'chat.completion',
  created: 1,
  model: 'gpt-5.2',
  system_fingerprint: 'fp',
  choices: [
    { index: 0, finish_reason: 'stop', message: { role: 'assistant', content: 'hello', reasoning_content: 'hm' } },
  ],
  usage: { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 },
}

describe('rules of answers', () => {
  test('change a whole answer, and mark it as touched', () => {
    const rules = compile([
      {
        id: 'r',
        phase: 'response',
        ops: [
          { op: 'remove', path: '/system_fingerprint' },
          { op: 'dropBlocks', kind: 'reasoning' },
        ],
      },
    ])
    const answer = convert('openai-chat', 'openai-chat', rules).exchange(CHAT).response(ANSWER)
    expect(answer.isUntouched).toBe(false)
    expect(answer.body).not.toHaveProperty('system_fingerprint')
    expect(answer.body).toMatchObject({ choices: [{ message: { content: 'hello' } }], usage: ANSWER.usage })
    expect(JSON.stringify(answer.body)).not.toContain('hm')
    const plain = convert('openai-chat', 'openai-chat', compile([])).exchange(CHAT).response(ANSWER)
    expect(plain).toMatchObject({ isUntouched: true, body: ANSWER })
  })

  test.for([
    '/id',
    '/usage/prompt_tokens',
    '/choices/0/message/content',
    '/choices/*/finish_reason',
    '/choices/*/message/tool_calls/*/id',
    '/content/*/signature',
    '/content/*/input/city',
    '/stop_reason',
    '/choices/0',
    '/*',
  ])('cannot touch %s', (path) => {
    for (const op of [
      { op: 'set', path, value: 1 },
      { op: 'remove', path },
    ]) {
      expect(compileRules({ version: 1, rules: [{ id: 'a', phase: 'response', ops: [op] }] })).toMatchObject({
        ok: false,
      })
    }
  })

  test('word errors otherwise, and leave what the caller routes by', () => {
    const rules = compile([
      {
        id: 'calm',
        phase: 'error',
        ops: [
          { op: 'set', path: '/message', value: 'Busy. Please try again.', if: { path: '/kind', eq: 'rate_limit' } },
          { op: 'mapValue', path: '/status', map: { 429: 503 } },
        ],
      },
    ])
    const exchange = convert('anthropic-messages', 'openai-chat', rules).exchange(MESSAGES)
    const converted = exchange.error(429, { error: { message: 'slow down, org-123', type: 'rate_limit_error' } })
    expect(converted).toMatchObject({
      status: 503,
      kind: 'rate_limit',
      body: { error: { type: 'rate_limit_error', message: 'Busy. Please try again.' } },
      failure: { message: expect.stringContaining('slow down') },
      told: { message: 'Busy. Please try again.' },
    })
    expect(exchange.error(500, {}).told).toBeUndefined()
  })
})

const THINKING_STREAM = [
  {
    type: 'message_start',
    message: {
      id: 'msg_1',
      type: 'message',
      role: 'assistant',
      model: 'c',
      content: [],
      stop_reason: null,
      stop_sequence: null,
      usage: { input_tokens: 1, output_tokens: 1 },
    },
  },
  { type: 'content_block_start', index: 0, content_block: { type: 'thinking', thinking: '', signature: '' } },
  { type: 'content_block_delta', index: 0, delta: { type: 'thinking_delta', thinking: 'secret thought' } },
  { type: 'content_block_stop', index: 0 },
  { type: 'content_block_start', index: 1, content_block: { type: 'text', text: '' } },
  { type: 'content_block_delta', index: 1, delta: { type: 'text_delta', text: 'hello' } },
  { type: 'content_block_stop', index: 1 },
  { type: 'message_delta', delta: { stop_reason: 'end_turn', stop_sequence: null }, usage: { output_tokens: 5 } },
  { type: 'message_stop' },
]
  .map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`)
  .join('')

describe('rules of events', () => {
  const drop = compile([
    {
      id: 'no-thinking',
      phase: 'event',
      when: { event: 'content_block_*' },
      ops: [{ op: 'dropBlocks', kind: 'reasoning' }],
    },
  ])

  test('leave reasoning out of a Messages stream that the SDK still accepts, however it is cut', async () => {
    for (const size of [1, 7, 100_000]) {
      const exchange = convert('anthropic-messages', 'anthropic-messages', drop).exchange({ ...MESSAGES, stream: true })
      const text = feed(exchange.stream(), THINKING_STREAM, size)
      expect(text).not.toContain('secret thought')
      const message = await judge(text)
      expect(message.content).toEqual([{ type: 'text', text: 'hello' }])
      expect(message.usage.output_tokens).toBe(5)
      expect(exchange.losses).toMatchObject([{ code: 'rule_applied', detail: { value: 'no-thinking' } }])
    }
  })

  test('leave reasoning out of converted streams too', () => {
    const stream =
      chunk({ role: 'assistant', reasoning_content: 'secret thought' }) +
      chunk({ content: 'hello' }) +
      chunk({}, { finish_reason: 'stop' }) +
      'data: [DONE]\n\n'
    const messages = convert('anthropic-messages', 'openai-chat', drop).exchange({ ...MESSAGES, stream: true })
    const events = feed(messages.stream(), stream, 50)
    expect(events).not.toContain('secret thought')
    expect(events).toMatch(/"index":0,"content_block":\{"type":"text"/)
    const all = compile([{ id: 'a', phase: 'event', ops: [{ op: 'dropBlocks', kind: 'reasoning' }] }])
    const chat = convert('openai-chat', 'openai-chat', all).exchange({ ...CHAT, stream: true })
    const chunks = feed(chat.stream(), stream, 50)
    expect(chunks).not.toContain('secret thought')
    expect(chunks).toContain('"content":"hello"')
    expect(chunks.endsWith('data: [DONE]\n\n')).toBe(true)
  })

  test('let other events pass as the bytes they are', () => {
    const rules = compile([
      { id: 'x', phase: 'event', when: { event: 'nothing' }, ops: [{ op: 'remove', path: '/extra' }] },
    ])
    const exchange = convert('anthropic-messages', 'anthropic-messages', rules).exchange({ ...MESSAGES, stream: true })
    expect(feed(exchange.stream(), THINKING_STREAM, 64)).toBe(THINKING_STREAM)
  })

  test('a cut stream is still a failure', () => {
    const exchange = convert('anthropic-messages', 'anthropic-messages', drop).exchange({ ...MESSAGES, stream: true })
    const stream = exchange.stream()
    const text = feed(stream, THINKING_STREAM.slice(0, THINKING_STREAM.indexOf('event: message_delta')), 64)
    expect(text).toContain('event: error')
    expect(stream.state).toBe('failed')
  })

  test.for([
    '/type',
    '/index',
    '/delta/text',
    '/delta/stop_reason',
    '/usage/output_tokens',
    '/message/id',
    '/content_block/signature',
  ])('cannot touch %s', (path) => {
    const file = { version: 1, rules: [{ id: 'a', phase: 'event', ops: [{ op: 'set', path, value: 1 }] }] }
    expect(compileRules(file)).toMatchObject({ ok: false })
  })
})

function chunk(delta: object, more: object = {}): string {
  const choice = { index: 0, delta, finish_reason: null, ...more }
  const event = { id: 'c', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [choice] }
  return `data: ${JSON.stringify(event)}\n\n`
}

function convert<Client extends FormatName, Upstream extends FormatName>(
  client: Client,
  upstream: Upstream,
  rules: CompiledRules,
): ReturnType<typeof createConverter<Client, Upstream>> {
  return createConverter({ client, upstream, rules, ids: () => 'A'.repeat(24), now: () => 0 })
}

function compile(list: readonly unknown[]): CompiledRules {
  const compiled = compileRules({ version: 1, rules: list })
  if (!compiled.ok) throw new Error(JSON.stringify(compiled.errors))
  return compiled.rules
}

function thrownBy(work: () => unknown): unknown {
  try {
    return work()
  } catch (error) {
    return error
  }
}

function feed(stream: { push(chunk: Uint8Array): string; end(): string }, text: string, size: number): string {
  const bytes = new TextEncoder().encode(text)
  let output = ''
  for (let at = 0; at < bytes.length; at += size) output += stream.push(bytes.subarray(at, at + size))
  return output + stream.end()
}

function judge(text: string): Promise<Anthropic.Message> {
  const client = new Anthropic({
    apiKey: 'none',
    maxRetries: 0,
    fetch: () => Promise.resolve(new Response(text, { headers: { 'content-type': 'text/event-stream' } })),
  })
  return client.messages
    .stream({ model: 'c', max_tokens: 1, messages: [{ role: 'user', content: 'hi' }] })
    .finalMessage()
}

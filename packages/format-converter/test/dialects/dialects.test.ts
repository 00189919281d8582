import { describe, expect, it, test } from 'vitest'

import { createConverter, profiles, type Exchange, type JsonObject } from '../../src/index.ts'
import type { Loose } from '../../src/testing/loose.ts'
import { PDF } from '../catalogue/request-bodies.ts'
import { plain } from '../support/exchanges.ts'
import { readAnswer } from '../support/fixtures.ts'
import { judge } from '../support/judges.ts'
import { recordingsOf } from '../support/recordings.ts'
import { DIALECTS } from './dialects.ts'

/** Everything in which the dialects of Chat differ, in one Messages request. */
const REQUEST: JsonObject = {
  model: 'm',
  max_tokens: 2000,
  stream: true,
  system: 'S',
  top_k: 40,
  thinking: { type: 'adaptive' },
  output_config: {
    effort: 'high',
    format: { type: 'json_schema', schema: { type: 'object', properties: { a: { type: 'string' } } } },
  },
  metadata: { user_id: 'user_1' },
  tools: [{ name: 'look', input_schema: { type: 'object', properties: { a: { type: 'string' } } } }],
  tool_choice: { type: 'any', disable_parallel_tool_use: true },
  messages: [
    {
      role: 'user',
      content: [
        { type: 'text', text: 'go' },
        { type: 'document', title: 'a.pdf', source: { type: 'base64', media_type: 'application/pdf', data: PDF } },
        { type: 'document', source: { type: 'url', url: 'https://example.com/b.pdf' } },
      ],
    },
    {
      role: 'assistant',
      content: [
        { type: 'thinking', thinking: 'Hm.', signature: 'SIG' },
        { type: 'text', text: 'Ok.' },
        { type: 'tool_use', id: 'toolu_01ABC', name: 'look', input: { a: 'b' } },
      ],
    },
    { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'toolu_01ABC', content: 'seen' }] },
  ],
}

function openWith(id: string, model: string): Exchange<'anthropic-messages', 'openai-chat'> {
  let ids = 0
  return createConverter({
    client: 'anthropic-messages',
    upstream: 'openai-chat',
    profile: profiles.resolve('openai-chat', model, { id }),
    ids: () => String((ids += 1)).padStart(24, '0'),
  }).exchange(REQUEST, { model })
}

describe.each(DIALECTS)('the dialect of $id', ({ id, model, sends, replays, documents, losses, thinks, usage }) => {
  const exchange = openWith(id, model)
  const body: Loose = plain(exchange.request)

  it('gets its own parameters, and none that it refuses', () => {
    for (const [name, value] of Object.entries(sends)) expect([name, body[name]]).toEqual([name, value])
    expect(body.messages[0]).toEqual({
      role: model.startsWith('gpt-5') ? 'developer' : 'system',
      content: expect.stringContaining('S'),
    })
  })

  it('gets earlier reasoning, calls and documents in its own form', () => {
    const [asked, answered, result] = ['user', 'assistant', 'tool'].map((role) =>
      body.messages.find((message: Loose) => message.role === role),
    )
    expect({ reasoning_content: undefined, ...answered }).toEqual({
      role: 'assistant',
      reasoning_content: undefined,
      ...replays,
    })
    expect(result.tool_call_id).toBe(answered.tool_calls[0].id)
    const parts = typeof asked.content === 'string' ? [] : asked.content.slice(1).map((part: Loose) => part.type)
    expect(parts).toEqual(documents)
  })

  it('is told of what it cannot carry, and of nothing else that matters', () => {
    const told = exchange.losses.filter(({ level }) => level === 'degraded' || level === 'lossy')
    expect(new Set(told.map(({ code }) => code))).toEqual(new Set(losses))
  })

  it('streams reasoning, text, a call and its counts to the SDK of Messages', async () => {
    const stream = openWith(id, model).stream()
    const { sse } = readAnswer('openai-chat', id)
    const message = await judge('anthropic-messages', stream.push(new TextEncoder().encode(sse)) + stream.end())
    const [thinking, text, call] = thinks === undefined ? [undefined, ...message.content] : message.content
    expect(thinking?.thinking).toBe(thinks)
    expect(text.text).toBe('One moment.')
    expect(call).toMatchObject({ type: 'tool_use', name: 'look', input: { a: 'b' } })
    expect(message.stop_reason).toBe('tool_use')
    expect(message.usage).toMatchObject(usage)
  })
})

/** Which preset answered in a recording. */
const PRESET_BY_PROVIDER: Readonly<Record<string, string>> = {
  'api.deepseek.com': 'deepseek',
  deepseek: 'deepseek',
  'openrouter.ai': 'openrouter',
  'api.groq.com': 'groq',
  groq: 'groq',
  'api.mistral.ai': 'mistral',
  mistral: 'mistral',
  'ollama.com': 'ollama',
  xai: 'xai',
  moonshot: 'moonshot',
  'api.z.ai': 'glm',
  alibaba: 'qwen',
}

const recorded = recordingsOf('openai-chat').filter(
  ({ provider, response }) => provider in PRESET_BY_PROVIDER && response.status === 200,
)

describe.skipIf(recorded.length === 0)('recorded answers, read with the preset of their vendor', () => {
  test.for(recorded)('$id has its reasoning apart from its text', async ({ provider, response }) => {
    const exchange = openWith(PRESET_BY_PROVIDER[provider] ?? '', 'some-model')
    const stream = exchange.stream()
    const sse = (response.sse ?? []).join('')
    const message =
      response.body === undefined
        ? await judge('anthropic-messages', stream.push(new TextEncoder().encode(sse)) + stream.end())
        : plain(exchange.response(response.body).body)
    const source = sse + JSON.stringify(response.body ?? '')
    const hasReasoning =
      /<think>|"(?:reasoning|reasoning_content)":"[^"]|"type":"thinking"|\\"type\\":\\"thinking\\"/.test(source)
    const kinds = message.content.map((block: Loose) => block.type)
    expect(kinds.includes('thinking')).toBe(hasReasoning)
    const texts = message.content.filter((block: Loose) => block.type === 'text').map((block: Loose) => block.text)
    expect(texts.join('')).not.toContain('<think>')
    expect(message.usage.output_tokens).toBeGreaterThan(0)
  })
})

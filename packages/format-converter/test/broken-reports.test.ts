import { describe, expect, it } from 'vitest'

import { convertRequest, convertUsage, type JsonObject } from '../src/index.ts'
import { buildAnswer } from '../src/testing/build-answer.ts'
import { chatSse, chunk } from './catalogue/harness.ts'
import { eventsOf, open, plain } from './support/exchanges.ts'
import { DIRECTIONS, type Format, type Pair, PAIRS } from './support/pairs.ts'

const CHAT_TO_MESSAGES: Pair = { client: 'anthropic-messages', upstream: 'openai-chat' }

const BROKEN: { readonly [Name in Format]: JsonObject } = {
  'anthropic-messages': { input_tokens: -1, output_tokens: '5' },
  'openai-chat': { prompt_tokens: -1, completion_tokens: '5', total_tokens: 1.5 },
  'openai-responses': { input_tokens: 1e300, output_tokens: '5' },
}

const NO_INPUT = { input_tokens: null, cache_creation_input_tokens: null, cache_read_input_tokens: null }

/** How each format says that nothing is known. The types of Messages know no answer without counts. */
const UNKNOWN: { readonly [Name in Format]: { readonly whole: unknown; readonly streamed: readonly unknown[] } } = {
  'anthropic-messages': { whole: expect.anything(), streamed: [expect.objectContaining(NO_INPUT)] },
  'openai-chat': { whole: null, streamed: [] },
  'openai-responses': { whole: null, streamed: [] },
}

function codesOf(losses: readonly { readonly code: string }[]): readonly string[] {
  return losses.map(({ code }) => code)
}

/** A whole answer with a usage of its own. */
function answerOf(format: Format, usage: JsonObject): JsonObject {
  return { ...buildAnswer(format, { text: 'x' }).body, usage }
}

describe('usage of which every count is broken', () => {
  it.each(DIRECTIONS)('is unknown and reported: $client < $upstream', (pair) => {
    const { body, usage, losses } = open(pair).response(answerOf(pair.upstream, BROKEN[pair.upstream]))
    expect(codesOf(losses)).toContain('usage_inconsistent')
    expect([usage?.inputUncached, usage?.output, usage?.isInconsistent]).toEqual([undefined, undefined, true])
    expect(plain(body).usage ?? null).toEqual(UNKNOWN[pair.client].whole)
  })

  it.each(PAIRS)('is no usage in a stream either: $client < $upstream', (pair) => {
    const exchange = open({ ...pair, request: { stream: true } })
    const events = exchange.explode(answerOf(pair.upstream, BROKEN[pair.upstream]))
    expect(codesOf(exchange.losses)).toContain('usage_inconsistent')
    const reports = plain(events).flatMap((event: { usage?: unknown; response?: { usage?: unknown } }) => [
      event.usage ?? event.response?.usage ?? null,
    ])
    const counted = reports.filter((report: unknown) => report !== null)
    expect(counted).toEqual(UNKNOWN[pair.client].streamed)
  })

  it.each(DIRECTIONS)('is no usage on its own: $client < $upstream', ({ client, upstream }) => {
    expect(convertUsage({ from: upstream, to: client, usage: BROKEN[upstream] })).toBeUndefined()
  })

  it.each([
    ['openai-chat', { prompt_tokens_details: { cached_tokens: -3 } }],
    ['openai-chat', { completion_tokens_details: { reasoning_tokens: '2' } }],
    ['openai-chat', { cache_creation_input_tokens: 0.5 }],
    ['openai-chat', { prompt_tokens_details: 3 }],
    ['openai-chat', { completion_tokens_details: ['x'] }],
    ['anthropic-messages', { output_tokens_details: 3 }],
    ['anthropic-messages', { cache_creation: 'x' }],
    ['anthropic-messages', { server_tool_use: [1] }],
    ['anthropic-messages', { output_tokens_details: { thinking_tokens: -2 } }],
    ['anthropic-messages', { cache_creation: { ephemeral_5m_input_tokens: 'x' } }],
  ] as const)('is told also of a detail (%s, %o)', (upstream, detail) => {
    const good =
      upstream === 'openai-chat' ? { prompt_tokens: 9, completion_tokens: 5 } : { input_tokens: 9, output_tokens: 5 }
    const client = upstream === 'openai-chat' ? 'anthropic-messages' : 'openai-chat'
    const { usage, losses } = open({ client, upstream }).response(answerOf(upstream, { ...good, ...detail }))
    expect(codesOf(losses)).toContain('usage_inconsistent')
    expect([usage?.inputUncached, usage?.output]).toEqual([9, 5])
  })
})

describe('usage of an answer that passes as it is', () => {
  const SAME: readonly Pair[] = (Object.keys(BROKEN) as Format[]).map((format) => ({
    client: format,
    upstream: format,
  }))

  it.each(SAME)('is unknown where its counts are broken, and reported: $client', (pair) => {
    const whole = open(pair).response(answerOf(pair.upstream, BROKEN[pair.upstream]))
    expect([whole.isUntouched, whole.usage?.output]).toEqual([true, undefined])
    expect(codesOf(whole.losses)).toContain('usage_inconsistent')
  })

  it.each([
    { client: 'anthropic-messages', upstream: 'anthropic-messages' },
    { client: 'openai-chat', upstream: 'anthropic-messages' },
  ] as const)('has no output count where the last one is broken: $client < $upstream', (pair) => {
    const exchange = open({ ...pair, request: { stream: true } })
    const stream = exchange.stream()
    stream.push(messagesSse({ output_tokens: -9.5 }))
    expect([stream.usage?.inputUncached, stream.usage?.output]).toEqual([20, undefined])
    expect(codesOf(stream.losses)).toContain('usage_inconsistent')
  })
})

/** A stream whose first report counts one token, and whose last is this. */
function messagesSse(usage: JsonObject): string {
  const start = { id: 'msg_1', type: 'message', role: 'assistant', model: 'm', content: [] }
  const events: readonly (JsonObject & { readonly type: string })[] = [
    { type: 'message_start', message: { ...start, usage: { input_tokens: 20, output_tokens: 1 } } },
    { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
    { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'x' } },
    { type: 'content_block_stop', index: 0 },
    { type: 'message_delta', delta: { stop_reason: 'end_turn', stop_sequence: null }, usage },
    { type: 'message_stop' },
  ]
  return events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join('')
}

describe('reasoning that comes twice', () => {
  const twice = { reasoning_content: 'in full', reasoning: 'in short' }

  it('in other words is reported, and the first is carried', () => {
    const sse = chatSse(chunk(twice), chunk({ content: 'x' }), chunk({}, 'stop'))
    const exchange = open({ ...CHAT_TO_MESSAGES, request: { stream: true } })
    const stream = exchange.stream()
    const events = eventsOf(stream.push(sse) + stream.end())
    expect(events.flatMap((event) => event.delta?.thinking ?? [])).toEqual(['in full'])
    expect(codesOf(stream.losses)).toContain('reasoning_dropped')
  })

  it.each([
    { reasoning: 'a', reasoning_details: [{ type: 'reasoning.text', text: 'a' }] },
    { reasoning_content: 'a', reasoning: 'a', thinking_blocks: [{ type: 'thinking', thinking: 'a' }] },
  ])('in the same words counts once: %o', (delta) => {
    const exchange = open(CHAT_TO_MESSAGES)
    const { body, losses } = exchange.response({
      choices: [{ index: 0, message: { role: 'assistant', content: 'x', ...delta }, finish_reason: 'stop' }],
    })
    expect(plain(body).content[0]).toMatchObject({ type: 'thinking', thinking: 'a' })
    expect(codesOf(losses)).not.toContain('reasoning_dropped')
  })

  it('is reported of an earlier answer too', () => {
    const { losses } = convertRequest({
      from: 'openai-chat',
      to: 'anthropic-messages',
      body: {
        model: 'm',
        messages: [
          { role: 'user', content: 'x' },
          { role: 'assistant', content: 'y', ...twice },
          { role: 'user', content: 'z' },
        ],
      },
    })
    expect(losses.map(({ path }) => path)).toEqual(
      expect.arrayContaining(['/messages/1/reasoning_content', '/messages/1/reasoning']),
    )
  })
})

describe('the list of tools that an MCP server offers', () => {
  const list = { id: 'mcpl_1', type: 'mcp_list_tools', server_label: 's', tools: [{ name: 't', input_schema: {} }] }

  it.each([
    [list, 'info'],
    [{ ...list, error: null }, 'info'],
    [{ ...list, error: 'no answer' }, 'lossy'],
  ])('is no part of the conversation, but for an error', (item, level) => {
    for (const client of ['anthropic-messages', 'openai-chat'] as const) {
      const answer = answerOf('openai-responses', { input_tokens: 1, output_tokens: 1 })
      const output = [item, ...(answer['output'] as JsonObject[])]
      const { losses } = open({ client, upstream: 'openai-responses' }).response({ ...answer, output })
      expect(losses).toContainEqual(expect.objectContaining({ path: '#mcp_list_tools', level }))
    }
    const { losses } = convertRequest({
      from: 'openai-responses',
      to: 'openai-chat',
      body: { model: 'm', input: [item, { role: 'user', content: 'x' }] },
    })
    expect(losses).toContainEqual(expect.objectContaining({ path: '/input/0', level }))
  })
})

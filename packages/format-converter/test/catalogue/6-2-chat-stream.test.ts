import { describe, expect, it, test } from 'vitest'

import { profiles, type JsonObject, type ProfileOverrides } from '../../src/index.ts'
import type { Loose } from '../../src/testing/loose.ts'
import { wrapSeal } from '../../src/wire/seal-envelope.ts'
import { everyCut } from './cuts.ts'
import {
  chatDeltas,
  CHAT_TO_MESSAGES,
  chatSse,
  chunk,
  codesOf,
  convertStream,
  judgeChatStream,
  judgeMessagesStream,
  MESSAGES_TO_CHAT,
  messagesSse,
  startExchange,
  wire,
  type SeenStream,
} from './harness.ts'

const USAGE = { prompt_tokens: 120, completion_tokens: 40, total_tokens: 160 }

/** Upstream Chat, client Messages. */
function toMessages(...chunks: readonly (JsonObject | 'cut')[]): SeenStream {
  return convertStream(CHAT_TO_MESSAGES, chatSse(...chunks))
}

/** The same, with an upstream of some habits. */
function toMessagesFrom(dialect: ProfileOverrides['dialect'], ...chunks: readonly JsonObject[]): SeenStream {
  const profile = profiles.resolve('openai-chat', 'some-model', { ...(dialect && { dialect }) })
  return convertStream({ ...CHAT_TO_MESSAGES, converter: { profile } }, chatSse(...chunks))
}

/** One entry of `tool_calls`. */
function call(index: number | undefined, rest: JsonObject): JsonObject {
  return chunk({ tool_calls: [{ index, ...rest }] })
}

const named = (id: string, name: string, text: string): JsonObject => ({
  id,
  type: 'function',
  function: { name, arguments: text },
})
const args = (text: string): JsonObject => ({ function: { arguments: text } })
const FINISH = chunk({}, 'tool_calls')

/** What the Anthropic SDK makes of the stream. */
async function judged(seen: SeenStream): Promise<Loose> {
  return judgeMessagesStream(seen.text)
}

const calls = (content: readonly Loose[]): unknown[] =>
  content.filter((block: Loose) => block.type === 'tool_use').map((block) => [block.id, block.name, block.input])

describe('6.2 Chat stream → Messages', () => {
  it('EC-019 arguments in the same chunk as id and name follow the block start as a delta', async () => {
    const seen = toMessages(call(0, named('call_a', 'w', '{"q":1}')), FINISH)
    expect(calls((await judged(seen)).content)).toEqual([['call_a', 'w', { q: 1 }]])
    const types = seen.events.map(({ data }) => data.type)
    expect(types.indexOf('content_block_delta')).toBe(types.indexOf('content_block_start') + 1)
  })

  it('EC-020 arguments in the chunk with the finish reason are not lost', async () => {
    const seen = toMessages(
      call(0, named('call_a', 'w', '')),
      chunk({ tool_calls: [{ index: 0, ...args('{"q":1}') }] }, 'tool_calls'),
    )
    expect(calls((await judged(seen)).content)).toEqual([['call_a', 'w', { q: 1 }]])
  })

  it('EC-021 content and finish reason in one chunk', async () => {
    expect(await judged(toMessages(chunk({ content: 'Hi' }, 'stop')))).toMatchObject({
      content: [{ type: 'text', text: 'Hi' }],
      stop_reason: 'end_turn',
    })
  })

  it('EC-022 content and tool_calls in one chunk: the text block closes, then the call opens', async () => {
    const seen = toMessages(chunk({ content: 'Hi', tool_calls: [{ index: 0, ...named('call_a', 'w', '{}') }] }), FINISH)
    expect((await judged(seen)).content.map((block: Loose) => block.type)).toEqual(['text', 'tool_use'])
    const order = seen.events.filter(({ data }) => 'index' in data).map(({ data }) => `${data.type} ${data.index}`)
    expect(order.slice(2, 4)).toEqual(['content_block_stop 0', 'content_block_start 1'])
  })

  it('EC-023 a usage chunk after the finish reason reaches message_delta', async () => {
    const seen = toMessages(chunk({ content: 'Hi' }), chunk({}, 'stop'), { choices: [], usage: USAGE })
    expect((await judged(seen)).usage).toMatchObject({ input_tokens: 120, output_tokens: 40 })
  })

  it('EC-024 usage in the finish chunk and again later: the last wins and is written once', async () => {
    const seen = toMessages(
      { ...chunk({ content: 'Hi' }, 'stop'), usage: { ...USAGE, completion_tokens: 1 } },
      { choices: [], usage: USAGE },
    )
    expect((await judged(seen)).usage.output_tokens).toBe(40)
    expect(seen.events.filter(({ data }) => data.type === 'message_delta')).toHaveLength(1)
  })

  it('EC-025 usage:null on every chunk is ignored', async () => {
    const seen = toMessages({ ...chunk({ content: 'Hi' }), usage: null }, { ...chunk({}, 'stop'), usage: null })
    expect(seen.stream.usage).toBeUndefined()
    expect((await judged(seen)).stop_reason).toBe('end_turn')
  })

  test.for<[string, JsonObject]>([
    ['choices[0].usage', { choices: [{ index: 0, delta: {}, finish_reason: 'stop', usage: USAGE }] }],
    ['x_groq.usage', { ...chunk({}, 'stop'), x_groq: { usage: USAGE } }],
  ])('EC-026 usage inside %s is read', async ([, last]) => {
    expect((await judged(toMessages(chunk({ content: 'Hi' }), last))).usage).toMatchObject({
      input_tokens: 120,
      output_tokens: 40,
    })
  })

  it('EC-027 a first chunk without choices (Azure) does no harm', async () => {
    const seen = toMessages(
      { id: '', model: '', choices: [], prompt_filter_results: [{}] },
      chunk({ content: 'Hi' }),
      chunk({}, 'stop'),
    )
    expect((await judged(seen)).content).toMatchObject([{ type: 'text', text: 'Hi' }])
    expect([seen.stream.upstreamModel, seen.stream.upstreamId]).toEqual(['up-model', 'c1'])
    const first = { id: 'azure-1', model: 'azure-model', choices: [], prompt_filter_results: [{}] }
    const { stream } = toMessages(first, chunk({ content: 'Hi' }), chunk({}, 'stop'))
    expect([stream.upstreamModel, stream.upstreamId]).toEqual(['azure-model', 'azure-1'])
  })

  it('EC-028 an empty or missing delta is nothing', async () => {
    const none = { choices: [{ index: 0, delta: null, finish_reason: null }] }
    expect(
      (await judged(toMessages(chunk({}), none, { choices: [{ index: 0 }] }, chunk({ content: 'Hi' }, 'stop'))))
        .content,
    ).toHaveLength(1)
  })

  it('EC-029 an empty role in later chunks is ignored', async () => {
    const seen = toMessages(
      chunk({ role: 'assistant', content: 'a' }),
      chunk({ role: '', content: 'b' }),
      chunk({ role: null, content: 'c' }, 'stop'),
    )
    expect((await judged(seen)).content).toMatchObject([{ text: 'abc' }])
  })

  it('EC-030 a role on every chunk starts the message once', async () => {
    const seen = toMessages(
      chunk({ role: 'assistant', content: 'a' }),
      chunk({ role: 'assistant', content: 'b' }, 'stop'),
    )
    expect(seen.events.filter(({ data }) => data.type === 'message_start')).toHaveLength(1)
    expect((await judged(seen)).content).toMatchObject([{ text: 'ab' }])
  })

  test.for([
    [1, 2],
    [0, 2],
  ])('EC-031 tool indexes %j come out without gaps', async ([first, second]) => {
    const seen = toMessages(
      call(first, named('call_a', 'w', '{"n":1}')),
      call(second, named('call_b', 'w', '{"n":2}')),
      FINISH,
    )
    expect(calls((await judged(seen)).content)).toEqual([
      ['call_a', 'w', { n: 1 }],
      ['call_b', 'w', { n: 2 }],
    ])
  })

  it('EC-032 one call whose deltas have no index', async () => {
    const seen = toMessages(
      call(undefined, named('call_a', 'w', '')),
      call(undefined, args('{"q"')),
      call(undefined, args(':1}')),
      FINISH,
    )
    expect(calls((await judged(seen)).content)).toEqual([['call_a', 'w', { q: 1 }]])
  })

  it('EC-033 one index used for two calls with other ids and names', async () => {
    const seen = toMessages(
      call(0, named('call_a', 'f', '{"n":1}')),
      call(0, named('call_b', 'g', '{"n"')),
      call(0, args(':2}')),
      FINISH,
    )
    expect(calls((await judged(seen)).content)).toEqual([
      ['call_a', 'f', { n: 1 }],
      ['call_b', 'g', { n: 2 }],
    ])
  })

  it('EC-034 an id repeated on every delta opens one block', async () => {
    const seen = toMessages(call(0, named('call_a', 'w', '{')), call(0, { id: 'call_a', ...args('}') }), FINISH)
    expect(calls((await judged(seen)).content)).toEqual([['call_a', 'w', {}]])
  })

  it('EC-035 an empty id first and the real one later: the real one is used', async () => {
    const seen = toMessages(call(0, named('', 'w', '')), call(0, { id: 'call_real', ...args('{}') }), FINISH)
    expect(calls((await judged(seen)).content)).toEqual([['call_real', 'w', {}]])
  })

  it('EC-036 an id that never comes is minted', async () => {
    const seen = toMessages(call(0, { function: { name: 'w', arguments: '' } }), call(0, args('{}')), FINISH)
    expect(calls((await judged(seen)).content)).toEqual([[`call_${'a'.repeat(24)}`, 'w', {}]])
  })

  it('EC-037 arguments before the name are kept', async () => {
    const seen = toMessages(
      call(0, { id: 'call_a', ...args('{"q"') }),
      call(0, { function: { name: 'w', arguments: ':1}' } }),
      FINISH,
    )
    expect(calls((await judged(seen)).content)).toEqual([['call_a', 'w', { q: 1 }]])
  })

  it('EC-038 a name repeated in each delta is not concatenated', async () => {
    const seen = toMessages(
      call(0, named('call_a', 'w', '{"q"')),
      call(0, { function: { name: 'w', arguments: ':1}' } }),
      FINISH,
    )
    expect(calls((await judged(seen)).content)).toEqual([['call_a', 'w', { q: 1 }]])
  })

  test.for([null, '', 7])('EC-039 the name %j counts as absent', async (name) => {
    const seen = toMessages(
      call(0, { id: 'call_a', function: { name, arguments: '' } }),
      call(0, { function: { name: 'w', arguments: '{}' } }),
      FINISH,
    )
    expect(calls((await judged(seen)).content)).toEqual([['call_a', 'w', {}]])
  })

  it('EC-040 a call that is never named is dropped, and the answer ends its turn', async () => {
    const seen = toMessages(chunk({ content: 'Hi' }), call(0, { id: 'call_a', ...args('{}') }), FINISH)
    const message = await judged(seen)
    expect(message.content.map((block: Loose) => block.type)).toEqual(['text'])
    expect(message.stop_reason).toBe('end_turn')
    expect(codesOf(seen.losses)).toContain('invalid_tool_call')
  })

  it('EC-041 two calls interleaved piece by piece come out one after the other', async () => {
    const seen = toMessages(
      call(0, named('call_a', 'w', '{"n"')),
      call(1, named('call_b', 'w', '{"n"')),
      call(0, args(':1')),
      call(1, args(':2')),
      call(0, args('}')),
      call(1, args('}')),
      FINISH,
    )
    expect(calls((await judged(seen)).content)).toEqual([
      ['call_a', 'w', { n: 1 }],
      ['call_b', 'w', { n: 2 }],
    ])
    const indexes = seen.events.filter(({ data }) => 'index' in data).map(({ data }) => data.index)
    expect(indexes).toEqual(indexes.toSorted((left, right) => left - right))
  })

  it('EC-042 arguments sent as an object are written as JSON', async () => {
    const seen = toMessages(call(0, { id: 'call_a', function: { name: 'w', arguments: { q: [1] } } }), FINISH)
    expect(calls((await judged(seen)).content)).toEqual([['call_a', 'w', { q: [1] }]])
  })

  it('EC-043 {} before the real object: replaced where the profile says so, else concatenated', async () => {
    const chunks = [call(0, named('call_a', 'w', '{}')), call(0, args('{"q":1}')), FINISH]
    const repaired = toMessagesFrom({ repeatsArguments: true }, ...chunks)
    expect(calls((await judged(repaired)).content)).toEqual([['call_a', 'w', { q: 1 }]])
    const pieces = toMessages(...chunks).events.map(({ data }) => data.delta?.partial_json ?? '')
    expect(pieces.join('')).toBe('{}{"q":1}')
  })

  test.for([null, undefined])('EC-044 a tool delta of the type %j is a function', async (type) => {
    const seen = toMessages(call(0, { id: 'call_a', type, function: { name: 'w', arguments: '{}' } }), FINISH)
    expect(calls((await judged(seen)).content)).toEqual([['call_a', 'w', {}]])
  })

  it('EC-045 finish reason stop with calls is tool_use', async () => {
    expect((await judged(toMessages(call(0, named('call_a', 'w', '{}')), chunk({}, 'stop')))).stop_reason).toBe(
      'tool_use',
    )
  })

  it('EC-046 finish reason tool_calls without a call is end_turn', async () => {
    expect((await judged(toMessages(chunk({ content: 'Hi' }), FINISH))).stop_reason).toBe('end_turn')
  })

  it('EC-047 finish reason length inside arguments is max_tokens, and the block is closed', async () => {
    const seen = toMessages(call(0, named('call_a', 'w', '{"q":"Pa')), chunk({}, 'length'))
    expect(seen.events.filter(({ data }) => data.type === 'content_block_stop')).toHaveLength(1)
    expect((await judged(seen)).stop_reason).toBe('max_tokens')
  })

  it('EC-048 finish reason content_filter is a refusal', async () => {
    expect((await judged(toMessages(chunk({ content: 'Hi' }), chunk({}, 'content_filter')))).stop_reason).toBe(
      'refusal',
    )
  })

  it('EC-049 the legacy function_call is a call', async () => {
    const seen = toMessages(
      chunk({ function_call: { name: 'w', arguments: '{"q"' } }),
      chunk({ function_call: { arguments: ':1}' } }),
      chunk({}, 'function_call'),
    )
    const message = await judged(seen)
    expect(message.stop_reason).toBe('tool_use')
    expect(calls(message.content)).toEqual([[expect.stringMatching(/^call_/), 'w', { q: 1 }]])
  })

  it('EC-050 an empty finish reason is no finish', () => {
    const { stream } = toMessages(chunk({ content: 'a' }, ''), chunk({ content: 'b' }, ''), 'cut')
    expect(stream.error).toMatchObject({ kind: 'upstream_truncated' })
  })

  it('EC-051 a line break between two calls is dropped', async () => {
    const seen = toMessages(
      call(0, named('call_a', 'w', '{}')),
      chunk({ content: '\n' }),
      call(1, named('call_b', 'w', '{}')),
      FINISH,
    )
    expect((await judged(seen)).content.map((block: Loose) => block.type)).toEqual(['tool_use', 'tool_use'])
  })

  it('EC-052 text while a call is open becomes a block of its own behind it', async () => {
    const seen = toMessages(
      call(0, named('call_a', 'w', '{"q"')),
      chunk({ content: 'Wait.' }),
      call(0, args(':1}')),
      FINISH,
    )
    const { content } = await judged(seen)
    expect(content.map((block: Loose) => block.type)).toEqual(['tool_use', 'text'])
    expect(content).toMatchObject([{ input: { q: 1 } }, { text: 'Wait.' }])
  })

  it('EC-053 equal reasoning in two fields counts once', async () => {
    const seen = toMessages(chunk({ reasoning_content: 'why', reasoning: 'why' }), chunk({ content: 'Hi' }, 'stop'))
    expect((await judged(seen)).content).toMatchObject([{ type: 'thinking', thinking: 'why' }, { type: 'text' }])
  })

  it('EC-054 reasoning after content opens a new thinking block', async () => {
    const seen = toMessages(
      chunk({ content: 'a' }),
      chunk({ reasoning_content: 'why' }),
      chunk({ content: 'b' }, 'stop'),
    )
    expect((await judged(seen)).content.map((block: Loose) => block.type)).toEqual(['text', 'thinking', 'text'])
  })

  it('EC-055 a sealed reasoning detail becomes the signature of the thinking block', async () => {
    const details = [{ type: 'reasoning.encrypted', data: 'ENC', id: 'rs_1', index: 0 }]
    const seen = toMessages(
      chunk({ reasoning: 'why' }),
      chunk({ reasoning_details: details }),
      chunk({ content: 'Hi' }, 'stop'),
    )
    const signature = wrapSeal({ kind: 'chat-detail', format: 'openai-chat', value: JSON.stringify(details) })
    expect((await judged(seen)).content).toEqual([
      { type: 'thinking', thinking: 'why', signature },
      expect.objectContaining({ text: 'Hi' }),
    ])
  })

  it('EC-056 a think tag cut anywhere is recognised where the profile says so', async () => {
    const chunks = ['<th', 'ink>wh', 'y</thi', 'nk>\n\nHi'].map((content) => chunk({ content }))
    const seen = toMessagesFrom({ thinkTags: true }, ...chunks, chunk({}, 'stop'))
    expect((await judged(seen)).content).toMatchObject([
      { type: 'thinking', thinking: 'why' },
      { type: 'text', text: 'Hi' },
    ])
    expect((await judged(toMessages(...chunks, chunk({}, 'stop')))).content).toMatchObject([{ type: 'text' }])
  })

  it('EC-057 reasoning is never merged into the text', async () => {
    const seen = toMessages(chunk({ reasoning_content: 'secret' }), chunk({ content: 'Hi' }), chunk({}, 'stop'))
    const texts = (await judged(seen)).content
      .filter((block: Loose) => block.type === 'text')
      .map((block: Loose) => block.text)
    expect(texts).toEqual(['Hi'])
  })

  it('EC-058 an error chunk becomes an error event with type and message', () => {
    const { events, stream } = toMessages(chunk({ content: 'Hi' }), {
      error: { message: 'Server overloaded', type: 'overloaded_error' },
    })
    expect(events.at(-1)).toMatchObject({
      event: 'error',
      data: { type: 'error', error: { type: 'overloaded_error', message: expect.stringContaining('overloaded') } },
    })
    expect(stream.state).toBe('failed')
  })

  it('EC-058 an event that is named error is one, whatever its body looks like', () => {
    const named = `event: error\ndata: {"message":"out of memory"}\n\n`
    const { events, stream } = convertStream(CHAT_TO_MESSAGES, chatSse(chunk({ content: 'Hi' }), 'cut') + named)
    expect(stream.state).toBe('failed')
    expect(events.at(-1)).toMatchObject({
      event: 'error',
      data: { error: { message: expect.stringContaining('out of memory') } },
    })
  })

  it('EC-059 an error chunk before any content commits nothing and has a status of its own', () => {
    const seen = toMessages(chunk({ role: 'assistant', content: '' }), {
      error: { message: 'slow down', code: 'rate_limit_exceeded' },
    })
    expect(seen.text).toBe('')
    expect(seen.stream.committed).toBe(false)
    expect(seen.stream.error).toMatchObject({ kind: 'rate_limit' })
    expect(seen.exchange.failure(seen.stream.error ?? { kind: 'internal', message: '' }).status).toBe(429)
  })

  it('EC-060 an error is never told as text, and nothing follows it', () => {
    const { text, events } = toMessages(
      chunk({ content: 'Hi' }),
      { error: { message: 'broken pipe' } },
      chunk({ content: 'more' }),
      chunk({}, 'stop'),
    )
    const texts = events.map(({ data }) => data.delta?.text ?? '').join('')
    expect(texts).toBe('Hi')
    expect(text).not.toContain('message_stop')
  })

  it('EC-061 a second choice is ignored, with a loss', async () => {
    const other = { choices: [{ index: 1, delta: { content: 'other' }, finish_reason: null }] }
    const seen = toMessages(chunk({ content: 'Hi' }), other, chunk({}, 'stop'))
    expect((await judged(seen)).content).toMatchObject([{ text: 'Hi' }])
    expect(codesOf(seen.losses)).toContain('choices_dropped')
  })

  it('EC-062 refusal deltas are text with the stop reason refusal', async () => {
    const message = await judged(toMessages(chunk({ refusal: 'I can' }), chunk({ refusal: 'not.' }), chunk({}, 'stop')))
    expect(message).toMatchObject({ content: [{ type: 'text', text: 'I cannot.' }], stop_reason: 'refusal' })
    expect(message.stop_details).toMatchObject({ type: 'refusal', explanation: 'I cannot.' })
  })

  it('EC-063 created is constant downstream', () => {
    const { events } = convertStream(
      MESSAGES_TO_CHAT,
      messagesSse(wire.start(), ...wire.text(0, 'Hi'), ...wire.stop('end_turn')),
    )
    const created = events.filter(({ data }) => data !== '[DONE]').map(({ data }) => data.created)
    expect(new Set(created)).toEqual(new Set([1_700_000_000]))
  })

  it('EC-064 a Chat client counts calls from 0 whatever blocks stand before them', async () => {
    const events = [
      wire.start(),
      ...wire.thinking(0, 'why', 'S'),
      ...wire.text(1, 'Hi'),
      ...wire.call(2, 'toolu_1', '{"q":1}'),
      ...wire.stop('tool_use'),
    ]
    const { text, events: seen } = convertStream(MESSAGES_TO_CHAT, messagesSse(...events))
    expect(
      chatDeltas(seen)
        .flatMap((delta) => delta.tool_calls ?? [])
        .map((entry) => entry.index),
    ).toEqual([0, 0])
    expect((await judgeChatStream(text)).choices[0]?.message.tool_calls).toMatchObject([
      { id: 'toolu_1', function: { arguments: '{"q":1}' } },
    ])
  })

  it('EC-065 several sealed blocks reach a Chat client in one chunk', () => {
    const events = [
      wire.start(),
      ...wire.thinking(0, 'a', 'S1'),
      ...wire.thinking(1, 'b', 'S2'),
      ...wire.text(2, 'Hi'),
      ...wire.stop('end_turn'),
    ]
    const { events: seen } = convertStream(MESSAGES_TO_CHAT, messagesSse(...events))
    const withDetails = chatDeltas(seen).filter((delta) => delta.reasoning_details !== undefined)
    expect(withDetails).toHaveLength(1)
    expect(withDetails[0].reasoning_details).toHaveLength(2)
  })

  it('EC-066 only reasoning and then stop: a thinking block and end_turn, no phantom text', async () => {
    const message = await judged(toMessages(chunk({ reasoning_content: 'why' }), chunk({}, 'stop')))
    expect(message.content.map((block: Loose) => block.type)).toEqual(['thinking'])
    expect(message.stop_reason).toBe('end_turn')
  })
})

describe('A.1 two parallel calls, reasoning, late usage', () => {
  const GOLDEN = chatSse(
    chunk({ role: 'assistant', content: null }),
    chunk({ reasoning_content: 'Need two cities.' }),
    chunk({ content: 'Checking.' }),
    call(0, named('call_a', 'w', '')),
    call(0, args('{"q":"Pa')),
    call(1, named('call_b', 'w', '{"q":')),
    call(0, args('ris"}')),
    chunk({ tool_calls: [{ index: 1, ...args('"Rome"}') }] }, 'stop'),
    {
      choices: [],
      usage: {
        ...USAGE,
        prompt_tokens_details: { cached_tokens: 100 },
        completion_tokens_details: { reasoning_tokens: 8 },
      },
    },
  )

  it('gives the events of the golden transcript', () => {
    const { events } = convertStream(CHAT_TO_MESSAGES, GOLDEN)
    const lines = events.map(({ data }) => {
      const words = [
        data.type,
        data.index,
        data.content_block?.type,
        data.delta?.partial_json ?? data.delta?.text ?? data.delta?.thinking,
      ]
      return words.filter((word) => word !== undefined).join(' ')
    })
    expect(lines).toEqual([
      'message_start',
      'ping',
      'content_block_start 0 thinking',
      'content_block_delta 0 Need two cities.',
      'content_block_stop 0',
      'content_block_start 1 text',
      'content_block_delta 1 Checking.',
      'content_block_stop 1',
      'content_block_start 2 tool_use',
      'content_block_delta 2 {"q":"Pa',
      'content_block_delta 2 ris"}',
      'content_block_stop 2',
      'content_block_start 3 tool_use',
      'content_block_delta 3 {"q":',
      'content_block_delta 3 "Rome"}',
      'content_block_stop 3',
      'message_delta',
      'message_stop',
    ])
    expect(events.at(-2)?.data).toMatchObject({
      delta: { stop_reason: 'tool_use', stop_sequence: null, stop_details: null, container: null },
      usage: {
        input_tokens: 20,
        cache_read_input_tokens: 100,
        cache_creation_input_tokens: 0,
        output_tokens: 40,
        output_tokens_details: { thinking_tokens: 8 },
      },
    })
  })

  it('is the same however the bytes are cut', { timeout: 60_000 }, () => {
    const expected = convertStream(CHAT_TO_MESSAGES, GOLDEN).text
    for (const pieces of everyCut(new TextEncoder().encode(GOLDEN))) {
      const stream = startExchange(CHAT_TO_MESSAGES).stream()
      expect(pieces.map((piece) => stream.push(piece)).join('') + stream.end()).toBe(expected)
    }
  })
})

import { describe, expect, it } from 'vitest'

import { ConversionError, type ConversionOptions, type JsonObject } from '../src/index.ts'
import type { Loose } from '../src/testing/loose.ts'
import { chatSse, chunk, messagesSse, wire } from './catalogue/harness.ts'
import { eventsOf, explode, gather, open, plain, pour, type Opening } from './support/exchanges.ts'
import { judge } from './support/judges.ts'
import { DIRECTIONS, type Format, type Pair } from './support/pairs.ts'

const MESSAGES_FROM_CHAT: Pair = { client: 'anthropic-messages', upstream: 'openai-chat' }
const CHAT_FROM_MESSAGES: Pair = { client: 'openai-chat', upstream: 'anthropic-messages' }
const RESPONSES_FROM_CHAT: Pair = { client: 'openai-responses', upstream: 'openai-chat' }

interface Choosing {
  readonly options?: Partial<ConversionOptions>
  readonly request?: JsonObject
  readonly policy?: 'reject'
}

function opening(pair: Pair, { options, request, policy }: Choosing = {}): Opening {
  return { ...pair, request, converter: { options, policy } }
}

/** A whole Chat answer. */
function chatAnswer(message: JsonObject, rest: JsonObject = {}): JsonObject {
  return {
    id: 'up',
    object: 'chat.completion',
    created: 1,
    model: 'up-model',
    choices: [{ index: 0, message: { role: 'assistant', content: null, ...message }, finish_reason: 'stop' }],
    usage: { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 },
    ...rest,
  }
}

function whole(pair: Pair, body: JsonObject, choosing: Choosing = {}): Loose {
  return plain(open(opening(pair, choosing)).response(body).body)
}

/** All the text that a Messages stream shows. */
function textOf(sse: string): string {
  return eventsOf(sse)
    .map((event) => event.delta?.text ?? '')
    .join('')
}

/** Arguments of a wrapper that lists one call of each tool. */
function uses(...names: readonly string[]): string {
  return JSON.stringify({
    tool_uses: names.map((name, q) => ({ recipient_name: `functions.${name}`, parameters: { q } })),
  })
}

/** A Chat stream that calls the wrapper, its arguments letter by letter. */
function wrapperSse(argumentsText: string): string {
  return chatSse(
    chunk({ content: 'Both.' }),
    chunk({ tool_calls: [{ index: 0, id: 'call_1', function: { name: 'multi_tool_use.parallel', arguments: '' } }] }),
    ...[...argumentsText].map((character) => chunk({ tool_calls: [{ index: 0, function: { arguments: character } }] })),
    chunk({}, 'tool_calls'),
  )
}

/** What a client is told of an upstream that wants it to wait ten minutes. */
function waitWith(options: Partial<ConversionOptions>): string | undefined {
  const exchange = open(opening(MESSAGES_FROM_CHAT, { options }))
  return exchange.error(429, { error: { message: 'slow' } }, { 'retry-after': '600' }).headers['retry-after']
}

describe('emulateStop', () => {
  const request = { stop_sequences: ['END', '\n\nHuman:'] }
  const on = { options: { emulateStop: true }, request }

  it('is off: what an upstream says beyond a stop sequence is shown', () => {
    const sse = chatSse(chunk({ content: 'one END two' }), chunk({}, 'stop'))
    expect(textOf(pour(opening(MESSAGES_FROM_CHAT, { request }), sse))).toBe('one END two')
  })

  it.each([
    [['one E', 'ND two'], 'one '],
    [['one', ' ', 'E', 'N', 'D'], 'one '],
    [['EN', 'X END'], 'ENX '],
    [['a\n', '\nHu', 'man: b'], 'a'],
    [['no stop E'], 'no stop E'],
  ])('cuts %j', async (pieces, expected) => {
    const sse = chatSse(...pieces.map((content) => chunk({ content })), chunk({}, 'stop'))
    const text = pour(opening(MESSAGES_FROM_CHAT, on), sse)
    const message = await judge('anthropic-messages', text)
    expect(textOf(text)).toBe(expected)
    const met = expected.startsWith('no stop') ? null : expected === 'a' ? '\n\nHuman:' : 'END'
    expect(message).toMatchObject({ stop_reason: met === null ? 'end_turn' : 'stop_sequence', stop_sequence: met })
  })

  it('is finished at the stop, so that the caller aborts the upstream', () => {
    const stream = open(opening(MESSAGES_FROM_CHAT, on)).stream()
    stream.push(chatSse(chunk({ content: 'one END two' }), 'cut'))
    expect(stream.state).toBe('finished')
    expect(stream.stop).toBe('stop_sequence')
    expect(stream.push(chatSse(chunk({ content: 'three' })))).toBe('')
  })

  it('keeps the counts of a whole answer', () => {
    const message = whole(MESSAGES_FROM_CHAT, chatAnswer({ content: 'one END two' }), on)
    expect(message).toMatchObject({
      content: [{ type: 'text', text: 'one ' }],
      stop_reason: 'stop_sequence',
      stop_sequence: 'END',
      usage: { output_tokens: 5 },
    })
  })

  const answer = chatAnswer({ content: 'one END two' })
  const counts = { input_tokens: 10, output_tokens: 5 }

  it('keeps the counts of a whole answer for a client that streams', () => {
    const opened = opening(MESSAGES_FROM_CHAT, on)
    for (const text of [pour(opened, JSON.stringify(answer)), explode(opened, answer)])
      expect(eventsOf(text)).toContainEqual(expect.objectContaining({ usage: expect.objectContaining(counts) }))
  })

  it('keeps the counts of a stream that is collected, and does without them where it breaks off', () => {
    const sse = chatSse(chunk({ content: 'one END two' }), 'cut')
    const opened = opening(MESSAGES_FROM_CHAT, on)
    const counted = gather(
      opened,
      `${sse}${chatSse({ id: 'up', choices: [], usage: answer.usage }, chunk({}, 'stop'))}`,
    )
    expect(counted).toMatchObject({ stop_reason: 'stop_sequence', usage: counts })
    expect(gather(opened, sse)).toMatchObject({ stop_reason: 'stop_sequence', content: [{ text: 'one ' }] })
  })

  it('looks at no arguments', () => {
    const call = { id: 'call_1', type: 'function', function: { name: 'w', arguments: '{"q":"END"}' } }
    const message = whole(MESSAGES_FROM_CHAT, chatAnswer({ tool_calls: [call] }), on)
    expect(message).toMatchObject({ content: [{ input: { q: 'END' } }], stop_reason: 'tool_use' })
  })

  it('makes a stop that Responses cannot take no loss', () => {
    const pair: Pair = { client: 'anthropic-messages', upstream: 'openai-responses' }
    const levels = (choosing: Choosing): string[] =>
      open(opening(pair, choosing)).losses.flatMap(({ code, level }) => (code === 'stop_unsupported' ? [level] : []))
    expect(levels({ request })).toEqual(['lossy'])
    expect(levels(on)).toEqual(['info'])
  })
})

describe('filters', () => {
  it('coalesce makes one delta of those of one packet, and none of two packets', () => {
    const pieces = [chunk({ content: 'a' }), chunk({ content: 'b' }), chunk({ content: 'c' })]
    const stream = open(opening(MESSAGES_FROM_CHAT, { options: { filters: ['coalesce'] } })).stream()
    const text =
      stream.push(chatSse(...pieces, 'cut')) + stream.push(chatSse(chunk({ content: 'd' }), chunk({}, 'stop')))
    const deltas = eventsOf(text + stream.end()).flatMap(({ delta }) => (delta?.text === undefined ? [] : [delta.text]))
    expect(deltas).toEqual(['abc', 'd'])
  })

  it('thinkTags reads reasoning in tags', () => {
    const answer = chatAnswer({ content: '<think>why</think>because' })
    const content = (choosing: Choosing): Loose => whole(MESSAGES_FROM_CHAT, answer, choosing).content
    expect(content({})).toMatchObject([{ type: 'text', text: '<think>why</think>because' }])
    expect(content({ options: { filters: ['thinkTags'] } })).toMatchObject([
      { type: 'thinking', thinking: 'why' },
      { type: 'text', text: 'because' },
    ])
  })

  describe('parallelWrapper', () => {
    const tools = ['look', 'find'].map((name) => ({ name, input_schema: { type: 'object', properties: {} } }))
    const calls = async (argumentsText: string, filters: ConversionOptions['filters']): Promise<Loose> => {
      const text = pour(
        opening(MESSAGES_FROM_CHAT, { options: { filters }, request: { tools } }),
        wrapperSse(argumentsText),
      )
      return (await judge('anthropic-messages', text)).content.slice(1)
    }

    it('expands the wrapper into the calls that it lists', async () => {
      const content = await calls(uses('look', 'find'), ['parallelWrapper'])
      expect(content).toMatchObject([
        { type: 'tool_use', id: 'call_1', name: 'look', input: { q: 0 } },
        { type: 'tool_use', name: 'find', input: { q: 1 } },
      ])
      expect(new Set(content.map(({ id }: Loose) => id)).size).toBe(2)
    })

    it.each([
      ['without the filter', uses('look'), []],
      ['with a tool that nobody declared', uses('look', 'other'), ['parallelWrapper'] as const],
      ['with arguments of another shape', '{"a":1}', ['parallelWrapper'] as const],
    ])('leaves the call alone %s', async (_case, argumentsText, filters) => {
      expect(await calls(argumentsText, filters)).toMatchObject([
        { name: 'multi_tool_use.parallel', input: JSON.parse(argumentsText) },
      ])
    })
  })
})

describe('fixUpstreamStream', () => {
  const broken: { readonly [Name in Format]: string } = {
    // no role, a call that begins at index 1, no [DONE]
    'openai-chat': `data: ${JSON.stringify({
      id: 'up',
      model: 'm',
      choices: [
        {
          index: 0,
          delta: { tool_calls: [{ index: 1, id: 'call_1', function: { name: 'w', arguments: '{}' } }] },
          finish_reason: 'tool_calls',
        },
      ],
    })}\n\n`,
    'anthropic-messages': messagesSse(
      wire.start(),
      ...wire.text(3, 'a'),
      ...wire.text(7, 'b'),
      ...wire.stop('end_turn'),
    ).replaceAll(/event: .*\n/g, ''),
    'openai-responses': [
      { type: 'response.created', response: { id: 'resp_1', model: 'm' } },
      { type: 'response.output_text.delta', item_id: 'msg_1', output_index: 0, content_index: 0, delta: 'a' },
      { type: 'response.completed', response: { id: 'resp_2', status: 'completed', output: [] } },
    ]
      .map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`)
      .join(''),
  }

  it.each(Object.keys(broken) as Format[])('makes a stream of %s one that the SDK takes', async (format) => {
    const pair = { client: format, upstream: format }
    const sse = broken[format]
    const fixed = pour(opening(pair, { options: { fixUpstreamStream: true } }), sse)
    await expect(judge(format, fixed)).resolves.toBeDefined()
    expect(pour(opening(pair), sse).startsWith(sse)).toBe(true)
  })

  it('repeats in a Responses answer what the client asked for', async () => {
    const pair = { client: 'openai-responses', upstream: 'openai-responses' } as const
    const request = { instructions: 'Be brief.', metadata: { a: 'b' } }
    const fixed = pour(opening(pair, { options: { fixUpstreamStream: true }, request }), broken['openai-responses'])
    expect(await judge('openai-responses', fixed)).toMatchObject(request)
  })
})

describe('strictResponses', () => {
  const answer = {
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    model: 'm',
    content: [{ type: 'text', text: 'a' }],
    stop_reason: 'pause_turn',
    usage: { input_tokens: 1, output_tokens: 1 },
  }
  const sse = messagesSse(wire.start(), ...wire.text(0, 'a'), ...wire.stop('pause_turn'))

  it('is off: no policy breaks an answer', () => {
    const choosing = { policy: 'reject' } as const
    expect(whole(CHAT_FROM_MESSAGES, answer, choosing).choices[0].finish_reason).toBe('stop')
    expect(pour(opening(CHAT_FROM_MESSAGES, choosing), sse)).toContain('[DONE]')
  })

  it('refuses an answer that lost something, whole and streamed', () => {
    const choosing = { policy: 'reject', options: { strictResponses: true } } as const
    expect(() => whole(CHAT_FROM_MESSAGES, answer, choosing)).toThrow(ConversionError)
    expect(() => gather(opening(CHAT_FROM_MESSAGES, choosing), sse)).toThrow(/pause_turn/)
    const text = pour(opening(CHAT_FROM_MESSAGES, choosing), sse)
    expect(text).toContain('"error"')
    expect(text).not.toContain('[DONE]')
  })

  it('lets pass what the policy accepts', () => {
    const converter = {
      options: { strictResponses: true },
      policy: { reject: ['degraded'], accept: ['pause_turn'] },
    } as const
    expect(() => open({ ...CHAT_FROM_MESSAGES, converter }).response(answer)).not.toThrow()
  })
})

describe('echoUpstream', () => {
  const answer = chatAnswer({ content: 'a' }, { provider: 'Some', citations: ['https://a.example'] })

  it('is off: members that nobody knows are dropped', () => {
    expect(whole(MESSAGES_FROM_CHAT, answer)).not.toHaveProperty('x_upstream')
  })

  it('puts them under x_upstream, and nothing where there are none', () => {
    const on = { options: { echoUpstream: true } }
    expect(whole(MESSAGES_FROM_CHAT, answer, on).x_upstream).toEqual({
      provider: 'Some',
      citations: ['https://a.example'],
    })
    expect(whole(MESSAGES_FROM_CHAT, chatAnswer({ content: 'a' }), on)).not.toHaveProperty('x_upstream')
  })
})

describe('reasoningAsContent', () => {
  const sse = chatSse(chunk({ reasoning_content: 'why' }), chunk({ content: 'because' }), chunk({}, 'stop'))

  it('is off: full reasoning is the summary of its item', async () => {
    const { output } = await judge('openai-responses', pour(opening(RESPONSES_FROM_CHAT), sse))
    expect(output[0]).toMatchObject({ type: 'reasoning', summary: [{ type: 'summary_text', text: 'why' }] })
    expect(output[0]).not.toHaveProperty('content')
  })

  it('makes it the content', async () => {
    const on = { options: { reasoningAsContent: true } }
    const { output } = await judge('openai-responses', pour(opening(RESPONSES_FROM_CHAT, on), sse))
    expect(output[0]).toMatchObject({ summary: [], content: [{ type: 'reasoning_text', text: 'why' }] })
    expect(gather(opening(RESPONSES_FROM_CHAT, on), sse).output[0].content).toEqual(output[0].content)
  })
})

describe('maxRetryAfterMs', () => {
  it('caps what a client is told at a minute, or where it says', () => {
    expect(waitWith({})).toBe('60')
    expect(waitWith({ maxRetryAfterMs: 5_000 })).toBe('5')
    expect(waitWith({ maxRetryAfterMs: 900_000 })).toBe('600')
  })
})

describe('sealsToChat', () => {
  const sse = messagesSse(
    wire.start(),
    ...wire.thinking(0, 'why', 'SIG'),
    ...wire.text(1, 'a'),
    ...wire.stop('end_turn'),
  )

  it('is on: a proof comes to a Chat client, unless it is switched off', () => {
    expect(pour(opening(CHAT_FROM_MESSAGES), sse)).toContain('reasoning_details')
    const off = { options: { sealsToChat: false } }
    expect(pour(opening(CHAT_FROM_MESSAGES, off), sse)).not.toContain('reasoning_details')
  })
})

describe('estimateInput', () => {
  const sse = chatSse(chunk({ content: 'a' }), chunk({}, 'stop'))
  const counted = (options: Partial<ConversionOptions>): number =>
    eventsOf(pour(opening(MESSAGES_FROM_CHAT, { options, request: { stream: true } }), sse))[0].message.usage
      .input_tokens

  it('is on: a stream begins with an estimate, or with 0', () => {
    expect(counted({})).toBeGreaterThan(0)
    expect(counted({ estimateInput: false })).toBe(0)
  })
})

describe('modelEcho', () => {
  const upstreams: { readonly [Name in Format]: string } = {
    'anthropic-messages': messagesSse(
      wire.start({ model: 'up-model' }),
      ...wire.text(0, 'a'),
      ...wire.stop('end_turn'),
    ),
    'openai-chat': chatSse(chunk({ content: 'a' }), chunk({}, 'stop')),
    'openai-responses': [
      { type: 'response.created', response: { id: 'r', model: 'up-model' } },
      { type: 'response.output_text.delta', output_index: 0, content_index: 0, delta: 'a' },
      { type: 'response.completed', response: { id: 'r', model: 'up-model', status: 'completed' } },
    ]
      .map((event) => `data: ${JSON.stringify(event)}\n\n`)
      .join(''),
  }

  it.each(DIRECTIONS)('names the model in streams and whole answers alike: $client < $upstream', async (pair) => {
    for (const [modelEcho, model] of [
      ['requested', 'asked-model'],
      ['upstream', 'up-model'],
    ] as const) {
      const echoing = opening(pair, { options: { modelEcho } })
      const sse = upstreams[pair.upstream]
      const streamed = await judge(pair.client, pour(echoing, sse))
      expect([modelEcho, streamed.model]).toEqual([modelEcho, model])
      expect([modelEcho, gather(echoing, sse).model]).toEqual([modelEcho, model])
    }
  })
})

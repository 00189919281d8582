import { describe, expect, it } from 'vitest'

import type { Loose } from '../src/testing/loose.ts'
import { chatSse, chunk, messagesSse, wire } from './catalogue/harness.ts'
import { eventsOf, gather, lossesOf, open, pour, unnamedSse } from './support/exchanges.ts'
import { comparable, judge } from './support/judges.ts'
import type { Pair } from './support/pairs.ts'

const CHAT_TO_MESSAGES: Pair = { client: 'anthropic-messages', upstream: 'openai-chat' }
const CHAT_TO_RESPONSES: Pair = { client: 'openai-responses', upstream: 'openai-chat' }
const MESSAGES_TO_RESPONSES: Pair = { client: 'openai-responses', upstream: 'anthropic-messages' }
const RESPONSES_TO_CHAT: Pair = { client: 'openai-chat', upstream: 'openai-responses' }

/** The calls of a Messages stream: names and arguments. */
function callsOf(sse: string): unknown[] {
  const calls: { name: string; input: string[] }[] = []
  for (const event of eventsOf(sse)) {
    if (event.content_block?.type === 'tool_use') calls.push({ name: event.content_block.name, input: [] })
    if (event.delta?.type === 'input_json_delta') calls.at(-1)?.input.push(event.delta.partial_json)
  }
  return calls.map(({ name, input }) => ({ name, input: input.join('') }))
}

/** Ids are numbered in the order of their making, which differs between a stream and a whole answer. */
function withoutIds(answer: Loose): Loose {
  return JSON.parse(JSON.stringify(answer).replaceAll(/\d{24}/g, 'id'))
}

/** The streamed answer as the SDK sees it, and the one that is gathered from the same stream. */
async function bothWays(pair: Pair, sse: string): Promise<{ readonly streamed: Loose; readonly gathered: Loose }> {
  const streamed = comparable(pair.client, await judge(pair.client, pour(pair, sse)))
  return { streamed: withoutIds(streamed), gathered: withoutIds(comparable(pair.client, gather(pair, sse))) }
}

function call(name: string, text: string, rest: object = {}): Loose {
  return { tool_calls: [{ ...rest, function: { name, arguments: text } }] }
}

/** A block of a Messages stream that begins and is not ended. */
function unended(index: number, start: Loose): Loose {
  return { type: 'content_block_start', index, content_block: start }
}

/** An event about the first item of a Responses stream. */
function at(type: string, rest: Loose): Loose {
  return { type: `response.${type}`, output_index: 0, ...rest }
}

/** A finished reasoning item. */
function reasoningItem(...summary: readonly string[]): Loose {
  return { id: 'rs', type: 'reasoning', summary: summary.map((text) => ({ type: 'summary_text', text })) }
}

/** The reasoning that a Chat client sees. */
function reasoningOf(sse: string): unknown {
  return gather(RESPONSES_TO_CHAT, sse).choices[0].message.reasoning_content
}

/** A whole Chat answer, told to a Responses client. */
function fromChat(message: Loose, logprobs: Loose): Loose {
  const choice = {
    index: 0,
    message: { role: 'assistant', content: null, ...message },
    logprobs,
    finish_reason: 'stop',
  }
  return open(CHAT_TO_RESPONSES).response({ id: 'c', choices: [choice] })
}

/** A whole Responses answer, told to a Chat client. */
function fromResponses(rest: Loose): Loose {
  return open(RESPONSES_TO_CHAT).response({ id: 'r', object: 'response', status: 'completed', output: [], ...rest })
}

describe('an event that the end of the bytes has cut', () => {
  const begun = chatSse(chunk({ content: 'Hi' }), 'cut')
  const finished = chatSse(chunk({ content: 'Hi' }), chunk({}, 'stop'), 'cut')

  it('is no part of an answer that has its finish', () => {
    const sse = pour(CHAT_TO_MESSAGES, `${finished}data: {"choices":[],"us`)
    expect(sse.endsWith('event: message_stop\ndata: {"type":"message_stop"}\n\n')).toBe(true)
  })

  it('is no malformed one', () => {
    const sse = pour(CHAT_TO_MESSAGES, `${begun}data: {"choices":[],"us`)
    expect(sse).toContain('closed the stream before the answer was complete')
  })
})

describe('calls of a Chat stream that neither index nor id tells apart', () => {
  it.each([{}, { index: 0 }])('are two when another name follows arguments (%o)', (rest) => {
    const sse = chatSse(chunk(call('a', '{"x":1}', rest)), chunk(call('b', '{"y":2}', rest)), chunk({}, 'tool_calls'))
    expect(callsOf(pour(CHAT_TO_MESSAGES, sse))).toEqual([
      { name: 'a', input: '{"x":1}' },
      { name: 'b', input: '{"y":2}' },
    ])
  })

  it('are one while the name is the same or absent', () => {
    const sse = chatSse(chunk(call('a', '{"x":')), chunk(call('a', '1')), chunk(call('', '}')), chunk({}, 'tool_calls'))
    expect(callsOf(pour(CHAT_TO_MESSAGES, sse))).toEqual([{ name: 'a', input: '{"x":1}' }])
  })

  it('with two names before any arguments keep the first, and that is reported', () => {
    const named = (name: string): Loose => call(name, '', { index: 0, id: 'call_1' })
    const sse = chatSse(
      chunk(named('get')),
      chunk(named('set')),
      chunk(call('', '{}', { index: 0 })),
      chunk({}, 'stop'),
    )
    expect(callsOf(pour(CHAT_TO_MESSAGES, sse))).toEqual([{ name: 'get', input: '{}' }])
    expect(lossesOf(CHAT_TO_MESSAGES, sse)).toContain('upstream_repaired #tool_calls')
  })
})

describe('a stream and the answer that is gathered from it agree', () => {
  it('when the cut comes after a call without arguments and something that began later', async () => {
    const sse = chatSse(
      chunk({ tool_calls: [{ index: 0, id: 'call_1', function: { name: 'w' } }] }),
      chunk({ reasoning_content: 'why' }),
      chunk({}, 'content_filter'),
    )
    const { streamed, gathered } = await bothWays(CHAT_TO_RESPONSES, sse)
    expect(streamed).toEqual(gathered)
  })

  it('when a Messages upstream forgets to end a block', async () => {
    const sse = messagesSse(
      wire.start(),
      unended(0, { type: 'redacted_thinking', data: 'RED' }),
      unended(1, { type: 'text', text: 'a' }),
      ...wire.call(2, 'toolu_1', '{}'),
      ...wire.text(3, 'b'),
      ...wire.stop('tool_use'),
    )
    const { streamed, gathered } = await bothWays(MESSAGES_TO_RESPONSES, sse)
    expect(streamed).toEqual(gathered)
    expect(gathered.output.map(({ type }: Loose) => type)).toEqual(['reasoning', 'message', 'function_call', 'message'])
  })
})

describe('a Responses stream that names no places', () => {
  const end = { type: 'response.completed', response: { id: 'r', status: 'completed' } }

  it('is read in its order', () => {
    const message = { type: 'message', content: [{ type: 'output_text', text: 'abc' }] }
    const call = { type: 'function_call', name: 'w', call_id: 'c', arguments: '{}' }
    const sse = unnamedSse(
      { type: 'response.output_item.added', item: { type: 'message', content: [] } },
      { type: 'response.output_text.delta', delta: 'a' },
      { type: 'response.output_item.done', item: message },
      { type: 'response.output_item.added', item: { ...call, arguments: '' } },
      { type: 'response.function_call_arguments.delta', delta: '{}' },
      { type: 'response.output_item.done', item: call },
      { ...end, response: { ...end.response, output: [message, call] } },
    )
    const { message: answer } = gather(RESPONSES_TO_CHAT, sse).choices[0]
    expect(answer.content).toBe('abc')
    expect(answer.tool_calls).toMatchObject([{ id: 'c', function: { name: 'w', arguments: '{}' } }])
  })

  it('is read without any item', () => {
    const sse = unnamedSse(
      { type: 'response.output_text.delta', delta: 'a' },
      { type: 'response.output_text.delta', delta: 'b' },
      end,
    )
    expect(gather(RESPONSES_TO_CHAT, sse).choices[0].message.content).toBe('ab')
  })

  it('reports events that it does not know, and nothing else', () => {
    const sse = unnamedSse({ type: 'response.audio.delta', delta: 'AAAA' }, { type: 'keepalive' }, end)
    expect(lossesOf(RESPONSES_TO_CHAT, sse)).toEqual(['unknown_field #response.audio.delta'])
  })
})

describe('reasoning of a Responses stream', () => {
  const end = { type: 'response.completed', response: { id: 'r', status: 'completed', output: [] } }
  it('is complete although only the end of its parts has the whole text', () => {
    const sse = unnamedSse(
      at('output_item.added', { item: reasoningItem() }),
      at('reasoning_summary_text.delta', { summary_index: 0, delta: 'fi' }),
      at('reasoning_summary_part.done', { summary_index: 0, part: { type: 'summary_text', text: 'first' } }),
      at('reasoning_summary_text.delta', { summary_index: 1, delta: 'second' }),
      at('output_item.done', { item: reasoningItem('first', 'second') }),
      end,
    )
    expect(reasoningOf(sse)).toBe('first\n\nsecond')
  })

  it('whose end differs from its fragments is reported', () => {
    const sse = unnamedSse(
      at('reasoning_summary_text.delta', { summary_index: 0, delta: 'one' }),
      at('reasoning_summary_text.done', { summary_index: 0, text: 'two' }),
      at('output_item.done', { item: reasoningItem('two') }),
      end,
    )
    expect(reasoningOf(sse)).toBe('one')
    expect(lossesOf(RESPONSES_TO_CHAT, sse)).toContain('upstream_repaired #response.output_item.done')
  })

  it('that streams in full and as a summary is carried once, and that is reported', () => {
    const sse = unnamedSse(
      at('reasoning_summary_text.delta', { summary_index: 0, delta: 'short' }),
      at('reasoning_text.delta', { content_index: 0, delta: 'long' }),
      end,
    )
    expect(reasoningOf(sse)).toBe('short')
    expect(lossesOf(RESPONSES_TO_CHAT, sse)).toContain('reasoning_dropped #response.output_item.done')
  })
})

describe('token probabilities of a Chat answer', () => {
  const tokens = [{ token: 'a', logprob: -1, bytes: null, top_logprobs: [{ token: 'b', logprob: -2, bytes: null }] }]

  it('reach a Responses client in its form, which knows no bytes that are null', () => {
    const { body, losses } = fromChat({ content: 'a' }, { content: tokens, refusal: null })
    expect(body.output[0].content[0].logprobs).toEqual([
      { token: 'a', logprob: -1, bytes: [], top_logprobs: [{ token: 'b', logprob: -2, bytes: [] }] },
    ])
    expect(losses.map(({ path }: Loose) => path)).not.toContain('#logprobs')
  })

  it.each([
    [{ refusal: 'no' }, { content: null, refusal: tokens }],
    [{ content: [{ type: 'text', text: 'a' }] }, { content: tokens }],
  ])('that have no text beside them are reported lost', (message, logprobs) => {
    const { losses } = fromChat(message, logprobs)
    expect(losses).toContainEqual(expect.objectContaining({ code: 'logprobs_dropped', path: '#logprobs' }))
  })
})

describe('what only Responses tells', () => {
  it('the namespace of a called tool, is reported lost', () => {
    const call = { type: 'function_call', name: 'n', namespace: 'ns', call_id: 'c', arguments: '{}' }
    const { losses } = fromResponses({ output: [call] })
    expect(losses).toContainEqual(expect.objectContaining({ path: '#namespace', level: 'info' }))
  })

  it('the tier ultrafast, is reported lost', () => {
    const usage = { input_tokens: 1, output_tokens: 1, total_tokens: 2 }
    const { body, losses } = fromResponses({ usage, service_tier: 'ultrafast' })
    expect(body.service_tier).toBeUndefined()
    expect(losses).toContainEqual(expect.objectContaining({ code: 'service_tier_changed', path: '#service_tier' }))
  })
})

function annotated(annotation: Loose): string {
  return chatSse(chunk({ content: 'Hi', annotations: [annotation] }), chunk({}, 'stop'))
}

describe('an annotation of a Chat stream', () => {
  const file = { type: 'file', file: { hash: 'h', name: 'a.pdf' } }

  it('of a kind that Chat does not document is reported, not dropped in silence', () => {
    expect(lossesOf(CHAT_TO_MESSAGES, annotated(file))).toContain('citation_dropped #citation')
    expect(lossesOf(CHAT_TO_RESPONSES, annotated(file))).toContain('citation_dropped #citation')
  })

  it('of a kind that Chat does not document stays where the stream is mended', () => {
    const pair: Pair = { client: 'openai-chat', upstream: 'openai-chat' }
    const answer = gather({ ...pair, converter: { options: { fixUpstreamStream: true } } }, annotated(file))
    expect(answer.choices[0].message.annotations).toEqual([file])
  })

  it('is read in the flat form of Responses too', () => {
    const flat = { type: 'url_citation', url: 'https://a.example/', title: 'A', start_index: 0, end_index: 2 }
    const { content } = gather(CHAT_TO_MESSAGES, annotated(flat))
    expect(content[0].citations).toMatchObject([{ url: 'https://a.example/', title: 'A' }])
  })
})

describe('an event after the end', () => {
  const said = { id: 'm', type: 'message', content: [{ type: 'output_text', text: 'Hi' }] }
  const ends: readonly (readonly [Pair, sse: string, late: string])[] = [
    [
      CHAT_TO_MESSAGES,
      `${chatSse(chunk({ content: 'Hi' }, 'stop'))}data: [DONE]\n\n`,
      chatSse(chunk({ content: 'late' })),
    ],
    [
      MESSAGES_TO_RESPONSES,
      messagesSse(wire.start(), ...wire.block(0, { type: 'text', text: 'Hi' }), ...wire.stop('end_turn')),
      messagesSse(wire.start()),
    ],
    [
      RESPONSES_TO_CHAT,
      unnamedSse({ type: 'response.completed', response: { id: 'r', output: [said] } }),
      unnamedSse({ type: 'response.output_text.delta', output_index: 9, delta: 'late' }),
    ],
  ]

  it.each(ends)('is ignored, which is told: %j', (pair, sse, late) => {
    for (const pieces of [[sse + late], [sse, late]]) {
      const stream = open({ ...pair, request: { stream: true } }).stream()
      const text = pieces.map((piece) => stream.push(piece)).join('') + stream.end()
      expect([stream.state, text.includes('late')]).toEqual(['finished', false])
      expect(stream.losses.map(({ code, level }) => `${code} ${level}`)).toContain('event_after_end info')
    }
  })

  it.each(ends)('that says nothing is none: %j', (pair, sse) => {
    const stream = open({ ...pair, request: { stream: true } }).stream()
    const text = stream.push(sse)
    expect(text + stream.push(': comment\n\ndata: [DONE]\n\ndata:\n\n')).toBe(text)
    expect(stream.losses.map(({ code }) => code)).not.toContain('event_after_end')
  })
})

it('an item of Responses that ends without a type that can be read keeps the one it began with', async () => {
  const pair: Pair = { client: 'openai-responses', upstream: 'openai-responses' }
  const converter = { options: { fixUpstreamStream: true } }
  const search = { id: 'ws', type: 'web_search_call', status: 'in_progress', action: { type: 'search', query: 'q' } }
  const sse = unnamedSse(
    { type: 'response.created', response: { id: 'r' } },
    at('output_item.added', { item: search }),
    at('output_item.done', { item: { ...search, status: 'completed', type: {} } }),
    { type: 'response.completed', response: { id: 'r', status: 'completed' } },
  )
  const { output } = await judge('openai-responses', pour({ ...pair, converter }, sse))
  expect(output).toMatchObject([{ type: 'web_search_call', status: 'completed' }])
})

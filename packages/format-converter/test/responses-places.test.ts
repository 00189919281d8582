import { describe, expect, it, test } from 'vitest'

import type { Loose } from '../src/testing/loose.ts'
import { eventsOf, gather, lossesOf, open, pour, unnamedSse } from './support/exchanges.ts'
import type { Pair } from './support/pairs.ts'

const TO_MESSAGES: Pair = { client: 'anthropic-messages', upstream: 'openai-responses' }

function event(type: string, rest: Loose): Loose {
  return { type: `response.${type}`, ...rest }
}

function completed(rest: Loose = {}): Loose {
  return event('completed', { response: { id: 'r', object: 'response', status: 'completed', ...rest } })
}

function message(id: string, text: string): Loose {
  return { id, type: 'message', role: 'assistant', content: [{ type: 'output_text', text, annotations: [] }] }
}

function call(number: number, text: string): Loose {
  return { id: `fc_${number}`, type: 'function_call', call_id: `call_${number}`, name: `f${number}`, arguments: text }
}

/** Texts, reasoning and arguments of what a Messages client is told. */
function told(...events: readonly Loose[]): unknown[] {
  const { content } = gather(TO_MESSAGES, unnamedSse(...events))
  return content.map(({ text, thinking, input }: Loose) => text ?? thinking ?? input)
}

const BEGUN = { ...message('msg_1', ''), content: [] }
const DELTA = { item_id: 'msg_1', content_index: 0, delta: 'said once' }
const MESSAGE = message('msg_1', 'said once')
const AT_0 = { output_index: 0 }

describe('an item of a Responses stream', () => {
  it.each([
    ['its deltas lack', { added: AT_0, delta: {}, done: AT_0 }],
    ['only its deltas have', { added: {}, delta: AT_0, done: {} }],
    ['its end lacks', { added: AT_0, delta: AT_0, done: {} }],
  ])('is told once where %s the position', (_case, { added, delta, done }) => {
    const events = [
      event('output_item.added', { ...added, item: BEGUN }),
      event('output_text.delta', { ...delta, ...DELTA }),
      event('output_item.done', { ...done, item: MESSAGE }),
    ]
    expect(told(...events, completed())).toEqual(['said once'])
    expect(told(...events, completed({ output: [MESSAGE] }))).toEqual(['said once'])
  })

  it('keeps the position that it gets later, whatever else is told of that position', () => {
    const events = [
      event('output_item.added', { item: BEGUN }),
      event('output_text.delta', { ...AT_0, ...DELTA, delta: 'said ' }),
      event('web_search_call.searching', { ...AT_0, item_id: 'ws_1' }),
      event('output_text.delta', { ...AT_0, ...DELTA, delta: 'once' }),
      event('output_item.done', { ...AT_0, item: MESSAGE }),
    ]
    expect(told(...events, completed({ output: [MESSAGE] }))).toEqual(['said once'])
  })

  it('is known by its own id, whatever else was told of its position before', () => {
    const events = [
      event('web_search_call.searching', { ...AT_0, item_id: 'ws_1' }),
      event('output_item.added', { ...AT_0, item: BEGUN }),
      event('output_text.delta', { ...DELTA }),
      event('output_item.done', { item: MESSAGE }),
    ]
    expect(told(...events, completed({ output: [MESSAGE] }))).toEqual(['said once'])
  })

  it('gets its own arguments where only its beginning has a position', () => {
    const calls = told(
      event('output_item.added', { output_index: 0, item: call(1, '') }),
      event('output_item.added', { output_index: 1, item: call(2, '') }),
      event('function_call_arguments.delta', { item_id: 'fc_1', delta: '{"a":' }),
      event('function_call_arguments.delta', { item_id: 'fc_2', delta: '{"b":2}' }),
      event('function_call_arguments.delta', { item_id: 'fc_1', delta: '1}' }),
      completed(),
    )
    expect(calls).toEqual([{ a: 1 }, { b: 2 }])
  })

  it('is another one where the server gives every item the same position', () => {
    const output = [MESSAGE, call(1, '{"a":1}'), call(2, '{"b":2}')]
    const done = output.map((item) => event('output_item.done', { ...AT_0, item }))
    const expected = ['said once', { a: 1 }, { b: 2 }]
    expect(told(...done, completed())).toEqual(expected)
    expect(told(...done, ...done.slice(-1), completed({ output }))).toEqual(expected)
  })

  it.each([
    ['a message', MESSAGE, 'said once'],
    ['reasoning', { id: 'rs_1', type: 'reasoning', summary: [{ type: 'summary_text', text: 'hm' }] }, 'hm'],
  ])('that is %s and only begins is told as it began', (_kind, item, text) => {
    expect(told(event('output_item.added', { ...AT_0, item }), completed())).toEqual([text])
  })

  it('that only its parts tell of is known by their kind', () => {
    const part = (type: string, text: string): Loose => event('content_part.done', { ...AT_0, part: { type, text } })
    expect(told(part('output_text', 'Hi'), completed())).toEqual(['Hi'])
    expect(told(part('reasoning_text', 'hm'), completed())).toEqual(['hm'])
    const summary = { ...AT_0, summary_index: 0, part: { type: 'summary_text', text: 'hm' } }
    expect(told(event('reasoning_summary_part.added', summary), completed())).toEqual(['hm'])
  })

  it('that never says what it is is reported', () => {
    const stray = event('image_generation_call.partial_image', { ...AT_0, partial_image_b64: 'AAAA' })
    const losses = lossesOf(TO_MESSAGES, unnamedSse(stray, completed()))
    expect(losses).toContain('unknown_field #response.image_generation_call.partial_image')
  })
})

describe('a call of a Responses stream', () => {
  it('may be named by the end of its arguments alone, and has the id of its item', () => {
    const text = '{"a":1}'
    const named = event('function_call_arguments.done', { ...AT_0, item_id: 'fc_1', name: 'f', arguments: text })
    expect(told(named, completed())).toEqual([{ a: 1 }])
    const { name: _name, arguments: _text, ...item } = call(1, '')
    const done = event('output_item.done', { ...AT_0, item })
    expect(gather(TO_MESSAGES, unnamedSse(named, done, completed())).content).toMatchObject([
      { id: 'call_1', name: 'f', input: { a: 1 } },
    ])
  })

  it('that begins with an empty object has the arguments that follow', () => {
    const added = event('output_item.added', { ...AT_0, item: call(1, '{}') })
    const delta = event('function_call_arguments.delta', { ...AT_0, delta: '{"a":1}' })
    expect(told(added, delta, completed())).toEqual([{ a: 1 }])
    expect(told(added, completed())).toEqual([{}])
  })

  it('whose arguments are more than may wait for its name breaks the answer, and is not cut', () => {
    const piece = event('function_call_arguments.delta', { ...AT_0, delta: 'x'.repeat(600_000) })
    const stream = open({ ...TO_MESSAGES, request: { stream: true } }).stream()
    stream.push(unnamedSse(piece, piece, event('output_item.done', { ...AT_0, item: call(1, '') }), completed()))
    stream.end()
    expect([stream.state, stream.error?.kind]).toEqual(['failed', 'overflow'])
  })
})

test.each([
  ['says that it failed', { status: 'failed', error: null }],
  ['was cancelled', { status: 'cancelled' }],
  ['has an error', { error: { code: 'server_error', message: 'boom' } }],
  ['has an error and no status', { status: undefined, output: [], error: { code: 'server_error', message: 'boom' } }],
])('a response that %s is broken, whatever the event around it is called', (_case, rest) => {
  const end = completed({ output: [], ...rest })
  const said = event('output_text.delta', { ...AT_0, delta: 'Hi' })
  const stream = open({ ...TO_MESSAGES, request: { stream: true } }).stream()
  const text = stream.push(unnamedSse(said, end))
  expect(stream.state).toBe('failed')
  expect(text).toContain('event: error')
  expect(pour(TO_MESSAGES, unnamedSse(end))).toBe('')
  expect(() => open(TO_MESSAGES).response(end.response)).toThrow(/boom|cancelled|failed/)
})

describe('two messages of a Responses stream that are written at once', () => {
  const MIXED = [
    event('output_item.added', { output_index: 0, item: BEGUN }),
    event('output_text.delta', { output_index: 0, content_index: 0, delta: 'A' }),
    event('output_item.added', { output_index: 1, item: { ...BEGUN, id: 'msg_2' } }),
    event('output_text.delta', { output_index: 1, content_index: 0, delta: 'B' }),
  ]
  const END = [event('output_text.delta', { output_index: 0, content_index: 0, delta: 'a' }), completed()]
  const TO_CHAT: Pair = { client: 'openai-chat', upstream: 'openai-responses' }
  const MIXED_BLOCKS = 'upstream_repaired #text'

  it('are one after the other where a client can be made to wait, and mixed in a Chat stream, which is told', () => {
    const sse = unnamedSse(...MIXED, ...END)
    expect(told(...MIXED, ...END)).toEqual(['Aa', 'B'])
    expect(gather(TO_CHAT, sse).choices[0].message.content).toBe('Aa\n\nB')
    expect(deltasOf(sse)).toEqual(['A', '\n\nB', 'a'])
    expect(lossesOf(TO_CHAT, sse)).toEqual([MIXED_BLOCKS])
  })

  it('are not mixed where one is only closed later, and neither are what they cite', () => {
    const annotation = { type: 'url_citation', url: 'https://a.example', title: 'A' }
    const cited = event('output_text.annotation.added', { output_index: 0, content_index: 0, annotation })
    const sse = unnamedSse(...MIXED, cited, completed())
    expect(lossesOf(TO_CHAT, sse)).toEqual([])
    const [place] = eventsOf(pour(TO_CHAT, sse)).flatMap(({ choices }) => choices[0]?.delta.annotations ?? [])
    expect(place.url_citation).toMatchObject({ start_index: 0, end_index: 1 })
  })

  function deltasOf(sse: string): string[] {
    return eventsOf(pour(TO_CHAT, sse)).flatMap(({ choices }) => choices[0]?.delta.content || [])
  }
})

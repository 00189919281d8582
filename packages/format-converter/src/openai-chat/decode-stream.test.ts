import { describe, expect, it, test } from 'vitest'

import type { AnswerEvent } from '../model/answer-event.ts'
import type { JsonObject } from '../model/json.ts'
import { type ChatDecoding, chatProfile, decodeChunks } from '../testing/chat-judge.ts'

function chunk(delta: JsonObject | null, finishReason: string | null = null, rest: JsonObject = {}): JsonObject {
  return { id: 'c1', model: 'm', created: 1, choices: [{ index: 0, delta, finish_reason: finishReason }], ...rest }
}

/** A short readable form: one word an event. */
function shape(events: readonly AnswerEvent[]): string[] {
  return events.map((event) => {
    switch (event.type) {
      case 'open':
        return `open ${event.block} ${event.part.type === 'tool-call' ? `${event.part.id} ${event.part.name}` : event.part.type}`
      case 'delta':
        return `delta ${event.block} ${event.text}`
      case 'close':
        return `close ${event.block}`
      case 'finish':
        return `finish ${event.reason}`
      case 'failure':
        return `failure ${event.failure.kind}`
      case 'seal':
        return `seal ${event.block}`
      case 'start':
      case 'boundary':
      case 'citation':
      case 'usage':
      case 'ping':
      case 'end':
        return event.type
    }
  })
}

const shapeOf = (chunks: readonly JsonObject[], init: ChatDecoding = {}): string[] =>
  shape(decodeChunks(chunks, init).events)

const call = (index: number | undefined, rest: JsonObject): JsonObject => ({ tool_calls: [{ index, ...rest }] })

const detail = (rest: JsonObject): JsonObject => ({
  reasoning_details: [{ type: 'reasoning.text', format: 'anthropic-claude-v1', index: 0, ...rest }],
})

const annotation = (url: string): JsonObject => ({
  type: 'url_citation',
  url_citation: { url, title: 't', start_index: 0, end_index: 1 },
})

function opened(lines: readonly string[]): string[] {
  return lines.filter((line) => line.startsWith('open'))
}

describe('start and end', () => {
  it('starts at the first chunk that has an id or a model, and takes both', () => {
    const azure = { id: '', model: '', created: 0, choices: [], prompt_filter_results: [{}] }
    const { events } = decodeChunks([azure, chunk({ content: 'x' }, 'stop')])
    expect(events[0]).toEqual({ type: 'start', id: 'c1', model: 'm', createdSeconds: 1 })
    expect(events.filter((event) => event.type === 'start')).toHaveLength(1)
  })

  it('waits after the finish reason for usage, and ends at [DONE]', () => {
    const usage = { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 }
    expect(shapeOf([chunk({ content: 'x' }), chunk({}, 'stop'), { id: 'c1', choices: [], usage }])).toEqual([
      'start',
      'open 0 text',
      'delta 0 x',
      'usage',
      'close 0',
      'finish stop',
      'end',
    ])
  })

  it('is complete without [DONE] once a finish reason came', () => {
    expect(shapeOf([chunk({ content: 'x' }, 'stop')], { ending: 'closed' }).slice(-2)).toEqual(['finish stop', 'end'])
  })

  it('takes [DONE] without a finish reason for the end of an answer that has content', () => {
    expect(shapeOf([chunk({ content: 'x' })]).slice(-2)).toEqual(['finish unknown', 'end'])
  })

  test.for([
    ['text without a finish reason', [chunk({ content: 'x' })]],
    ['only a role', [chunk({ role: 'assistant', content: '' })]],
    ['nothing', []],
  ] as const)('a stream that closes after %s is cut', ([, chunks]) => {
    expect(shapeOf(chunks, { ending: 'closed' }).at(-1)).toBe('failure upstream_truncated')
  })

  it('[DONE] without a finish reason and without content is a cut', () => {
    expect(shapeOf([chunk({ role: 'assistant' })]).at(-1)).toBe('failure upstream_truncated')
  })

  it('lets a lenient profile end without a finish reason, but not inside a call', () => {
    const init: ChatDecoding = { profile: chatProfile({ dialect: { lenientEnd: true } }), ending: 'closed' }
    const begun = chunk(call(0, { id: 'a', function: { name: 'f', arguments: '{"x":' } }))
    expect(shapeOf([chunk({ content: 'x' })], init).at(-1)).toBe('end')
    expect(shapeOf([begun], init).at(-1)).toBe('failure upstream_truncated')
    expect(shapeOf([begun, chunk(call(0, { function: { arguments: '1}' } }))], init).at(-1)).toBe('end')
  })

  it('the first finish reason counts, but a plain stop gives way to a later one', () => {
    expect(shapeOf([chunk({ content: 'x' }, 'stop'), chunk({}, 'length')]).at(-2)).toBe('finish length')
    expect(shapeOf([chunk({ content: 'x' }, 'length'), chunk({}, 'stop')]).at(-2)).toBe('finish length')
  })

  it('names the stop sequence that the upstream met, if the request asked for it', () => {
    const body = {
      id: 'c',
      choices: [{ index: 0, delta: { content: 'x' }, finish_reason: 'stop', stop_reason: '###' }],
    }
    expect(decodeChunks([body], { stop: ['###'] }).events.at(-2)).toEqual({
      type: 'finish',
      reason: 'stop_sequence',
      stopSequence: '###',
    })
    expect(decodeChunks([body], { stop: [] }).events.at(-2)).toEqual({ type: 'finish', reason: 'stop' })
  })

  test.for(['error', 'network_error', 'abort', 'insufficient_system_resource'])(
    'finish reason %s is trouble, not an end',
    (reason) => {
      expect(shapeOf([chunk({ content: 'x' }), chunk({}, reason)]).at(-1)).toMatch(/^failure /)
    },
  )

  test.for([
    { error: { message: 'busy', type: 'overloaded_error' } },
    { error: 'busy' },
    { object: 'error', message: 'busy' },
  ] as const)('an error chunk ends everything', (error) => {
    const got = shapeOf([chunk({ content: 'x' }), error, chunk({ content: 'y' }, 'stop')])
    expect(got.at(-1)).toMatch(/^failure /)
    expect(got).not.toContain('delta 0 y')
  })

  it('reports what comes after the end once, and carries none of it', () => {
    const { events, losses } = decodeChunks([{ error: 'x' }, chunk({ content: 'y' }), chunk({ content: 'z' })])
    expect(events).toHaveLength(1)
    expect(losses.map((loss) => loss.code)).toEqual(['event_after_end'])
  })

  it('carries only the first of several choices, and says so', () => {
    const second = { id: 'c', choices: [{ index: 1, delta: { content: 'other' }, finish_reason: null }] }
    const { events, losses } = decodeChunks([chunk({ content: 'x' }), second, chunk({}, 'stop')])
    expect(shape(events)).not.toContain('delta 0 other')
    expect(losses.map((loss) => loss.code)).toEqual(['choices_dropped'])
  })

  it('reads one event that holds the whole message', () => {
    const message = {
      role: 'assistant',
      content: 'hi',
      tool_calls: [{ id: 'a', type: 'function', function: { name: 'f', arguments: '{}' } }],
    }
    const got = shapeOf([{ id: 'c', choices: [{ index: 0, message, finish_reason: 'tool_calls' }] }])
    expect(got).toEqual([
      'start',
      'open 0 text',
      'delta 0 hi',
      'close 0',
      'open 1 a f',
      'delta 1 {}',
      'close 1',
      'finish tool',
      'end',
    ])
  })
})

describe('text, reasoning and refusal', () => {
  it('keeps the order reasoning, text, call inside one chunk', () => {
    const delta = {
      tool_calls: [{ index: 0, id: 'a', function: { name: 'f', arguments: '{}' } }],
      content: 'text',
      reasoning_content: 'think',
    }
    expect(shapeOf([chunk(delta, 'tool_calls')]).slice(1, 9)).toEqual([
      'open 0 reasoning',
      'delta 0 think',
      'close 0',
      'open 1 text',
      'delta 1 text',
      'close 1',
      'open 2 a f',
      'delta 2 {}',
    ])
  })

  test.for([
    { reasoning_content: 'R' },
    { reasoning: 'R' },
    { reasoning_content: 'R', reasoning: 'R' },
    { reasoning_details: [{ type: 'reasoning.text', text: 'R', index: 0 }] },
    { reasoning: 'R', reasoning_details: [{ type: 'reasoning.text', text: 'R', index: 0 }] },
    { reasoning_details: [{ type: 'reasoning.summary', summary: 'R', index: 0 }] },
    { thinking: { content: 'R' } },
    { thinking_blocks: [{ type: 'thinking', thinking: 'R' }] },
    { content: [{ type: 'thinking', thinking: [{ type: 'text', text: 'R' }] }] },
  ] as const)('reads reasoning once from %j', (delta) => {
    expect(shapeOf([chunk(delta), chunk({ content: 'x' }, 'stop')]).slice(1, 4)).toEqual([
      'open 0 reasoning',
      'delta 0 R',
      'close 0',
    ])
  })

  it('opens a new block for reasoning that comes after text', () => {
    const got = shapeOf([chunk({ content: 'a' }), chunk({ reasoning: 'R' }), chunk({ content: 'b' }, 'stop')])
    expect(got.filter((line) => line.startsWith('open'))).toEqual(['open 0 text', 'open 1 reasoning', 'open 2 text'])
  })

  it('makes one seal of all sealed details, with their text inside', () => {
    const { events } = decodeChunks([
      chunk(detail({ text: '', signature: '' })),
      chunk(detail({ text: 'Th' })),
      chunk(detail({ text: 'is' })),
      chunk(detail({ signature: 'SIG' })),
      chunk({ content: 'x' }, 'stop'),
    ])
    expect(shape(events).slice(1, 6)).toEqual(['open 0 reasoning', 'delta 0 Th', 'delta 0 is', 'seal 0', 'close 0'])
    const seal = events.find((event) => event.type === 'seal')
    expect(JSON.parse(seal?.seal.value ?? '')).toEqual([
      { type: 'reasoning.text', format: 'anthropic-claude-v1', index: 0, text: 'This', signature: 'SIG' },
    ])
  })

  it('opens a block for a proof that comes after everything else', () => {
    const late = { reasoning_details: [{ type: 'reasoning.encrypted', data: 'ENC', id: 'rs_1', index: 0 }] }
    expect(shapeOf([chunk({ content: 'x' }), chunk(late, 'stop')]).slice(-6)).toEqual([
      'close 0',
      'open 1 reasoning',
      'seal 1',
      'close 1',
      'finish stop',
      'end',
    ])
  })

  test.for([null, {}, { role: '' }, { role: null, content: null }, { content: '' }] as const)(
    '%j carries nothing',
    (delta) => {
      expect(shapeOf([chunk(delta), chunk({ content: 'x' }, 'stop')]).slice(0, 3)).toEqual([
        'start',
        'open 0 text',
        'delta 0 x',
      ])
    },
  )

  it('a refusal ends the answer as one, with its words as the explanation', () => {
    const { events } = decodeChunks([chunk({ refusal: 'I ' }), chunk({ refusal: 'will not.' }), chunk({}, 'stop')])
    expect(events.at(-2)).toEqual({
      type: 'finish',
      reason: 'refusal',
      details: { type: 'refusal', category: null, explanation: 'I will not.' },
    })
  })

  it('drops white space between calls, and keeps real text after them', () => {
    const first = chunk(call(0, { id: 'a', function: { name: 'f', arguments: '{}' } }))
    const second = chunk(call(1, { id: 'b', function: { name: 'g', arguments: '{}' } }))
    const got = shapeOf([first, chunk({ content: '\n' }), second, chunk({ content: 'done' }, 'tool_calls')])
    expect(got.filter((line) => line.startsWith('open'))).toEqual(['open 0 a f', 'open 1 b g', 'open 2 text'])
  })

  it('keeps the log probabilities of a text delta', () => {
    const logprobs = { content: [{ token: 'x', logprob: -1, bytes: null, top_logprobs: [] }] }
    const { events } = decodeChunks([
      { id: 'c', choices: [{ index: 0, delta: { content: 'x' }, logprobs, finish_reason: 'stop' }] },
    ])
    expect(events.find((event) => event.type === 'delta')).toMatchObject({ logprobs: logprobs.content })
  })

  it('attaches annotations to the text, also those that come before it', () => {
    const { events } = decodeChunks([
      chunk({ content: '', annotations: [annotation('https://one.example')] }),
      chunk({ content: 'x' }),
      chunk({ annotations: [annotation('https://two.example')] }, 'stop'),
    ])
    expect(shape(events).slice(1, 5)).toEqual(['open 0 text', 'delta 0 x', 'citation', 'citation'])
  })

  it('splits think tags off when the profile says so', () => {
    const init: ChatDecoding = { profile: chatProfile({ dialect: { thinkTags: true } }) }
    const got = shapeOf(
      [chunk({ content: '<th' }), chunk({ content: 'ink>why' }), chunk({ content: '</think>\n\nbecause' }, 'stop')],
      init,
    )
    expect(got.slice(1, 6)).toEqual(['open 0 reasoning', 'delta 0 why', 'close 0', 'open 1 text', 'delta 1 because'])
  })
})

describe('calls', () => {
  const finish = chunk({}, 'tool_calls')

  it('gives a call the fragments of its index, also when calls interleave', () => {
    const got = shapeOf([
      chunk(call(0, { id: 'a', function: { name: 'f', arguments: '{"x"' } })),
      chunk(call(1, { id: 'b', function: { name: 'g', arguments: '{"y"' } })),
      chunk(call(0, { function: { arguments: ':1}' } })),
      chunk(call(1, { function: { arguments: ':2}' } })),
      finish,
    ])
    expect(got.slice(1, 7)).toEqual([
      'open 0 a f',
      'delta 0 {"x"',
      'open 1 b g',
      'delta 1 {"y"',
      'delta 0 :1}',
      'delta 1 :2}',
    ])
  })

  it('a new id with a name under a used index is another call', () => {
    const got = shapeOf([
      chunk(call(0, { id: 'a', function: { name: 'f', arguments: '{}' } })),
      chunk(call(0, { id: 'b', function: { name: 'f', arguments: '{' } })),
      chunk(call(0, { function: { arguments: '}' } })),
      finish,
    ])
    expect(got.slice(1, 6)).toEqual(['open 0 a f', 'delta 0 {}', 'open 1 b f', 'delta 1 {', 'delta 1 }'])
  })

  it('without an index goes by id, and without both to the last call', () => {
    const got = shapeOf([
      chunk(call(undefined, { id: 'a', function: { name: 'f', arguments: '{' } })),
      chunk(call(undefined, { id: 'b', function: { name: 'g', arguments: '{' } })),
      chunk(call(undefined, { id: 'a', function: { arguments: '}' } })),
      chunk(call(undefined, { function: { arguments: ' ' } })),
      finish,
    ])
    expect(got.slice(1, 7)).toEqual(['open 0 a f', 'delta 0 {', 'open 1 b g', 'delta 1 {', 'delta 0 }', 'delta 1  '])
  })

  it('tells two calls of one chunk apart that have neither index nor id', () => {
    const both = {
      tool_calls: [{ function: { name: 'f', arguments: '{}' } }, { function: { name: 'g', arguments: '{}' } }],
    }
    expect(opened(shapeOf([chunk(both), finish]))).toEqual(['open 0 call_minted1 f', 'open 1 call_minted2 g'])
  })

  it('waits for the id until arguments follow, then mints one', () => {
    const late = [
      chunk(call(0, { id: '', function: { name: 'f', arguments: '' } })),
      chunk(call(0, { id: 'real', function: { arguments: '{}' } })),
      finish,
    ]
    expect(shapeOf(late).slice(1, 3)).toEqual(['open 0 real f', 'delta 0 {}'])
    const never = [
      chunk(call(0, { function: { name: 'f', arguments: '' } })),
      chunk(call(0, { function: { arguments: '{}' } })),
      finish,
    ]
    expect(shapeOf(never).slice(1, 3)).toEqual(['open 0 call_minted1 f', 'delta 0 {}'])
  })

  it('keeps arguments that come before the name', () => {
    const got = shapeOf([
      chunk(call(0, { id: 'a', function: { arguments: '{"x"' } })),
      chunk(call(0, { function: { name: 'f', arguments: ':1}' } })),
      finish,
    ])
    expect(got.slice(1, 4)).toEqual(['open 0 a f', 'delta 0 {"x"', 'delta 0 :1}'])
  })

  it('ignores repeated names and other names', () => {
    const got = shapeOf([
      chunk(call(0, { id: 'a', function: { name: 'f', arguments: '{' } })),
      chunk(call(0, { id: 'a', function: { name: 'f', arguments: '}' } })),
      chunk(call(0, { function: { name: 7, arguments: null } })),
      finish,
    ])
    expect(opened(got)).toEqual(['open 0 a f'])
  })

  it('joins name fragments only when the profile says so', () => {
    const chunks = [
      chunk(call(0, { id: 'a', function: { name: 'get_' } })),
      chunk(call(0, { function: { name: 'time' } })),
      chunk(call(0, { function: { arguments: '{}' } })),
      finish,
    ]
    expect(opened(shapeOf(chunks))).toEqual(['open 0 a get_'])
    expect(opened(shapeOf(chunks, { profile: chatProfile({ dialect: { nameFragments: true } }) }))).toEqual([
      'open 0 a get_time',
    ])
  })

  it('leaves a call out that is never named, and says so', () => {
    const { events, losses } = decodeChunks([chunk(call(0, { id: 'a', function: { arguments: '{}' } })), finish])
    expect(opened(shape(events))).toEqual([])
    expect(losses.map((loss) => loss.code)).toEqual(['invalid_tool_call'])
  })

  it('writes arguments that are an object as JSON', () => {
    const got = shapeOf([chunk(call(0, { id: 'a', function: { name: 'f', arguments: { x: 1 } } })), finish])
    expect(got).toContain('delta 0 {"x":1}')
  })

  it('reads custom calls and the legacy function call', () => {
    const custom = call(0, { id: 'a', type: 'custom', custom: { name: 'patch', input: '*** Begin' } })
    const { events } = decodeChunks([chunk(custom), finish])
    expect(events[1]).toMatchObject({ part: { type: 'tool-call', id: 'a', name: 'patch', form: 'free' } })
    const legacy = [
      chunk({ function_call: { name: 'f', arguments: '' } }),
      chunk({ function_call: { arguments: '{}' } }),
      chunk({}, 'function_call'),
    ]
    expect(shapeOf(legacy).slice(1)).toEqual(['open 0 call_minted1 f', 'delta 0 {}', 'close 0', 'finish tool', 'end'])
  })

  it('an empty legacy call beside an answer is none', () => {
    expect(opened(shapeOf([chunk({ content: 'x', function_call: { name: '', arguments: '' } }, 'stop')]))).toEqual([
      'open 0 text',
    ])
  })

  it('drops repeated arguments and a first empty object only when the profile says so', () => {
    const profile = chatProfile({ dialect: { repeatsArguments: true } })
    const repeated = [
      chunk(call(0, { id: 'a', function: { name: 'f', arguments: '{"x":1}' } })),
      chunk(call(0, { function: { arguments: '{"x":1}' } })),
      finish,
    ]
    expect(shapeOf(repeated, { profile }).filter((line) => line.startsWith('delta'))).toEqual(['delta 0 {"x":1}'])
    expect(shapeOf(repeated).filter((line) => line.startsWith('delta'))).toHaveLength(2)

    const replaced = [
      chunk(call(0, { id: 'a', function: { name: 'f', arguments: '{}' } })),
      chunk(call(0, { function: { arguments: '{"x":1}' } })),
      finish,
    ]
    expect(shapeOf(replaced, { profile }).filter((line) => line.startsWith('delta'))).toEqual(['delta 0 {"x":1}'])
    const empty = [chunk(call(0, { id: 'a', function: { name: 'f', arguments: '{}' } })), finish]
    expect(shapeOf(empty, { profile }).filter((line) => line.startsWith('delta'))).toEqual(['delta 0 {}'])
  })

  it('stops when more waits for a name than is sane', () => {
    const big = chunk(call(0, { id: 'a', function: { arguments: 'x'.repeat(1024 * 1024 + 1) } }))
    expect(shapeOf([big, finish]).at(-1)).toBe('failure overflow')
    const many = Array.from({ length: 600 }, (_, index) => chunk(call(index, { function: { arguments: 'x' } })))
    expect(shapeOf(many).at(-1)).toBe('failure overflow')
  })
})

describe('usage', () => {
  const usage = { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 }

  test.for([
    { usage },
    { x_groq: { usage } },
    { choices: [{ index: 0, delta: {}, finish_reason: null, usage }] },
  ] as const)('is found in %j', (rest) => {
    const { events } = decodeChunks([chunk({ content: 'x' }), chunk({}, 'stop', rest)])
    expect(events.find((event) => event.type === 'usage')).toMatchObject({ usage: { inputUncached: 10, output: 5 } })
  })

  it('null on every chunk is none', () => {
    expect(shapeOf([chunk({ content: 'x' }, 'stop', { usage: null })])).not.toContain('usage')
  })

  it('contradicting counts are marked', () => {
    const { events } = decodeChunks([
      chunk({ content: 'x' }, 'stop', { usage: { ...usage, prompt_tokens_details: { cached_tokens: 99 } } }),
    ])
    expect(events.find((event) => event.type === 'usage')).toMatchObject({ usage: { isInconsistent: true } })
  })
})

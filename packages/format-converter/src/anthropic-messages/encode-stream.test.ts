import { describe, expect, it } from 'vitest'

import type { EncodeAnswerContext } from '../codec.ts'
import type { AnswerEvent } from '../model/answer-event.ts'
import type { LossReport } from '../model/loss.ts'
import { DEFAULT_OPTIONS } from '../options.ts'
import { encodingContext, judgeMessagesStream, readSse } from '../testing/messages-judge.ts'
import { wrapSeal } from '../wire/seal-envelope.ts'
import { createStreamEncoder } from './encode-stream.ts'

function encode(
  events: readonly AnswerEvent[],
  overrides: Partial<EncodeAnswerContext> = {},
  losses: LossReport[] = [],
): string {
  const encoder = createStreamEncoder(encodingContext(losses, overrides))
  return events.map((event) => encoder.write(event)).join('')
}

const start: AnswerEvent = { type: 'start', id: 'up', model: 'upstream-model' }
const end: AnswerEvent = { type: 'end' }
const call = (block: number, id: string): AnswerEvent => ({
  type: 'open',
  block,
  part: { type: 'tool-call', id, name: 'w', form: 'json' },
})
const open = (block: number, type: 'text' | 'refusal'): AnswerEvent => ({ type: 'open', block, part: { type } })
const think = (block: number): AnswerEvent => ({ type: 'open', block, part: { type: 'reasoning', kind: 'full' } })
const delta = (block: number, text: string): AnswerEvent => ({ type: 'delta', block, text })
const close = (block: number): AnswerEvent => ({ type: 'close', block })
const finish = (reason: (AnswerEvent & { type: 'finish' })['reason']): AnswerEvent => ({ type: 'finish', reason })

/** The two interleaved calls of the contract's golden transcript A.1. */
const INTERLEAVED: readonly AnswerEvent[] = [
  start,
  think(0),
  delta(0, 'Need two cities.'),
  close(0),
  open(1, 'text'),
  delta(1, 'Checking.'),
  close(1),
  call(2, 'call_a'),
  delta(2, '{"q":"Pa'),
  call(3, 'call_b'),
  delta(3, '{"q":'),
  delta(2, 'ris"}'),
  delta(3, '"Rome"}'),
  close(2),
  close(3),
  finish('tool'),
  { type: 'usage', usage: { inputUncached: 20, cacheRead: 100, output: 40, reasoning: 8 } },
  end,
]

describe('the Messages stream encoder', () => {
  it('writes interleaved parallel calls one after the other, event by event as in golden transcript A.1', async () => {
    const sse = encode(INTERLEAVED, { inputTokenEstimate: 17 })
    const events = readSse(sse)
    expect(events.every(({ event, data }) => event === data.type)).toBe(true)
    expect(events[0]?.data.message).toMatchObject({
      id: 'msg_answer',
      model: 'requested-model',
      content: [],
      usage: { input_tokens: 17, output_tokens: 0 },
    })
    expect(events.slice(1).map(({ data }) => data)).toEqual([
      { type: 'ping' },
      { type: 'content_block_start', index: 0, content_block: { type: 'thinking', thinking: '', signature: '' } },
      { type: 'content_block_delta', index: 0, delta: { type: 'thinking_delta', thinking: 'Need two cities.' } },
      { type: 'content_block_stop', index: 0 },
      { type: 'content_block_start', index: 1, content_block: { type: 'text', text: '', citations: null } },
      { type: 'content_block_delta', index: 1, delta: { type: 'text_delta', text: 'Checking.' } },
      { type: 'content_block_stop', index: 1 },
      {
        type: 'content_block_start',
        index: 2,
        content_block: { type: 'tool_use', id: 'call_a', name: 'w', input: {}, caller: { type: 'direct' } },
      },
      { type: 'content_block_delta', index: 2, delta: { type: 'input_json_delta', partial_json: '{"q":"Pa' } },
      { type: 'content_block_delta', index: 2, delta: { type: 'input_json_delta', partial_json: 'ris"}' } },
      { type: 'content_block_stop', index: 2 },
      {
        type: 'content_block_start',
        index: 3,
        content_block: { type: 'tool_use', id: 'call_b', name: 'w', input: {}, caller: { type: 'direct' } },
      },
      { type: 'content_block_delta', index: 3, delta: { type: 'input_json_delta', partial_json: '{"q":' } },
      { type: 'content_block_delta', index: 3, delta: { type: 'input_json_delta', partial_json: '"Rome"}' } },
      { type: 'content_block_stop', index: 3 },
      {
        type: 'message_delta',
        delta: { stop_reason: 'tool_use', stop_sequence: null, stop_details: null, container: null },
        usage: {
          input_tokens: 20,
          cache_read_input_tokens: 100,
          cache_creation_input_tokens: 0,
          output_tokens: 40,
          output_tokens_details: { thinking_tokens: 8 },
          server_tool_use: null,
        },
      },
      { type: 'message_stop' },
    ])
    const message = await judgeMessagesStream(sse)
    expect(message.content.map((block) => (block.type === 'tool_use' ? block.input : block.type))).toEqual([
      'thinking',
      'text',
      { q: 'Paris' },
      { q: 'Rome' },
    ])
    expect(message.usage).toMatchObject({ input_tokens: 20, cache_read_input_tokens: 100, output_tokens: 40 })
  })

  it.for(['balanced', 'serialize'] as const)(
    'loses nothing of any interleaving of calls under the policy %s',
    (parallelCalls) => {
      const inputs = ['{"a":{"b":[1,"}"]}}', '{}', '{"text":"\\"quoted\\" \\\\"}', '{"n":12345678901234567890}']
      for (let seed = 1; seed <= 200; seed += 1) {
        const losses: LossReport[] = []
        const options = { ...DEFAULT_OPTIONS, parallelCalls }
        const events = readSse(encode([start, ...interleave(inputs, seed), finish('tool'), end], { options }, losses))
        const written = new Map<number, string>()
        for (const { data } of events) {
          if (data.type === 'content_block_delta')
            written.set(data.index, (written.get(data.index) ?? '') + data.delta.partial_json)
        }
        expect([...written.values()].toSorted()).toEqual(inputs.toSorted())
        expect(losses).toEqual([])
      }
    },
  )

  it('reports what arrives for a call that the policy eager has closed', () => {
    const losses: LossReport[] = []
    encode(INTERLEAVED, { options: { ...DEFAULT_OPTIONS, parallelCalls: 'eager' } }, losses)
    expect(losses.map((loss) => loss.code)).toContain('late_delta_dropped')
  })

  it('does not take an empty object for finished arguments, because the real ones may follow', async () => {
    const sse = encode([
      start,
      call(0, 'a'),
      delta(0, '{}'),
      call(1, 'b'),
      delta(1, '{"x":1}'),
      close(0),
      close(1),
      finish('tool'),
      end,
    ])
    const message = await judgeMessagesStream(sse)
    expect(message.content).toMatchObject([
      { id: 'a', input: {} },
      { id: 'b', input: { x: 1 } },
    ])
  })

  it('ends with an error when more than 8 MiB have to wait for another call', () => {
    const encoder = createStreamEncoder(encodingContext())
    let sse =
      encoder.write(start) +
      encoder.write(call(0, 'a')) +
      encoder.write(delta(0, '{"x":"')) +
      encoder.write(call(1, 'b'))
    const chunk = 'x'.repeat(1024 * 1024)
    for (let count = 0; count < 9; count += 1) sse += encoder.write(delta(1, chunk))
    const events = readSse(sse)
    expect(events.at(-1)?.data).toMatchObject({ type: 'error', error: { type: 'api_error' } })
    expect(encoder.failure?.()?.kind).toBe('overflow')
    expect(encoder.write(finish('tool')) + encoder.write(end)).toBe('')
  })

  it('gives a call without arguments an empty object', async () => {
    const message = await judgeMessagesStream(encode([start, call(0, 'a'), close(0), finish('tool'), end]))
    expect(message.content).toEqual([{ type: 'tool_use', id: 'a', name: 'w', input: {}, caller: { type: 'direct' } }])
  })

  it('repairs arguments before they go out when the option buffers them', async () => {
    const options = { ...DEFAULT_OPTIONS, bufferToolArguments: true }
    const message = await judgeMessagesStream(
      encode([start, call(0, 'a'), delta(0, '{"x":'), close(0), finish('tool'), end], { options }),
    )
    expect(message.content).toMatchObject([{ input: { raw_arguments: '{"x":' } }])
  })

  it('reports broken arguments of a complete answer, not those of one that was cut short', () => {
    const losses: LossReport[] = []
    const broken = [start, call(0, 'a'), delta(0, '{"x":'), close(0)]
    encode([...broken, finish('length'), end], {}, losses)
    expect(losses).toEqual([])
    encode([...broken, finish('tool'), end], {}, losses)
    expect(losses.map((loss) => loss.code)).toEqual(['invalid_tool_arguments'])
  })

  it.each(['{"a" "b"}', "{'a': 1}", '{"a": 1,}', '{"a": "line\nbreak"}', '{"a": "\\x"}', '{"a": 1}}'])(
    'reports arguments whose braces agree and that are no JSON: %s',
    (text) => {
      const losses: LossReport[] = []
      encode([start, call(0, 'a'), delta(0, text), call(1, 'b'), delta(1, '{}'), finish('tool'), end], {}, losses)
      expect(losses).toMatchObject([{ code: 'invalid_tool_arguments', detail: { count: 1 } }])
    },
  )

  it('drops white space between calls and keeps real text after a call as a block of its own', async () => {
    const events = [
      start,
      call(0, 'a'),
      delta(0, '{"x":1}'),
      open(1, 'text'),
      delta(1, '\n'),
      close(1),
      call(2, 'b'),
      open(3, 'text'),
      delta(3, ' \n'),
      delta(3, 'Done'),
      close(0),
      close(2),
      close(3),
    ]
    const message = await judgeMessagesStream(encode([...events, finish('tool'), end]))
    expect(message.content.map((block) => (block.type === 'text' ? block.text : block.type))).toEqual([
      'tool_use',
      'tool_use',
      ' \nDone',
    ])
  })

  it('writes one signature per thinking block: the vendor’s own as it is, a foreign one in an envelope', async () => {
    const own = { kind: 'anthropic-signature', format: 'anthropic-messages', value: 'SIG' } as const
    const foreign = { kind: 'openai-reasoning', format: 'openai-responses', value: 'CIPHER', itemId: 'rs_1' } as const
    const events: AnswerEvent[] = [
      start,
      think(0),
      delta(0, 'a'),
      { type: 'boundary', block: 0 },
      delta(0, 'b'),
      { type: 'seal', block: 0, seal: { ...own, value: 'early' } },
      { type: 'seal', block: 0, seal: own },
      close(0),
      think(1),
      { type: 'seal', block: 1, seal: foreign },
      close(1),
      finish('stop'),
      end,
    ]
    const sse = encode(events, { issuer: 'iss' })
    expect(sse.match(/signature_delta/g)).toHaveLength(2)
    const message = await judgeMessagesStream(sse)
    expect(message.content).toEqual([
      { type: 'thinking', thinking: 'a\n\nb', signature: 'SIG' },
      { type: 'thinking', thinking: '', signature: wrapSeal({ ...foreign, issuer: 'iss' }) },
    ])
  })

  it('shows only sealed reasoning, without its text, to a client that asked for none', async () => {
    const seal = { kind: 'anthropic-signature', format: 'anthropic-messages', value: 'SIG' } as const
    const events: AnswerEvent[] = [
      start,
      think(0),
      delta(0, 'secret'),
      close(0),
      think(1),
      delta(1, 'secret'),
      { type: 'seal', block: 1, seal },
      close(1),
      finish('stop'),
      end,
    ]
    const message = await judgeMessagesStream(encode(events, { showsReasoning: false }))
    expect(message.content).toEqual([{ type: 'thinking', thinking: '', signature: 'SIG' }])
  })

  it('writes redacted reasoning as a block without text', async () => {
    const seal = { kind: 'anthropic-redacted', format: 'anthropic-messages', value: 'DATA' } as const
    const events: AnswerEvent[] = [
      start,
      { type: 'open', block: 0, part: { type: 'reasoning', kind: 'full', isRedacted: true } },
      { type: 'seal', block: 0, seal },
      close(0),
      finish('stop'),
      end,
    ]
    expect((await judgeMessagesStream(encode(events))).content).toEqual([{ type: 'redacted_thinking', data: 'DATA' }])
  })

  it('writes a refusal as text and explains the stop with it', async () => {
    const message = await judgeMessagesStream(
      encode([start, open(0, 'refusal'), delta(0, 'I can’t.'), close(0), finish('stop'), end]),
    )
    expect(message.content).toMatchObject([{ type: 'text', text: 'I can’t.' }])
    expect(message).toMatchObject({
      stop_reason: 'refusal',
      stop_details: { type: 'refusal', category: null, explanation: 'I can’t.' },
    })
  })

  it('puts the upstream’s input count into the start event when it is known before the first block', () => {
    const usage: AnswerEvent = { type: 'usage', usage: { inputUncached: 12, cacheRead: 9, cacheWrite5m: 3, output: 1 } }
    const events = readSse(encode([start, usage, open(0, 'text'), delta(0, 'x')], { inputTokenEstimate: 99 }))
    expect(events[0]?.data.message.usage).toMatchObject({
      input_tokens: 12,
      cache_read_input_tokens: 9,
      cache_creation_input_tokens: 3,
      output_tokens: 0,
    })
  })

  it('keeps the estimate of the start when the upstream never reports usage', async () => {
    const message = await judgeMessagesStream(
      encode([start, open(0, 'text'), delta(0, 'x'), close(0), finish('stop'), end], { inputTokenEstimate: 99 }),
    )
    expect(message.usage).toMatchObject({ input_tokens: 99, output_tokens: 0 })
  })

  it('writes a legal stream for an answer without content, and an empty text block when the option asks for one', async () => {
    expect((await judgeMessagesStream(encode([start, finish('stop'), end]))).content).toEqual([])
    const options = { ...DEFAULT_OPTIONS, emptyTextBlock: true }
    expect((await judgeMessagesStream(encode([start, finish('stop'), end], { options }))).content).toMatchObject([
      { type: 'text', text: '' },
    ])
  })

  it('never lets a broken answer look complete', async () => {
    const failed = encode(
      [
        start,
        open(0, 'text'),
        delta(0, 'x'),
        { type: 'failure', failure: { kind: 'overloaded', message: 'busy' } },
        finish('stop'),
        end,
      ],
      { requestId: 'req_1' },
    )
    expect(readSse(failed).at(-1)?.data).toEqual({
      type: 'error',
      error: { type: 'overloaded_error', message: 'busy' },
      request_id: 'req_1',
    })
    await expect(judgeMessagesStream(failed)).rejects.toThrow('busy')
    expect(encode([start, open(0, 'text'), delta(0, 'x'), end])).not.toContain('message_stop')
  })

  it('writes nothing after message_stop', () => {
    const encoder = createStreamEncoder(encodingContext())
    for (const event of [start, finish('stop'), end]) encoder.write(event)
    expect(
      [open(0, 'text'), delta(0, 'x'), { type: 'ping' } as const, finish('stop'), end]
        .map((event) => encoder.write(event))
        .join(''),
    ).toBe('')
    expect(encoder.ping()).toBe('')
  })

  it('commits with a start event on demand, once', () => {
    const encoder = createStreamEncoder(encodingContext())
    expect(readSse(encoder.open()).map(({ event }) => event)).toEqual(['message_start', 'ping'])
    expect(encoder.open() + encoder.write(start)).toBe('')
  })

  it('carries citations of its own kind as they are and web citations of others by address', async () => {
    const own = {
      type: 'char_location',
      cited_text: 'c',
      document_index: 0,
      document_title: null,
      start_char_index: 0,
      end_char_index: 1,
      file_id: null,
    }
    const losses: LossReport[] = []
    const events: AnswerEvent[] = [
      start,
      open(0, 'text'),
      delta(0, 'x'),
      { type: 'citation', block: 0, citation: { format: 'anthropic-messages', raw: own } },
      {
        type: 'citation',
        block: 0,
        citation: { format: 'openai-chat', raw: {}, url: 'https://example.com', title: 'T' },
      },
      { type: 'citation', block: 0, citation: { format: 'openai-chat', raw: {} } },
      close(0),
      finish('stop'),
      end,
    ]
    const message = await judgeMessagesStream(encode(events, {}, losses))
    const foreign = {
      type: 'web_search_result_location',
      url: 'https://example.com',
      title: 'T',
      cited_text: '',
      encrypted_index: '',
    }
    expect(message.content).toEqual([{ type: 'text', text: 'x', citations: [own, foreign] }])
    expect(losses.map(({ code, level }) => [code, level])).toEqual([
      ['citation_dropped', 'degraded'],
      ['citation_dropped', 'lossy'],
    ])
  })

  it('leaves blocks of other vendors out, says so, and keeps the indexes without a gap', async () => {
    const losses: LossReport[] = []
    const foreign: AnswerEvent = {
      type: 'open',
      block: 0,
      part: { type: 'server-tool', format: 'openai-responses', raw: { type: 'web_search_call' } },
    }
    const own: AnswerEvent = {
      type: 'open',
      block: 1,
      part: {
        type: 'server-tool',
        format: 'anthropic-messages',
        raw: { type: 'server_tool_use', id: 's', name: 'web_search', input: {} },
      },
    }
    const raw = { type: 'server_tool_use', id: 's', name: 'web_search', input: { query: 'q' } }
    const message = await judgeMessagesStream(
      encode([start, foreign, close(0), own, { type: 'close', block: 1, raw }, finish('stop'), end], {}, losses),
    )
    expect(message.content).toEqual([raw])
    expect(losses.map((loss) => loss.code)).toEqual(['server_tool_dropped'])
  })
})

/** The calls cut into fragments and shuffled, each call's own order kept. */
function interleave(inputs: readonly string[], seed: number): AnswerEvent[] {
  const next = pseudoRandom(seed)
  const lanes = inputs.map((input, block) => [
    call(block, `call_${block}`),
    ...fragments(input, next).map((text) => delta(block, text)),
  ])
  const events: AnswerEvent[] = []
  let opened = 0
  while (lanes.some((lane) => lane.length > 0)) {
    const lane = Math.floor(next() * Math.min(lanes.length, opened + 1))
    const event = lanes[lane]?.shift()
    if (event === undefined) continue
    if (event.type === 'open') opened += 1
    events.push(event)
  }
  return events
}

function fragments(text: string, next: () => number): string[] {
  const pieces: string[] = []
  for (let start = 0; start < text.length;) {
    const end = start + 1 + Math.floor(next() * 6)
    pieces.push(text.slice(start, end))
    start = end
  }
  return pieces
}

function pseudoRandom(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

import { describe, expect, it } from 'vitest'

import type { AnswerEvent } from '../model/answer-event.ts'
import type { Loose } from '../testing/loose.ts'
import {
  CHAT_TO_RESPONSES,
  convertSse,
  encoding,
  judgeResponsesStream,
  readEvents,
  type Setup,
} from '../testing/responses-judge.ts'
import { createStreamEncoder } from './encode-stream.ts'

function encode(events: readonly AnswerEvent[], setup: Partial<Setup> = {}): string {
  const encoder = createStreamEncoder(encoding({ ...CHAT_TO_RESPONSES, ...setup }))
  return events.map((event) => encoder.write(event)).join('')
}

const START: AnswerEvent = { type: 'start', id: 'up', model: 'up-model' }
const END: readonly AnswerEvent[] = [{ type: 'finish', reason: 'stop' }, { type: 'end' }]

function text(block: number, content: string): AnswerEvent[] {
  return [
    { type: 'open', block, part: { type: 'text' } },
    { type: 'delta', block, text: content },
    { type: 'close', block },
  ]
}

function call(block: number, id: string, argumentsText: string): AnswerEvent[] {
  return [
    { type: 'open', block, part: { type: 'tool-call', id, name: 'w', form: 'json' } },
    { type: 'delta', block, text: argumentsText },
    { type: 'close', block },
  ]
}

/** The stream of appendix A.1. */
const GOLDEN = [
  '{"id":"c1","model":"m","created":1,"choices":[{"index":0,"delta":{"role":"assistant","content":null}}]}',
  '{"id":"c1","choices":[{"index":0,"delta":{"reasoning_content":"Need two cities."}}]}',
  '{"id":"c1","choices":[{"index":0,"delta":{"content":"Checking."}}]}',
  '{"id":"c1","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"call_a","type":"function","function":{"name":"w","arguments":""}}]}}]}',
  String.raw`{"id":"c1","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"{\"q\":\"Pa"}}]}}]}`,
  String.raw`{"id":"c1","choices":[{"index":0,"delta":{"tool_calls":[{"index":1,"id":"call_b","type":"function","function":{"name":"w","arguments":"{\"q\":"}}]}}]}`,
  String.raw`{"id":"c1","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"ris\"}"}}]}}]}`,
  String.raw`{"id":"c1","choices":[{"index":0,"delta":{"tool_calls":[{"index":1,"function":{"arguments":"\"Rome\"}"}}]},"finish_reason":"stop"}]}`,
  '{"id":"c1","choices":[],"usage":{"prompt_tokens":120,"completion_tokens":40,"total_tokens":160,"prompt_tokens_details":{"cached_tokens":100},"completion_tokens_details":{"reasoning_tokens":8}}}',
  '[DONE]',
]
  .map((data) => `data: ${data}\n\n`)
  .join('')

describe('a Responses stream', () => {
  it('A.2 has the golden order of events for reasoning, text and two calls at once', async () => {
    const { text: sse, events } = convertSse(CHAT_TO_RESPONSES, GOLDEN)
    const order = events.map((event: Loose) => {
      const place = event.output_index === undefined ? '' : `(${event.output_index})`
      return event.type.replace('response.', '') + place
    })
    expect(order).toEqual([
      'created',
      'in_progress',
      'output_item.added(0)',
      'reasoning_summary_part.added(0)',
      'reasoning_summary_text.delta(0)',
      'reasoning_summary_text.done(0)',
      'reasoning_summary_part.done(0)',
      'output_item.done(0)',
      'output_item.added(1)',
      'content_part.added(1)',
      'output_text.delta(1)',
      'output_text.done(1)',
      'content_part.done(1)',
      'output_item.done(1)',
      'output_item.added(2)',
      'function_call_arguments.delta(2)',
      'output_item.added(3)',
      'function_call_arguments.delta(3)',
      'function_call_arguments.delta(2)',
      'function_call_arguments.delta(3)',
      'function_call_arguments.done(2)',
      'output_item.done(2)',
      'function_call_arguments.done(3)',
      'output_item.done(3)',
      'completed',
    ])
    const final = await judgeResponsesStream(sse)
    expect(final.usage).toEqual({
      input_tokens: 120,
      input_tokens_details: { cached_tokens: 100, cache_write_tokens: 0 },
      output_tokens: 40,
      output_tokens_details: { reasoning_tokens: 8 },
      total_tokens: 160,
    })
    expect(final.output.map((item: Loose) => item.arguments ?? item.content?.[0].text ?? item.summary[0].text)).toEqual(
      ['Need two cities.', 'Checking.', '{"q":"Paris"}', '{"q":"Rome"}'],
    )
  })

  it('numbers every event without a gap, and names each in its event line', () => {
    const { text: sse, events } = convertSse(CHAT_TO_RESPONSES, GOLDEN)
    expect(events.map((event: Loose) => event.sequence_number)).toEqual(events.map((_, index) => index))
    for (const frame of sse.trimEnd().split('\n\n')) {
      const [name, data] = frame.split('\n')
      expect(name).toBe(`event: ${JSON.parse((data ?? '').slice(6)).type}`)
    }
  })

  it('repeats the finished items in the terminal event, word for word', () => {
    const { events } = convertSse(CHAT_TO_RESPONSES, GOLDEN)
    const done = events.filter((event: Loose) => event.type === 'response.output_item.done')
    const final = events.at(-1)
    expect(final.response.output).toEqual(
      done
        .toSorted((left: Loose, right: Loose) => left.output_index - right.output_index)
        .map((event: Loose) => event.item),
    )
  })

  it('echoes what the client asked for, as it spelled it, but no credentials', () => {
    const clientRequest = {
      instructions: 'Be brief.',
      metadata: { a: 'b' },
      parallel_tool_calls: false,
      temperature: 0.5,
      tools: [
        { type: 'custom', name: 'exec' },
        {
          type: 'mcp',
          server_label: 's',
          server_url: 'https://mcp.example',
          authorization: 'hidden-token',
          headers: { a: 'hidden' },
        },
      ],
      reasoning: { effort: 'high', summary: 'auto' },
      text: { verbosity: 'low' },
      background: true,
      user: 'u1',
    }
    const created = readEvents(encode([START, ...text(0, 'Hi'), ...END], { clientRequest }))[0]
    expect(created.response).toMatchObject({
      object: 'response',
      status: 'in_progress',
      background: false,
      error: null,
      incomplete_details: null,
      instructions: 'Be brief.',
      metadata: { a: 'b' },
      parallel_tool_calls: false,
      reasoning: { effort: 'high', summary: 'auto' },
      temperature: 0.5,
      text: { verbosity: 'low' },
      tool_choice: 'auto',
      top_p: null,
      user: 'u1',
    })
    expect(created.response.tools).toEqual([
      { type: 'custom', name: 'exec' },
      { type: 'mcp', server_label: 's', server_url: 'https://mcp.example' },
    ])
  })

  it('says when it was complete, and of a broken answer nothing of the kind', () => {
    const completed = readEvents(encode([START, ...text(0, 'Hi'), ...END])).at(-1)
    expect(completed.response).toMatchObject({ status: 'completed', completed_at: 1_700_000_000 })
    const cut = readEvents(encode([START, ...text(0, 'Hi'), { type: 'finish', reason: 'length' }, { type: 'end' }])).at(
      -1,
    )
    expect(cut.response).toMatchObject({ status: 'incomplete', completed_at: null })
  })

  it('holds every member that its type requires, whatever the client asked for', () => {
    const created = readEvents(encode([START, ...text(0, 'Hi'), ...END]))[0]
    expect(created.response).toEqual({
      id: 'resp_answer',
      object: 'response',
      created_at: 1_700_000_000,
      status: 'in_progress',
      model: 'requested-model',
      output: [],
      error: null,
      incomplete_details: null,
      completed_at: null,
      access_programs: null,
      usage: null,
      background: false,
      instructions: null,
      max_output_tokens: null,
      max_tool_calls: null,
      metadata: {},
      parallel_tool_calls: true,
      previous_response_id: null,
      prompt_cache_key: null,
      reasoning: { effort: null, summary: null },
      safety_identifier: null,
      service_tier: 'auto',
      store: false,
      temperature: null,
      text: { format: { type: 'text' } },
      tool_choice: 'auto',
      tools: [],
      top_logprobs: 0,
      top_p: null,
      truncation: 'disabled',
    })
  })

  it('joins neighbouring text blocks in one part and separates what another block separated', async () => {
    const search: AnswerEvent[] = [
      {
        type: 'open',
        block: 2,
        part: { type: 'server-tool', format: 'anthropic-messages', raw: { type: 'web_fetch_tool_result' } },
      },
      { type: 'close', block: 2 },
    ]
    const final = await judgeResponsesStream(
      encode([START, ...text(0, 'One '), ...text(1, 'two.'), ...search, ...text(3, 'Three.'), ...END]),
    )
    expect(final.output.map((item: Loose) => item.content.map((part: Loose) => part.text))).toEqual([
      ['One two.'],
      ['Three.'],
    ])
  })

  it('places citations by code points inside the joined text', async () => {
    const citation = { url: 'https://a.example', title: 'A', format: 'anthropic-messages', raw: {} } as const
    const cited: AnswerEvent[] = [
      { type: 'open', block: 1, part: { type: 'text' } },
      { type: 'citation', block: 1, citation },
      { type: 'delta', block: 1, text: 'ab' },
      { type: 'close', block: 1 },
    ]
    const final: Loose = await judgeResponsesStream(encode([START, ...text(0, '😀 '), ...cited, ...END]))
    expect(final.output[0].content[0]).toMatchObject({
      text: '😀 ab',
      annotations: [{ type: 'url_citation', url: 'https://a.example', title: 'A', start_index: 2, end_index: 4 }],
    })
  })

  it('marks what was cut: the text and the half call are incomplete, the whole call is not', async () => {
    const cut: AnswerEvent[] = [
      START,
      { type: 'open', block: 0, part: { type: 'tool-call', id: 'a', name: 'w', form: 'json' } },
      { type: 'open', block: 1, part: { type: 'tool-call', id: 'b', name: 'w', form: 'json' } },
      { type: 'delta', block: 0, text: '{"q":1}' },
      { type: 'delta', block: 1, text: '{"q":' },
      { type: 'close', block: 0 },
      { type: 'close', block: 1 },
      { type: 'finish', reason: 'length' },
      { type: 'end' },
    ]
    const final = await judgeResponsesStream(encode(cut))
    expect(final).toMatchObject({ status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } })
    expect(final.output.map((item: Loose) => item.status)).toEqual(['completed', 'incomplete'])
    const cutText = await judgeResponsesStream(
      encode([START, ...text(0, 'Half'), { type: 'finish', reason: 'length' }, { type: 'end' }]),
    )
    expect(cutText.output[0]).toMatchObject({ status: 'incomplete' })
  })

  it('says {} for a call without arguments', async () => {
    const final: Loose = await judgeResponsesStream(
      encode([
        START,
        { type: 'open', block: 0, part: { type: 'tool-call', id: 'a', name: 'now', form: 'json' } },
        { type: 'close', block: 0 },
        ...END,
      ]),
    )
    expect(final.output[0]).toMatchObject({
      type: 'function_call',
      call_id: 'a',
      name: 'now',
      arguments: '{}',
      status: 'completed',
    })
  })

  it.for([
    [
      'shell',
      '{"commands":["ls"],"timeout_ms":5}',
      { type: 'shell_call', environment: null, action: { commands: ['ls'], timeout_ms: 5, max_output_length: null } },
    ],
    [
      'local_shell',
      '{"command":["ls","-l"],"env":{"A":"1"}}',
      { type: 'local_shell_call', action: { type: 'exec', command: ['ls', '-l'], env: { A: '1' } } },
    ],
    [
      'apply_patch',
      '{"operation":{"type":"update_file","path":"a.ts","diff":"+x"}}',
      { type: 'apply_patch_call', operation: { type: 'update_file', path: 'a.ts', diff: '+x' } },
    ],
  ] as const)('rebuilds a %s call from the function it was upstream', async ([type, args, item]) => {
    const events: AnswerEvent[] = [
      { type: 'open', block: 0, part: { type: 'tool-call', id: 'call_1', name: type, form: 'json' } },
      { type: 'delta', block: 0, text: args },
      { type: 'close', block: 0 },
    ]
    const sse = encode([START, ...events, ...END], { clientRequest: { tools: [{ type }] } })
    const final = await judgeResponsesStream(sse)
    expect(final.output).toMatchObject([{ ...item, call_id: 'call_1', status: 'completed' }])
    const plain = await judgeResponsesStream(
      encode([START, ...events, ...END], { clientRequest: { tools: [{ type: 'function', name: type }] } }),
    )
    expect(plain.output).toMatchObject([{ type: 'function_call', name: type }])
  })

  it('writes a web search of Anthropic as the item it has for it', async () => {
    const use = { type: 'server_tool_use', id: 'srv_1', name: 'web_search', input: { query: 'cats' } }
    const result = {
      type: 'web_search_tool_result',
      tool_use_id: 'srv_1',
      content: [{ type: 'web_search_result', url: 'https://cats.example' }],
    }
    const blocks: AnswerEvent[] = [use, result].flatMap((raw, block): AnswerEvent[] => [
      { type: 'open', block, part: { type: 'server-tool', format: 'anthropic-messages', raw } },
      { type: 'close', block },
    ])
    const final = await judgeResponsesStream(encode([START, ...blocks, ...text(2, 'Cats.'), ...END]))
    expect(final.output[0]).toMatchObject({
      type: 'web_search_call',
      status: 'completed',
      action: {
        type: 'search',
        query: 'cats',
        queries: ['cats'],
        sources: [{ type: 'url', url: 'https://cats.example' }],
      },
    })
  })

  it('tells a refusal without words as a refusal part', async () => {
    const final: Loose = await judgeResponsesStream(
      encode([START, { type: 'finish', reason: 'refusal', details: { explanation: 'No.' } }, { type: 'end' }]),
    )
    expect(final).toMatchObject({ status: 'incomplete', incomplete_details: { reason: 'content_filter' } })
    expect(final.output[0].content).toMatchObject([{ type: 'refusal', refusal: 'No.' }])
  })

  it('carries a proof only to clients that asked for proofs', async () => {
    const seal = { kind: 'anthropic-signature', format: 'anthropic-messages', value: 'SIG' } as const
    const sealed: AnswerEvent[] = [
      { type: 'open', block: 0, part: { type: 'reasoning', kind: 'full' } },
      { type: 'seal', block: 0, seal },
      { type: 'close', block: 0 },
    ]
    const asked: Loose = await judgeResponsesStream(
      encode([START, ...sealed, ...text(1, 'Hi'), ...END], {
        clientRequest: { include: ['reasoning.encrypted_content'] },
      }),
    )
    expect(asked.output[0]).toMatchObject({
      type: 'reasoning',
      summary: [],
      encrypted_content: expect.stringMatching(/^rly1\./),
    })
    const notAsked = await judgeResponsesStream(
      encode([START, ...sealed, ...text(1, 'Hi'), ...END], { clientRequest: {} }),
    )
    expect(notAsked.output.map((item) => item.type)).toEqual(['message'])
  })

  it('separates the parts of a reasoning as summary parts', async () => {
    const parts: AnswerEvent[] = [
      { type: 'open', block: 0, part: { type: 'reasoning', kind: 'summary' } },
      { type: 'delta', block: 0, text: 'One' },
      { type: 'boundary', block: 0 },
      { type: 'delta', block: 0, text: 'Two' },
      { type: 'close', block: 0 },
    ]
    const final: Loose = await judgeResponsesStream(encode([START, ...parts, ...text(1, 'Hi'), ...END]))
    expect(final.output[0].summary).toEqual([
      { type: 'summary_text', text: 'One' },
      { type: 'summary_text', text: 'Two' },
    ])
  })

  it('keeps alive with a comment before it began, and with in_progress after that', async () => {
    const encoder = createStreamEncoder(encoding(CHAT_TO_RESPONSES))
    const before = encoder.ping()
    const begun =
      encoder.write(START) +
      text(0, 'Hi')
        .map((event) => encoder.write(event))
        .join('')
    const during = encoder.ping()
    const after = END.map((event) => encoder.write(event)).join('')
    expect(before).toBe(': keep-alive\n\n')
    expect(readEvents(during)).toMatchObject([{ type: 'response.in_progress' }])
    expect(encoder.ping()).toBe('')
    const final: Loose = await judgeResponsesStream(before + begun + during + after)
    expect(final.output[0].content[0].text).toBe('Hi')
  })

  it('fails under the same id, with the items that were finished', async () => {
    const failure = { kind: 'overloaded', message: 'busy' } as const
    const half = text(2, 'Half').filter(({ type }) => type !== 'close')
    const sse = encode([START, ...call(0, 'a', '{}'), ...half, { type: 'failure', failure }])
    const events = readEvents(sse)
    expect(events.at(-1)).toMatchObject({
      type: 'response.failed',
      response: {
        id: events[0].response.id,
        status: 'failed',
        error: { code: 'server_is_overloaded', message: 'busy' },
        output: [{ type: 'function_call' }],
      },
    })
    expect(await judgeResponsesStream(sse)).toMatchObject({ status: 'failed' })
  })

  it('counts an item as finished when its last block was closed before the failure', async () => {
    const failure = { kind: 'overloaded', message: 'busy' } as const
    for (const [events, type] of [
      [call(0, 'a', '{}'), 'function_call'],
      [text(0, 'Whole'), 'message'],
    ] as const) {
      const sse = encode([START, ...events, { type: 'failure', failure }])
      expect(readEvents(sse).at(-2)).toMatchObject({ type: 'response.output_item.done', item: { type } })
      expect(await judgeResponsesStream(sse)).toMatchObject({ status: 'failed', output: [{ type }] })
    }
  })

  it('begins before it fails when nothing had been sent', () => {
    const names = readEvents(encode([{ type: 'failure', failure: { kind: 'internal', message: 'x' } }])).map(
      (event) => event.type,
    )
    expect(names).toEqual(['response.created', 'response.in_progress', 'response.failed'])
  })

  it('says usage null when the upstream never told any', () => {
    expect(readEvents(encode([START, ...text(0, 'Hi'), ...END])).at(-1).response.usage).toBeNull()
  })
})

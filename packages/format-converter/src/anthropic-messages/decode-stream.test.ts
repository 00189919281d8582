import { describe, expect, it } from 'vitest'

import type { DecodeAnswerContext } from '../codec.ts'
import type { AnswerEvent } from '../model/answer-event.ts'
import type { JsonObject } from '../model/json.ts'
import type { LossReport } from '../model/loss.ts'
import { decodingContext, CLAUDE_PROFILE } from '../testing/messages-judge.ts'
import { createStreamDecoder } from './decode-stream.ts'

function decode(
  bodies: readonly JsonObject[],
  losses: LossReport[] = [],
  overrides: Partial<DecodeAnswerContext> = {},
): AnswerEvent[] {
  const events: AnswerEvent[] = []
  const decoder = createStreamDecoder(decodingContext(losses, overrides), (event) => events.push(event))
  for (const body of bodies) decoder.push(body, undefined)
  decoder.end()
  return events
}

/** Without the usage events, which most tests do not look at. */
function decodeContent(bodies: readonly JsonObject[], losses: LossReport[] = []): AnswerEvent[] {
  return decode(bodies, losses).filter(({ type }) => type !== 'usage' && type !== 'start')
}

const messageStart = (message: JsonObject = {}): JsonObject => ({
  type: 'message_start',
  message: { id: 'msg_1', model: 'claude', content: [], ...message },
})
const blockStart = (index: number, block: JsonObject): JsonObject => ({
  type: 'content_block_start',
  index,
  content_block: block,
})
const blockDelta = (index: number, delta: JsonObject): JsonObject => ({ type: 'content_block_delta', index, delta })
const blockStop = (index: number): JsonObject => ({ type: 'content_block_stop', index })
const messageDelta = (delta: JsonObject, usage: JsonObject = {}): JsonObject => ({
  type: 'message_delta',
  delta,
  usage,
})
const STOP: readonly JsonObject[] = [
  messageDelta({ stop_reason: 'end_turn', stop_sequence: null }),
  { type: 'message_stop' },
]
const DECLINED: JsonObject = { type: 'refusal', category: 'cyber', explanation: 'no' }
const FINISH: readonly AnswerEvent[] = [
  { type: 'finish', reason: 'stop', stopSequence: undefined, details: undefined },
  { type: 'end' },
]

describe('the Messages stream decoder', () => {
  it('reads text, thinking with its signature, and a call', () => {
    const events = decodeContent([
      messageStart(),
      blockStart(0, { type: 'thinking', thinking: '', signature: '' }),
      { type: 'ping' },
      blockDelta(0, { type: 'thinking_delta', thinking: 'hm', estimated_tokens: 3 }),
      blockDelta(0, { type: 'signature_delta', signature: 'SIG' }),
      blockStop(0),
      blockStart(1, { type: 'text', text: '' }),
      blockDelta(1, { type: 'text_delta', text: 'Hi' }),
      blockStop(1),
      blockStart(2, { type: 'tool_use', id: 'toolu_1', name: 'now', input: {} }),
      blockDelta(2, { type: 'input_json_delta', partial_json: '{"a":1}' }),
      blockStop(2),
      ...STOP,
    ])
    expect(events).toEqual([
      { type: 'open', block: 0, part: { type: 'reasoning', kind: 'summary' } },
      { type: 'ping' },
      { type: 'delta', block: 0, text: 'hm' },
      { type: 'seal', block: 0, seal: { kind: 'anthropic-signature', format: 'anthropic-messages', value: 'SIG' } },
      { type: 'close', block: 0 },
      { type: 'open', block: 1, part: { type: 'text' } },
      { type: 'delta', block: 1, text: 'Hi' },
      { type: 'close', block: 1 },
      { type: 'open', block: 2, part: { type: 'tool-call', id: 'toolu_1', name: 'now', form: 'json' } },
      { type: 'delta', block: 2, text: '{"a":1}' },
      { type: 'close', block: 2 },
      ...FINISH,
    ])
  })

  it('gives a call without any fragment the arguments {}', () => {
    const events = decodeContent([
      messageStart(),
      blockStart(0, { type: 'tool_use', id: 't', name: 'now', input: {} }),
      blockStop(0),
      ...STOP,
    ])
    expect(events).toContainEqual({ type: 'delta', block: 0, text: '{}' })
  })

  it('emits what a start event already holds', () => {
    const content = [
      { type: 'text', text: 'whole' },
      { type: 'tool_use', id: 't', name: 'now', input: { a: 1 } },
    ]
    const events = decodeContent([
      messageStart({ content }),
      blockStart(0, { type: 'text', text: 'pre' }),
      blockDelta(0, { type: 'text_delta', text: 'fix' }),
      blockStop(0),
      ...STOP,
    ])
    expect(events.filter(({ type }) => type === 'delta')).toEqual([
      { type: 'delta', block: 0, text: 'whole' },
      { type: 'delta', block: 1, text: '{"a":1}' },
      { type: 'delta', block: 2, text: 'pre' },
      { type: 'delta', block: 2, text: 'fix' },
    ])
  })

  it('merges usage reports: later counts replace earlier ones, missing and null ones change nothing', () => {
    const usages = decode([
      messageStart({
        usage: {
          input_tokens: 0,
          cache_read_input_tokens: 7,
          cache_creation_input_tokens: 8,
          cache_creation: { ephemeral_5m_input_tokens: 3, ephemeral_1h_input_tokens: 5 },
          output_tokens: 1,
        },
      }),
      messageDelta({ stop_reason: 'end_turn' }, { input_tokens: 12, cache_read_input_tokens: null, output_tokens: 30 }),
      { type: 'message_stop' },
    ]).flatMap((event) => (event.type === 'usage' ? [event.usage] : []))
    expect(usages.at(-1)).toMatchObject({
      inputUncached: 12,
      cacheRead: 7,
      cacheWrite5m: 3,
      cacheWrite1h: 5,
      output: 30,
    })
  })

  it('takes the usage of a repeated start and refuses a second message', () => {
    const repeated = decode([
      messageStart({ usage: { input_tokens: 0 } }),
      messageStart({ usage: { input_tokens: 9 } }),
      ...STOP,
    ])
    expect(repeated.filter(({ type }) => type === 'start')).toHaveLength(1)
    expect(repeated.findLast(({ type }) => type === 'usage')).toMatchObject({ usage: { inputUncached: 9 } })
    expect(decode([messageStart(), messageStart({ id: 'msg_2' })]).at(-1)).toMatchObject({
      type: 'failure',
      failure: { kind: 'upstream_protocol' },
    })
  })

  it('opens a block for a delta whose start is missing, except for a call, which would have no name', () => {
    const losses: LossReport[] = []
    const events = decodeContent(
      [
        messageStart(),
        blockDelta(4, { type: 'text_delta', text: 'x' }),
        blockDelta(5, { type: 'input_json_delta', partial_json: '{}' }),
        ...STOP,
      ],
      losses,
    )
    expect(events.slice(0, 2)).toEqual([
      { type: 'open', block: 0, part: { type: 'text' } },
      { type: 'delta', block: 0, text: 'x' },
    ])
    expect(losses.map((loss) => loss.path)).toEqual(['#input_json_delta'])
  })

  it('ignores unknown events, deltas and repeated starts, and says so', () => {
    const losses: LossReport[] = []
    const events = decodeContent(
      [
        messageStart(),
        { type: 'brand_new' },
        { type: 'brand_new' },
        blockStart(0, { type: 'text', text: '' }),
        blockStart(0, { type: 'text', text: '' }),
        blockDelta(0, { type: 'new_delta' }),
        blockStop(0),
        blockStop(0),
        ...STOP,
      ],
      losses,
    )
    expect(events).toEqual([{ type: 'open', block: 0, part: { type: 'text' } }, { type: 'close', block: 0 }, ...FINISH])
    expect(losses.map((loss) => [loss.code, loss.path])).toEqual([
      ['unknown_field', '#brand_new'],
      ['unknown_field', '#brand_new'],
      ['unknown_field', '#new_delta'],
    ])
  })

  it('keeps server tool blocks with the input that was streamed, and says what they are about', () => {
    const start = { type: 'server_tool_use', id: 's', name: 'web_search', input: {} }
    const result = { type: 'web_search_tool_result', tool_use_id: 's', content: [] }
    const events = decodeContent([
      messageStart(),
      blockStart(0, start),
      blockDelta(0, { type: 'input_json_delta', partial_json: '{"query":"q"}' }),
      blockStop(0),
      blockStart(1, result),
      blockStop(1),
      ...STOP,
    ])
    expect(events.slice(0, 6)).toEqual([
      { type: 'open', block: 0, part: { type: 'server-tool', format: 'anthropic-messages', raw: start } },
      { type: 'delta', block: 0, text: '[web_search "q"]' },
      { type: 'close', block: 0, raw: { ...start, input: { query: 'q' } } },
      { type: 'open', block: 1, part: { type: 'server-tool', format: 'anthropic-messages', raw: result } },
      { type: 'delta', block: 1, text: '[web_search: 0 results]' },
      { type: 'close', block: 1, raw: undefined },
    ])
  })

  it('reads redacted thinking, compaction and blocks of later versions', () => {
    const compaction = { type: 'compaction', content: null, encrypted_content: null }
    const events = decodeContent([
      messageStart(),
      blockStart(0, { type: 'redacted_thinking', data: 'D' }),
      blockStop(0),
      blockStart(1, compaction),
      blockDelta(1, { type: 'compaction_delta', content: null, encrypted_content: null }),
      blockDelta(1, { type: 'compaction_delta', content: 'summary', encrypted_content: 'E' }),
      blockStop(1),
      blockStart(2, { type: 'hologram', size: 3 }),
      blockStop(2),
      ...STOP,
    ])
    expect(events).toEqual([
      { type: 'open', block: 0, part: { type: 'reasoning', kind: 'summary', isRedacted: true } },
      { type: 'seal', block: 0, seal: { kind: 'anthropic-redacted', format: 'anthropic-messages', value: 'D' } },
      { type: 'close', block: 0 },
      { type: 'open', block: 1, part: { type: 'compaction' } },
      { type: 'delta', block: 1, text: 'summary' },
      { type: 'seal', block: 1, seal: { kind: 'anthropic-compaction', format: 'anthropic-messages', value: 'E' } },
      { type: 'close', block: 1, raw: compaction },
      {
        type: 'open',
        block: 2,
        part: { type: 'opaque', format: 'anthropic-messages', kind: 'hologram', raw: { type: 'hologram', size: 3 } },
      },
      { type: 'close', block: 2, raw: undefined },
      ...FINISH,
    ])
  })

  it.for([
    ['end_turn', 'stop'],
    ['tool_use', 'tool'],
    ['max_tokens', 'length'],
    ['model_context_window_exceeded', 'context'],
    ['pause_turn', 'pause'],
    ['compaction', 'compaction'],
    ['of_a_later_version', 'unknown'],
  ] as const)('reads the stop reason %s as %s', ([word, reason]) => {
    expect(
      decodeContent([messageStart(), messageDelta({ stop_reason: word }), { type: 'message_stop' }])[0],
    ).toMatchObject({ type: 'finish', reason })
  })

  it('keeps the stop sequence and the details of a refusal', () => {
    const details = { type: 'refusal', category: 'cyber', explanation: 'no' }
    expect(
      decodeContent([
        messageStart(),
        messageDelta({ stop_reason: 'stop_sequence', stop_sequence: '###' }),
        { type: 'message_stop' },
      ])[0],
    ).toMatchObject({ reason: 'stop_sequence', stopSequence: '###' })
    expect(
      decodeContent([
        messageStart(),
        messageDelta({ stop_reason: 'refusal', stop_details: details }),
        { type: 'message_stop' },
      ])[0],
    ).toMatchObject({ reason: 'refusal', details })
  })

  it.each([
    ['in an event before it', [{ stop_details: DECLINED }, { stop_reason: 'refusal' }], 'refusal'],
    ['in an event after it', [{ stop_reason: 'refusal' }, { stop_details: DECLINED }], 'refusal'],
    ['beside a null', [{ stop_reason: 'refusal', stop_details: DECLINED }, { stop_reason: null }], 'refusal'],
    ['alone', [{ stop_reason: null, stop_details: DECLINED }], 'refusal'],
    ['beside a word that says otherwise', [{ stop_reason: 'max_tokens', stop_details: DECLINED }], 'length'],
  ])('keeps the details of a stop that come %s', (_name, deltas, reason) => {
    const events = [messageStart(), ...deltas.map((delta) => messageDelta(delta)), { type: 'message_stop' }]
    expect(decodeContent(events)[0]).toMatchObject({ type: 'finish', reason, details: DECLINED })
  })

  it('knows a stop by its sequence alone, and reports details that are no object', () => {
    const losses: LossReport[] = []
    const delta = messageDelta({ stop_sequence: '###', stop_details: 'because' })
    const events = decodeContent([messageStart(), delta, { type: 'message_stop' }], losses)
    expect(events).toContainEqual({ type: 'finish', reason: 'stop_sequence', stopSequence: '###' })
    expect(losses).toContainEqual(expect.objectContaining({ code: 'unknown_field', path: '#stop_details' }))
  })

  it('takes an end and nothing else for no answer', () => {
    const stop = { type: 'message_stop' }
    const silent = messageDelta({ stop_reason: null })
    for (const events of [[stop], [messageStart(), stop], [messageStart(), silent, stop]])
      expect(decode(events).at(-1)).toMatchObject({ type: 'failure', failure: { kind: 'upstream_truncated' } })
    expect(decode([messageStart(), messageDelta({ stop_reason: 'end_turn' }), stop]).at(-1)).toEqual({ type: 'end' })
  })

  it('turns an error event into a failure, by whatever name it comes', () => {
    const error = { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } }
    expect(decode([messageStart(), error]).at(-1)).toMatchObject({ type: 'failure', failure: { kind: 'overloaded' } })
    expect(
      decode([messageStart(), { error: { type: 'rate_limit_error', message: 'slow down' } }]).at(-1),
    ).toMatchObject({ type: 'failure', failure: { kind: 'rate_limit' } })
    const events: AnswerEvent[] = []
    createStreamDecoder(decodingContext(), (event) => events.push(event)).push(
      { type: 'ping', error: { message: 'x' } },
      'error',
    )
    expect(events[0]?.type).toBe('failure')
  })

  it('calls a stream without message_stop truncated, unless the profile is lenient and no call is cut', () => {
    const text = [messageStart(), blockStart(0, { type: 'text', text: 'x' })]
    const call = [messageStart(), blockStart(0, { type: 'tool_use', id: 't', name: 'n', input: {} })]
    const lenient = { profile: { ...CLAUDE_PROFILE, dialect: { ...CLAUDE_PROFILE.dialect, lenientEnd: true } } }
    expect(decode(text).at(-1)).toMatchObject({ type: 'failure', failure: { kind: 'upstream_truncated' } })
    expect(decode([...text, STOP[0] ?? {}]).at(-1)).toMatchObject({
      type: 'failure',
      failure: { kind: 'upstream_truncated' },
    })
    expect(decode(text, [], lenient).at(-1)).toEqual({ type: 'end' })
    expect(decode(call, [], lenient).at(-1)).toMatchObject({ type: 'failure' })
  })

  it('ignores everything after the end and a [DONE] in the middle', () => {
    const losses: LossReport[] = []
    const events: AnswerEvent[] = []
    const decoder = createStreamDecoder(decodingContext(losses), (event) => events.push(event))
    decoder.push(messageStart(), 'message_start')
    decoder.done()
    for (const body of STOP) decoder.push(body, undefined)
    decoder.push(messageDelta({}, { output_tokens: 5 }), undefined)
    decoder.end()
    expect(events.at(-1)).toEqual({ type: 'end' })
    expect(losses.map((loss) => loss.code)).toEqual(['event_after_end'])
  })

  it('mints an id for a call that came without one and leaves out one without a name', () => {
    const losses: LossReport[] = []
    const events = decodeContent(
      [
        messageStart(),
        blockStart(0, { type: 'tool_use', name: 'n', input: {} }),
        blockStop(0),
        blockStart(1, { type: 'tool_use', id: 't', input: {} }),
        blockStop(1),
        ...STOP,
      ],
      losses,
    )
    expect(events[0]).toMatchObject({ part: { type: 'tool-call', id: 'toolu_minted1' } })
    expect(events.filter((event) => event.type === 'open' && event.part.type === 'tool-call')).toHaveLength(1)
    expect(losses.map((loss) => loss.code)).toEqual(['invalid_tool_call'])
  })

  it('bounds the number of blocks', () => {
    const bodies = Array.from({ length: 600 }, (_, index) => blockStart(index, { type: 'text', text: '' }))
    expect(decode([messageStart(), ...bodies]).at(-1)).toMatchObject({ type: 'failure', failure: { kind: 'overflow' } })
  })

  it('survives keys that are special to JavaScript and values of every wrong type', () => {
    const bodies = [
      JSON.parse(
        '{"type":"message_start","message":{"__proto__":{"x":1},"usage":{"__proto__":{"input_tokens":5}},"content":{}}}',
      ),
      ...[null, 1, 'x', [], {}].flatMap((value) => [
        { type: 'content_block_start', index: value, content_block: value },
        { type: 'content_block_delta', index: value, delta: value },
        { type: 'message_delta', delta: value, usage: value },
        { type: value },
      ]),
    ] as JsonObject[]
    expect(() => decode(bodies)).not.toThrow()
  })
})

import { describe, expect, test } from 'vitest'

import { ConversionError, createConverter, type JsonObject } from '../../src/index.ts'
import type { Loose } from '../../src/testing/loose.ts'
import { ASKING, open, pour } from '../support/exchanges.ts'
import { judge } from '../support/judges.ts'
import { DIRECTIONS, FORMATS, others, PAIRS, type Format } from '../support/pairs.ts'

const utf8 = new TextEncoder()
const DEPTH = 10_000
const DEEP = `${'{"a":'.repeat(DEPTH)}1${'}'.repeat(DEPTH)}`

/** The words of a stream with one text or one call, for each format. */
interface Words {
  readonly begin: string
  text(text: string): string
  readonly openCall: string
  /** @param text - a piece of JSON text, escaped for a JSON string */
  readonly callDelta: string
  readonly end: string
}

function frame(event: JsonObject & { readonly type: string }): string {
  return `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`
}

function chunk(delta: JsonObject, finish: string | null = null): string {
  return `data: ${JSON.stringify({ id: 'c', model: 'm', choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`
}

const RESPONSE = { id: 'resp_1', object: 'response', created_at: 1, status: 'in_progress', model: 'm', output: [] }
const MESSAGE = { id: 'msg_1', type: 'message', role: 'assistant', status: 'in_progress', content: [] }
const CALL = { id: 'fc_1', type: 'function_call', status: 'in_progress', call_id: 'call_1', name: 'f', arguments: '' }

const WORDS: { readonly [Name in Format]: Words } = {
  'anthropic-messages': {
    begin: frame({
      type: 'message_start',
      message: {
        id: 'msg_1',
        type: 'message',
        role: 'assistant',
        model: 'm',
        content: [],
        usage: { input_tokens: 1, output_tokens: 1 },
      },
    }),
    text: (text) =>
      frame({ type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } }) +
      frame({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text } }) +
      frame({ type: 'content_block_stop', index: 0 }),
    openCall: frame({
      type: 'content_block_start',
      index: 0,
      content_block: { type: 'tool_use', id: 'call_1', name: 'f', input: {} },
    }),
    callDelta: frame({ type: 'content_block_delta', index: 0, delta: { type: 'input_json_delta', partial_json: '1' } }),
    end:
      frame({
        type: 'message_delta',
        delta: { stop_reason: 'end_turn', stop_sequence: null },
        usage: { output_tokens: 2 },
      }) + frame({ type: 'message_stop' }),
  },
  'openai-chat': {
    begin: chunk({ role: 'assistant' }),
    text: (content) => chunk({ content }),
    openCall: chunk({
      tool_calls: [{ index: 0, id: 'call_1', type: 'function', function: { name: 'f', arguments: '' } }],
    }),
    callDelta: chunk({ tool_calls: [{ index: 0, function: { arguments: '1' } }] }),
    end: `${chunk({}, 'stop')}data: [DONE]\n\n`,
  },
  'openai-responses': {
    begin: frame({ type: 'response.created', response: RESPONSE }),
    text: (delta) =>
      frame({ type: 'response.output_item.added', output_index: 0, item: MESSAGE }) +
      frame({
        type: 'response.content_part.added',
        output_index: 0,
        content_index: 0,
        item_id: 'msg_1',
        part: { type: 'output_text', text: '', annotations: [] },
      }) +
      frame({ type: 'response.output_text.delta', output_index: 0, content_index: 0, item_id: 'msg_1', delta }),
    openCall: frame({ type: 'response.output_item.added', output_index: 0, item: CALL }),
    callDelta: frame({ type: 'response.function_call_arguments.delta', output_index: 0, item_id: 'fc_1', delta: '1' }),
    end: frame({ type: 'response.completed', response: { ...RESPONSE, status: 'completed' } }),
  },
}

/** A member of a foreign body, at the top and inside. */
function laced(format: Format, json: string): string {
  const body = JSON.stringify({ ...ASKING[format], stream: undefined })
  return `{"__proto__":${json},"constructor":${json},"odd":${json},${body.slice(1)}`
}

describe.each(PAIRS)('$client client, $upstream upstream', ({ client, upstream }) => {
  const opening = { client, upstream, request: { stream: true } }

  test('names of prototype members are data, in requests and in answers', () => {
    const request = JSON.parse(laced(client, '{"polluted":true}'))
    createConverter({ client, upstream }).exchange(request)
    const hostile = WORDS[upstream].begin.replace(
      'data: {',
      'data: {"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}},',
    )
    pour(opening, hostile + WORDS[upstream].text('hi') + WORDS[upstream].end)
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined()
  })

  test('ten thousand levels of JSON in a request are carried or refused', () => {
    const request = JSON.parse(laced(client, DEEP))
    expect(attempt(() => createConverter({ client, upstream }).exchange(request))).toBe('fine')
  })

  test('ten thousand levels of JSON in an answer do no harm', () => {
    const { begin, text, end } = WORDS[upstream]
    const deep = begin.replace('data: {', `data: {"odd":${DEEP},`)
    const stream = open(opening).stream()
    const written = stream.push(utf8.encode(deep + text('hi') + end)) + stream.end()
    expect(written).toContain('hi')
    expect(attempt(() => open({ client, upstream }).response(JSON.parse(DEEP)))).toBe('fine')
  })

  test('an event of ten megabytes passes', () => {
    const { begin, text, end } = WORDS[upstream]
    const long = 'x'.repeat(10 * 1024 * 1024)
    const written = pour(opening, begin + text(long) + end)
    expect(written.includes(long)).toBe(true)
  })
})

describe.each(DIRECTIONS)('$upstream upstream, $client client', ({ client, upstream }) => {
  test('half of a surrogate pair stays what it is, and the stream stays well-formed', async () => {
    const { begin, text, end } = WORDS[upstream]
    const written = pour({ client, upstream, request: { stream: true } }, begin + text('a\ud83d') + end)
    expect(utf8.encode(written)).toEqual(utf8.encode(written.toWellFormed()))
    expect(JSON.stringify(await judge(client, written))).toContain('a\\ud83d')
  })
})

// More work than the usual time allows on a busy machine.
describe.each(FORMATS)('a million pieces of arguments from %s', { timeout: 60_000 }, (upstream) => {
  const EVENTS_A_READ = 5000
  const READS = 200
  const [client = 'openai-chat'] = others(upstream)

  test('are written as they come: nothing of them waits', () => {
    const { begin, openCall, callDelta, end } = WORDS[upstream]
    const read = utf8.encode(callDelta.repeat(EVENTS_A_READ))
    const stream = open({ client, upstream, request: { stream: true } }).stream()
    stream.push(utf8.encode(begin + openCall))
    const sizes = Array.from({ length: READS }, () => stream.push(read).length)
    stream.push(utf8.encode(end))
    expect(stream.error).toBeUndefined()
    // Every read is as large as the first one: no event costs more than the one before it, and none is held back.
    expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThan(EVENTS_A_READ * String(READS * EVENTS_A_READ).length)
    expect(stream.state).toBe('finished')
  })
})

function attempt(work: () => unknown): Loose {
  try {
    work()
    return 'fine'
  } catch (error) {
    return ConversionError.is(error) ? 'fine' : error
  }
}

describe('arguments nested ten thousand deep', () => {
  const input = JSON.parse(DEEP) as JsonObject
  const ANSWERS: { readonly [Name in Format]: JsonObject } = {
    'anthropic-messages': { type: 'message', content: [{ type: 'tool_use', id: 'a', name: 'f', input }] },
    'openai-chat': { choices: [{ message: { tool_calls: [{ id: 'a', function: { name: 'f', arguments: input } }] } }] },
    'openai-responses': {
      object: 'response',
      output: [{ type: 'function_call', call_id: 'a', name: 'f', arguments: input }],
    },
  }
  const tooDeep: unknown = expect.objectContaining({ name: 'ConversionError', kind: 'overflow', status: 502 })

  test.each(DIRECTIONS)('are told as what they are: $client < $upstream', (pair) => {
    const exchange = open(pair)
    const answer = ANSWERS[pair.upstream]
    expect(() => exchange.response(answer)).toThrow(tooDeep)
    expect(() => exchange.explode(answer)).toThrow(tooDeep)
    const stream = open({ ...pair, request: { stream: true } }).stream()
    stream.push(WORDS[pair.upstream].begin + deepCall(pair.upstream))
    expect([stream.end(), stream.error?.kind]).toEqual(['', 'overflow'])
  })

  test('are no number of tokens', () => {
    const body = { model: 'm', messages: [], tools: [{ name: 'f', input_schema: input }] }
    const count = createConverter({ client: 'anthropic-messages', upstream: 'openai-chat' }).count(body)
    expect(() => count.estimate()).toThrow(
      expect.objectContaining({ name: 'ConversionError', kind: 'invalid_request' }),
    )
  })
})

/** A call whose arguments are no text, as they should be. */
function deepCall(format: Format): string {
  if (format === 'openai-chat')
    return `data: {"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":${DEEP}}}]}}]}\n\n`
  if (format === 'anthropic-messages')
    return `data: {"type":"content_block_start","index":0,"content_block":{"type":"tool_use","id":"a","name":"f","input":${DEEP}}}\n\ndata: {"type":"content_block_stop","index":0}\n\n`
  return `data: {"type":"response.output_item.done","output_index":0,"item":{"type":"function_call","call_id":"a","name":"f","arguments":${DEEP}}}\n\n`
}

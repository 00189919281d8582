import { describe, expect, it, test } from 'vitest'

import { createConverter } from '../src/index.ts'
import type { Loose } from '../src/testing/loose.ts'
import { parseBody } from '../src/wire/raw-json.ts'
import { chatSse, chunk, messagesSse, wire } from './catalogue/harness.ts'
import { gather, lossesOf, open, pour, unnamedSse } from './support/exchanges.ts'
import { judge } from './support/judges.ts'
import type { Pair } from './support/pairs.ts'

const CHAT_TO_MESSAGES: Pair = { client: 'anthropic-messages', upstream: 'openai-chat' }
const MESSAGES_TO_CHAT: Pair = { client: 'openai-chat', upstream: 'anthropic-messages' }
const RESPONSES_TO_CHAT: Pair = { client: 'openai-chat', upstream: 'openai-responses' }

/** A number that JavaScript cannot hold. */
const LONG = '{"n":12345678901234567890}'

function argumentsOf(pair: Pair, sse: string): unknown[] {
  return gather(pair, sse).choices[0].message.tool_calls.map((call: Loose) => call.function.arguments)
}

function messagesCall(input: unknown, ...pieces: readonly unknown[]): string {
  const start = { type: 'tool_use', id: 'toolu_1', name: 'f', input }
  const deltas = pieces.map((partial_json) => ({ type: 'input_json_delta', partial_json }))
  return messagesSse(wire.start(), ...wire.block(0, start as Loose, ...(deltas as Loose[])), ...wire.stop('tool_use'))
}

function responsesCall(text: unknown): string {
  const item = { id: 'fc_1', type: 'function_call', call_id: 'call_1', name: 'f', arguments: text }
  const end = { type: 'response.completed', response: { id: 'r', status: 'completed', output: [item] } }
  return unnamedSse(end)
}

describe('arguments that are no text', () => {
  it('are the text of what a Messages server sends', () => {
    expect(argumentsOf(MESSAGES_TO_CHAT, messagesCall('{"a":1}'))).toEqual(['{"a":1}'])
    expect(argumentsOf(MESSAGES_TO_CHAT, messagesCall({}, { a: 1 }))).toEqual(['{"a":1}'])
    expect(argumentsOf(MESSAGES_TO_CHAT, messagesCall([]))).toEqual(['{}'])
  })

  it('are the text of what a Responses server sends', () => {
    expect(argumentsOf(RESPONSES_TO_CHAT, responsesCall({ a: 1 }))).toEqual(['{"a":1}'])
  })

  it('are the text of what a Chat server sends', () => {
    const call = { index: 0, id: 'call_1', function: { name: 'f', arguments: ['x'] } }
    const sse = chatSse(chunk({ tool_calls: [call] }), chunk({}, 'tool_calls'))
    const { output } = gather({ client: 'openai-responses', upstream: 'openai-chat' }, sse)
    expect(output[0].arguments).toBe('["x"]')
  })

  it('keep every digit of their numbers, in streams too', () => {
    expect(argumentsOf(MESSAGES_TO_CHAT, messagesCall({ n: 'LONG' }).replace('{"n":"LONG"}', LONG))).toEqual([LONG])
    const piece = messagesCall({}, { n: 'LONG' }).replace('{"n":"LONG"}', LONG)
    expect(argumentsOf(MESSAGES_TO_CHAT, piece)).toEqual([LONG])
    expect(argumentsOf(RESPONSES_TO_CHAT, responsesCall(['LONG']).replace('["LONG"]', `[${LONG}]`))).toEqual([
      `[${LONG}]`,
    ])
    expect(argumentsOf(RESPONSES_TO_CHAT, responsesCall({ n: 'LONG' }).replace('{"n":"LONG"}', LONG))).toEqual([LONG])
    const call = { index: 0, id: 'call_1', function: { name: 'f', arguments: { n: 'LONG' } } }
    const sse = chatSse(chunk({ tool_calls: [call] }), chunk({}, 'tool_calls')).replace('{"n":"LONG"}', LONG)
    expect(pour(CHAT_TO_MESSAGES, sse)).toContain(JSON.stringify(LONG))
  })

  it('keep every digit on the way to an upstream, as do results', () => {
    const call = { id: 'call_1', type: 'function', function: { name: 'f', arguments: 'ARGUMENTS' } }
    const messages = [
      { role: 'user', content: 'x' },
      { role: 'assistant', content: null, tool_calls: [call] },
      { role: 'tool', tool_call_id: 'call_1', content: 'RESULT' },
    ]
    const body = JSON.stringify({ model: 'm', messages }).replace('"ARGUMENTS"', LONG).replace('"RESULT"', LONG)
    const converter = createConverter({ client: 'openai-chat', upstream: 'openai-responses' })
    const { input } = converter.exchange(parseBody(body) as Loose).request as Loose
    expect([input[1].arguments, input[2].output]).toEqual([LONG, LONG])
  })
})

/** The texts of a Chat answer. */
function textsOf(sse: string): unknown[] {
  return gather(CHAT_TO_MESSAGES, sse).content.map(({ text }: Loose) => text)
}

describe('a Chat answer', () => {
  it.each([
    [['one', { type: 'text', text: 'two' }], ['onetwo']],
    [{ type: 'text', text: 'one' }, ['one']],
    [null, []],
    [[null], []],
  ])('says its content when that is %j', (content, texts) => {
    expect(textsOf(chatSse(chunk({ content } as Loose, 'stop')))).toEqual(texts)
  })

  it('tells that content is lost which is no text at all', () => {
    expect(lossesOf(CHAT_TO_MESSAGES, chatSse(chunk({ content: 5 }, 'stop')))).toEqual(['unknown_field #unknown'])
  })

  it('makes a call that stands there without a list', () => {
    const call = { index: 0, id: 'call_1', function: { name: 'f', arguments: '{"a":1}' } }
    const sse = chatSse(chunk({ tool_calls: call }), chunk({}, 'tool_calls'))
    expect(gather(CHAT_TO_MESSAGES, sse).content).toMatchObject([{ name: 'f', input: { a: 1 } }])
  })

  it.each([
    { detail: 'boom' },
    { message: 'boom', code: 500 },
    { errors: [{ message: 'boom' }] },
    { detail: [{ loc: ['body'], msg: 'boom' }] },
  ])('breaks off where a proxy tells of trouble in its own words: %j', (trouble) => {
    const sse = chatSse(chunk({ content: 'Hi' }), 'cut') + unnamedSse(trouble) + 'data: [DONE]\n\n'
    const stream = open({ ...CHAT_TO_MESSAGES, request: { stream: true } }).stream()
    stream.push(sse)
    expect(stream.state).toBe('failed')
    expect(stream.error?.message).toContain('boom')
  })
})

describe('a block of a Messages stream', () => {
  it.each([
    [{ type: 'thinking_delta', thinking: 'hm' }, 'malformed_event #thinking_delta'],
    [{ text: 'Hi' }, 'malformed_event #untyped'],
    [{ type: 'signature_delta', signature: '' }, 'unknown_field #signature_delta'],
    [{ type: 'weather_delta', sky: 'blue' }, 'unknown_field #weather_delta'],
  ])('of text that gets the piece %j tells what becomes of it', (delta, loss) => {
    const block = wire.block(0, { type: 'text', text: '' }, delta)
    const sse = messagesSse(wire.start(), ...block, ...wire.stop('end_turn'))
    expect(lossesOf(MESSAGES_TO_CHAT, sse)).toContain(loss)
  })

  it('that begins as another call before it has ended is another call', () => {
    const [start = {}, delta = {}] = wire.call(0, 'toolu_1', '{"a":1}')
    const second = wire.call(0, 'toolu_2', '{"b":2}')
    const sse = messagesSse(wire.start(), start, start, delta, ...second, ...wire.stop('tool_use'))
    expect(argumentsOf(MESSAGES_TO_CHAT, sse)).toEqual(['{"a":1}', '{"b":2}'])
  })
})

test('what is known of the cache is told where the length of the input is not', async () => {
  const usage = { prompt_tokens: null, completion_tokens: 5, prompt_tokens_details: { cached_tokens: 20 } }
  const sse = chatSse(chunk({ content: 'Hi' }, 'stop'), { choices: [], usage })
  const streamed = await judge('anthropic-messages', pour(CHAT_TO_MESSAGES, sse))
  expect(streamed.usage).toMatchObject({ cache_read_input_tokens: 20, output_tokens: 5 })
  expect(gather(CHAT_TO_MESSAGES, sse).usage).toMatchObject({ cache_read_input_tokens: 20, output_tokens: 5 })
})

function messagesBlock(start: Loose): string {
  return messagesSse(wire.start(), ...wire.block(0, start), ...wire.stop('end_turn'))
}

describe('what stands where a text belongs and is none', () => {
  const item = { id: 'msg_1', type: 'message', role: 'assistant' }
  const done = (content: Loose): string =>
    unnamedSse({ type: 'response.completed', response: { output: [{ ...item, content: [content] }] } })

  it.each([
    ['a Responses text', RESPONSES_TO_CHAT, done({ type: 'output_text', text: ['Hi'] })],
    ['a Responses refusal', RESPONSES_TO_CHAT, done({ type: 'refusal', refusal: 5 })],
    ['a Messages text', MESSAGES_TO_CHAT, messagesBlock({ type: 'text', text: ['Hi'] })],
    ['Messages thinking', MESSAGES_TO_CHAT, messagesBlock({ type: 'thinking', thinking: { text: 'Hi' } })],
  ])('is reported as lost: %s', (_place, pair, sse) => {
    expect(lossesOf(pair, sse)).toContain('malformed_event #text')
  })
})

test('a proof of reasoning that is too long to be kept is reported as lost', () => {
  const detail = { type: 'reasoning.encrypted', id: 'rs_1', index: 0, data: 'x'.repeat(2_100_000) }
  const details = chunk({ reasoning_details: [detail] })
  const sse = chatSse(details, details, chunk({ content: 'Hi' }, 'stop'))
  expect(lossesOf(CHAT_TO_MESSAGES, sse)).toEqual(['reasoning_dropped #reasoning_details'])
})

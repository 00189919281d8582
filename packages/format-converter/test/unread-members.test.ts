import { describe, expect, it, test } from 'vitest'

import { createConverter, type JsonObject, type JsonValue } from '../src/index.ts'
import type { Loose } from '../src/testing/loose.ts'
import { chatSse, chunk, messagesSse, wire } from './catalogue/harness.ts'
import { gather, lossesOf, open, pour, unnamedSse } from './support/exchanges.ts'
import { judge } from './support/judges.ts'
import type { Format, Pair } from './support/pairs.ts'

const CHAT_TO_MESSAGES: Pair = { client: 'anthropic-messages', upstream: 'openai-chat' }
const CHAT_TO_RESPONSES: Pair = { client: 'openai-responses', upstream: 'openai-chat' }
const RESPONSES_TO_CHAT: Pair = { client: 'openai-chat', upstream: 'openai-responses' }

const TOKEN = { token: 'Hi', logprob: -1, bytes: null, top_logprobs: [] }

interface Seen {
  readonly content: Loose
  readonly losses: readonly string[]
}

/** What a Messages client gets of an answer with this one choice. */
function whole(choice: JsonObject, body: JsonObject = {}): Seen {
  const answer = { id: 'c1', object: 'chat.completion', choices: [{ index: 0, finish_reason: 'stop', ...choice }] }
  const { body: converted, losses } = open(CHAT_TO_MESSAGES).response({ ...answer, ...body })
  return { content: converted['content'], losses: losses.map(({ code, path }) => `${code} ${path}`) }
}

/** The same of a stream that has it in one chunk. */
function streamed({ message, ...choice }: JsonObject, body: JsonObject = {}): Seen {
  const said = message === undefined ? {} : { delta: message }
  const sse = chatSse({ choices: [{ index: 0, ...said, ...choice }], ...body }, chunk({}, 'stop'))
  return { content: gather(CHAT_TO_MESSAGES, sse).content, losses: lossesOf(CHAT_TO_MESSAGES, sse) }
}

const WAYS = [
  ['whole', whole],
  ['streamed', streamed],
] as const

describe.each(WAYS)('a Chat answer, %s,', (_way, answer) => {
  test.each<[unknown, JsonObject]>([
    ['in the text of the older endpoint', { text: 'Hi' }],
    ['in the text of a choice whose message is empty', { message: { role: 'assistant', content: null }, text: 'Hi' }],
    ['in place of a message', { message: 'Hi' }],
    ['twice alike', { message: { content: 'Hi' }, text: 'Hi' }],
  ])('says what stands %s', (_place, choice) => {
    const { content, losses } = answer(choice)
    expect(content).toMatchObject([{ type: 'text', text: 'Hi' }])
    expect(losses).toEqual([])
  })

  test.each<[JsonObject, string]>([
    [{ reasoning: ['hm'] }, 'hm'],
    [{ reasoning: { text: 'hm' } }, 'hm'],
    [{ reasoning_details: { type: 'reasoning.text', text: 'hm' } }, 'hm'],
    [{ content: [{ type: 'thinking', thinking: 'hm' }] }, 'hm'],
  ])('reasons as in %j', (message, thinking) => {
    const { content, losses } = answer({ message })
    expect(content).toMatchObject([{ type: 'thinking', thinking }])
    expect(losses).toEqual([])
  })

  test.each<[JsonObject, string]>([
    [{ text: 'other words' }, 'unknown_field #text'],
    [{ text: 5 }, 'unknown_field #text'],
    [{ tokens: ['Hi'] }, 'unknown_field #tokens'],
    [{ logprobs: 'x' }, 'logprobs_dropped #logprobs'],
    [{ logprobs: [TOKEN] }, 'logprobs_dropped #logprobs'],
    [{ logprobs: { tokens: ['Hi'], token_logprobs: [-1] } }, 'logprobs_dropped #logprobs'],
    [{ logprobs: { content: 'x' } }, 'logprobs_dropped #logprobs'],
    [{ logprobs: { content: [5] } }, 'logprobs_dropped #logprobs'],
    [{ logprobs: { content: [{ ...TOKEN, top_logprobs: 'x' }] } }, 'logprobs_dropped #logprobs'],
  ])('tells what is lost of a choice with %j', (members, loss) => {
    const { content, losses } = answer({ message: { content: 'Hi' }, ...members })
    expect(content).toMatchObject([{ type: 'text', text: 'Hi' }])
    expect(losses).toEqual([loss])
  })

  test.each<[JsonObject, string]>([
    [{ executed_tools: [{ output: 'x' }] }, 'unknown_field #executed_tools'],
    [{ reasoning_content: 5 }, 'malformed_event #reasoning_content'],
    [{ reasoning: { words: 'hm' } }, 'malformed_event #reasoning'],
    [{ reasoning_details: [{ type: 'reasoning.text', text: 7 }] }, 'malformed_event #reasoning_details'],
    [{ thinking: true }, 'malformed_event #thinking'],
    [{ refusal: ['no'] }, 'malformed_event #refusal'],
    [{ annotations: 'x' }, 'malformed_event #annotations'],
    [{ tool_calls: [5] }, 'malformed_event #tool_calls'],
    [{ function_call: 'x' }, 'malformed_event #function_call'],
    [{ audio: 'x' }, 'malformed_event #audio'],
    [{ images: {} }, 'malformed_event #images'],
    [{ content: [{ type: 'text', text: 'Hi', tokens: ['H', 'i'] }] }, 'unknown_field #tokens'],
  ])('tells what is lost of a message with %j', (members, loss) => {
    const { content, losses } = answer({ message: { content: 'Hi', ...members } })
    expect(content).toMatchObject([{ type: 'text', text: 'Hi' }])
    expect(losses).toEqual([loss])
  })

  test.each<[JsonObject, JsonObject, string]>([
    [{ usage: 5 }, {}, 'malformed_event #usage'],
    [{ finish_reason: 5 }, {}, 'malformed_event #finish_reason'],
    [{}, { service_tier: { name: 'flex' } }, 'malformed_event #service_tier'],
    [{}, { system_fingerprint: 5 }, 'malformed_event #system_fingerprint'],
    [{}, { x_groq: 'x' }, 'malformed_event #x_groq'],
    [{}, { x_groq: { usage: 5 } }, 'malformed_event #x_groq'],
    [{}, { error: true }, 'malformed_event #error'],
    [{}, { error: ['boom'] }, 'malformed_event #error'],
    [{}, { error: 5 }, 'malformed_event #error'],
  ])('tells what is lost of the choice with %j and %j beside it', (choice, body, loss) => {
    const { content, losses } = answer({ message: { content: 'Hi' }, ...choice }, body)
    expect(content).toMatchObject([{ type: 'text', text: 'Hi' }])
    expect(losses).toContain(loss)
  })

  test.each<JsonObject>([{ error: false }, { error: null }, { error: {} }, { error: '' }, { error: [] }])(
    'is fine beside %j',
    (body) => {
      expect(answer({ message: { content: 'Hi' } }, body).losses).toEqual([])
    },
  )

  it('tells what is lost of a call', () => {
    const call = { id: 'call_1', function: { name: 'f', arguments: '{}', note: 'x' }, memo: 'x' }
    expect(answer({ message: { tool_calls: [call] } }).losses).toEqual(['unknown_field #memo', 'unknown_field #note'])
  })

  it('tells what is lost beside the choices', () => {
    const { losses } = answer({ message: { content: 'Hi' } }, { citations: ['https://a.example'], provider: null })
    expect(losses).toEqual(['unknown_field #citations'])
  })
})

describe('a Chat stream', () => {
  it('whose pieces are texts of the older endpoint is one text', () => {
    const pieces = [...'Hello'].map((text) => ({ choices: [{ index: 0, text }] }))
    const sse = chatSse(...pieces, { choices: [{ index: 0, text: '', finish_reason: 'stop' }] })
    expect(gather(CHAT_TO_MESSAGES, sse).content).toMatchObject([{ text: 'Hello' }])
  })

  it('tells of a member that is not known once, however often it comes', () => {
    const pieces = [...'a longer answer'].map((content) => chunk({ content, mood: content }))
    const stream = open({ ...CHAT_TO_MESSAGES, request: { stream: true } }).stream()
    stream.push(chatSse(...pieces, chunk({}, 'stop')))
    expect(stream.losses).toMatchObject([
      { code: 'unknown_field', level: 'degraded', path: '#mood', detail: undefined },
    ])
  })

  it('tells how much such a member matters where it matters most', () => {
    const sse = chatSse({ ...chunk({ content: 'Hi', mood: 'x' }, 'stop'), mood: 'x' })
    const stream = open({ ...CHAT_TO_MESSAGES, request: { stream: true } }).stream()
    stream.push(sse)
    expect(stream.losses).toMatchObject([{ level: 'degraded', path: '#mood' }])
  })

  it('takes a whole message behind its pieces for their repetition', () => {
    const end = { choices: [{ index: 0, delta: {}, message: { content: 'Hi' }, finish_reason: 'stop' }] }
    const sse = chatSse(chunk({ content: 'Hi' }), end)
    expect(gather(CHAT_TO_MESSAGES, sse).content).toMatchObject([{ text: 'Hi' }])
    expect(lossesOf(CHAT_TO_MESSAGES, sse)).toEqual(['upstream_repaired #message'])
  })

  it.each([['Hi'], [5], [{ index: 0, delta: 5 }], [{ index: 0, delta: ['Hi'] }]])(
    'tells that the choice %j is lost',
    (choice) => {
      const sse = chatSse({ choices: [choice] }, chunk({ content: 'Hi' }, 'stop'))
      expect(lossesOf(CHAT_TO_MESSAGES, sse)).toEqual(['malformed_event #choices'])
    },
  )
})

/** The end of a Responses stream, with a message of one part. */
function completed(part: JsonObject): JsonObject {
  const item = { id: 'm', type: 'message', role: 'assistant', content: [part] }
  return { type: 'response.completed', response: { id: 'r', status: 'completed', output: [item] } }
}

describe('probabilities of tokens', () => {
  const text = { type: 'output_text', text: 'Hi', annotations: [] }

  it('that are whole reach a client of the other format of OpenAI', async () => {
    const sse = chatSse({ choices: [{ index: 0, delta: { content: 'Hi' }, logprobs: { content: [TOKEN] } }] })
    const { output } = await judge('openai-responses', pour({ ...CHAT_TO_RESPONSES }, sse))
    expect(output[0].content[0].logprobs).toMatchObject([{ token: 'Hi', logprob: -1 }])
  })

  it.each([['x'], [[5]], [[{ token: 'Hi' }]]])(
    'of a Responses text that are %j are lost, which is told',
    (logprobs) => {
      const sse = unnamedSse(completed({ ...text, logprobs }))
      expect(gather(RESPONSES_TO_CHAT, sse).choices[0]).toMatchObject({ message: { content: 'Hi' }, logprobs: null })
      expect(lossesOf(RESPONSES_TO_CHAT, sse)).toEqual(['logprobs_dropped #logprobs'])
    },
  )

  it('that come when the text has been passed on are lost, which is told', () => {
    const delta = { type: 'response.output_text.delta', output_index: 0, content_index: 0, delta: 'H' }
    const sse = unnamedSse(delta, completed({ ...text, logprobs: [TOKEN] }))
    expect(lossesOf(RESPONSES_TO_CHAT, sse)).toEqual(['logprobs_dropped #logprobs'])
  })
})

/** A response as it comes whole, and as the events of a stream. */
function responseOf(...output: readonly unknown[]): readonly [body: JsonObject, sse: string] {
  const body = { id: 'r', object: 'response', status: 'completed', output } as JsonObject
  const done = output.map((item, output_index) => ({ type: 'response.output_item.done', output_index, item }))
  return [body, unnamedSse(...done, { type: 'response.completed', response: body })]
}

/** The same of a message of Anthropic's. */
function messageOf(...content: readonly unknown[]): readonly [body: JsonObject, sse: string] {
  const body = { ...(wire.start()['message'] as JsonObject), content, stop_reason: 'end_turn' } as JsonObject
  const blocks = content.flatMap((block, index) => wire.block(index, block as JsonObject))
  return [body, messagesSse(wire.start(), ...blocks, ...wire.stop('end_turn'))]
}

/** What a Chat client gets of both: what is said, then what is lost. */
function toldOf(upstream: Format, [body, sse]: readonly [body: JsonObject, sse: string]): unknown[][] {
  const pair = { client: 'openai-chat', upstream, request: { max_tokens: 100 } } as const
  const { body: converted, losses } = open(pair).response(body)
  const wholly = [said(converted), ...losses.map(({ code, path }) => `${code} ${path}`)]
  return [wholly, [said(gather(pair, sse)), ...lossesOf(pair, sse)]]
}

function said(answer: Loose): string {
  const { reasoning_content: reasoning, content } = answer.choices[0].message
  return `${reasoning ?? ''}${content ?? ''}`
}

describe('a Responses answer, whole and streamed,', () => {
  const text = { type: 'output_text', text: 'Hi' }
  const message = { id: 'm', type: 'message', role: 'assistant', content: [text] }

  test.each<[string, unknown]>([
    ['a content that is a text', { ...message, content: 'Hi' }],
    ['a part that is a text', { ...message, content: ['Hi'] }],
    ['a message without a type', { ...message, type: undefined }],
    ['a summary that is a text', { id: 'rs', type: 'reasoning', summary: 'Hi' }],
    ['a part of a summary that is a text', { id: 'rs', type: 'reasoning', summary: ['Hi'] }],
  ])('says what stands in %s', (_place, item) => {
    expect(toldOf('openai-responses', responseOf(item))).toEqual([['Hi'], ['Hi']])
  })

  test.each<[unknown, string]>([
    [{ ...message, aside: 'x' }, 'unknown_field #aside'],
    [{ ...message, content: [text, 5] }, 'unknown_field #response.content_part.done'],
    [{ ...message, content: [{ ...text, translation: 'x' }] }, 'unknown_field #translation'],
    [{ ...message, content: [{ ...text, annotations: 'x' }] }, 'malformed_event #annotations'],
  ])('tells what is lost of the message %j', (item, loss) => {
    const told = toldOf('openai-responses', responseOf(item))
    expect(told).toEqual([
      ['Hi', loss],
      ['Hi', loss],
    ])
  })

  test.each<[unknown, string]>([
    ['Hi', 'malformed_event #response.output_item.done'],
    [{ id: 'x' }, 'malformed_event #response.output_item.done'],
    [{ id: 'rs', type: 'reasoning', text: 'hm' }, 'unknown_field #text'],
    [{ id: 'sh', type: 'shell_call', call_id: 'call_1', action: 'words' }, 'invalid_tool_arguments #tool_use'],
    [{ id: 'rs', type: 'reasoning', summary: [{ url: 'x' }] }, 'unknown_field #url'],
    [{ id: 'rs', type: 'reasoning', summary: 5 }, 'malformed_event #text'],
    [{ id: 'rs', type: 'reasoning', summary: [], encrypted_content: {} }, 'malformed_event #encrypted_content'],
  ])('tells that the item %j is lost', (item, loss) => {
    const told = toldOf('openai-responses', responseOf(item, message))
    expect(told).toEqual([
      ['Hi', loss],
      ['Hi', loss],
    ])
  })

  it('tells what is lost beside the output', () => {
    const [body, sse] = responseOf(message)
    const told = toldOf('openai-responses', [
      { ...body, verdict: 'x' },
      sse.replace('"status"', '"verdict":"x","status"'),
    ])
    expect(told.map(([, loss]) => loss)).toEqual(['unknown_field #verdict', 'unknown_field #verdict'])
  })
})

describe('a Messages answer, whole and streamed,', () => {
  const text = { type: 'text', text: 'Hi' }

  it('says what stands in a block that is a text', () => {
    expect(toldOf('anthropic-messages', messageOf('Hi'))).toEqual([['Hi'], ['Hi']])
  })

  test.each<[unknown, string]>([
    [5, 'malformed_event #content_block_start'],
    [{ words: 'x' }, 'unknown_field #untyped'],
    [{ type: 'text', text: '', translation: 'x' }, 'unknown_field #translation'],
    [{ type: 'text', text: '', citations: 'x' }, 'malformed_event #citations'],
    [{ type: 'thinking', thinking: '', signature: {} }, 'malformed_event #signature'],
    [{ type: 'redacted_thinking', data: {} }, 'malformed_event #data'],
  ])('tells what is lost of the block %j', (block, loss) => {
    const told = toldOf('anthropic-messages', messageOf(block, text))
    expect(told).toEqual([
      ['Hi', loss],
      ['Hi', loss],
    ])
  })

  it('tells what is lost of a piece', () => {
    const pieces = [...'Hello there'].map((letter) => ({ type: 'text_delta', text: letter, translation: letter }))
    const block = wire.block(0, { type: 'text', text: '' }, ...pieces)
    const sse = messagesSse(wire.start(), ...block, ...wire.stop('end_turn'))
    const pair = { client: 'openai-chat', upstream: 'anthropic-messages', request: { max_tokens: 100 } } as const
    expect(lossesOf(pair, sse)).toEqual(['unknown_field #translation'])
  })
})

test.each<[JsonObject, string]>([
  [{ reasoning_content: 5 }, '/messages/1/reasoning_content'],
  [{ reasoning_details: 5 }, '/messages/1/reasoning_details'],
  [{ reasoning_content: 'a', reasoning_details: [{ text: 'b' }] }, '/messages/1/reasoning_details'],
])('a client that sends the reasoning %j back is told what of it is lost', (members, path) => {
  const messages = [
    { role: 'user', content: 'x' },
    { role: 'assistant', content: 'Hi', ...members },
  ]
  const converter = createConverter({ client: 'openai-chat', upstream: 'anthropic-messages' })
  const { losses } = converter.exchange({ model: 'm', messages: [...messages, { role: 'user', content: 'y' }] })
  expect(losses).toContainEqual(expect.objectContaining({ code: 'unknown_field', path }))
})

describe('beside an answer', () => {
  const text = { type: 'text', text: 'Hi' }
  const [message] = messageOf(text)
  const [response] = responseOf({ type: 'message', role: 'assistant', content: [{ ...text, type: 'output_text' }] })
  const chat = { id: 'c', choices: [{ index: 0, message: { content: 'Hi' }, finish_reason: 'stop' }] }

  test.each<[Format, JsonObject]>([
    ['anthropic-messages', message],
    ['openai-responses', response],
    ['openai-chat', chat],
  ])('an error of %s counts, whether it is an object or words', (upstream, body) => {
    const client = upstream === 'openai-chat' ? 'anthropic-messages' : 'openai-chat'
    const convert = (error: JsonValue): unknown => open({ client, upstream }).response({ ...body, error })
    expect(() => convert({ message: 'boom' })).toThrow('boom')
    expect(() => convert('boom')).toThrow('boom')
    expect(JSON.stringify(convert(null))).toContain('Hi')
  })

  test.each<[Format, JsonObject]>([
    ['anthropic-messages', message],
    ['openai-responses', response],
    ['openai-chat', chat],
  ])('a usage of %s that is none is told', (upstream, body) => {
    const client = upstream === 'openai-chat' ? 'anthropic-messages' : 'openai-chat'
    const { usage, losses } = open({ client, upstream }).response({ ...body, usage: 5 })
    expect(usage).toBeUndefined()
    expect(losses).toContainEqual(expect.objectContaining({ code: 'malformed_event', path: '#usage' }))
  })

  test.each<[Format, JsonObject, string]>([
    ['anthropic-messages', { ...message, stop_reason: 5 }, '#stop_reason'],
    ['anthropic-messages', { ...message, stop_sequence: 5 }, '#stop_sequence'],
    ['openai-responses', { ...response, service_tier: 5 }, '#service_tier'],
    ['openai-responses', { ...response, status: 5 }, '#status'],
    ['openai-responses', { ...response, incomplete_details: 'max_output_tokens' }, '#incomplete_details'],
  ])('what of %s stands in the place of something else is told: %s', (upstream, body, path) => {
    const { losses } = open({ client: 'openai-chat', upstream }).response(body)
    expect(losses).toContainEqual(expect.objectContaining({ code: 'malformed_event', path }))
  })
})

describe('the end of a Responses stream', () => {
  const said = { type: 'response.output_text.delta', output_index: 0, content_index: 0, delta: 'Hi' }
  const end = (type: string, response: unknown): string => unnamedSse(said, { type: `response.${type}`, response })

  test.each<[unknown, string]>([
    [{}, 'stop'],
    [{ incomplete_details: { reason: 'max_output_tokens' } }, 'length'],
    [{ status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } }, 'length'],
  ])('is no whole answer where %j ends incomplete', (response, reason) => {
    const stream = open({ ...RESPONSES_TO_CHAT, request: { stream: true } }).stream()
    const text = stream.push(end('incomplete', response))
    expect(text).toContain(`"finish_reason":"${reason}"`)
    expect(stream.stop).toBe(reason === 'stop' ? 'unknown' : reason)
  })

  it('is incomplete where it says why, whatever else it says', () => {
    const response = { id: 'r', object: 'response', output: [], incomplete_details: { reason: 'content_filter' } }
    expect(open(RESPONSES_TO_CHAT).response(response).stop).toBe('filter')
  })

  it('without a response tells that it has none', () => {
    expect(lossesOf(RESPONSES_TO_CHAT, end('completed', 5))).toEqual(['malformed_event #response'])
  })
})

describe('the end of a Messages stream', () => {
  const [delta = {}, stop = {}] = wire.stop('end_turn')
  const pair = { client: 'openai-chat', upstream: 'anthropic-messages', request: { max_tokens: 100 } } as const

  test.each<[JsonObject, string]>([
    [{ usage: 5 }, 'malformed_event #usage'],
    [{ delta: 5 }, 'malformed_event #delta'],
    [{ delta: { stop_reason: 'end_turn', why: 'x' } }, 'unknown_field #why'],
    [{ note: 'x' }, 'unknown_field #note'],
  ])('tells what is lost of %j', (members, loss) => {
    const sse = messagesSse(wire.start(), ...wire.text(0, 'Hi'), { ...delta, ...members }, stop)
    expect(lossesOf(pair, sse)).toContain(loss)
  })

  it('tells that a piece is lost that is none', () => {
    const block = wire.block(0, { type: 'text', text: '' }, 'words' as unknown as JsonObject)
    expect(lossesOf(pair, messagesSse(wire.start(), ...block, delta, stop))).toEqual([
      'malformed_event #content_block_delta',
    ])
  })
})

test.each([5, { google: 5 }, { google: { thought_signature: 5 } }, { other: 'x' }])(
  'a proof of Google that is %j is lost, which is told',
  (extra_content) => {
    const call = { id: 'call_1', function: { name: 'f', arguments: '{}' }, extra_content }
    expect(whole({ message: { tool_calls: [call] } }).losses).toEqual(['malformed_event #extra_content'])
  },
)

describe('a name or a tier that is no text', () => {
  const usage = { input_tokens: 1, output_tokens: 1 }
  const messages: Pair = { client: 'openai-chat', upstream: 'anthropic-messages' }

  it.each([
    [CHAT_TO_MESSAGES, { choices: [{ message: { tool_calls: [{ id: 7, function: { name: 'w' } }] } }] }, '#id'],
    [messages, { type: 'message', content: [{ type: 'tool_use', id: 7, name: 'w', input: {} }], usage }, '#id'],
    [RESPONSES_TO_CHAT, { object: 'response', output: [{ type: 'function_call', call_id: 7, name: 'w' }] }, '#call_id'],
    [RESPONSES_TO_CHAT, { object: 'response', output: [{ type: 'reasoning', id: 7, summary: ['x'] }] }, '#id'],
    [messages, { type: 'message', content: [], usage: { ...usage, service_tier: 7 } }, '#service_tier'],
    [messages, { type: 'message', content: [], usage: { ...usage, speed: ['fast'] } }, '#speed'],
  ])('is told by name (%j, %j)', (pair, body, path) => {
    const loss: unknown = expect.objectContaining({ code: 'malformed_event', level: 'lossy', path })
    expect(open(pair).response(body).losses).toContainEqual(loss)
  })

  it('is told of the end of a Messages stream too', () => {
    const end = { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { ...usage, service_tier: 7 } }
    const sse = messagesSse(wire.start(), ...wire.block(0, { type: 'text', text: 'x' }), end, { type: 'message_stop' })
    expect(lossesOf(messages, sse)).toContain('malformed_event #service_tier')
  })
})

describe('what the other format has no word for', () => {
  const choices = [{ message: { content: 'x' }, finish_reason: 'stop' }]
  const usage = { prompt_tokens: 1, completion_tokens: 1 }
  const tiers = (pair: Pair, tier: string): unknown[] => {
    const { losses } = open(pair).response({ choices, usage, service_tier: tier })
    return losses.filter(({ stage }) => stage !== 'request').map(({ code, level, path }) => `${code} ${level} ${path}`)
  }

  it.each(['scale', 'on_demand'])('is told of the tier %s to a Messages client', (tier) => {
    expect(tiers(CHAT_TO_MESSAGES, tier)).toEqual(['service_tier_changed info #service_tier'])
  })

  it('is told of a tier that OpenAI does not have', () => {
    expect(tiers(CHAT_TO_RESPONSES, 'on_demand')).toEqual(['service_tier_changed info #service_tier'])
    const answer = { type: 'message', content: [], stop_reason: 'end_turn' }
    const { losses } = open({ client: 'openai-chat', upstream: 'anthropic-messages' }).response({
      ...answer,
      usage: { input_tokens: 1, output_tokens: 1, service_tier: 'on_demand' },
    })
    expect(losses).toContainEqual(expect.objectContaining({ code: 'service_tier_changed', path: '#service_tier' }))
  })

  it.each(['default', 'priority', 'flex', 'auto'])('is not told of the tier %s', (tier) => {
    expect([...tiers(CHAT_TO_MESSAGES, tier), ...tiers(CHAT_TO_RESPONSES, tier)]).toEqual([])
  })

  it('is told of what a Chat citation quotes', () => {
    const page = { url: 'https://u.example', title: 't', start_index: 0, end_index: 1, content: 'quoted' }
    const said = { content: 'x', annotations: [{ type: 'url_citation', url_citation: page }] }
    const { losses } = open(CHAT_TO_RESPONSES).response({ choices: [{ message: said, finish_reason: 'stop' }] })
    expect(losses).toContainEqual(expect.objectContaining({ code: 'citation_dropped', path: '#citation/content' }))
  })

  it('is told of a citation whose title is no text', () => {
    const page = { url: 'https://u.example', title: 7, start_index: 0, end_index: 1 }
    const said = { content: 'x', annotations: [{ type: 'url_citation', url_citation: page }] }
    const { losses } = open(CHAT_TO_MESSAGES).response({ choices: [{ message: said, finish_reason: 'stop' }] })
    expect(losses).toContainEqual(expect.objectContaining({ code: 'citation_dropped', path: '#citation/title' }))
  })
})

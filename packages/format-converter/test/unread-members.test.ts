import { describe, expect, it, test } from 'vitest'

import { createConverter, type JsonObject } from '../src/index.ts'
import type { Loose } from '../src/testing/loose.ts'
import { chatSse, chunk } from './catalogue/harness.ts'
import { gather, lossesOf, open, pour, unnamedSse } from './support/exchanges.ts'
import { judge } from './support/judges.ts'
import type { Pair } from './support/pairs.ts'

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
  const sse = chatSse({ choices: [{ index: 0, finish_reason: 'stop', ...said, ...choice }], ...body })
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

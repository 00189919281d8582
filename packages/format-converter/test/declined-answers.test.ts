import { describe, expect, it } from 'vitest'

import type { JsonObject } from '../src/index.ts'
import { messagesSse, wire } from './catalogue/harness.ts'
import { gather, open, plain, pour } from './support/exchanges.ts'
import { judge } from './support/judges.ts'
import type { Pair } from './support/pairs.ts'

const PAIR: Pair = { client: 'openai-responses', upstream: 'anthropic-messages' }
const EXPLANATION = 'This asks for something harmful.'
const DETAILS = { type: 'refusal', category: null, explanation: EXPLANATION }

/** A Messages stream that ends in a refusal. */
function refused(...texts: readonly string[]): string {
  return messagesSse(
    wire.start(),
    ...texts.flatMap((text, index) => wire.text(index, text)),
    {
      type: 'message_delta',
      delta: { stop_reason: 'refusal', stop_sequence: null, stop_details: DETAILS },
      usage: { output_tokens: 3 },
    },
    { type: 'message_stop' },
  )
}

/** The same as a whole message. */
function refusedWhole(...texts: readonly string[]): JsonObject {
  return {
    type: 'message',
    role: 'assistant',
    content: texts.map((text) => ({ type: 'text', text })),
    stop_reason: 'refusal',
    stop_details: DETAILS,
    usage: { input_tokens: 1, output_tokens: 1 },
  }
}

/** Contract 4.8, P4. */
describe('a refusal of a Claude model, told to a Responses client', () => {
  it('without a word is incomplete, and the explanation is its refusal', async () => {
    const response = await judge('openai-responses', pour(PAIR, refused()))
    expect(response).toMatchObject({
      status: 'incomplete',
      incomplete_details: { reason: 'content_filter' },
      output: [{ content: [{ type: 'refusal', refusal: EXPLANATION }] }],
    })
  })

  it('in the words of the explanation is complete, with a refusal part', async () => {
    const response = await judge('openai-responses', pour(PAIR, refused(EXPLANATION)))
    expect(response).toMatchObject({ status: 'completed', incomplete_details: null, output: [{ status: 'completed' }] })
    const whole = gather(PAIR, refused(EXPLANATION))
    expect(whole.output[0].content).toEqual([
      { type: 'output_text', text: EXPLANATION, annotations: [], logprobs: [] },
      { type: 'refusal', refusal: EXPLANATION },
    ])
    expect(response.output).toMatchObject(whole.output)
  })

  it('in the middle of other words is incomplete', async () => {
    const response = await judge('openai-responses', pour(PAIR, refused('First you ')))
    expect(response).toMatchObject({
      status: 'incomplete',
      incomplete_details: { reason: 'content_filter' },
      output: [{ status: 'incomplete', content: [{ type: 'output_text', text: 'First you ' }] }],
    })
  })

  it('is told alike in a whole answer', () => {
    const { body } = open(PAIR).response(refusedWhole(EXPLANATION))
    expect(plain(body)).toMatchObject({
      status: 'completed',
      output: [{ content: [{ type: 'output_text' }, { type: 'refusal', refusal: EXPLANATION }] }],
    })
  })

  it('reports what of its details OpenAI does not tell', () => {
    const exchange = open({ client: 'openai-chat', upstream: 'anthropic-messages' })
    const details = { ...DETAILS, fallback_credit_token: 'token' }
    const { losses } = exchange.response({ ...refusedWhole(), stop_details: details })
    expect(losses.map(({ path }) => path)).toContain('#stop_details')
  })
})

describe('details of a stop', () => {
  const body = refusedWhole('First you')
  const CLIENTS = ['openai-chat', 'openai-responses'] as const

  it.each(CLIENTS)('%s: an explanation beside other words is reported', (client) => {
    const { losses } = open({ client, upstream: 'anthropic-messages' }).response(body)
    expect(losses).toContainEqual(expect.objectContaining({ path: '#stop_details/explanation', level: 'degraded' }))
  })

  it.each(CLIENTS)('%s: the explanation of an answer without words is told, and not reported', (client) => {
    const { losses } = open({ client, upstream: 'anthropic-messages' }).response(refusedWhole())
    expect(losses.filter(({ path }) => path.startsWith('#stop_details'))).toEqual([])
  })

  it.each(CLIENTS)('%s: an explanation that is no text is reported', (client) => {
    const odd = { ...refusedWhole(), stop_details: { type: 'refusal', category: null, explanation: 7 } }
    const { losses } = open({ client, upstream: 'anthropic-messages' }).response(odd)
    expect(losses).toContainEqual(expect.objectContaining({ code: 'param_unsupported', path: '#stop_details' }))
  })

  it('that repeats the answer of a Responses client is not reported', () => {
    const { losses } = open(PAIR).response(refusedWhole(EXPLANATION))
    expect(losses.filter(({ path }) => path.startsWith('#stop_details'))).toEqual([])
  })

  it.each(CLIENTS)('%s: details of another stop are reported', (client) => {
    const { losses } = open({ client, upstream: 'anthropic-messages' }).response({ ...body, stop_reason: 'end_turn' })
    expect(losses).toContainEqual(expect.objectContaining({ path: '#stop_details' }))
  })

  it.each(CLIENTS)('%s: details without a reason are a refusal', (client) => {
    const exchange = open({ client, upstream: 'anthropic-messages' })
    const answered = exchange.response({ ...refusedWhole(), stop_reason: null })
    expect(JSON.stringify(answered.body)).toContain(EXPLANATION)
    expect(answered.stop).toBe('refusal')
  })

  it('stay as they came where a Messages stream is repaired', () => {
    const pair: Pair = { client: 'anthropic-messages', upstream: 'anthropic-messages' }
    const converter = { options: { fixUpstreamStream: true } }
    const sse = messagesSse(
      wire.start(),
      ...wire.text(0, 'x'),
      { type: 'message_delta', delta: { stop_details: { ...DETAILS, type: 'new' } }, usage: { output_tokens: 3 } },
      { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 3 } },
      { type: 'message_stop' },
    )
    expect(gather({ ...pair, converter }, sse)).toMatchObject({
      stop_reason: 'end_turn',
      stop_details: { ...DETAILS, type: 'new' },
    })
  })
})

it.each([
  ['anthropic-messages', 'openai-chat', { choices: [{ message: { content: 'x' }, finish_reason: 'a_new_reason' }] }],
  [
    'openai-chat',
    'anthropic-messages',
    { type: 'message', content: [{ type: 'text', text: 'x' }], stop_reason: 'a_new_reason' },
  ],
] as const)('a reason to stop that nobody knows is reported: %s < %s', (client, upstream, body) => {
  const { losses, stop } = open({ client, upstream }).response(body)
  expect(stop).toBe('unknown')
  expect(losses).toContainEqual(expect.objectContaining({ path: '#finish', level: 'info' }))
})

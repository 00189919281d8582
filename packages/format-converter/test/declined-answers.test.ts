import { describe, expect, it } from 'vitest'

import { messagesSse, wire } from './catalogue/harness.ts'
import { gather, open, plain, pour } from './support/exchanges.ts'
import { judge } from './support/judges.ts'
import type { Pair } from './support/pairs.ts'

const PAIR: Pair = { client: 'openai-responses', upstream: 'anthropic-messages' }
const EXPLANATION = 'This asks for something harmful.'

/** A Messages stream that ends in a refusal. */
function refused(...texts: readonly string[]): string {
  const details = { type: 'refusal', category: null, explanation: EXPLANATION }
  return messagesSse(
    wire.start(),
    ...texts.flatMap((text, index) => wire.text(index, text)),
    {
      type: 'message_delta',
      delta: { stop_reason: 'refusal', stop_sequence: null, stop_details: details },
      usage: { output_tokens: 3 },
    },
    { type: 'message_stop' },
  )
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
    const { body } = open(PAIR).response({
      id: 'msg_1',
      type: 'message',
      role: 'assistant',
      model: 'm',
      content: [{ type: 'text', text: EXPLANATION }],
      stop_reason: 'refusal',
      stop_sequence: null,
      stop_details: { type: 'refusal', category: null, explanation: EXPLANATION },
      usage: { input_tokens: 1, output_tokens: 1 },
    })
    expect(plain(body)).toMatchObject({
      status: 'completed',
      output: [{ content: [{ type: 'output_text' }, { type: 'refusal', refusal: EXPLANATION }] }],
    })
  })

  it('reports what of its details OpenAI does not tell', () => {
    const exchange = open({ client: 'openai-chat', upstream: 'anthropic-messages' })
    const details = { type: 'refusal', category: null, explanation: EXPLANATION, fallback_credit_token: 'token' }
    const { losses } = exchange.response({
      type: 'message',
      role: 'assistant',
      content: [],
      stop_reason: 'refusal',
      stop_details: details,
      usage: { input_tokens: 1, output_tokens: 1 },
    })
    expect(losses.map(({ path }) => path)).toContain('#stop_details')
  })
})

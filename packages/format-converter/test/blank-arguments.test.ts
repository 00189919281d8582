import { describe, expect, it } from 'vitest'

import type { Loose } from '../src/testing/loose.ts'
import { chatSse, chunk } from './catalogue/harness.ts'
import { explode, gather, open, pour, unnamedSse } from './support/exchanges.ts'
import { comparable, judge } from './support/judges.ts'
import type { Pair } from './support/pairs.ts'

const CHAT = chatSse(
  chunk({ tool_calls: [{ index: 0, id: 'call_a', type: 'function', function: { name: 'now', arguments: ' ' } }] }),
  chunk({ tool_calls: [{ index: 0, function: { arguments: '\n' } }] }, 'tool_calls'),
)

const ITEM = { id: 'fc_1', type: 'function_call', call_id: 'call_a', name: 'now', arguments: ' \n' }
const RESPONSE = { id: 'resp_1', object: 'response', model: 'm', status: 'in_progress', output: [] }
const RESPONSES = unnamedSse(
  { type: 'response.created', response: RESPONSE },
  { type: 'response.output_item.added', output_index: 0, item: { ...ITEM, arguments: '' } },
  { type: 'response.function_call_arguments.delta', output_index: 0, item_id: 'fc_1', delta: ' ' },
  { type: 'response.function_call_arguments.delta', output_index: 0, item_id: 'fc_1', delta: '\n' },
  { type: 'response.output_item.done', output_index: 0, item: ITEM },
  { type: 'response.completed', response: { ...RESPONSE, status: 'completed', output: [ITEM] } },
)

const CASES: readonly (readonly [Pair, string, (answer: Loose) => unknown])[] = [
  [{ client: 'anthropic-messages', upstream: 'openai-chat' }, CHAT, ({ content }) => content[0].input],
  [{ client: 'openai-responses', upstream: 'openai-chat' }, CHAT, ({ output }) => JSON.parse(output[0].arguments)],
  [{ client: 'anthropic-messages', upstream: 'openai-responses' }, RESPONSES, ({ content }) => content[0].input],
  [
    { client: 'openai-chat', upstream: 'openai-responses' },
    RESPONSES,
    ({ choices }) => JSON.parse(choices[0].message.tool_calls[0].function.arguments),
  ],
]

describe('arguments of a call that are nothing but white space', () => {
  it.each(CASES)('are an empty object: %o', async (pair, sse, inputOf) => {
    const streamed = comparable(pair.client, await judge(pair.client, pour(pair, sse)))
    expect(inputOf(streamed)).toEqual({})
    expect(inputOf(gather(pair, sse))).toEqual({})
  })
})

/** A whole Chat answer with one call. */
const body = (text: string): Loose => ({
  id: 'c1',
  object: 'chat.completion',
  choices: [
    {
      index: 0,
      message: {
        role: 'assistant',
        content: null,
        tool_calls: [{ id: 'a', type: 'function', function: { name: 'now', arguments: text } }],
      },
      finish_reason: 'tool_calls',
    },
  ],
})

describe('arguments that are no object, in a whole answer for a client that streams', () => {
  const pair: Pair = { client: 'anthropic-messages', upstream: 'openai-chat' }

  it.each([' ', 'null', '[1]', '"{\\"a\\":1}"', 'not JSON'])(
    'become what they are for one that does not: %j',
    async (text) => {
      const whole = open(pair).response(body(text)).body.content
      for (const sse of [explode(pair, body(text)), pour(pair, JSON.stringify(body(text)))]) {
        expect((await judge(pair.client, sse)).content).toEqual(whole)
      }
    },
  )
})

import { describe, expect, it } from 'vitest'

import type { Loose } from '../src/testing/loose.ts'
import { chatSse, chunk } from './catalogue/harness.ts'
import { gather, lossesOf, open, pour } from './support/exchanges.ts'
import { judge } from './support/judges.ts'
import type { Pair } from './support/pairs.ts'

const CHAT_TO_MESSAGES: Pair = { client: 'anthropic-messages', upstream: 'openai-chat' }
const CHAT_TO_RESPONSES: Pair = { client: 'openai-responses', upstream: 'openai-chat' }

const ODD = 'functions.look:0'
const LONG = 'x'.repeat(90)

function callOf(index: number, id: string): Loose {
  return chunk({ tool_calls: [{ index, id, type: 'function', function: { name: 'look', arguments: '{}' } }] })
}

const CALLS = chatSse(callOf(0, ODD), callOf(1, LONG), chunk({}, 'tool_calls'))

function messagesIds(message: Loose): readonly string[] {
  return message.content.map((block: Loose) => block.id)
}

describe('the id of a call, as a client sees it', () => {
  it('a Messages client gets ids of the characters that its format takes, however long', async () => {
    const ids = messagesIds(await judge('anthropic-messages', pour(CHAT_TO_MESSAGES, CALLS)))
    expect(ids).toEqual([expect.stringMatching(/^functions_look_0_[\da-f]{8}$/), LONG])
    expect(messagesIds(gather(CHAT_TO_MESSAGES, CALLS))).toEqual(ids)
    expect(lossesOf(CHAT_TO_MESSAGES, CALLS)).toEqual(['tool_id_rewritten #tool-call'])
  })

  it('a client of the Responses format gets ids of at most 64 characters, whatever they are', async () => {
    const { output }: Loose = await judge('openai-responses', pour(CHAT_TO_RESPONSES, CALLS))
    expect(output.map((item: Loose) => item.call_id)).toEqual([ODD, expect.stringMatching(/^call_[\da-f]{32}$/)])
  })

  it('two calls of one id stay within the limit', async () => {
    const twice = chatSse(callOf(0, LONG.slice(0, 64)), callOf(1, LONG.slice(0, 64)), chunk({}, 'tool_calls'))
    const { output }: Loose = await judge('openai-responses', pour(CHAT_TO_RESPONSES, twice))
    expect(output.map((item: Loose) => item.call_id)).toEqual([
      LONG.slice(0, 64),
      expect.stringMatching(/^call_[\da-f]{32}$/),
    ])
  })

  it('call and result go back under the one id that the client saw', () => {
    const [id] = messagesIds(gather(CHAT_TO_MESSAGES, CALLS))
    const { messages }: Loose = open({
      ...CHAT_TO_MESSAGES,
      request: {
        tools: [{ name: 'look', input_schema: { type: 'object' } }],
        messages: [
          { role: 'user', content: 'x' },
          { role: 'assistant', content: [{ type: 'tool_use', id: id ?? '', name: 'look', input: {} }] },
          { role: 'user', content: [{ type: 'tool_result', tool_use_id: id ?? '', content: 'seen' }] },
        ],
      },
    }).request
    expect(messages[1].tool_calls[0].id).toBe(id)
    expect(messages[2].tool_call_id).toBe(id)
  })
})

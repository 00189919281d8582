import { describe, expect, it } from 'vitest'

import type { JsonObject } from '../../src/index.ts'
import { CHAT_TO_MESSAGES, chatSse, chunk, convertStream, convertWhole, messagesSse, type Pair } from './harness.ts'

const CALL = { index: 0, id: 'call_a', type: 'function', function: { name: 'w', arguments: '{}' } }
const RESPONSES_TO_MESSAGES: Pair = { client: 'anthropic-messages', upstream: 'openai-responses' }

const RESPONSE: JsonObject = {
  id: 'resp_1',
  object: 'response',
  status: 'completed',
  model: 'up-model',
  output: [
    { id: 'msg_1', type: 'message', role: 'assistant', content: [{ type: 'refusal', refusal: 'No.' }] },
    { id: 'fc_1', type: 'function_call', call_id: 'call_a', name: 'w', arguments: '{}' },
  ],
}

/** A model that declines in words and calls a tool beside has not ended its turn: whoever runs tools must see the call. */
describe('3.2 a refusal and a call in one answer', () => {
  it.each([
    ['one chunk', [chunk({ refusal: 'No.', tool_calls: [CALL] }, 'stop')]],
    ['several chunks', [chunk({ refusal: 'No.' }), chunk({ tool_calls: [CALL] }), chunk({}, 'stop')]],
  ])('of a Chat stream in %s end in tool_use', (_name, chunks) => {
    const { events, stream } = convertStream(CHAT_TO_MESSAGES, chatSse(...chunks))
    expect(stream.stop).toBe('tool')
    const end = events.find(({ data }) => data.type === 'message_delta')
    expect(end?.data.delta).toMatchObject({ stop_reason: 'tool_use', stop_details: null })
  })

  it('of a whole Chat answer end in tool_use', () => {
    const message = { role: 'assistant', content: null, refusal: 'No.', tool_calls: [CALL] }
    const { stop, body } = convertWhole(CHAT_TO_MESSAGES, { choices: [{ index: 0, message, finish_reason: 'stop' }] })
    expect(stop).toBe('tool')
    expect(body).toMatchObject({ stop_reason: 'tool_use', stop_details: null })
  })

  it('of a response end in tool_use, whole and streamed', () => {
    expect(convertWhole(RESPONSES_TO_MESSAGES, RESPONSE).stop).toBe('tool')
    const sse = messagesSse({ type: 'response.completed', response: RESPONSE })
    expect(convertStream(RESPONSES_TO_MESSAGES, sse).stream.stop).toBe('tool')
  })

  it('a reason of the vendor that is more than a plain stop stays', () => {
    const filtered = convertStream(
      CHAT_TO_MESSAGES,
      chatSse(chunk({ refusal: 'No.', tool_calls: [CALL] }, 'content_filter')),
    )
    expect(filtered.stream.stop).toBe('refusal')
  })
})

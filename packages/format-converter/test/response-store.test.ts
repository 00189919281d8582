import { describe, expect, it } from 'vitest'

import { ConversionError, createConverter, type JsonObject, type ResponseStore } from '../src/index.ts'
import { plain } from './support/exchanges.ts'

const EARLIER: readonly JsonObject[] = [
  { type: 'message', role: 'user', content: 'What time is it?' },
  { type: 'function_call', call_id: 'call_1', name: 'now', arguments: '{}' },
]

const store: ResponseStore = {
  conversationOf: async (id) => (id === 'resp_1' ? EARLIER : undefined),
  itemOf: async (id) => (id === 'msg_1' ? { type: 'message', role: 'user', content: 'From the store.' } : undefined),
}

const converter = createConverter({ client: 'openai-responses', upstream: 'anthropic-messages', store })
const OUTPUT = { type: 'function_call_output', call_id: 'call_1', output: '10:00' }

describe('exchangeAsync', () => {
  it('goes on from an earlier response, and repeats its id in the answer', async () => {
    const exchange = await converter.exchangeAsync({
      model: 'claude-opus-5',
      previous_response_id: 'resp_1',
      input: [OUTPUT],
    })
    expect(plain(exchange.request).messages).toMatchObject([
      { role: 'user', content: [{ text: 'What time is it?' }] },
      { role: 'assistant', content: [{ type: 'tool_use', id: 'call_1', name: 'now' }] },
      { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'call_1', content: '10:00' }] },
    ])
    const { body } = exchange.response({
      id: 'msg_1',
      type: 'message',
      role: 'assistant',
      model: 'm',
      content: [{ type: 'text', text: 'Ten.' }],
      stop_reason: 'end_turn',
      usage: { input_tokens: 1, output_tokens: 1 },
    })
    expect(plain(body).previous_response_id).toBe('resp_1')
  })

  it.each([{ type: 'item_reference', id: 'msg_1' }, { id: 'msg_1' }])(
    'puts an item in the place of %j',
    async (item) => {
      const exchange = await converter.exchangeAsync({ model: 'claude-opus-5', input: [item] })
      expect(plain(exchange.request).messages).toMatchObject([{ content: [{ text: 'From the store.' }] }])
    },
  )

  it.each([
    [{ previous_response_id: 'resp_9', input: 'x' }, '/previous_response_id'],
    [{ input: [{ type: 'item_reference', id: 'msg_9' }] }, '/input/0'],
  ])('refuses what the store does not know: %j', async (body, param) => {
    const refused = converter.exchangeAsync({ model: 'claude-opus-5', ...body })
    await expect(refused).rejects.toBeInstanceOf(ConversionError)
    await expect(refused).rejects.toMatchObject({ kind: 'previous_response_not_found', status: 400, param })
  })

  it('is exchange where nothing is referred to, and where there is no store', async () => {
    const body = { model: 'claude-opus-5', input: 'x' }
    expect((await converter.exchangeAsync(body)).request).toEqual(converter.exchange(body).request)
    const without = createConverter({ client: 'openai-responses', upstream: 'anthropic-messages' })
    await expect(without.exchangeAsync({ ...body, previous_response_id: 'resp_1' })).rejects.toMatchObject({
      kind: 'unsupported_feature',
    })
  })

  it('leaves a request alone that stays in its format', async () => {
    const same = createConverter({ client: 'openai-responses', upstream: 'openai-responses', store })
    const body = { model: 'gpt-5.2', previous_response_id: 'resp_9', input: 'x' }
    expect((await same.exchangeAsync(body)).request).toBe(body)
  })
})

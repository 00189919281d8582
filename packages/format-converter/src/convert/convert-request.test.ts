import { expect, test } from 'vitest'

import { createConverter } from '../index.ts'

test('an answer repeats what the client had asked, where the caller has changed it since', () => {
  const converter = createConverter({ client: 'openai-responses', upstream: 'openai-chat' })
  const input = [{ type: 'message', role: 'user', content: 'Again?' }]
  const exchange = converter.exchange(
    { model: 'gpt-5.2', input, previous_response_id: null },
    { repeats: { previous_response_id: 'resp_1', store: true } },
  )
  const choices = [{ index: 0, message: { role: 'assistant', content: 'Yes.' }, finish_reason: 'stop' }]
  const { body } = exchange.response({ id: 'c', object: 'chat.completion', created: 1, model: 'm', choices })
  expect(body).toMatchObject({ previous_response_id: 'resp_1', store: true })
  expect(exchange.request).not.toHaveProperty('previous_response_id')
})

test('a compacted conversation of a Responses upstream is an answer of its own format', () => {
  const converter = createConverter({ client: 'openai-responses', upstream: 'openai-responses' })
  const body = { id: 'resp_1', object: 'response.compaction', output: [], usage: { input_tokens: 5, output_tokens: 1 } }
  const answer = converter.exchange({ model: 'gpt-5.2', input: 'Hello' }).response(body)
  expect(answer.body).toBe(body)
  expect(answer.usage).toMatchObject({ inputUncached: 5, output: 1 })
})

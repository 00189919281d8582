/**
 * The Anthropic SDK works with a server that speaks Chat Completions: the model asks for a tool, the program runs it, and
 * the streamed answer makes use of the result.
 */
import assert from 'node:assert/strict'

import Anthropic from '@anthropic-ai/sdk'
import { createFetch } from '@relay/format-converter/fetch'

import { openUpstream } from '../support/fake-server.ts'

const upstream = await openUpstream('openai-chat', (body) =>
  body.includes('21 degrees')
    ? { text: 'It is warm in Lisbon: 21 degrees.' }
    : { toolCalls: [{ id: 'call_1', name: 'get_weather', arguments: { city: 'Lisbon' } }] },
)

const client = new Anthropic({
  apiKey: 'stays here',
  fetch: createFetch({
    client: 'anthropic-messages',
    upstream: 'openai-chat',
    baseURL: upstream.url,
    headers: { authorization: `Bearer ${upstream.key}` },
    onLoss: ({ level, code, path }) => console.log(`loss: ${level} ${code} ${path}`),
  }),
})

const messages: Anthropic.MessageParam[] = [{ role: 'user', content: 'How warm is it in Lisbon?' }]
const asked = {
  model: upstream.model,
  max_tokens: 1000,
  tools: [
    {
      name: 'get_weather',
      description: 'The weather in a city, now.',
      input_schema: { type: 'object' as const, properties: { city: { type: 'string' } }, required: ['city'] },
    },
  ],
}

const first = await client.messages.create({ ...asked, messages })
const call = first.content.find((block) => block.type === 'tool_use')
assert(call !== undefined, 'the model asks for the tool')
console.log(`tool: ${call.name} ${JSON.stringify(call.input)}`)

messages.push(
  { role: 'assistant', content: first.content },
  { role: 'user', content: [{ type: 'tool_result', tool_use_id: call.id, content: '21 degrees, clear' }] },
)
const answer = await client.messages.stream({ ...asked, messages }).finalText()
console.log(`answer: ${answer}`)

upstream.close()
if (upstream.isFake) {
  assert.deepEqual(call.input, { city: 'Lisbon' })
  assert.equal(first.stop_reason, 'tool_use')
  assert.equal(answer, 'It is warm in Lisbon: 21 degrees.')
}

/**
 * The OpenAI SDK works with a server that speaks Anthropic's Messages: whole, streamed, by Chat Completions and by
 * Responses; and an error of the server is an error of the SDK.
 */
import assert from 'node:assert/strict'

import { createFetch } from '@relay/format-converter/fetch'
import OpenAI, { BadRequestError } from 'openai'

import { openUpstream } from '../support/fake-server.ts'

const upstream = await openUpstream('anthropic-messages', () => ({ text: 'A relay passes things on.' }))

function clientFor(client: 'openai-chat' | 'openai-responses'): OpenAI {
  const { url: baseURL, key } = upstream
  const fetch = createFetch({ client, upstream: 'anthropic-messages', baseURL, headers: { 'x-api-key': key } })
  return new OpenAI({ apiKey: 'stays here', fetch })
}

const question = 'What does a relay do?'
const chat = clientFor('openai-chat')
const completion = await chat.chat.completions.create({
  model: upstream.model,
  messages: [{ role: 'user', content: question }],
})
const whole = completion.choices[0]?.message.content
console.log(`chat: ${whole} (${completion.usage?.total_tokens} tokens)`)

let streamed = ''
const chunks = await chat.chat.completions.create({
  model: upstream.model,
  messages: [{ role: 'user', content: question }],
  stream: true,
})
for await (const chunk of chunks) streamed += chunk.choices[0]?.delta.content ?? ''
console.log(`chat, streamed: ${streamed}`)

const response = await clientFor('openai-responses').responses.create({
  model: upstream.model,
  input: question,
  store: false,
})
console.log(`responses: ${response.output_text}`)

const choices = chat.chat.completions.create({
  model: upstream.model,
  messages: [{ role: 'user', content: question }],
  n: 2,
})
const refusal = await choices.then(
  () => undefined,
  (error: unknown) => error,
)
console.log(`two choices at once: ${String(refusal)}`)

upstream.close()
assert(refusal instanceof BadRequestError, 'Messages has no `n`: that is refused, not forgotten')
if (upstream.isFake) {
  assert.equal(whole, 'A relay passes things on.')
  assert.equal(completion.usage?.total_tokens, 18)
  assert.equal(streamed, whole)
  assert.equal(response.output_text, whole)
}

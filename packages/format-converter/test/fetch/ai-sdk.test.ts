import { createAnthropic } from '@ai-sdk/anthropic'
import { createOpenAI } from '@ai-sdk/openai'
import { generateText, streamText, type LanguageModel } from 'ai'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { createFetch } from '../../src/fetch/index.ts'
import type { FormatName } from '../../src/index.ts'
import { chat, messages, startLoopback, type Loopback } from './loopback.ts'

let server: Loopback
beforeAll(async () => {
  server = await startLoopback()
})
afterAll(() => server.close())

function fetchFrom(client: FormatName, upstream: FormatName): typeof fetch {
  return createFetch({ client, upstream, baseURL: server.url, headers: { authorization: 'Bearer server' } })
}

const MODELS: Readonly<Record<string, () => LanguageModel>> = {
  'the Anthropic provider and a Chat server': () =>
    createAnthropic({ apiKey: 'sdk', fetch: fetchFrom('anthropic-messages', 'openai-chat') })('some-model'),
  'the OpenAI provider and a Messages server': () =>
    createOpenAI({ apiKey: 'sdk', fetch: fetchFrom('openai-responses', 'anthropic-messages') })('some-model'),
  'the Chat model of the OpenAI provider and a Messages server': () =>
    createOpenAI({ apiKey: 'sdk', fetch: fetchFrom('openai-chat', 'anthropic-messages') }).chat('some-model'),
}

test.for(Object.entries(MODELS))('the AI SDK: %s', async ([name, model]) => {
  server.answer(name.endsWith('Chat server') ? chat('Hello over there.') : messages('Hello over there.'))
  const whole = await generateText({ model: model(), prompt: 'Say hello.', maxOutputTokens: 100 })
  expect(whole.text).toBe('Hello over there.')
  expect(whole.usage).toMatchObject({ inputTokens: 9, outputTokens: 3 })
  const streamed = streamText({ model: model(), prompt: 'Say hello.', maxOutputTokens: 100 })
  expect(await streamed.text).toBe('Hello over there.')
  expect(await streamed.finishReason).toBe('stop')
  expect(JSON.stringify(server.calls.map(({ headers }) => headers))).not.toContain('sdk"')
})

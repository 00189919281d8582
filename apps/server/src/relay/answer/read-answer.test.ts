import { createConverter, type FormatName } from '@relay/format-converter'
import { expect, onTestFinished, test, vi } from 'vitest'

import { readAnswer } from './read-answer.ts'

const FORMATS: { readonly client: FormatName; readonly upstream: FormatName } = {
  client: 'anthropic-messages',
  upstream: 'openai-chat',
}
const exchange = createConverter(FORMATS).exchange({
  model: 'm',
  max_tokens: 10,
  messages: [{ role: 'user', content: 'hi' }],
})

function answerWith(more: string): Uint8Array {
  const choices = '[{"index":0,"message":{"role":"assistant","content":"hi"},"finish_reason":"stop"}]'
  return Buffer.from(`{"id":"c1","object":"chat.completion","created":1,"model":"m","choices":${choices},"x":${more}}`)
}

test('an answer with many probabilities is read', () => {
  const body = answerWith(`[${'{"token":"a","logprob":-1.5,"bytes":[97]},'.repeat(100_000)}1]`)
  expect(readAnswer(exchange, { body, isSse: false }).upstreamModel).toBe('m')
})

test.for([
  ['millions of lists', `[${'[],'.repeat(6_000_000)}1]`],
  ['thousands of levels', `${'['.repeat(300_000)}${']'.repeat(300_000)}`],
] as const)('an answer of %s is refused before it is parsed', ([, more]) => {
  const body = answerWith(more)
  const parse = vi.spyOn(JSON, 'parse')
  onTestFinished(() => parse.mockRestore())
  expect(() => readAnswer(exchange, { body, isSse: false })).toThrow(expect.objectContaining({ kind: 'overflow' }))
  expect(parse).not.toHaveBeenCalled()
})

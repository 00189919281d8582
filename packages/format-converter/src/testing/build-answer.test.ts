import { describe, expect, test } from 'vitest'

import { createConverter } from '../convert/create-converter.ts'
import { buildAnswer } from './build-answer.ts'
import { everyCut, withComments, withCrlf } from './cut-stream.ts'

const FORMATS = ['anthropic-messages', 'openai-chat', 'openai-responses'] as const
const CONTENT = {
  text: 'Let me look at the weather. 🌦️',
  toolCalls: [{ id: 'call_1', name: 'weather', arguments: { city: 'Köln' } }],
  inputTokens: 20,
  outputTokens: 30,
}

describe.for(FORMATS)('an answer of %s', (upstream) => {
  const { body, stream } = buildAnswer(upstream, CONTENT)
  const ask = { model: 'm', messages: [{ role: 'user', content: 'weather?' }] }
  const exchange = createConverter({
    client: 'openai-chat',
    upstream,
    ids: () => 'x'.repeat(24),
    now: () => 0,
  }).exchange(ask)

  function collect(text: string, cut: (bytes: Uint8Array) => readonly Uint8Array[]): object {
    const aggregator = exchange.aggregate()
    for (const piece of cut(new TextEncoder().encode(text))) aggregator.push(piece)
    return aggregator.end().body
  }

  test('says what was asked for', () => {
    const message = exchange.response(body).body.choices[0]?.message
    expect(message?.content).toBe(CONTENT.text)
    expect(message?.tool_calls?.[0]?.function).toEqual({ name: 'weather', arguments: '{"city":"Köln"}' })
  })

  test('is the same whole and as a stream, however it arrives', () => {
    const whole = collect(stream, (bytes) => [bytes])
    expect(whole).toMatchObject({ choices: exchange.response(body).body.choices })
    for (const variant of [stream, withCrlf(stream), withComments(stream)]) {
      for (const pieces of everyCut(new TextEncoder().encode(variant)).slice(0, 20))
        expect(collect('', () => pieces)).toEqual(whole)
    }
  })
})

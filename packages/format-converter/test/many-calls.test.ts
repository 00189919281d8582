import { expect, test } from 'vitest'

import { createConverter, type FormatName, type JsonObject, type JsonValue } from '../src/index.ts'

/** More than a function takes as arguments: what is spread into a call overflows the stack. */
const IDS = Array.from({ length: 150_000 }, (_, index) => `call_${index}`)

const HELLO = { role: 'user', content: 'Hi.' }

/** A request with one round of as many calls. */
const BODIES: Readonly<Record<Exclude<FormatName, 'gemini'>, JsonObject>> = {
  'anthropic-messages': {
    model: 'm',
    max_tokens: 5,
    messages: [
      HELLO,
      { role: 'assistant', content: IDS.map((id) => ({ type: 'tool_use', id, name: 'read', input: {} })) },
      { role: 'user', content: IDS.map((id) => ({ type: 'tool_result', tool_use_id: id, content: 'x' })) },
    ],
  },
  'openai-chat': {
    model: 'm',
    messages: [
      HELLO,
      {
        role: 'assistant',
        tool_calls: IDS.map((id) => ({ id, type: 'function', function: { name: 'read', arguments: '{}' } })),
      },
      ...IDS.map((id): JsonValue => ({ role: 'tool', tool_call_id: id, content: 'x' })),
    ],
  },
  'openai-responses': {
    model: 'm',
    input: [
      HELLO,
      ...IDS.map((id): JsonValue => ({ type: 'function_call', call_id: id, name: 'read', arguments: '{}' })),
      ...IDS.map((id): JsonValue => ({ type: 'function_call_output', call_id: id, output: 'x' })),
    ],
  },
}

test.for<[client: keyof typeof BODIES, upstream: keyof typeof BODIES]>([
  ['anthropic-messages', 'openai-chat'],
  ['anthropic-messages', 'openai-responses'],
  ['openai-chat', 'anthropic-messages'],
  ['openai-chat', 'openai-responses'],
  ['openai-responses', 'anthropic-messages'],
  ['openai-responses', 'openai-chat'],
])('%s to %s: all calls of a round are carried, however many', { timeout: 60_000 }, ([client, upstream]) => {
  const { request } = createConverter({ client, upstream }).exchange(BODIES[client])
  const text = JSON.stringify(request)
  expect(text.split('"call_149999"')).toHaveLength(3) // the last call and its result
})

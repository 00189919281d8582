import { expect, test } from 'vitest'

import type { ServerTool } from '../model/chat-request.ts'
import type { JsonObject } from '../model/json.ts'
import { adapt, parametersOf, requestOf, type AdaptInit, type Said } from '../testing/request-builder.ts'

/** So many that work which grows with the square of it would not end within a test's time. */
const MANY = 60_000

const CLAUDE: AdaptInit = { to: 'anthropic-messages', model: 'claude-sonnet-4-5' }
const MID_SYSTEM: AdaptInit = { to: 'anthropic-messages', model: 'claude-opus-5' }
const CHAT: AdaptInit = { to: 'openai-chat', model: 'gpt-4o' }

function repeat(...said: readonly Said[]): Said[] {
  return Array.from({ length: MANY }, () => said).flat()
}

test.for([CLAUDE, MID_SYSTEM, CHAT])('endless neighbours and reminders end, for $model', (init) => {
  const from = init === CHAT ? 'anthropic-messages' : 'openai-chat'
  const { request } = adapt(requestOf(from, [['user', 'go'], ...repeat(['user', 'a'], ['operator', 'b'])]), init)
  expect(request.turns.length).toBeGreaterThan(0)
})

test.for([CLAUDE, CHAT])('endless calls of one id end, for $model', (init) => {
  const from = init === CHAT ? 'anthropic-messages' : 'openai-chat'
  const calls = Array.from(
    { length: MANY },
    () => ({ type: 'tool-call', id: 'a', name: 'look', arguments: '{}', form: 'json' }) as const,
  )
  const results = calls.map(() => ({ type: 'tool-result', callId: 'a', form: 'json', parts: [] }) as const)
  const { request } = adapt(
    requestOf(from, [
      ['user', 'go'],
      ['assistant', calls],
      ['user', results],
    ]),
    init,
  )
  expect(request.turns[2]?.parts.length).toBe(MANY)
})

test('endless images of the assistant end', () => {
  const image = { type: 'image', source: { type: 'url', url: 'https://example.com/a.png' } } as const
  const { request } = adapt(
    requestOf('openai-chat', [['user', 'go'], ...repeat(['assistant', [image, { type: 'text', text: 'x' }]])]),
    CLAUDE,
  )
  expect(request.turns.at(-1)?.parts.length).toBe(MANY)
})

test('endless tools end', () => {
  const search: ServerTool = {
    type: 'server',
    format: 'openai-chat',
    kind: 'web-search',
    name: 'web_search',
    raw: {},
    path: '/tools/0',
  }
  const tools = Array.from({ length: MANY }, () => search)
  const { request } = adapt(requestOf('openai-chat', [['user', 'go']], { tools }), CLAUDE)
  expect(request.tools).toHaveLength(1)
})

test('a schema with endless properties ends', () => {
  const names = Array.from({ length: MANY }, (_, index) => `p${index}`)
  const schema: JsonObject = {
    type: 'object',
    properties: Object.fromEntries(names.map((name) => [name, { type: 'string' }])),
    required: names,
    additionalProperties: false,
  }
  const tools = [
    { type: 'function', name: 'look', strict: true, parameters: { anyOf: [schema, schema] }, path: '/tools/0' },
  ] as const
  const { request } = adapt(requestOf('anthropic-messages', [['user', 'go']], { tools }), CHAT)
  expect(request.tools).toHaveLength(1)
})

test('names that objects inherit are names like any other', () => {
  const parameters: JsonObject = JSON.parse(
    '{"type":"object","properties":{"__proto__":{"type":"string"},"constructor":{"$ref":"#/$defs/toString"}}}',
  )
  const tools = [{ type: 'function', name: '__proto__', parameters, path: '/tools/0' }] as const
  const said: Said[] = [
    ['user', 'go'],
    [
      'assistant',
      [{ type: 'tool-call', id: '__proto__', name: 'constructor', arguments: '{"__proto__":1}', form: 'json' }],
    ],
  ]
  const { request, toolNames } = adapt(
    requestOf('openai-chat', said, { tools, parameters: parametersOf({ logitBias: {} }) }),
    CLAUDE,
  )
  expect(JSON.stringify(request.tools)).toContain('"properties":{"__proto__":{"type":"string"},"constructor":{}}')
  expect(toolNames.restore('toString')).toBeUndefined()
  expect(request.turns[2]?.parts[0]).toMatchObject({ type: 'tool-result', callId: '__proto__' })
})

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

test.for([
  [128, 'one after the other', (inner: JsonObject): JsonObject => ({ items: inner })],
  [64, 'in properties', (inner: JsonObject): JsonObject => ({ type: 'object', properties: { a: inner } })],
  [43, 'in unions', (inner: JsonObject): JsonObject => ({ type: 'object', items: { anyOf: [inner] } })],
] as const)('%i schemas %s are taken, deeper ones are an overflow', ([levels, , around]) => {
  const schemaOf = (depth: number): JsonObject => {
    let schema: JsonObject = { type: 'string' }
    for (let level = 1; level < depth; level += 1) schema = around(schema)
    return { type: 'object', ...schema }
  }
  const deep = (depth: number): unknown => {
    const tools = [{ type: 'function', name: 'look', parameters: schemaOf(depth), path: '/tools/0' }] as const
    return adapt(requestOf('openai-chat', [['user', 'go']], { tools }), CLAUDE).request.tools
  }
  expect(deep(levels)).toHaveLength(1)
  expect(() => deep(levels + 1)).toThrow(expect.objectContaining({ kind: 'overflow', status: 502 }))
})

test('256 free-text tools travel as functions, more are an overflow', () => {
  const free = Array.from(
    { length: 257 },
    (_, index) => ({ type: 'custom', name: `t${index}`, path: `/tools/${index}` }) as const,
  )
  const bridged = (count: number): unknown =>
    adapt(requestOf('openai-responses', [['user', 'go']], { tools: free.slice(0, count) }), CLAUDE).request.tools
  expect(bridged(256)).toHaveLength(256)
  expect(() => bridged(257)).toThrow(expect.objectContaining({ kind: 'overflow', param: '/tools/256' }))
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

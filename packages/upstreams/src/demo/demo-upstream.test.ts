import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { startDemoUpstream } from './demo-upstream.ts'
import type { DemoUpstream } from './demo-upstream.ts'
import { fillFromSchema } from './fill-from-schema.ts'

let demo: DemoUpstream

beforeAll(async () => {
  demo = await startDemoUpstream({ chunkDelayMs: 0 })
})

afterAll(() => demo.close())

const tools = [
  {
    type: 'function',
    function: {
      name: 'get_weather',
      parameters: {
        type: 'object',
        properties: {
          city: { type: 'string' },
          unit: { enum: ['celsius', 'kelvin'] },
          days: { type: 'integer', minimum: 3 },
          note: { type: 'string' },
        },
        required: ['city', 'unit', 'days'],
      },
    },
  },
]

function post(body: unknown): Promise<Response> {
  return fetch(`${demo.url}/v1/chat/completions`, {
    method: 'POST',
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })
}

function user(content: unknown): object {
  return { role: 'user', content }
}

/** The one message of a whole answer. */
async function ask(body: object): Promise<{
  readonly content: string | null
  readonly tool_calls?: readonly { readonly function: { readonly name: string; readonly arguments: string } }[]
}> {
  const { choices } = (await (await post(body)).json()) as {
    choices: [{ message: { content: string | null } }]
  }
  return choices[0].message
}

describe('what it says', () => {
  test('without tools it greets, says what it is and what to do next', async () => {
    const { content } = await ask({ model: 'm', messages: [user('hi')] })
    expect(content).toMatch(/demo account.*relay account add/s)
  })

  test.for(['你好', [{ type: 'text', text: '你好吗' }]])('it answers Chinese in Chinese', async (content) => {
    const answer = await ask({ messages: [user('hi'), { role: 'assistant', content: 'x' }, user(content)] })
    expect(answer.content).toContain('演示账户')
  })

  test('with tools it calls the first one with arguments that fit its schema', async () => {
    const { tool_calls: calls } = await ask({ messages: [user('hi')], tools })
    expect(calls?.[0]?.function.name).toBe('get_weather')
    expect(JSON.parse(calls?.[0]?.function.arguments ?? '')).toEqual({
      city: 'demo',
      unit: 'celsius',
      days: 3,
    })
  })

  test('after a tool result it closes, even when a user message follows the result', async () => {
    const call = { id: 'c', type: 'function', function: { name: 'get_weather', arguments: '{}' } }
    const messages = [
      user('hi'),
      { role: 'assistant', content: null, tool_calls: [call] },
      { role: 'tool', tool_call_id: 'c', content: 'sunny' },
      user('a reminder'),
    ]
    expect((await ask({ messages, tools })).content).toContain('result has arrived')
  })

  test('a tool choice is respected', async () => {
    const second = { type: 'function', function: { name: 'other' } }
    const choice = { type: 'function', function: { name: 'other' } }
    const named = await ask({ messages: [user('hi')], tools: [...tools, second], tool_choice: choice })
    expect(named.tool_calls?.[0]?.function).toEqual({ name: 'other', arguments: '{}' })
    const none = await ask({ messages: [user('hi')], tools, tool_choice: 'none' })
    expect(none.content).toContain('demo account')
  })

  test('a wanted JSON shape is filled', async () => {
    const schema = { type: 'object', properties: { title: { type: 'string' } }, required: ['title'] }
    const format = { type: 'json_schema', json_schema: { name: 'x', schema } }
    const { content } = await ask({ messages: [user('hi')], response_format: format })
    expect(content).toBe('{"title":"demo"}')
  })
})

describe('how it says it', () => {
  interface Chunk {
    readonly choices: readonly {
      readonly delta: {
        readonly content?: string
        readonly tool_calls?: readonly { readonly function: { readonly arguments: string } }[]
      }
      readonly finish_reason: string | null
    }[]
    readonly usage?: Readonly<Record<string, number>>
  }

  async function streamed(body: object): Promise<readonly Chunk[]> {
    const text = await (await post({ ...body, stream: true })).text()
    const frames = text.split('\n\n').filter((frame) => frame !== '')
    expect(frames.at(-1)).toBe('data: [DONE]')
    return frames.slice(0, -1).map((frame) => JSON.parse(frame.replace('data: ', '')) as Chunk)
  }

  test('a stream says the same as the whole answer', async () => {
    const body = { messages: [user('hi')] }
    const chunks = await streamed(body)
    const said = chunks.map((chunk) => chunk.choices[0]?.delta.content ?? '').join('')
    expect(said).toBe((await ask(body)).content)
    expect(chunks.at(-1)?.choices[0]?.finish_reason).toBe('stop')
    expect(chunks.every((chunk) => chunk.usage === undefined)).toBe(true)
  })

  test('a streamed tool call has its id and name first and its arguments in pieces', async () => {
    const chunks = await streamed({ messages: [user('hi')], tools })
    const calls = chunks.flatMap((chunk) => chunk.choices[0]?.delta.tool_calls ?? [])
    expect(calls[0]).toMatchObject({ index: 0, type: 'function', function: { name: 'get_weather' } })
    expect(calls.length).toBeGreaterThan(2)
    const text = calls.map((call) => call.function.arguments).join('')
    expect(JSON.parse(text)).toMatchObject({ city: 'demo' })
    expect(chunks.at(-1)?.choices[0]?.finish_reason).toBe('tool_calls')
  })

  test('usage comes in a last chunk without choices when it was asked for', async () => {
    const options = { stream_options: { include_usage: true } }
    const chunks = await streamed({ messages: [user('hi')], ...options })
    const last = chunks.at(-1)
    const { prompt_tokens: input = NaN, completion_tokens: output = NaN } = last?.usage ?? {}
    expect(last?.choices).toEqual([])
    expect(last?.usage?.['total_tokens']).toBe(input + output)
    expect(output).toBeGreaterThan(10)
  })
})

describe('bad input', () => {
  test.for(['', 'null', '[]', '{"messages":{}}', '{'])('the body %j is refused', async (body) => {
    const response = await post(body)
    expect(response.status).toBe(400)
    expect(await response.json()).toMatchObject({ error: { type: 'invalid_request_error' } })
  })

  test('an unknown path is refused, the model list is there', async () => {
    expect((await fetch(`${demo.url}/v1/other`, { method: 'POST', body: '{}' })).status).toBe(404)
    expect(await (await fetch(`${demo.url}/v1/models`)).json()).toMatchObject({ object: 'list' })
  })

  test('a schema cannot make it endless', () => {
    const loop: Record<string, unknown> = { type: 'object', required: ['a'] }
    loop['properties'] = { a: loop }
    expect(JSON.stringify(fillFromSchema(loop))).toContain('null')
    expect(fillFromSchema({ type: 'array', minItems: 1e9, items: { type: 'null' } })).toHaveLength(50)
    expect(fillFromSchema({ type: ['string', 'null'], minLength: 6 })).toBe('demo--')
    expect(fillFromSchema({ anyOf: [{ type: 'boolean' }] })).toBe(false)
  })
})

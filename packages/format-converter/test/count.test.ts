import { describe, expect, it } from 'vitest'

import { createFetch } from '../src/fetch/index.ts'
import { createConverter } from '../src/index.ts'
import { plain } from './support/exchanges.ts'

const MESSAGES_BODY = {
  model: 'gpt-5.2',
  system: 'Be brief.',
  messages: [{ role: 'user', content: 'Hello there' }],
  tools: [{ name: 'w', input_schema: { type: 'object', properties: {} } }],
  tool_choice: { type: 'any' },
  thinking: { type: 'adaptive' },
  metadata: { user_id: 'me' },
}

const RESPONSES_BODY = {
  model: 'claude-opus-5',
  instructions: 'Be brief.',
  input: 'Hello there',
  tools: [{ type: 'function', name: 'w', parameters: { type: 'object', properties: {} }, strict: false }],
  reasoning: { effort: 'high' },
  service_tier: 'auto',
  user: 'me',
}

describe('a count of Messages at a Responses upstream', () => {
  const counted = createConverter({ client: 'anthropic-messages', upstream: 'openai-responses' }).count(MESSAGES_BODY)

  it('asks with what the endpoint takes, and nothing else', () => {
    expect(plain(counted.question())).toEqual({
      path: '/responses/input_tokens',
      headers: {},
      request: {
        model: 'gpt-5.2',
        instructions: 'Be brief.',
        input: [{ type: 'message', role: 'user', content: [{ type: 'input_text', text: 'Hello there' }] }],
        tools: [{ type: 'function', name: 'w', parameters: { type: 'object', properties: {} }, strict: false }],
        tool_choice: 'required',
        reasoning: { effort: 'medium' },
      },
    })
  })

  it("answers in the client's words", () => {
    expect(counted.response({ object: 'response.input_tokens', input_tokens: 12 })).toEqual({
      inputTokens: 12,
      isEstimated: false,
      body: { input_tokens: 12 },
    })
  })

  it.each([undefined, 'Not Found', {}, { input_tokens: -1 }, { error: { message: 'no' } }])(
    'has no count in %j',
    (body) => expect(counted.response(body)).toBeUndefined(),
  )

  it('has an estimate besides', () => {
    const { inputTokens, isEstimated, body } = counted.estimate()
    expect(inputTokens).toBeGreaterThan(10)
    expect(isEstimated).toBe(true)
    expect(body).toEqual({ input_tokens: inputTokens })
    expect(counted.inputTokens).toBe(inputTokens)
  })
})

describe('a count of Responses at a Messages upstream', () => {
  const counted = createConverter({ client: 'openai-responses', upstream: 'anthropic-messages' }).count(RESPONSES_BODY)

  it('asks with what the endpoint takes, without a limit for the answer', () => {
    const question = counted.question()
    expect(question?.path).toBe('/messages/count_tokens')
    expect(question?.headers).toEqual({ 'anthropic-version': '2023-06-01' })
    expect(plain(question?.request)).toEqual({
      model: 'claude-opus-5',
      system: [{ type: 'text', text: 'Be brief.' }],
      messages: [{ role: 'user', content: [{ type: 'text', text: 'Hello there' }] }],
      tools: [{ name: 'w', input_schema: { type: 'object', properties: {} } }],
      thinking: { type: 'adaptive' },
      output_config: { effort: 'high' },
    })
  })

  it("answers in the client's words", () => {
    expect(counted.response({ input_tokens: 12 })?.body).toEqual({ object: 'response.input_tokens', input_tokens: 12 })
  })
})

describe('other counts', () => {
  it('are estimated where Chat is the upstream', () => {
    const counted = createConverter({ client: 'anthropic-messages', upstream: 'openai-chat' }).count(MESSAGES_BODY)
    expect(counted.question()).toBeUndefined()
  })

  it('pass as they came on the same format, under the model that is sent', () => {
    const converter = createConverter({ client: 'anthropic-messages', upstream: 'anthropic-messages' })
    expect(converter.count(MESSAGES_BODY, { model: 'claude-opus-5' }).question()?.request).toEqual({
      ...MESSAGES_BODY,
      model: 'claude-opus-5',
    })
  })

  it('have no words in Chat', () => {
    const converter = createConverter({ client: 'openai-chat', upstream: 'openai-responses' })
    const counted = converter.count({ model: 'm', messages: [{ role: 'user', content: 'x' }] })
    expect(counted.estimate().body).toBeUndefined()
    expect(counted.question()?.path).toBe('/responses/input_tokens')
  })
})

/** A `fetch` whose server gives one answer, and the addresses that it was called at. */
function asking(answer: () => Response): { readonly fetch: typeof fetch; readonly calls: string[] } {
  const calls: string[] = []
  return {
    calls,
    fetch: createFetch({
      client: 'anthropic-messages',
      upstream: 'openai-responses',
      baseURL: 'https://up.example/v1',
      fetch: async (input) => {
        calls.push(input instanceof Request ? input.url : input.toString())
        return answer()
      },
    }),
  }
}
describe('createFetch', () => {
  const request = { method: 'POST', body: JSON.stringify(MESSAGES_BODY) }
  const url = 'https://api.anthropic.com/v1/messages/count_tokens'

  it('asks a server of another format that can count', async () => {
    const { fetch, calls } = asking(() => Response.json({ object: 'response.input_tokens', input_tokens: 12 }))
    const answer = await fetch(url, request)
    expect(await answer.json()).toEqual({ input_tokens: 12 })
    expect(answer.headers.has('x-relay-estimated')).toBe(false)
    expect(calls).toEqual(['https://up.example/v1/responses/input_tokens'])
  })

  it('estimates where the server has no such endpoint', async () => {
    const { fetch } = asking(() => new Response('not here', { status: 404 }))
    const answer = await fetch(url, request)
    expect(answer.status).toBe(200)
    expect(answer.headers.get('x-relay-estimated')).toBe('1')
  })
})

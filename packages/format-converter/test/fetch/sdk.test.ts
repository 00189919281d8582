import Anthropic, { APIUserAbortError, AuthenticationError, BadRequestError, RateLimitError } from '@anthropic-ai/sdk'
import OpenAI from 'openai'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { createFetch } from '../../src/fetch/index.ts'
import type { FormatName, Loss } from '../../src/index.ts'
import { chat, events, frame, messages, startLoopback, status, type Loopback } from './loopback.ts'

let server: Loopback
beforeAll(async () => {
  server = await startLoopback()
})
afterAll(() => server.close())

const SERVER_KEY = { authorization: 'Bearer the-key-of-the-server' }

function anthropic(upstream: FormatName, losses: Loss[] = []): Anthropic {
  const fetch = createFetch({
    client: 'anthropic-messages',
    upstream,
    baseURL: server.url,
    headers: SERVER_KEY,
    onLoss: (loss) => losses.push(loss),
  })
  return new Anthropic({ apiKey: 'the-key-of-the-sdk', fetch, maxRetries: 0 })
}

function openai(upstream: FormatName): OpenAI {
  const fetch = createFetch({ client: 'openai-chat', upstream, baseURL: `${server.url}/`, headers: () => SERVER_KEY })
  return new OpenAI({ apiKey: 'the-key-of-the-sdk', fetch, maxRetries: 0 })
}

function responses(upstream: FormatName): OpenAI {
  const fetch = createFetch({ client: 'openai-responses', upstream, baseURL: server.url, headers: SERVER_KEY })
  return new OpenAI({ apiKey: 'the-key-of-the-sdk', fetch, maxRetries: 0 })
}

/** A Chat client's fetch to a Messages server that knows the models by other names. */
function fetchChat(): typeof fetch {
  return createFetch({
    client: 'openai-chat',
    upstream: 'anthropic-messages',
    baseURL: server.url,
    model: (requested) => `mapped-${requested}`,
  })
}

const ASK = { model: 'some-model', max_tokens: 64, messages: [{ role: 'user' as const, content: 'Say hello.' }] }

describe('the Anthropic SDK and a Chat server', () => {
  test('a whole answer', async () => {
    server.answer(chat('Hello over there.'))
    const message = await anthropic('openai-chat').messages.create(ASK)
    expect(message.content).toMatchObject([{ type: 'text', text: 'Hello over there.' }])
    expect(message.usage).toMatchObject({ input_tokens: 9, output_tokens: 3 })
    expect(message).toHaveProperty('_request_id', 'req_up')
    expect(server.calls.at(-1)).toMatchObject({
      path: '/v1/chat/completions',
      json: { model: 'some-model', messages: ASK.messages },
    })
  })

  test('a stream', async () => {
    server.answer(chat('Hello over there.'))
    const message = await anthropic('openai-chat').messages.stream(ASK).finalMessage()
    expect(message.content).toMatchObject([{ type: 'text', text: 'Hello over there.' }])
    expect(message.stop_reason).toBe('end_turn')
  })

  test.for(['openai-chat', 'anthropic-messages'] as const)(
    'a stream without its last word ends, although the server keeps the connection: %s',
    async (client) => {
      const finish = { id: 'c', choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] }
      const said = { id: 'c', choices: [{ index: 0, delta: { role: 'assistant', content: 'Hello.' } }] }
      server.answer((response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' })
        response.write(`data: ${JSON.stringify(said)}\n\ndata: ${JSON.stringify(finish)}\n\n`)
      })
      const ask = createFetch({ client, upstream: 'openai-chat', baseURL: server.url })
      const url = client === 'openai-chat' ? 'chat/completions' : 'messages'
      const response = await ask(`http://x/v1/${url}`, {
        method: 'POST',
        body: JSON.stringify({ ...ASK, stream: true }),
      })
      expect(await response.text()).toMatch(/(?:data: \[DONE\]|event: message_stop\ndata: .*)\n\n$/)
    },
  )

  test('the key of the SDK stays here, and so do its other headers', async () => {
    server.answer(chat('Hello.'))
    await anthropic('openai-chat').messages.create(ASK)
    const { headers } = server.calls.at(-1) ?? {}
    expect(headers).toMatchObject(SERVER_KEY)
    expect(JSON.stringify(headers)).not.toContain('the-key-of-the-sdk')
    expect(Object.keys(headers ?? {}).filter((name) => /^(x-|anthropic-)/.test(name))).toEqual([])
  })

  test('an error keeps its meaning', async () => {
    const error = { message: 'slow down', type: 'rate_limit_error', param: null, code: 'rate_limit_exceeded' }
    server.answer(status(429, { error }, { 'retry-after': '2' }))
    const failure = await anthropic('openai-chat')
      .messages.create(ASK)
      .catch((thrown: unknown) => thrown)
    expect(failure).toBeInstanceOf(RateLimitError)
    expect(failure).toMatchObject({ status: 429, error: { type: 'error', error: { type: 'rate_limit_error' } } })
    expect((failure as RateLimitError).headers.get('retry-after')).toBe('2')
  })

  test('a refused key is shown as one: who calls owns it', async () => {
    server.answer(status(401, { error: { message: 'Incorrect API key', code: 'invalid_api_key' } }))
    await expect(anthropic('openai-chat').messages.create(ASK)).rejects.toBeInstanceOf(AuthenticationError)
  })

  test('an error in place of the first event has a real status', async () => {
    server.answer(events([frame({ error: { message: 'busy', type: 'server_error', code: 'server_is_overloaded' } })]))
    const failure = await anthropic('openai-chat')
      .messages.stream(ASK)
      .finalMessage()
      .catch((thrown: unknown) => thrown)
    expect(failure).toMatchObject({ status: 529 })
  })

  test('a stream that breaks after its first event never looks complete', async () => {
    const choices = [{ index: 0, delta: { role: 'assistant', content: 'Hel' }, finish_reason: null }]
    server.answer((response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.write(frame({ id: 'c', object: 'chat.completion.chunk', created: 1, model: 'm', choices }), () =>
        response.destroy(),
      )
    })
    const stream = anthropic('openai-chat').messages.stream(ASK)
    await expect(stream.finalMessage()).rejects.toThrow('the connection was lost')
  })

  test('a body that cannot be converted is refused before anything is sent', async () => {
    const before = server.calls.length
    const bad = { ...ASK, messages: 'none' as unknown as typeof ASK.messages }
    await expect(anthropic('openai-chat').messages.create(bad)).rejects.toBeInstanceOf(BadRequestError)
    expect(server.calls).toHaveLength(before)
  })

  test('tokens are estimated, and the estimate says so', async () => {
    const before = server.calls.length
    const counted = await anthropic('openai-chat').messages.countTokens(ASK).withResponse()
    expect(counted.data.input_tokens).toBeGreaterThan(3)
    expect(counted.response.headers.get('x-relay-estimated')).toBe('1')
    expect(server.calls).toHaveLength(before)
  })

  test('the list of models is the one of the server', async () => {
    server.answer(status(200, { object: 'list', data: [{ id: 'some-model', object: 'model' }] }))
    const page = await anthropic('openai-chat').models.list({ limit: 7 })
    expect(page.data.map(({ id }) => id)).toEqual(['some-model'])
    expect(server.calls.at(-1)).toMatchObject({ method: 'GET', path: '/v1/models?limit=7', headers: SERVER_KEY })
  })

  test('what is not converted is refused in the format of the SDK', async () => {
    const failure = await anthropic('openai-chat')
      .messages.batches.list()
      .catch((thrown: unknown) => thrown)
    expect(failure).toBeInstanceOf(BadRequestError)
    expect(String(failure)).toContain('/v1/messages/batches is not converted')
  })

  test('losses are told to whoever asked for them', async () => {
    server.answer(chat('Hello.'))
    const losses: Loss[] = []
    await anthropic('openai-chat', losses).messages.create({ ...ASK, container: 'c_1' })
    expect(losses.map(({ path }) => path)).toContain('/container')
  })

  test('an abort reaches the server', async () => {
    const gone = Promise.withResolvers<void>()
    const choices = [{ index: 0, delta: { role: 'assistant', content: 'Hel' }, finish_reason: null }]
    server.answer((response) => {
      response.on('close', () => gone.resolve())
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.write(frame({ id: 'c', object: 'chat.completion.chunk', created: 1, model: 'm', choices }))
    })
    const stream = anthropic('openai-chat').messages.stream(ASK)
    stream.on('text', () => stream.abort())
    await expect(stream.finalMessage()).rejects.toBeInstanceOf(APIUserAbortError)
    await gone.promise
  })

  test('an abort before the first event reaches it too', async () => {
    const gone = Promise.withResolvers<void>()
    const controller = new AbortController()
    server.answer((response) => {
      response.on('close', () => gone.resolve())
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.write(': waiting\n\n', () => controller.abort())
    })
    const call = anthropic('openai-chat').messages.create({ ...ASK, stream: true }, { signal: controller.signal })
    await expect(call).rejects.toBeInstanceOf(APIUserAbortError)
    await gone.promise
  })

  test('a redirect is not followed, because it would carry the key away', async () => {
    server.answer((response) => void response.writeHead(307, { location: `${server.url}/elsewhere` }).end())
    const before = server.calls.length
    await expect(anthropic('openai-chat').messages.create(ASK)).rejects.toThrow('give its final address as baseURL')
    expect(server.calls).toHaveLength(before + 1)
  })
})

describe('the OpenAI SDK and a Messages server', () => {
  test('a whole answer', async () => {
    server.answer(messages('Hello over there.'))
    const { choices, usage } = await openai('anthropic-messages').chat.completions.create(ASK)
    expect(choices[0]).toMatchObject({ message: { content: 'Hello over there.' }, finish_reason: 'stop' })
    expect(usage).toMatchObject({ prompt_tokens: 9, completion_tokens: 3 })
    const { path, headers } = server.calls.at(-1) ?? {}
    expect(path).toBe('/v1/messages')
    expect(headers).toMatchObject({ 'anthropic-version': expect.any(String), 'content-type': 'application/json' })
  })

  test('a stream', async () => {
    server.answer(messages('Hello over there.'))
    const completion = await openai('anthropic-messages').chat.completions.stream(ASK).finalChatCompletion()
    expect(completion.choices[0]?.message.content).toBe('Hello over there.')
  })

  test('a server that streams whatever it is asked', async () => {
    server.answer((response, call) => messages('Hello.')(response, { ...call, json: { stream: true } }))
    const { choices } = await openai('anthropic-messages').chat.completions.create(ASK)
    expect(choices[0]?.message.content).toBe('Hello.')
  })

  test('a server that never streams', async () => {
    server.answer((response, call) => messages('Hello.')(response, { ...call, json: {} }))
    const completion = await openai('anthropic-messages').chat.completions.stream(ASK).finalChatCompletion()
    expect(completion.choices[0]?.message.content).toBe('Hello.')
  })
})

describe('the Responses API of the OpenAI SDK', () => {
  const asked = { model: 'some-model', input: 'Say hello.', store: false }

  test.for(['openai-chat', 'anthropic-messages'] as const)('whole and streamed from %s', async (upstream) => {
    server.answer(upstream === 'openai-chat' ? chat('Hello over there.') : messages('Hello over there.'))
    const whole = await responses(upstream).responses.create(asked)
    expect(whole.output_text).toBe('Hello over there.')
    const streamed = await responses(upstream).responses.stream(asked).finalResponse()
    expect(streamed.output_text).toBe('Hello over there.')
  })

  test('tokens are estimated', async () => {
    const counted = await responses('openai-chat').responses.inputTokens.count({ model: 'm', input: 'Say hello.' })
    expect(counted).toMatchObject({ object: 'response.input_tokens', input_tokens: expect.any(Number) })
  })
})

describe('a server of the same format', () => {
  test('gets the very bytes of the SDK, with another key', async () => {
    server.answer(messages('Hello.'))
    const seen: string[] = []
    const inner = createFetch({
      client: 'anthropic-messages',
      upstream: 'anthropic-messages',
      baseURL: server.url,
      headers: { 'X-Api-Key': 'the-key-of-the-server' },
    })
    const fetch: typeof inner = (input, init) => {
      seen.push(typeof init?.body === 'string' ? init.body : '')
      return inner(input, init)
    }
    await new Anthropic({ apiKey: 'the-key-of-the-sdk', fetch }).messages.create(ASK)
    const { body, headers } = server.calls.at(-1) ?? {}
    expect(body).toBe(seen[0])
    expect(headers?.['x-api-key']).toBe('the-key-of-the-server')
    expect(headers?.['anthropic-version']).toEqual(expect.any(String))
    expect(JSON.stringify(headers)).not.toContain('the-key-of-the-sdk')
  })

  test('counts itself', async () => {
    server.answer(status(200, { input_tokens: 123 }))
    expect(await anthropic('anthropic-messages').messages.countTokens(ASK)).toMatchObject({ input_tokens: 123 })
    expect(server.calls.at(-1)?.path).toContain('/v1/messages/count_tokens')
  })

  test('a refused proof is left out in one retry', async () => {
    const refusal = { type: 'invalid_request_error', message: 'Invalid `signature` in `thinking` block' }
    server.answer(status(400, { type: 'error', error: refusal }), messages('Hello.'))
    const before = server.calls.length
    const thought = { type: 'thinking' as const, thinking: 'Hm.', signature: 'c2ln' }
    const message = await anthropic('anthropic-messages').messages.create({
      ...ASK,
      messages: [
        { role: 'user', content: 'hi' },
        { role: 'assistant', content: [thought, { type: 'text', text: 'yes?' }] },
        { role: 'user', content: 'hello' },
      ],
    })
    expect(message.content).toMatchObject([{ text: 'Hello.' }])
    expect(server.calls.slice(before).map(({ body }) => body.includes('c2ln'))).toEqual([true, false])
  })
})

describe('without an SDK', () => {
  test('a Request is taken as well, and the model may be mapped', async () => {
    server.answer(messages('Hello.'))
    const request = new Request('https://anywhere/v1/chat/completions', { method: 'POST', body: JSON.stringify(ASK) })
    const answer = await fetchChat()(request)
    expect(await answer.json()).toMatchObject({ model: 'some-model', choices: [{ message: { content: 'Hello.' } }] })
    expect(server.calls.at(-1)?.json.model).toBe('mapped-some-model')
  })

  test('a body that is no JSON is refused', async () => {
    const answer = await fetchChat()('/v1/chat/completions', { method: 'POST', body: 'hello' })
    expect(answer.status).toBe(400)
    expect(await answer.json()).toMatchObject({ error: { message: 'the body must be a JSON object' } })
  })

  test('a slow reader slows the server down', async () => {
    const delta = { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'x'.repeat(60_000) } }
    const start = { id: 'm', type: 'message', role: 'assistant', model: 'm', content: [], usage: { input_tokens: 1 } }
    let written = 0
    let isStalled = false
    server.answer(async (response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.write(frame({ type: 'message_start', message: start }))
      response.write(frame({ type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } }))
      for (; !isStalled && written < 2_000; written += 1)
        isStalled = !response.write(frame(delta)) && (await stalls(response))
      response.destroy()
    })
    const answer = await fetchChat()('/chat/completions', {
      method: 'POST',
      body: JSON.stringify({ ...ASK, stream: true }),
    })
    await expect.poll(() => isStalled, { timeout: 10_000 }).toBe(true)
    expect(written).toBeLessThan(2_000)
    await answer.body?.cancel()
  })
})

/** The other side reads nothing for a while. */
async function stalls(response: NodeJS.EventEmitter): Promise<boolean> {
  const drained = new Promise<boolean>((resolve) => response.once('drain', () => resolve(false)))
  return Promise.race([drained, new Promise<boolean>((resolve) => setTimeout(() => resolve(true), 500))])
}

import { htmlReply, jsonReply, openAiErrorReply, sseReply } from '@relay/upstreams/testing'
import { describe, expect, test } from 'vitest'

import { accountFor, attemptsOf, openStage } from './harness.ts'

const EMBEDDING = { object: 'list', data: [], usage: { prompt_tokens: 9, total_tokens: 9 } }
const QUESTION = { model: 'm', input: 'x' }
const LIMITED = openAiErrorReply(429, { message: 'slow down', type: 'rate_limit_exceeded' })

describe.concurrent('beside an account that has no such endpoint', () => {
  test.for([
    ['rate limited', LIMITED, 429],
    ['broken', openAiErrorReply(503, { message: 'down', type: 'server_error' }), 503],
  ] as const)('one that is %s is what the client is told of', async ([, answer, status], context) => {
    const stage = openStage(context)
    const upstream = await stage.upstream(answer)
    const claude = await stage.upstream(jsonReply(EMBEDDING))
    const relay = await stage.relay({ accounts: [accountFor(upstream, 'chat'), accountFor(claude, 'claude')] })
    for (let count = 0; count < 2; count += 1) {
      const response = await relay.post('/v1/embeddings', QUESTION)
      expect([response.status, Number(response.headers.get('retry-after')) > 0]).toEqual([status, true])
    }
    expect(claude.requests).toHaveLength(0)
  })

  test.for([404, 405, 501])('one that says so itself is not to blame: %i', async (status, context) => {
    const stage = openStage(context)
    const lacking = await stage.upstream(htmlReply({ status }))
    const upstream = await stage.upstream(jsonReply(EMBEDDING))
    const relay = await stage.relay({
      accounts: [
        accountFor(lacking, 'chat', { name: 'lacking', priority: 1 }),
        accountFor(upstream, 'chat', { name: 'having', priority: 2, models: { m: 'm' } }),
      ],
    })
    expect((await relay.post('/v1/rerank', QUESTION)).status).toBe(200)
    expect((await relay.post('/v1/rerank', { ...QUESTION, model: 'other' })).status).toBe(404)
    const accounts = await relay.store.listAccounts()
    expect(accounts.map(({ state }) => state.cooldowns)).toEqual([[], []])
  })

  test('a model to fall back on is asked for', async (context) => {
    const stage = openStage(context)
    const upstream = await stage.upstream(jsonReply(EMBEDDING))
    const claude = await stage.upstream(jsonReply(EMBEDDING))
    const relay = await stage.relay({
      accounts: [
        accountFor(claude, 'claude', { models: { m: 'm' } }),
        accountFor(upstream, 'chat', { models: { other: 'other' } }),
      ],
    })
    await relay.store.writeSetting('routing', JSON.stringify({ fallbacks: { m: ['other'] } }))
    expect((await relay.post('/v1/embeddings', QUESTION)).status).toBe(200)
    expect(upstream.requests[0]?.json).toMatchObject({ model: 'other' })
  })

  test('a path below the endpoint waits for the account that has it', async (context) => {
    const stage = openStage(context)
    const upstream = await stage.upstream(LIMITED)
    const relay = await stage.relay({ accounts: [accountFor(upstream, 'responses'), accountFor(upstream, 'chat')] })
    for (let count = 0; count < 2; count += 1)
      expect((await relay.post('/v1/responses/compact', QUESTION)).status).toBe(429)
    expect(upstream.requests).toHaveLength(1)
  })
})

describe.concurrent('the settings of an account hold for endpoints that pass', () => {
  test.for([
    ['of an error', jsonReply({ error: { message: 'Engine BUSY' } }, { status: 400 })],
    ['of an error of status 200', jsonReply({ error: { message: 'Engine BUSY' } })],
  ] as const)('its own class %s', async ([, answer], context) => {
    const stage = openStage(context)
    const busy = await stage.upstream(answer)
    const sound = await stage.upstream(jsonReply(EMBEDDING))
    const errorClasses = [{ body: 'engine busy', class: 'rate-limited' }]
    const relay = await stage.relay({
      accounts: [
        accountFor(busy, 'chat', { name: 'busy', priority: 1, errorClasses }),
        accountFor(sound, 'chat', { name: 'sound', priority: 2 }),
      ],
    })
    expect((await relay.post('/v1/embeddings', QUESTION)).status).toBe(200)
    expect(attemptsOf((await relay.records(1))[0])).toMatchObject([{ account: 'busy', reason: 'rate_limit' }, {}])
  })

  test('the name that it sends is recorded and priced, also where the answer names no model', async (context) => {
    const stage = openStage(context)
    const upstream = await stage.upstream(jsonReply(EMBEDDING))
    const models = { m: 'gpt-image-1' }
    const relay = await stage.relay({ accounts: [accountFor(upstream, 'chat', { models })] })
    await relay.post('/v1/embeddings', QUESTION)
    const [record] = await relay.records(1)
    expect(record).toMatchObject({ modelAsked: 'm', modelSent: models.m, costSource: 'computed' })
  })

  test('a form that leaves the model to the service gets the name that the account has for it', async (context) => {
    const stage = openStage(context)
    const upstream = await stage.upstream(jsonReply({ data: [] }))
    const relay = await stage.relay({ accounts: [accountFor(upstream, 'chat', { models: { 'dall-e-2': 'own' } })] })
    const form = new FormData()
    form.set('prompt', 'a boat')
    form.set('image', new File(['\r\n--x\r\n'], 'boat.png'))
    const headers = { 'x-api-key': relay.key }
    const response = await fetch(`${relay.url}/v1/images/edits`, { method: 'POST', headers, body: form })
    expect(response.status).toBe(200)
    const [request] = upstream.requests
    const boundary = /boundary=(.+)/.exec(request?.headers['content-type'] ?? '')?.[1] ?? ''
    const [before, ...parts] = (request?.body ?? Buffer.alloc(0)).toString('latin1').split(`--${boundary}`)
    expect([before, parts.at(-1)?.trim()]).toEqual(['', '--'])
    expect(parts[0]).toMatch(/^\r\ncontent-disposition: form-data; name="model"\r\n\r\nown\r\n$/)
    expect(parts[1]).toMatch(/name="prompt"\r\n\r\na boat\r\n$/)
    expect(parts[2]).toMatch(/name="image".*\r\n\r\n\r\n--x\r\n\r\n$/s)
  })
})

test.for([
  [{ message: 'slow down', code: 429 }, 429],
  [{ message: 'something odd' }, 502],
] as const)('an error under status 200 has the status of its code, else 502: %j', async ([error, status], context) => {
  const stage = openStage(context)
  const upstream = await stage.upstream(jsonReply({ error }))
  const relay = await stage.relay({ accounts: [accountFor(upstream, 'chat')] })
  expect((await relay.post('/v1/embeddings', QUESTION)).status).toBe(status)
  await relay.idle()
})

test('an account’s own class holds for an error in the place of an answer', async (context) => {
  const stage = openStage(context)
  const error = { type: 'invalid_request_error', message: 'Engine BUSY' }
  const busy = await stage.upstream(({ json }) =>
    (json as { readonly stream?: boolean }).stream === true
      ? sseReply(`event: error\ndata: ${JSON.stringify({ type: 'error', error })}\n\n`)
      : jsonReply({ type: 'error', error }),
  )
  const errorClasses = [{ body: 'engine busy', class: 'quota-used-up' }]
  const relay = await stage.relay({ accounts: [accountFor(busy, 'claude', { errorClasses })] })
  for (const stream of [true, false]) {
    const response = await relay.post('/v1/messages', {
      model: 'm',
      max_tokens: 5,
      stream,
      messages: [{ role: 'user', content: 'x' }],
    })
    expect(response.status).toBeGreaterThan(500)
    const [account] = await relay.store.listAccounts()
    expect(account?.state.attention?.reason).toBe('billing')
    await relay.store.clearAccountState(account?.id ?? '')
  }
  expect(busy.requests).toHaveLength(2)
})

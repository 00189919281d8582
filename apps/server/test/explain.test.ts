import { chatAnswer } from '@relay/upstreams/testing'
import { describe, expect, test } from 'vitest'

import { accountFor, openStage, type TestRelay } from './harness.ts'

const ASK = {
  model: 'm-1',
  max_tokens: 100,
  top_k: 5,
  messages: [{ role: 'user', content: 'ping' }],
}

function askOf(content: string): object {
  return { ...ASK, messages: [{ role: 'user', content }] }
}

async function explain(relay: TestRelay, body: unknown): Promise<{ status: number; answer: Record<string, unknown> }> {
  const response = await relay.post('/v1/relay/explain', body)
  return { status: response.status, answer: (await response.json()) as Record<string, unknown> }
}

/** A session of the panel, as its cookie. */
async function signIn({ store }: TestRelay): Promise<string> {
  const user = await store.createAdminUser({
    name: 'admin',
    password: 'a good long password',
    mustChangePassword: false,
  })
  const { token } = await store.createSession({ userId: user.id, address: '127.0.0.1' })
  return `relay-session=${token}`
}

describe('explain', () => {
  test('shows the converted request and its losses; nothing is sent or counted', async (context) => {
    const stage = openStage(context)
    const upstream = await stage.upstream(chatAnswer().script)
    const relay = await stage.relay({
      accounts: [accountFor(upstream, 'chat', { models: { 'm-1': 'gpt-5.2' } })],
      key: { maxConcurrency: 1 },
    })
    const { status, answer } = await explain(relay, { format: 'anthropic-messages', request: ASK })
    expect(status).toBe(200)
    expect(answer).toMatchObject({
      object: 'relay.explanation',
      format: 'anthropic-messages',
      refusal: null,
      sent: { format: 'openai-chat', model: 'gpt-5.2', same_format: false, request: { model: 'gpt-5.2' } },
      expected: { max_output_tokens: 100, cost_usd: expect.any(Number) },
    })
    expect(answer['losses']).toContainEqual(expect.objectContaining({ path: '/top_k' }))
    expect(answer).not.toHaveProperty('routing')
    expect(JSON.stringify(answer)).not.toMatch(/upstream-credential|127\.0\.0\.1|chat upstream/)
    expect(upstream.requests).toHaveLength(0)
    expect(await relay.store.sumUsage()).toMatchObject({ requests: 0 })
  })

  test('takes what is at most 4 MB long: it is free, and must not hold anybody up', async (context) => {
    const stage = openStage(context)
    const relay = await stage.relay({ accounts: [accountFor(await stage.upstream(chatAnswer().script), 'chat')] })
    expect((await explain(relay, askOf('ping '.repeat(600_000)))).status).toBe(200)
    const { status, answer } = await explain(relay, askOf('ping '.repeat(900_000)))
    expect(status).toBe(413)
    expect(JSON.stringify(answer)).toContain('the body is larger than 4 MB')
  })

  test('shows an operator of the panel which account takes it, and why the others do not', async (context) => {
    const stage = openStage(context)
    const upstream = await stage.upstream(chatAnswer().script)
    const relay = await stage.relay({
      accounts: [
        accountFor(upstream, 'chat', { name: 'first', priority: 1 }),
        accountFor(upstream, 'chat', { name: 'off', enabled: false }),
        accountFor(upstream, 'claude', { name: 'other', models: { 'm-2': 'm-2' } }),
      ],
    })
    const cookie = await signIn(relay)
    const response = await fetch(`${relay.url}/v1/relay/explain`, {
      method: 'POST',
      headers: { cookie },
      body: JSON.stringify({ format: 'anthropic-messages', request: ASK }),
    })
    const answer = await response.json()
    expect(answer).toMatchObject({
      sent: { account: 'first', url: `${upstream.url}/v1/chat/completions` },
      routing: {
        candidates: [{ name: 'first', model: 'm-1', isNative: false }],
        // accounts of one instant have no order
        rejected: expect.arrayContaining([
          expect.objectContaining({ name: 'off', reason: 'disabled' }),
          expect.objectContaining({ name: 'other', reason: 'model-not-served' }),
        ]),
      },
    })
    expect(JSON.stringify(answer)).not.toContain('upstream-credential')
  })

  test('shows the holder of a token as much, where the token is for that', async (context) => {
    const stage = openStage(context)
    const relay = await stage.relay({ accounts: [accountFor(await stage.upstream(), 'chat', { name: 'first' })] })
    const tokenFor = async (scope: string): Promise<string> => {
      const user = { name: scope, password: 'a good long password', mustChangePassword: false }
      const { id } = await relay.store.createAdminUser(user)
      return (await relay.store.createApiToken({ userId: id, name: scope, scopes: [scope] })).secret
    }
    const ask = async (headers: Readonly<Record<string, string>>): Promise<Response> =>
      fetch(`${relay.url}/v1/relay/explain`, { method: 'POST', headers, body: JSON.stringify(ASK) })

    const authorization = `Bearer ${await tokenFor('conversion:read')}`
    const routing = { candidates: [{ name: 'first' }], rejected: [] }
    expect(await (await ask({ authorization })).json()).toMatchObject({ sent: { account: 'first' }, routing })
    expect(await (await ask({ authorization, 'x-api-key': relay.key })).json()).toMatchObject({ routing })
    expect((await ask({ authorization: `Bearer ${await tokenFor('usage:read')}` })).status).toBe(400)
    expect((await ask({ authorization: 'Bearer rat-unknown' })).status).toBe(401)
  })

  test('chooses by what the request contains, and falls back on other models, as for one that is sent', async (context) => {
    const stage = openStage(context)
    const upstream = await stage.upstream()
    const mOnly = { models: { 'm-1': 'm-1' } }
    const relay = await stage.relay({
      accounts: [
        accountFor(upstream, 'chat', {
          ...mOnly,
          name: 'blind',
          priority: 1,
          profile: { dialect: { contentMustBeString: true } },
        }),
        accountFor(upstream, 'chat', { ...mOnly, name: 'seeing', priority: 2 }),
        accountFor(upstream, 'chat', { name: 'spare', models: { spare: 'spare-1' } }),
      ],
    })
    await relay.store.writeSetting('routing', JSON.stringify({ fallbacks: { gone: ['spare'] } }))
    const image = { type: 'image', source: { type: 'url', url: 'https://example.com/a.png' } }
    const messages = [{ role: 'user', content: [image] }]
    const headers = { cookie: await signIn(relay) }
    const ask = async (request: object): Promise<unknown> => {
      const body = JSON.stringify({ format: 'anthropic-messages', request })
      return (await fetch(`${relay.url}/v1/relay/explain`, { method: 'POST', headers, body })).json()
    }
    expect(await ask({ ...ASK, messages })).toMatchObject({
      sent: { account: 'seeing' },
      routing: { rejected: expect.arrayContaining([expect.objectContaining({ name: 'blind', reason: 'no-images' })]) },
    })
    expect(await ask({ ...ASK, model: 'gone' })).toMatchObject({ sent: { account: 'spare', model: 'spare-1' } })
  })

  test('goes on from the response that a request builds on', async (context) => {
    const stage = openStage(context)
    const upstream = await stage.upstream(chatAnswer({ text: 'a first answer' }).script)
    const relay = await stage.relay({ accounts: [accountFor(upstream, 'chat')], key: { responseTtlMs: 60_000 } })
    const first = await relay.post('/v1/responses', { model: 'm-1', input: 'a first question' })
    const { id } = (await first.json()) as { readonly id: string }
    const request = { model: 'm-1', input: 'and then?', previous_response_id: id }

    await expect
      .poll(async () => (await explain(relay, { format: 'openai-responses', request })).answer['sent'])
      .toMatchObject({
        request: {
          messages: [{ content: 'a first question' }, { content: 'a first answer' }, { content: 'and then?' }],
        },
      })
    const lost = { ...request, previous_response_id: 'resp_unknown' }
    expect((await explain(relay, { format: 'openai-responses', request: lost })).answer).toMatchObject({
      refusal: { kind: 'previous_response_not_found' },
    })
    expect(upstream.requests).toHaveLength(1)
  })

  test('names the account that a session is at, and the one that was used longest ago', async (context) => {
    const stage = openStage(context)
    const upstream = await stage.upstream(chatAnswer().script)
    const relay = await stage.relay({ accounts: ['a', 'b', 'c'].map((name) => accountFor(upstream, 'chat', { name })) })
    await relay.store.writeSetting('routing', JSON.stringify({ strategy: 'least-recently-used', showsAccount: true }))
    const headers = { cookie: await signIn(relay) }
    const explained = async (own: Readonly<Record<string, string>>): Promise<unknown> => {
      const body = { format: 'openai-chat', request: ASK }
      const response = await relay.post('/v1/relay/explain', body, { headers: { ...headers, ...own } })
      return ((await response.json()) as { readonly sent: { readonly account: string } }).sent.account
    }
    for (const session of ['one', 'two', 'three', 'one', 'three', 'two', 'one', '', '', '']) {
      const own: Record<string, string> = session === '' ? {} : { 'x-session-id': session }
      const expected = await explained(own)
      const response = await relay.post('/v1/chat/completions', ASK, { headers: own })
      await response.text()
      expect([session, response.headers.get('x-relay-account')]).toEqual([session, expected])
    }
  })

  test('goes on to the next account and the next model where a request cannot be carried', async (context) => {
    const stage = openStage(context)
    const upstream = await stage.upstream(chatAnswer().script)
    const lossPolicy = 'reject'
    const relay = await stage.relay({
      accounts: [
        accountFor(upstream, 'chat', { name: 'strict', priority: 1, lossPolicy }),
        accountFor(upstream, 'chat', { name: 'lax', priority: 2, allowedModels: ['m-1'] }),
      ],
    })
    const headers = { cookie: await signIn(relay) }
    const ask = async (model: string): Promise<unknown> => {
      const body = { format: 'anthropic-messages', request: { ...ASK, model } }
      return (await relay.post('/v1/relay/explain', body, { headers })).json()
    }
    expect(await ask('m-1')).toMatchObject({
      refusal: null,
      sent: { account: 'lax' },
      routing: { candidates: [{ name: 'lax' }], rejected: [{ name: 'strict', reason: 'cannot-carry' }] },
    })
    expect(await ask('m-2')).toMatchObject({ sent: null, refusal: { kind: 'unsupported_feature', status: 400 } })
    expect((await relay.post('/v1/messages', { ...ASK, model: 'm-2' })).status).toBe(400)
    expect((await relay.post('/v1/messages', ASK)).status).toBe(200)
  })

  test.for([true, false])(
    'asks one that takes less before another model, where there is one: %s',
    async (hasFallback, context) => {
      const stage = openStage(context)
      const upstream = await stage.upstream(chatAnswer().script)
      const relay = await stage.relay({
        accounts: [
          accountFor(upstream, 'responses', { name: 'strict', type: 'openai-responses', lossPolicy: 'reject' }),
          accountFor(upstream, 'chat', { name: 'plain' }),
        ],
      })
      const search = { type: 'web_search_20250305', name: 'web_search', max_uses: 8 }
      const request = { ...ASK, tools: [search, { name: 'run', input_schema: { type: 'object' } }] }
      const body = { format: 'anthropic-messages', request }
      const headers = { cookie: await signIn(relay) }
      if (hasFallback) await relay.store.writeSetting('routing', JSON.stringify({ fallbacks: { 'm-1': ['m-2'] } }))
      const explained = await (await relay.post('/v1/relay/explain', body, { headers })).json()
      const response = await relay.post('/v1/messages', request)
      expect(response.status).toBe(hasFallback ? 200 : 400)
      expect(explained).toMatchObject(
        hasFallback
          ? { sent: { account: 'plain' }, routing: { rejected: [{ name: 'strict', reason: 'cannot-carry' }] } }
          : { sent: null, refusal: { status: 400 } },
      )
      expect(await relay.records(1)).toMatchObject([{ accountName: hasFallback ? 'plain' : 'strict' }])
    },
  )

  test('says that a search would be in vain, and that a thread goes on nowhere else', async (context) => {
    const stage = openStage(context)
    const upstream = await stage.upstream()
    const relay = await stage.relay({ accounts: [accountFor(upstream, 'chat')] })
    const explained = async (more: object): Promise<unknown> =>
      (await explain(relay, { format: 'anthropic-messages', request: { ...ASK, ...more } })).answer
    const search = { type: 'web_search_20250305', name: 'web_search', max_uses: 8 }
    expect(await explained({ tools: [search] })).toMatchObject({ sent: null, refusal: { status: 200 } })
    expect(await explained({ thread: { type: 'continue', previous_message_id: 'msg_1' } })).toMatchObject({
      sent: null,
      refusal: { kind: 'not_found', message: expect.stringContaining('thread') },
    })
  })

  test('takes a request as it is, tells its format, and says why it would be refused', async (context) => {
    const relay = await openStage(context).relay({ accounts: [] })
    const { answer } = await explain(relay, { ...ASK, system: 'be brief' })
    expect(answer).toMatchObject({
      format: 'anthropic-messages',
      sent: null,
      refusal: { kind: 'not_found', status: 404, message: expect.stringContaining('no account serves it') },
    })
  })

  test('takes a body that could be of Messages or of Chat for what its headers say', async (context) => {
    const relay = await openStage(context).relay({ accounts: [] })
    const body = { model: 'm-1', max_tokens: 100, messages: ASK.messages }
    const formatOf = async (headers: Readonly<Record<string, string>>): Promise<unknown> =>
      ((await (await relay.post('/v1/relay/explain', body, { headers })).json()) as { readonly format: unknown }).format
    expect(await formatOf({})).toBe('openai-chat')
    expect(await formatOf({ 'anthropic-version': '2023-06-01' })).toBe('anthropic-messages')
  })

  test('needs a relay key, and only operators may ask about an account', async (context) => {
    const relay = await openStage(context).relay({ accounts: [] })
    const stranger = await fetch(`${relay.url}/v1/relay/explain`, { method: 'POST', body: JSON.stringify(ASK) })
    expect(stranger.status).toBe(401)
    const { status } = await explain(relay, { request: ASK, account: 'x' })
    expect(status).toBe(400)
  })

  test.for([
    ['objects with too many members', `{${Array.from({ length: 50_000 }, (_, index) => `"k${index}":1`).join(',')}}`],
    ['too many levels', `${'['.repeat(200_000)}${']'.repeat(200_000)}`],
  ])('refuses %s before they are parsed', async ([, value], context) => {
    const relay = await openStage(context).relay({ accounts: [] })
    for (const body of [`{"model":"m","messages":[],"x":${value}}`, `{"answer":${value},"to":"openai-chat"}`]) {
      const { status, answer } = await explain(relay, body)
      expect([status, JSON.stringify(answer)]).toEqual([
        400,
        expect.stringMatching(/the body (?:is nested|has objects)/),
      ])
    }
  })

  test('reads pasted streams: what the client would get, and where it breaks', async (context) => {
    const relay = await openStage(context).relay({ accounts: [] })
    const { sse } = chatAnswer({ text: 'pong' })
    const good = await explain(relay, { answer: sse, to: 'anthropic-messages' })
    expect(good.answer).toMatchObject({
      object: 'relay.answer_explanation',
      kind: 'stream',
      from: 'openai-chat',
      trouble: null,
      usage: { output: 7 },
    })
    expect(good.answer['converted']).toContain('message_stop')
    const cut = await explain(relay, {
      answer: sse.slice(0, sse.indexOf('finish_reason":"stop')),
      to: 'anthropic-messages',
    })
    expect(cut.answer['trouble']).toEqual(expect.any(String))
    expect(cut.answer['converted']).not.toContain('message_stop')
  })

  test('reads pasted answers and errors', async (context) => {
    const relay = await openStage(context).relay({ accounts: [] })
    const whole = await explain(relay, { answer: chatAnswer({ text: 'pong' }).json, to: 'anthropic-messages' })
    expect(whole.answer).toMatchObject({ kind: 'answer', converted: expect.stringContaining('"type":"message"') })
    const error = { error: { message: 'too long', type: 'invalid_request_error', code: 'context_length_exceeded' } }
    const failed = await explain(relay, { answer: error, status: 400, to: 'anthropic-messages' })
    expect(failed.answer).toMatchObject({ kind: 'error', converted: expect.stringContaining('prompt is too long') })
    expect((await explain(relay, { answer: 'hello', to: 'openai-chat' })).status).toBe(400)
  })
})

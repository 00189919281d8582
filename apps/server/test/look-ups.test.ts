import Anthropic from '@anthropic-ai/sdk'
import { jsonReply } from '@relay/upstreams/testing'
import { describe, expect, test } from 'vitest'

import { canned, DIALECTS, PATHS, readError, WAYS } from './dialects.ts'
import { accountFor, openStage, type TestRelay } from './harness.ts'

const CLAUDE = { 'anthropic-version': '2023-06-01' }

function get(relay: TestRelay, path: string, headers: Readonly<Record<string, string>> = {}): Promise<Response> {
  return fetch(`${relay.url}${path}`, { headers: { 'x-api-key': relay.key, ...headers } })
}

describe.concurrent('the relay key', () => {
  /** Understood in every dialect. */
  const body = JSON.stringify({ model: 'm', max_tokens: 9, messages: [{ role: 'user', content: 'Hi' }], input: 'Hi' })

  test.for(WAYS)(
    'is taken from either header ($client > $upstream), and neither reaches the upstream',
    async (way, context) => {
      const stage = openStage(context)
      const upstream = await stage.upstream(canned(way.upstream).script)
      const relay = await stage.relay({ accounts: [accountFor(upstream, way.upstream)] })
      const url = `${relay.url}${PATHS[way.client]}`
      const shown = [
        { 'x-api-key': relay.key },
        { authorization: `Bearer ${relay.key}` },
        { authorization: `bearer  ${relay.key} ` },
      ]
      for (const headers of shown) {
        const cookie = { cookie: 'session=1', 'x-forwarded-for': '192.0.2.7' }
        const response = await fetch(url, { method: 'POST', body, headers: { ...headers, ...cookie } })
        expect(response.status).toBe(200)
        await response.text()
      }
      const sent = JSON.stringify(upstream.requests.map(({ rawHeaders }) => rawHeaders))
      expect(sent).not.toContain(relay.key)
      expect(sent).toContain('upstream-credential-0001')
      expect(sent).not.toMatch(/cookie|x-forwarded/i)
    },
  )

  const badKeys = [
    { shown: 'no key', headers: {} },
    { shown: 'a key that nobody made', headers: { 'x-api-key': `rk-${'a'.repeat(43)}` } },
    { shown: 'something else', headers: { authorization: 'Basic dXNlcjpwYXNz' } },
    { shown: 'a very long key', headers: { 'x-api-key': 'k'.repeat(5000) } },
  ]
  test.for(badKeys.flatMap((bad) => DIALECTS.map((dialect) => ({ ...bad, dialect }))))(
    '$dialect: $shown gets 401 and the word not to try again',
    async ({ headers, dialect }, context) => {
      const stage = openStage(context)
      const upstream = await stage.upstream(canned('chat').script)
      const relay = await stage.relay({ accounts: [accountFor(upstream, 'chat')] })
      const url = `${relay.url}${PATHS[dialect]}`

      const response = await fetch(url, { method: 'POST', body, headers: headers as Record<string, string> })

      expect(response.headers.get('x-should-retry')).toBe('false')
      const error = await readError(dialect, response)
      expect(error.status).toBe(401)
      expect(error).toMatchObject(dialect === 'claude' ? { type: 'authentication_error' } : { code: 'invalid_api_key' })
      expect(upstream.requests).toHaveLength(0)
      expect((await relay.store.sumUsage()).requests).toBe(0)
    },
  )

  test.for(['x-api-key', 'authorization'] as const)(
    'of two credentials the one that is a relay key counts: %s',
    async (place, context) => {
      const relay = await openStage(context).relay({ accounts: [] })
      const shown = { 'x-api-key': 'sk-of-a-vendor', authorization: 'Bearer sk-of-a-vendor' }
      const headers = { ...shown, [place]: place === 'authorization' ? `Bearer ${relay.key}` : relay.key }
      expect((await fetch(`${relay.url}/v1/models`, { headers })).status).toBe(200)
      expect((await fetch(`${relay.url}/v1/models`, { headers: shown })).status).toBe(401)
    },
  )

  test('a revoked key is refused within a moment', async (context) => {
    const stage = openStage(context)
    const relay = await stage.relay({ accounts: [] })
    const [key] = await relay.store.listRelayKeys()
    await relay.store.revokeRelayKey(key?.id ?? '')
    expect((await get(relay, '/v1/models')).status).toBe(401)
  })

  test('a key that may not use a format or a model is told so', async (context) => {
    const stage = openStage(context)
    const key = { permissions: { formats: ['openai-chat'], models: ['gpt-*'] } } as const
    const upstream = await stage.upstream(canned('chat').script)
    const relay = await stage.relay({ accounts: [accountFor(upstream, 'chat')], key })
    expect(await readError('claude', await relay.post('/v1/messages', body))).toMatchObject({ status: 403 })
    expect(await readError('chat', await relay.post('/v1/chat/completions', body))).toMatchObject({ status: 400 })
    expect(upstream.requests).toHaveLength(0)
  })

  test('a key with one place serves one request at a time and says when to come back', async (context) => {
    const stage = openStage(context)
    const upstream = await stage.upstream({ kind: 'silence' })
    const relay = await stage.relay({ accounts: [accountFor(upstream, 'chat')], key: { maxConcurrency: 1 } })
    const leaving = new AbortController()
    const first = relay.post('/v1/messages', body, { signal: leaving.signal })
    first.catch(() => undefined) // it is aborted below
    await upstream.waitForRequest(1)

    const second = await relay.post('/v1/chat/completions', body)
    expect(second.headers.get('retry-after')).toBe('1')
    expect(await readError('chat', second)).toMatchObject({ status: 429, code: 'rate_limit_exceeded' })
    leaving.abort()
    await relay.idle()
  })

  test('what it may and what it has used can be asked', async (context) => {
    const stage = openStage(context)
    const relay = await stage.relay({ accounts: [accountFor(await stage.upstream(canned('chat').script), 'chat')] })
    await (await relay.post('/v1/messages', body)).text()
    await relay.records(1)
    expect(await (await get(relay, '/v1/relay/key')).json()).toMatchObject({
      object: 'relay.key',
      name: 'tests',
      limits: { concurrency: { max: 100, in_use: 0 } },
      used: { requests: 1, input_tokens: 20, cache_read_tokens: 30, output_tokens: 9, requests_without_cost: 1 },
    })
  })
})

/** What the listing of models looks like to an Anthropic client. */
interface ModelPage {
  readonly data: readonly { readonly id: string }[]
  readonly has_more: boolean
}

describe.concurrent('the models', () => {
  const models = { 'claude-a': 'up-a', 'gpt-b': 'up-b', 'wild-*': '*' }

  test('are listed in the dialect of the caller', async (context) => {
    const stage = openStage(context)
    const listed = jsonReply({ data: [{ id: 'wild-c' }, { id: 'tame-d' }, { id: 5 }, null] })
    const relay = await stage.relay({ accounts: [accountFor(await stage.upstream(listed), 'chat', { models })] })
    expect(await (await get(relay, '/v1/models')).json()).toEqual({
      object: 'list',
      data: ['claude-a', 'gpt-b', 'wild-c'].map((id) => ({ id, object: 'model', created: 0, owned_by: 'relay' })),
    })
    expect(await (await get(relay, '/v1/models?limit=2', CLAUDE)).json()).toMatchObject({
      data: [{ type: 'model', id: 'claude-a', display_name: 'claude-a' }, { id: 'gpt-b' }],
      has_more: true,
      first_id: 'claude-a',
      last_id: 'gpt-b',
    })
  })

  test('are listed page by page, forwards and backwards', async (context) => {
    const names = ['a', 'b', 'c', 'd', 'e']
    const models = Object.fromEntries(names.map((name) => [name, name]))
    const stage = openStage(context)
    const relay = await stage.relay({ accounts: [accountFor(await stage.upstream(), 'chat', { models })] })
    const page = async (query: string): Promise<object> => {
      const { data, has_more } = (await (await get(relay, `/v1/models?limit=2${query}`, CLAUDE)).json()) as ModelPage
      return { ids: data.map(({ id }) => id).join(''), has_more }
    }
    expect(await page('&after_id=b')).toEqual({ ids: 'cd', has_more: true })
    expect(await page('&after_id=d')).toEqual({ ids: 'e', has_more: false })
    expect(await page('&after_id=bb')).toEqual({ ids: 'cd', has_more: true })
    expect(await page('&before_id=d')).toEqual({ ids: 'bc', has_more: true })
    expect(await page('&before_id=b')).toEqual({ ids: 'a', has_more: false })
    const client = new Anthropic({ baseURL: relay.url, apiKey: relay.key })
    const all: string[] = []
    for await (const { id } of client.models.list({ limit: 2 })) all.push(id)
    expect(all).toEqual(names)
  })

  test('are listed also when an upstream does not tell or is silent', async (context) => {
    const stage = openStage(context)
    const accounts = [
      accountFor(await stage.upstream({ kind: 'silence' }), 'chat', { name: 'silent', models }),
      accountFor(await stage.upstream({ kind: 'reply', body: '<html>' }), 'claude', {
        name: 'odd',
        models: { 'odd-*': '*' },
        allowedModels: ['odd-one', 'odd-other-*', 'not-mapped'],
      }),
      accountFor(await stage.upstream({ kind: 'silence' }), 'chat', {
        name: 'one model',
        models: { 'z-*': 'z-local' },
      }),
    ]
    const relay = await stage.relay({ accounts })
    const { data } = (await (await get(relay, '/v1/models')).json()) as ModelPage
    expect(data.map(({ id }) => id)).toEqual(['claude-a', 'gpt-b', 'odd-one', 'z-local'])
  })

  test.for([
    { id: 'gpt-b', status: 200 },
    { id: 'wild-things', status: 200 },
    { id: 'wild-a/b', status: 200 },
    { id: 'wild-a%2Fb', status: 200 },
    { id: 'nobody', status: 404 },
    { id: '%E0%A4%A', status: 404 },
  ])('one of them can be asked for: $id: $status', async ({ id, status }, context) => {
    const stage = openStage(context)
    const relay = await stage.relay({ accounts: [accountFor(await stage.upstream(), 'chat', { models })] })
    const claude = await get(relay, `/v1/models/${id}`, CLAUDE)
    const chat = await get(relay, `/v1/models/${id}`)
    expect([claude.status, chat.status]).toEqual([status, status])
    const name = status === 200 ? decodeURIComponent(id) : undefined
    expect(await claude.json()).toMatchObject(name === undefined ? { type: 'error' } : { type: 'model', id: name })
    expect(await chat.json()).toMatchObject(name === undefined ? { error: {} } : { object: 'model', id: name })
  })

  test('of an upstream that lists a few at a time are all asked for', async (context) => {
    const stage = openStage(context)
    const upstream = await stage.upstream((request) => {
      const limit = Number(new URL(request.url, 'http://upstream.example').searchParams.get('limit') ?? 20)
      return jsonReply({ data: Array.from({ length: Math.min(limit, 30) }, (_, index) => ({ id: `m-${index}` })) })
    })
    const relay = await stage.relay({ accounts: [accountFor(upstream, 'claude')] })
    expect(((await (await get(relay, '/v1/models')).json()) as ModelPage).data).toHaveLength(30)
  })

  test('of an upstream that lists without end some are shown, and all are served', async (context) => {
    const stage = openStage(context)
    const data = [{ id: '' }, ...Array.from({ length: 20_000 }, (_, index) => ({ id: `m-${index}` }))]
    const relay = await stage.relay({ accounts: [accountFor(await stage.upstream(jsonReply({ data })), 'chat')] })
    const shown = ((await (await get(relay, '/v1/models')).json()) as ModelPage).data.map(({ id }) => id)
    expect(shown.length).toBeLessThan(2_001)
    expect(shown).toContain('m-0')
    expect(shown).not.toContain('')
    expect((await get(relay, '/v1/models/m-19999')).status).toBe(200)
  })

  test('are listed with what their upstream says of them', async (context) => {
    const stage = openStage(context)
    const listed = jsonReply({ data: [{ id: 'wild-c', max_model_len: 32_768 }] })
    const relay = await stage.relay({ accounts: [accountFor(await stage.upstream(listed), 'chat', { models })] })
    const shown = async (): Promise<unknown> => (await get(relay, '/v1/models/wild-c')).json()
    expect(await shown()).not.toHaveProperty('context_window') // nobody has asked the upstream yet
    await get(relay, '/v1/models')
    expect(await shown()).toMatchObject({ id: 'wild-c', context_window: 32_768 })
    expect(await (await get(relay, '/v1/models/wild-c', CLAUDE)).json()).toMatchObject({ max_input_tokens: 32_768 })
  })

  test('the key decides which are seen', async (context) => {
    const stage = openStage(context)
    const key = { permissions: { models: ['gpt-*'] } }
    const account = accountFor(await stage.upstream(jsonReply({ data: [] })), 'chat', { models })
    const relay = await stage.relay({ accounts: [account], key })
    expect(await (await get(relay, '/v1/models')).json()).toMatchObject({ data: [{ id: 'gpt-b' }] })
    expect((await get(relay, '/v1/models/claude-a')).status).toBe(404)
  })

  test('a model that no account serves is told in either dialect', async (context) => {
    const stage = openStage(context)
    const relay = await stage.relay({ accounts: [accountFor(await stage.upstream(), 'chat', { models })] })
    const body = JSON.stringify({ model: 'nobody', max_tokens: 9, messages: [{ role: 'user', content: 'Hi' }] })
    expect(await readError('claude', await relay.post('/v1/messages', body))).toMatchObject({
      status: 404,
      type: 'not_found_error',
    })
    expect(await readError('chat', await relay.post('/v1/chat/completions', body))).toMatchObject({
      status: 404,
      code: 'model_not_found',
    })
  })
})

describe.concurrent('counting tokens', () => {
  const body = { model: 'm', messages: [{ role: 'user', content: 'How many tokens are these words, please?' }] }

  test('is asked of an upstream that can count, with its own model name', async (context) => {
    const stage = openStage(context)
    const upstream = await stage.upstream(jsonReply({ input_tokens: 4711 }))
    const relay = await stage.relay({ accounts: [accountFor(upstream, 'claude', { models: { m: 'up-m' } })] })

    const response = await relay.post('/v1/messages/count_tokens?beta=true', body)

    expect(await response.json()).toEqual({ input_tokens: 4711 })
    expect(response.headers.get('x-relay-estimated')).toBeNull()
    expect(upstream.requests[0]).toMatchObject({
      url: '/v1/messages/count_tokens?beta=true',
      json: { ...body, model: 'up-m' },
    })
    await relay.idle()
    expect((await relay.store.sumUsage()).requests).toBe(0) // look-ups cost nothing
  })

  test('is asked in the words of another format that can count', async (context) => {
    const stage = openStage(context)
    const upstream = await stage.upstream(jsonReply({ object: 'response.input_tokens', input_tokens: 4711 }))
    const relay = await stage.relay({ accounts: [accountFor(upstream, 'responses', { models: { m: 'up-m' } })] })

    const response = await relay.post('/v1/messages/count_tokens?beta=true', { ...body, system: 'Be brief.' })

    expect(await response.json()).toEqual({ input_tokens: 4711 })
    expect(response.headers.get('x-relay-estimated')).toBeNull()
    expect(upstream.requests[0]).toMatchObject({ url: '/v1/responses/input_tokens', json: { model: 'up-m' } })
    expect(Object.keys(upstream.requests[0]?.json ?? {}).toSorted()).toEqual(['input', 'instructions', 'model'])
    await relay.idle()
  })

  test('of a Responses client is asked of Messages', async (context) => {
    const stage = openStage(context)
    const upstream = await stage.upstream(jsonReply({ input_tokens: 4711 }))
    const relay = await stage.relay({ accounts: [accountFor(upstream, 'claude')] })

    const response = await relay.post('/v1/responses/input_tokens', { model: 'm', input: 'How many?', store: false })

    expect(await response.json()).toEqual({ object: 'response.input_tokens', input_tokens: 4711 })
    expect(upstream.requests[0]).toMatchObject({ url: '/v1/messages/count_tokens' })
    expect(Object.keys(upstream.requests[0]?.json ?? {}).toSorted()).toEqual(['messages', 'model'])
    await relay.idle()
  })

  test.for(['claude', 'responses'] as const)(
    'is not asked again of a %s upstream that cannot',
    async (dialect, context) => {
      const stage = openStage(context)
      const upstream = await stage.upstream({ kind: 'reply', status: 404, body: '' })
      const relay = await stage.relay({ accounts: [accountFor(upstream, dialect)] })
      for (const stream of [false, true]) {
        const response = await relay.post('/v1/messages/count_tokens', { ...body, stream })
        expect(response.headers.get('x-relay-estimated')).toBe('1')
      }
      expect(upstream.requests).toHaveLength(1)
      await relay.idle()
    },
  )

  const others = [
    { upstream: 'chat', answer: jsonReply({}), why: 'the upstream speaks another format' },
    { upstream: 'claude', answer: { kind: 'reply', status: 404, body: '' }, why: 'the upstream cannot count' },
    { upstream: 'claude', answer: jsonReply({ input_tokens: -1 }), why: 'the upstream counts nonsense' },
    { upstream: 'claude', answer: { kind: 'close' }, why: 'the upstream is away' },
  ] as const
  test.for(others)('is an estimate, and marked, when $why', async ({ upstream, answer }, context) => {
    const stage = openStage(context)
    const relay = await stage.relay({ accounts: [accountFor(await stage.upstream(answer), upstream)] })
    const response = await relay.post('/v1/messages/count_tokens', body)
    expect(response.status).toBe(200)
    expect(response.headers.get('x-relay-estimated')).toBe('1')
    const { input_tokens: counted } = (await response.json()) as { readonly input_tokens: number } // the dialect's shape
    expect(counted).toBeGreaterThan(5)
    expect(counted).toBeLessThan(60)
    await relay.idle()
  })

  test('of a bad body is refused in the caller’s format', async (context) => {
    const stage = openStage(context)
    const relay = await stage.relay({ accounts: [accountFor(await stage.upstream(), 'claude')] })
    const response = await relay.post('/v1/messages/count_tokens', { model: 'm' })
    expect(await readError('claude', response)).toMatchObject({
      status: 400,
      message: expect.stringContaining('messages'),
    })
    await relay.idle()
  })
})

import { afterEach, expect, test } from 'vitest'

import { openSignedIn } from '../../test/admin-harness.ts'
import type { AdminHarness } from '../../test/admin-harness.ts'
import { CANARY, mixedSamples, usageSample } from '../../test/usage-samples.ts'
import { aboutSchema, nameListSchema, requestDetailSchema, requestPageSchema } from './contract/index.ts'

const NOW = 1_790_000_000_000

let admin: AdminHarness
afterEach(() => admin.store.close())

async function openWith(samples = mixedSamples(NOW)): Promise<void> {
  admin = await openSignedIn()
  for (const sample of samples) expect(admin.store.recordUsage(sample)).toBe(true)
}

async function listIds(query: string): Promise<readonly string[]> {
  const { body } = await admin.call('GET', `/requests${query}`)
  return requestPageSchema.parse(body).requests.map(({ requestId }) => requestId)
}

test('the latest requests come first, each with what is known about it', async () => {
  await openWith()
  const { status, body } = await admin.call('GET', '/requests')
  expect(status).toBe(200)
  const { requests, nextCursor } = requestPageSchema.parse(body)
  expect(requests.map(({ requestId }) => requestId)).toEqual([
    'req-clean',
    'req-lossy',
    'req-unknown',
    'req-cut',
    'req-hostile',
    'req-demo',
  ])
  expect(nextCursor).toBeUndefined()
  expect(requests[1]).toMatchObject({ lossCount: 3, worstLossLevel: 'lossy', attemptCount: 2, costMicroUsd: 47_900 })
  expect(requests[0]).toMatchObject({
    lossCount: 0,
    tokens: { inputTokens: 1204, cacheReadTokens: 8192, outputTokens: 331 },
  })
  expect(requests[0]).not.toHaveProperty('worstLossLevel')
})

test('what is not known is absent, and a zero that was reported stays a zero', async () => {
  await openWith()
  const unknown = (await admin.call('GET', '/requests/req-unknown')).body
  expect(unknown.tokens).toEqual({})
  expect(unknown).not.toHaveProperty('costMicroUsd')
  const demo = (await admin.call('GET', '/requests/req-demo')).body
  expect(demo).toMatchObject({ costMicroUsd: 0, tokens: { cacheReadTokens: 0 } })
})

test('an answer that names another model than was sent for is marked', async () => {
  const other = { modelSent: 'gpt-5.2', modelServed: 'gpt-4o-mini' }
  await openWith([
    usageSample({ requestId: 'req-other', startedAt: NOW, ...other }),
    usageSample({ requestId: 'req-snapshot', startedAt: NOW - 1, modelServed: 'gpt-5.2-2026-01-01' }),
  ])
  const { body } = await admin.call('GET', '/requests')
  expect(requestPageSchema.parse(body).requests.map(({ isOtherModel }) => isOtherModel)).toEqual([true, false])
  expect((await admin.call('GET', '/requests/req-other')).body).toMatchObject({ isOtherModel: true, ...other })
})

test('a request is told with its attempts and losses', async () => {
  await openWith()
  const { body } = await admin.call('GET', '/requests/req-lossy')
  const request = requestDetailSchema.parse(body)
  expect(request.attempts.map(({ accountName, status }) => `${accountName} ${status}`)).toEqual([
    'spare 529',
    'main 200',
  ])
  expect(request.losses[0]).toEqual({
    code: 'sampling-dropped',
    level: 'degraded',
    path: '/top_k',
    message: 'The upstream format has no top_k; it was left out.',
    detail: { value: 40 },
  })
  expect(request).toMatchObject({ owner: 'ada', team: 'compilers', client: 'claude-cli/2.1.0 (external, cli)' })
})

test('hostile text arrives unchanged, as JSON that no browser takes for a page', async () => {
  await openWith()
  const { headers, body } = await admin.call('GET', '/requests/req-hostile')
  expect(headers.get('content-type')).toMatch(/^application\/json/)
  expect(headers.get('x-content-type-options')).toBe('nosniff')
  expect(body).toMatchObject({ modelAsked: CANARY, client: CANARY, losses: [{ message: CANARY }] })
})

test('a request nobody made is not found', async () => {
  await openWith([])
  for (const id of ['nothing', '__proto__', '%00', 'a'.repeat(5000)]) {
    expect(await admin.call('GET', `/requests/${id}`)).toMatchObject({
      status: 404,
      body: { error: { code: 'not-found' } },
    })
  }
})

test('filters narrow the list, and all of them have to hold', async () => {
  await openWith()
  expect(await listIds('?status=404')).toEqual(['req-hostile'])
  expect(await listIds('?keyId=key-2')).toEqual(['req-unknown'])
  expect(await listIds('?accountId=account-3')).toEqual(['req-cut'])
  expect(await listIds('?reason=upstream_error')).toEqual(['req-cut'])
  expect(await listIds('?model=claude-opus-4-5')).toEqual(['req-lossy'])
  expect(await listIds('?model=claude-sonnet-4-5')).toEqual(['req-clean', 'req-cut', 'req-demo'])
  expect(await listIds('?model=claude-sonnet-4-5&reason=upstream_error')).toEqual(['req-cut'])
  expect(await listIds('?model=claude-sonnet-4-5&status=404')).toEqual([])
})

test('pages follow each other without a gap or a double', async () => {
  await openWith(
    Array.from({ length: 25 }, (_, index) =>
      usageSample({ requestId: `req-${index}`, startedAt: NOW - Math.floor(index / 2) }),
    ),
  )
  const seen: string[] = []
  let cursor: string | undefined
  do {
    const { body } = await admin.call(
      'GET',
      `/requests?limit=10${cursor === undefined ? '' : `&cursor=${encodeURIComponent(cursor)}`}`,
    )
    const page = requestPageSchema.parse(body)
    seen.push(...page.requests.map(({ requestId }) => requestId))
    cursor = page.nextCursor
  } while (cursor !== undefined && seen.length < 100)
  expect(seen).toHaveLength(25)
  expect(new Set(seen).size).toBe(25)
})

test.for([
  { query: 'status=abc', field: 'status' },
  { query: 'status=99', field: 'status' },
  { query: 'limit=0', field: 'limit' },
  { query: 'limit=100000', field: 'limit' },
  { query: 'reason=nonsense', field: 'reason' },
  { query: `model=${'m'.repeat(600)}`, field: 'model' },
])('a query that makes no sense is refused by name: $query', async ({ query, field }) => {
  await openWith([])
  expect(await admin.call('GET', `/requests?${query}`)).toMatchObject({
    status: 400,
    body: { error: { code: 'invalid-request', field } },
  })
})

test('a cursor nobody handed out is refused', async () => {
  await openWith()
  expect(await admin.call('GET', '/requests?cursor=nonsense')).toMatchObject({
    status: 400,
    body: { error: { code: 'invalid-request' } },
  })
})

test('the names of keys and accounts are told without any secret', async () => {
  await openWith([])
  const issued = await admin.store.createRelayKey({ name: 'laptop' })
  const account = await admin.store.createAccount({
    name: 'main',
    type: 'openai-chat',
    baseUrl: 'https://upstream.example',
    credential: 'upstream-credential-wxyz',
  })
  const { body } = await admin.call('GET', '/names')
  expect(nameListSchema.parse(body)).toEqual({
    keys: [{ id: issued.relayKey.id, name: 'laptop' }],
    accounts: [{ id: account.id, name: 'main' }],
    exampleModel: 'claude-sonnet-4-5',
  })
  expect(JSON.stringify(body)).not.toContain(issued.secret)
  expect(JSON.stringify(body)).not.toContain('wxyz') // no letters of an id
})

interface Example {
  readonly models: Readonly<Record<string, string>> | undefined
  readonly example: string | undefined
  readonly why: string
}

test.for<Example>([
  { models: undefined, example: 'claude-sonnet-4-5', why: 'every model passes through' },
  { models: { 'claude-*': 'gpt-5.2' }, example: 'claude-sonnet-4-5', why: 'its pattern fits' },
  { models: { demo: 'canned' }, example: 'demo', why: 'it is the only name' },
  { models: { 'gpt-*': 'gpt-5.2' }, example: 'gpt-5.2', why: 'it is the known name that fits' },
  { models: { 'house-*': 'gpt-5.2' }, example: undefined, why: 'no name can be told from a pattern' },
])('the example model is $example, because $why', async ({ models, example }) => {
  await openWith([])
  await admin.store.createAccount({ name: 'main', type: 'openai-chat', baseUrl: 'https://upstream.example', models })
  await admin.store.createAccount({
    name: 'off',
    type: 'openai-chat',
    baseUrl: 'https://upstream.example',
    models: { other: 'x' },
    enabled: false,
  })
  const { body } = await admin.call('GET', '/names')
  expect(nameListSchema.parse(body).exampleModel).toBe(example)
})

test('about says what is running', async () => {
  await openWith([])
  const { body } = await admin.call('GET', '/about')
  expect(aboutSchema.parse(body)).toEqual({
    version: '1.2.3',
    node: process.version,
    store: { backend: 'sqlite', schemaVersion: expect.any(Number), isWritable: true },
    usageQueue: { waiting: 0, dropped: 0 },
  })
})

test('no answer may be kept, framed or sniffed, refusals included', async () => {
  await openWith()
  for (const path of ['/requests', '/session', '/nothing', '/requests/nothing']) {
    for (const headers of [{}, { cookie: undefined }]) {
      const answer = await admin.call('GET', path, { headers })
      expect(answer.headers.get('cache-control')).toBe('no-store')
      expect(answer.headers.get('x-content-type-options')).toBe('nosniff')
      expect(answer.headers.get('referrer-policy')).toBe('no-referrer')
      expect(answer.headers.get('content-security-policy')).toMatch(/default-src 'self'.*frame-ancestors 'none'/)
      expect(answer.headers.get('access-control-allow-origin')).toBeNull()
    }
  }
})

test('an unknown path is not found and a wrong method is named, for those who are signed in', async () => {
  await openWith()
  expect(await admin.call('GET', '/nothing')).toMatchObject({ status: 404, body: { error: { code: 'not-found' } } })
  const wrong = await admin.call('PUT', '/requests')
  expect(wrong).toMatchObject({ status: 405, body: { error: { code: 'method-not-allowed' } } })
  expect(wrong.headers.get('allow')).toBe('GET, HEAD')
})

test.for([
  { name: 'no JSON', body: 'name=admin', status: 400 },
  { name: 'an empty body', body: undefined, status: 400 },
  { name: 'null', body: 'null', status: 400 },
  { name: 'an array', body: '[]', status: 400 },
  { name: 'a name that is no text', body: { name: 1, password: 'x' }, status: 400 },
  { name: 'far too much', body: { name: 'admin', password: 'x'.repeat(70_000) }, status: 413 },
])('a sign-in with $name is refused', async ({ body, status }) => {
  await openWith([])
  const answer = await admin.call('POST', '/session', { body })
  expect(answer.status).toBe(status)
  expect(answer.body.error.message).toMatch(/\w/)
})

test('while the store is away people get an answer, and no details of it', async () => {
  await openWith()
  await admin.store.close()
  const answer = await admin.call('GET', '/requests')
  expect(answer).toMatchObject({ status: 503, body: { error: { code: 'store-unavailable' } } })
  expect(JSON.stringify(answer.body)).not.toMatch(/sqlite|memory|closed/)
})

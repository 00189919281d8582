import { jsonReply } from '@relay/upstreams/testing'
import { describe, expect, test } from 'vitest'

import { ask, canned, onEveryWay } from './dialects.ts'
import { accountFor, openStage, type Dialect } from './harness.ts'

/** What services and the proxies before them send along. Most of it speaks of the pool's account, or of their own hop. */
const UPSTREAM_HEADERS = {
  'request-id': 'req_upstream',
  'retry-after': '120',
  'retry-after-ms': '120000',
  'x-should-retry': 'true',
  'anthropic-ratelimit-requests-limit': '5',
  'anthropic-ratelimit-requests-reset': '2026-11-28T00:00:00Z',
  'x-ratelimit-remaining-requests': '3',
  'anthropic-organization-id': 'org',
  'openai-organization': 'org',
  'openai-project': 'project',
  'openai-processing-ms': '12',
  'set-cookie': 'a=b',
  'cf-ray': 'ray',
  server: 'cloudflare',
  via: '1.1 proxy',
  'alt-svc': 'h3=":443"',
  'x-unknown': 'x',
}

const FORMAT_NAMES: Readonly<Record<Dialect, string>> = {
  claude: 'anthropic-messages',
  chat: 'openai-chat',
  responses: 'openai-responses',
}

/** Headers of the hop between Relay and the test, which HTTP itself wants. */
const OF_THE_HOP = new Set(['connection', 'keep-alive', 'date', 'content-length', 'transfer-encoding'])

/** The headers that matter, those with Relay's own id of the request under one name. */
function headersOf({ headers }: Response): Record<string, string> {
  const id = headers.get('x-relay-request-id')
  const entries = [...headers].filter(([name]) => !OF_THE_HOP.has(name))
  return Object.fromEntries(entries.map(([name, value]) => [name, value === id ? 'relay' : value]))
}

/** Under each name that the vendors' SDKs look for. */
const IDS = { 'request-id': 'relay', 'x-request-id': 'relay', 'x-relay-request-id': 'relay' }

/** What good answers and refusals say alike. */
function ofTheWay({ client, upstream }: { readonly client: Dialect; readonly upstream: Dialect }): object {
  return {
    ...(client !== 'claude' && { 'openai-processing-ms': '12' }),
    ...(client !== upstream && { 'x-relay-conversion': `${FORMAT_NAMES[client]}>${FORMAT_NAMES[upstream]}` }),
  }
}

/** Contract 5.3, row by row. */
describe.concurrent('the headers of an answer', () => {
  test.for(onEveryWay([{ isStream: false }, { isStream: true }]))(
    '$client > $upstream, as a stream: $isStream',
    async ({ client, upstream: dialect, isStream }, context) => {
      const stage = openStage(context)
      const { json, sse } = canned(dialect)
      const type = isStream ? 'text/event-stream' : 'application/json'
      const headers = { ...UPSTREAM_HEADERS, 'content-type': type }
      const upstream = await stage.upstream({ kind: 'reply', headers, body: isStream ? sse : JSON.stringify(json) })
      const relay = await stage.relay({ accounts: [accountFor(upstream, dialect)] })
      const response = await ask(relay, client, { isStream })
      await response.text()

      expect(response.headers.get('x-relay-request-id')).not.toBe('req_upstream')
      expect(headersOf(response)).toEqual({
        'cache-control': 'no-cache',
        'content-type': isStream ? 'text/event-stream; charset=utf-8' : 'application/json',
        ...IDS,
        'x-relay-upstream-request-id': 'req_upstream',
        'x-relay-attempts': '1',
        'retry-after': '60',
        'x-should-retry': 'true',
        ...ofTheWay({ client, upstream: dialect }),
        ...(isStream && { 'x-accel-buffering': 'no' }),
      })
    },
  )

  test.for(onEveryWay([{}]))('$client > $upstream: of a refusal', async ({ client, upstream: dialect }, context) => {
    const stage = openStage(context)
    const body = JSON.stringify({ type: 'error', error: { type: 'rate_limit_error', message: 'slow down' } })
    const headers = { ...UPSTREAM_HEADERS, 'content-type': 'application/json' }
    const upstream = await stage.upstream({ kind: 'reply', status: 429, headers, body })
    const relay = await stage.relay({ accounts: [accountFor(upstream, dialect)] })
    const response = await ask(relay, client, { isStream: false })

    expect(response.status).toBe(429)
    expect(headersOf(response)).toEqual({
      'cache-control': 'no-cache',
      'content-type': 'application/json',
      ...IDS,
      'x-relay-upstream-request-id': 'req_upstream',
      'x-relay-attempts': '1',
      'retry-after': '60',
      'retry-after-ms': '60000',
      'x-should-retry': 'true',
      ...ofTheWay({ client, upstream: dialect }),
    })
  })

  test.for([200, 429])(
    'rate limits are shown where a rule of the account says so (status %s)',
    async (status, context) => {
      const stage = openStage(context)
      const { json } = canned('claude')
      const body = JSON.stringify(status === 200 ? json : { type: 'error', error: { type: 'rate_limit_error' } })
      const headers = {
        'content-type': 'application/json',
        'anthropic-ratelimit-tokens-limit': '5000',
        'anthropic-ratelimit-tokens-remaining': '0',
        'anthropic-ratelimit-tokens-reset': new Date(Date.now() + 3_000_000).toISOString(),
      }
      const upstream = await stage.upstream({ kind: 'reply', status, headers, body })
      const rules = {
        version: 1,
        rules: [
          { id: 'limits', phase: 'request.ir', ops: [{ op: 'set', path: '/options/rateLimitHeaders', value: 'map' }] },
        ],
      }
      const relay = await stage.relay({ accounts: [accountFor(upstream, 'claude', { rules })] })
      const response = await ask(relay, 'chat', { isStream: false })

      expect(response.status).toBe(status)
      expect(Object.fromEntries([...response.headers].filter(([name]) => name.includes('ratelimit')))).toEqual({
        'x-ratelimit-limit-tokens': '5000',
        'x-ratelimit-remaining-tokens': '0',
        'x-ratelimit-reset-tokens': expect.stringMatching(/^(?:49|50)m\d+s$/),
      })
    },
  )

  test('a request that cannot be carried says between which formats', async (context) => {
    const stage = openStage(context)
    const upstream = await stage.upstream(canned('claude').script)
    const relay = await stage.relay({ accounts: [accountFor(upstream, 'claude')] })
    const response = await relay.post('/v1/chat/completions', {
      model: 'test-model',
      n: 2,
      messages: [{ role: 'user', content: 'hi' }],
    })
    expect(response.status).toBe(400)
    expect(response.headers.get('x-relay-conversion')).toBe('openai-chat>anthropic-messages')
  })
})

const COUNTS = {
  claude: { path: '/v1/messages/count_tokens', body: { messages: [{ role: 'user', content: 'How many?' }] } },
  responses: { path: '/v1/responses/input_tokens', body: { input: 'How many?' } },
} as const

const COUNTING_WAYS = (['claude', 'responses'] as const).flatMap((client) =>
  (['claude', 'chat', 'responses'] as const).map((upstream) => ({ client, upstream })),
)

describe.concurrent('the headers of a count', () => {
  test.for(COUNTING_WAYS)('$client > $upstream: counted or estimated', async (way, context) => {
    const stage = openStage(context)
    const { path, body } = COUNTS[way.client]
    const isCounted = way.upstream !== 'chat' // its format has no counts, so it is not even asked
    const reply = { kind: 'reply', headers: { ...UPSTREAM_HEADERS, 'content-type': 'application/json' } } as const
    const upstream = await stage.upstream({ ...reply, body: JSON.stringify({ input_tokens: 12 }) })
    const relay = await stage.relay({ accounts: [accountFor(upstream, way.upstream)] })
    const response = await relay.post(path, { model: 'm', ...body })

    expect(response.status).toBe(200)
    expect(headersOf(response)).toEqual({
      'cache-control': 'no-cache',
      'content-type': 'application/json',
      ...IDS,
      'x-relay-attempts': isCounted ? '1' : '0',
      ...(way.client !== way.upstream && {
        'x-relay-conversion': `${FORMAT_NAMES[way.client]}>${FORMAT_NAMES[way.upstream]}`,
      }),
      ...(isCounted
        ? { 'x-relay-upstream-request-id': 'req_upstream', ...ofTheWay(way) }
        : { 'x-relay-estimated': '1' }),
    })
  })

  test('an estimate names the upstream that was asked in vain', async (context) => {
    const stage = openStage(context)
    const upstream = await stage.upstream({ kind: 'reply', status: 404, headers: UPSTREAM_HEADERS, body: '' })
    const relay = await stage.relay({ accounts: [accountFor(upstream, 'responses')] })
    await relay.store.writeSetting('routing', JSON.stringify({ showsAccount: true }))
    const response = await relay.post(COUNTS.claude.path, { model: 'm', ...COUNTS.claude.body })

    expect(Object.fromEntries(response.headers)).toMatchObject({
      'x-relay-account': expect.any(String),
      'x-relay-attempts': '1',
      'x-relay-conversion': 'anthropic-messages>openai-responses',
      'x-relay-estimated': '1',
      'x-relay-upstream-request-id': 'req_upstream',
    })
  })

  test.for(COUNTING_WAYS)('$client > $upstream: refused', async ({ client, upstream: dialect }, context) => {
    const stage = openStage(context)
    const refusal = { type: 'error', error: { type: 'invalid_request_error', message: 'no' } }
    const upstream = await stage.upstream(jsonReply(refusal, { status: 400 }))
    const relay = await stage.relay({ accounts: [accountFor(upstream, dialect)] })
    const response = await relay.post(COUNTS[client].path, { model: 'm', messages: [5], input: [5] })

    expect(response.status).toBe(400)
    const pair = client === dialect ? null : `${FORMAT_NAMES[client]}>${FORMAT_NAMES[dialect]}`
    expect(response.headers.get('x-relay-conversion')).toBe(pair)
    expect(response.headers.get('x-relay-estimated')).toBeNull()
  })
})

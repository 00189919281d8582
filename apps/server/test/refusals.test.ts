import { htmlReply, jsonReply, sseReply } from '@relay/upstreams/testing'
import type { FakeReply } from '@relay/upstreams/testing'
import { describe, expect, test } from 'vitest'

import { ask, canned, onBothPaths, onEveryWay, readError, readStream, STORY, toldTo } from './dialects.ts'
import { accountFor, attemptsOf, endOf, openStage, type Dialect } from './harness.ts'

interface Refusal {
  readonly refusal: string
  readonly status: number
  readonly error: { readonly type: string; readonly message: string; readonly code?: string }
  /** Status and words that the client gets. */
  readonly told: Readonly<Record<Dialect, number>>
  readonly words: string
  /** Words of the upstream that the client may not see. */
  readonly hidden?: string
}

/** What the request itself is to blame for: nobody else is asked, and the account stays as it is. */
const requestFaults: readonly Refusal[] = [
  {
    refusal: '400 with words that name a field',
    status: 400,
    error: { type: 'invalid_request_error', message: 'messages.1.output_config: Extra inputs are not permitted' },
    told: toldTo(400),
    words: 'messages.1.output_config: Extra inputs are not permitted',
  },
  {
    refusal: '400 with a key in its words',
    status: 400,
    error: { type: 'invalid_request_error', message: 'no such header: x-api-key: sk-ant-api03-AbCdEfGhIjKlMnOpQrSt' },
    told: toldTo(400),
    words: 'no such header',
    hidden: 'sk-ant-api03-AbCdEfGhIjKlMnOpQrSt',
  },
  {
    refusal: '400 for a context that is too long',
    status: 400,
    error: {
      type: 'invalid_request_error',
      code: 'context_length_exceeded',
      message:
        "This model's maximum context length is 128000 tokens. However, your messages resulted in 140000 tokens.",
    },
    told: toldTo(400),
    words: 'prompt is too long: 140000 tokens > 128000 maximum',
  },
  {
    refusal: '413',
    status: 413,
    error: { type: 'request_too_large', message: 'Request exceeds the maximum size' },
    told: toldTo(413),
    words: 'Request exceeds the maximum size',
  },
  {
    refusal: '422',
    status: 422,
    error: { type: 'invalid_request_error', message: 'schema: not supported' },
    told: toldTo(400, 422),
    words: 'schema: not supported',
  },
]

/** What another account may do better. */
const accountFaults: readonly Refusal[] = [
  {
    refusal: '404 for the model',
    status: 404,
    error: { type: 'not_found_error', message: 'model: some-model' },
    told: toldTo(404),
    words: 'model: some-model',
  },
  {
    refusal: '401',
    status: 401,
    error: { type: 'authentication_error', message: 'invalid x-api-key upstream-credential-0001' },
    told: toldTo(502),
    words: 'refused the credential',
    hidden: 'upstream-credential-0001',
  },
  {
    refusal: '402',
    status: 402,
    error: { type: 'billing_error', message: 'Your credit balance is too low' },
    told: toldTo(529, 503),
    words: 'no quota left',
    hidden: 'credit balance',
  },
  {
    refusal: '403',
    status: 403,
    error: { type: 'permission_error', message: 'workspace 12345 is disabled' },
    told: toldTo(502),
    words: 'refused the credential',
    hidden: 'workspace 12345',
  },
  {
    refusal: '429 for quota',
    status: 429,
    error: { type: 'insufficient_quota', code: 'insufficient_quota', message: 'You exceeded your current quota' },
    told: toldTo(529, 503),
    words: 'no quota left',
    hidden: 'exceeded your current quota',
  },
  {
    refusal: '429',
    status: 429,
    error: { type: 'rate_limit_error', message: 'Number of requests has exceeded your limit' },
    told: toldTo(429),
    words: 'rate limit',
  },
]

function reply({ status, error }: Refusal, options: Partial<FakeReply> = {}): FakeReply {
  const headers = { 'content-type': 'application/json', ...options.headers }
  return { kind: 'reply', status, body: JSON.stringify({ type: 'error', error }), ...options, headers }
}

const SHAPES = [{ isStream: true }, { isStream: false }]

describe.concurrent('a refusal that is the request’s own fault', () => {
  const table = SHAPES.flatMap((shape) => onBothPaths(requestFaults.map((each) => ({ ...each, ...shape }))))
  test.for(table)('$client > $upstream (stream: $isStream): $refusal is told as it is', async (each, context) => {
    const stage = openStage(context)
    const upstream = await stage.upstream(reply(each))
    const other = await stage.upstream(canned(each.upstream).script)
    const first = accountFor(upstream, each.upstream, { priority: 1 })
    const second = accountFor(other, each.upstream, { name: 'second', priority: 2 })
    const relay = await stage.relay({ accounts: [first, second] })

    const error = await readError(each.client, await ask(relay, each.client, { isStream: each.isStream }))

    expect(error.status).toBe(each.told[each.client])
    expect(error.message).toContain(each.words)
    expect(error.message).not.toContain(each.hidden ?? '127.0.0.1')
    expect(upstream.requests).toHaveLength(1)
    expect(other.requests).toHaveLength(0)
    expect(await relay.records(1)).toMatchObject([{ status: error.status, reason: 'upstream_error' }])
    const [account] = await relay.store.listAccounts()
    expect(account?.state).toMatchObject({ attention: undefined, cooldowns: [], lastError: undefined })
    await relay.idle()
  })
})

describe.concurrent('a refusal that is the account’s fault', () => {
  const table = SHAPES.flatMap((shape) => onBothPaths(accountFaults.map((each) => ({ ...each, ...shape }))))
  test.for(table)('$client > $upstream (stream: $isStream): $refusal is never the client’s', async (each, context) => {
    const stage = openStage(context)
    const upstream = await stage.upstream(reply(each))
    const relay = await stage.relay({ accounts: [accountFor(upstream, each.upstream)] })

    const response = await ask(relay, each.client, { isStream: each.isStream })
    const error = await readError(each.client, response)

    expect(error.status).toBe(each.told[each.client])
    expect(error.message).toContain(each.words)
    expect(error.message).not.toContain(each.hidden ?? '127.0.0.1')
    expect(upstream.requests).toHaveLength(1)
    const [record] = await relay.records(1)
    expect(record).toMatchObject({ status: error.status, reason: 'upstream_error' })
    expect(attemptsOf(record)).toMatchObject([{ status: each.status }])
    expect(JSON.stringify(record)).not.toContain(each.hidden ?? '127.0.0.1')
    await relay.idle()
  })

  test.for(onBothPaths(accountFaults))(
    '$client > $upstream: after a $refusal another account answers',
    async (each, context) => {
      const stage = openStage(context)
      const first = accountFor(await stage.upstream(reply(each)), each.upstream, { name: 'first', priority: 1 })
      const sound = await stage.upstream(canned(each.upstream).script)
      const second = accountFor(sound, each.upstream, { name: 'second', priority: 2 })
      const relay = await stage.relay({ accounts: [first, second] })

      const answer = readStream(each.client, await (await ask(relay, each.client)).text())

      expect(answer).toMatchObject({ text: STORY, isComplete: true })
      const [record] = await relay.records(1)
      expect(attemptsOf(record)).toMatchObject([
        { account: 'first', status: each.status },
        { account: 'second', status: 200, reason: 'completed' },
      ])
    },
  )

  test('an account whose credential was refused is out until a person looks at it', async (context) => {
    const stage = openStage(context)
    const upstream = await stage.upstream({ kind: 'reply', status: 401, body: '{"error":{"message":"no"}}' })
    const relay = await stage.relay({ accounts: [accountFor(upstream, 'chat')] })

    await readError('claude', await ask(relay, 'claude'))
    const later = await readError('claude', await ask(relay, 'claude'))

    expect(later).toMatchObject({ status: 529, type: 'overloaded_error' })
    expect(upstream.requests).toHaveLength(1)
    const [account] = await relay.store.listAccounts()
    expect(account?.state.attention).toMatchObject({ reason: 'credential-refused' })
  })
})

interface Wait {
  readonly wait: string
  readonly headers: Readonly<Record<string, string>>
  /** Without a wait that can be understood: as long as the account rests. */
  readonly told: string
}

const waits: readonly Wait[] = [
  { wait: 'seconds', headers: { 'retry-after': '7' }, told: '7' },
  { wait: 'milliseconds', headers: { 'retry-after-ms': '2100', 'retry-after': '9' }, told: '3' },
  { wait: 'an hour', headers: { 'retry-after': '3600' }, told: '60' },
  { wait: 'no time at all', headers: { 'retry-after': '0' }, told: '1' },
  { wait: 'a fraction', headers: { 'retry-after': '0.2' }, told: '1' },
  { wait: 'a date', headers: { 'retry-after': new Date(Date.now() + 3_600_000).toUTCString() }, told: '60' },
  { wait: 'nothing', headers: {}, told: '30' },
  { wait: 'a negative number', headers: { 'retry-after': '-5' }, told: '30' },
  { wait: 'words', headers: { 'retry-after': 'soon' }, told: '30' },
  { wait: 'Infinity', headers: { 'retry-after': 'Infinity' }, told: '30' },
  { wait: 'an absurd number', headers: { 'retry-after': '99999999999' }, told: '30' },
]

describe.concurrent('how long a client is told to wait', () => {
  test.for(onBothPaths(waits))('$client > $upstream: a 429 that says $wait', async (each, context) => {
    const stage = openStage(context)
    const error = { type: 'rate_limit_error', message: 'slow down' }
    const body = JSON.stringify({ type: 'error', error })
    const upstream = await stage.upstream({ kind: 'reply', status: 429, headers: each.headers, body })
    const relay = await stage.relay({ accounts: [accountFor(upstream, each.upstream)] })

    const first = await ask(relay, each.client)
    expect(first.status).toBe(429)
    expect(first.headers.get('retry-after')).toBe(each.told)
    await relay.records(1)

    // The account rests now: the next one is told at once, with a wait that no client sleeps on for long.
    const second = await ask(relay, each.client)
    const seconds = Number(second.headers.get('retry-after'))
    expect(Number.isInteger(seconds) && seconds >= 1 && seconds <= 60).toBe(true)
  })
})

describe.concurrent('an odd refusal', () => {
  test.for(onBothPaths([{ status: 301 }, { status: 302 }, { status: 307 }, { status: 308 }]))(
    '$client > $upstream: a redirect with $status is not followed',
    async ({ client, upstream: dialect, status }, context) => {
      const stage = openStage(context)
      const elsewhere = await stage.upstream(canned(dialect).script)
      const upstream = await stage.upstream({
        kind: 'reply',
        status,
        headers: { location: `${elsewhere.url}/v1/messages` },
      })
      const relay = await stage.relay({ accounts: [accountFor(upstream, dialect)] })

      const response = await ask(relay, client)
      const error = await readError(client, response)

      expect(error.status).toBe(502)
      expect(response.headers.get('location')).toBeNull()
      expect(elsewhere.requests).toHaveLength(0)
      expect(await relay.records(1)).toMatchObject([{ reason: 'upstream_error' }])
    },
  )

  test.for(onEveryWay(SHAPES))(
    '$client > $upstream (stream: $isStream): a 404 page is a wrong base URL',
    async (each, context) => {
      const stage = openStage(context)
      const upstream = await stage.upstream(htmlReply({ status: 404 }))
      const relay = await stage.relay({ accounts: [accountFor(upstream, each.upstream)] })
      const error = await readError(each.client, await ask(relay, each.client, { isStream: each.isStream }))
      expect(error.status).toBe(502)
      expect(error.message).not.toContain('<')
    },
  )

  test.for(onBothPaths([...SHAPES, ...SHAPES]))(
    '$client > $upstream (stream: $isStream): words that never end do not keep another account from answering',
    async (each, context) => {
      const stage = openStage(context)
      const error = { error: { type: 'server_error', message: 'x'.repeat(500) } }
      const upstream = await stage.upstream(jsonReply(error, { status: 503, stallAfterBytes: 60 }))
      const sound = await stage.upstream(canned(each.upstream).script)
      const first = accountFor(upstream, each.upstream, { name: 'first', priority: 1 })
      const second = accountFor(sound, each.upstream, { name: 'second', priority: 2 })
      const relay = await stage.relay({ accounts: [first, second], rhythm: { refusalMs: 200 } })

      const response = await ask(relay, each.client, { isStream: each.isStream })

      expect(response.status).toBe(200)
      await response.text()
      expect(attemptsOf((await relay.records(1))[0])).toEqual([
        { account: 'first', reason: 'overloaded', status: 503 },
        { account: 'second', reason: 'completed', status: 200 },
      ])
      expect(await endOf(await upstream.waitForRequest(1))).toBe('aborted')
      await relay.idle()
    },
  )

  test.for(onEveryWay(SHAPES))(
    '$client > $upstream (stream: $isStream): of an endless error body the beginning counts',
    async (each, context) => {
      const stage = openStage(context)
      const piece = Buffer.alloc(16 * 1024, 'x')
      const upstream = await stage.upstream({
        ...sseReply(Array<Buffer>(400).fill(piece), { status: 400 }),
        pieceDelayMs: 5,
      })
      const relay = await stage.relay({ accounts: [accountFor(upstream, each.upstream)] })

      const error = await readError(each.client, await ask(relay, each.client, { isStream: each.isStream }))

      expect(error.status).toBe(400)
      expect(error.message.length).toBeLessThan(2_200)
      await endOf(await upstream.waitForRequest(1))
      await relay.idle()
    },
  )
})

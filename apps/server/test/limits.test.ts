import { describe, expect, test } from 'vitest'

import { ask, canned, readError } from './dialects.ts'
import { accountFor, eventually, openStage, type Dialect, type Stage, type TestRelay } from './harness.ts'

const DIALECTS: readonly Dialect[] = ['claude', 'chat', 'responses']

/** How a client is told that nothing is left. */
const USED_UP: Readonly<Record<Dialect, object>> = {
  claude: { status: 429, type: 'billing_error' },
  chat: { status: 429, type: 'insufficient_quota', code: 'insufficient_quota' },
  responses: { status: 429, type: 'insufficient_quota', code: 'insufficient_quota' },
}

/** How a client is told to come back soon. */
const SOON: Readonly<Record<Dialect, object>> = {
  claude: { status: 429, type: 'rate_limit_error' },
  chat: { status: 429, code: 'rate_limit_exceeded' },
  responses: { status: 429, code: 'rate_limit_exceeded' },
}

describe.concurrent('a limit of a relay key', () => {
  test.for(DIALECTS)('%s: that is used up for long ends the client, and says until when', async (dialect, context) => {
    const relay = await relayWith(openStage(context), { rateLimits: [requests(1, 3_600_000)] })
    expect((await ask(relay, dialect, { isStream: false })).status).toBe(200)
    const refused = await ask(relay, dialect)
    expect(refused.headers.get('x-should-retry')).toBe('false')
    expect(refused.headers.get('retry-after')).toBeNull()
    const error = await readError(dialect, refused)
    expect(error).toMatchObject(USED_UP[dialect])
    expect(error.message).toMatch(/1 requests in 3600 s is used up: 1 used; it resets at \d{4}-/)
  })

  test.for(DIALECTS)('%s: that is soon free again says when to come back', async (dialect, context) => {
    const relay = await relayWith(openStage(context), { rateLimits: [requests(1, 30_000)] })
    expect((await ask(relay, dialect, { isStream: false })).status).toBe(200)
    const refused = await ask(relay, dialect)
    expect(refused.headers.get('x-should-retry')).toBeNull()
    const seconds = Number(refused.headers.get('retry-after'))
    expect(seconds).toBeGreaterThanOrEqual(1)
    expect(seconds).toBeLessThanOrEqual(30)
    expect(await readError(dialect, refused)).toMatchObject(SOON[dialect])
  })

  test('is counted, and what it kept out is no usage', async (context) => {
    const relay = await relayWith(openStage(context), { rateLimits: [requests(2, 3_600_000)] })
    const statuses = await Promise.all(Array.from({ length: 7 }, async () => (await ask(relay, 'chat')).status))
    expect(statuses.filter((status) => status === 200)).toHaveLength(2)
    await relay.records(2)
    const told = await fetch(`${relay.url}/v1/relay/key`, { headers: { 'x-api-key': relay.key } })
    expect(await told.json()).toMatchObject({
      limits: {
        bounds: [
          { of: 'key', counts: 'requests_at_once', limit: 100 },
          { of: 'key', counts: 'requests', window_seconds: 3600, limit: 2, used: 2 },
        ],
      },
      used: { requests: 2, requests_rejected: 5 },
    })
  })

  test('of tokens counts what was used in the end', async (context) => {
    const relay = await relayWith(openStage(context), {
      rateLimits: [{ counts: 'tokens', windowMs: 3_600_000, max: 100 }],
    })
    // 59 tokens each.
    expect((await ask(relay, 'chat', { isStream: false })).status).toBe(200)
    await relay.idle()
    expect((await ask(relay, 'claude', { isStream: false })).status).toBe(200)
    await relay.idle()
    const error = await readError('chat', await ask(relay, 'chat'))
    expect(error.message).toContain('118 used')
  })

  test('holds for all that come at once: never one more is let in, and no place is lost', async (context) => {
    const stage = openStage(context)
    const upstream = await stage.upstream({ kind: 'silence' })
    const relay = await stage.relay({ accounts: [accountFor(upstream, 'chat')], key: { maxConcurrency: 5 } })
    const leaving = new AbortController()
    const told: number[] = []
    for (let index = 0; index < 200; index += 1) {
      ask(relay, 'chat', { signal: leaving.signal }).then(
        ({ status }) => told.push(status),
        () => undefined, // those that are let in are aborted below
      )
    }
    await eventually('195 are not refused', () => told.length === 195, 60_000)
    expect(new Set(told)).toEqual(new Set([429]))
    await upstream.waitForRequest(5)
    expect(upstream.requests).toHaveLength(5)
    leaving.abort()
    await relay.idle()
    expect(upstream.requests).toHaveLength(5)
  }, 90_000)

  test('of cost is not passed by more than one request, however many come at once', async (context) => {
    const stage = openStage(context)
    const upstream = await stage.upstream(canned('chat').script)
    const limitMicroUsd = 2_000
    const relay = await stage.relay({
      accounts: [accountFor(upstream, 'chat', { models: { 'some-model': 'gpt-5' } })],
      key: { budget: { dayMicroUsd: limitMicroUsd } },
    })
    const statuses = await Promise.all(
      Array.from({ length: 200 }, async () => {
        const answer = await ask(relay, 'chat', { isStream: false })
        await answer.text()
        return answer.status
      }),
    )
    await relay.idle()
    const admitted = statuses.filter((status) => status === 200).length
    expect(admitted).toBeGreaterThan(0)
    const records = await relay.records(admitted)
    const costs = records.map(({ costMicroUsd }) => costMicroUsd ?? 0)
    const spent = costs.reduce((sum, cost) => sum + cost, 0)
    expect(spent).toBeGreaterThan(0)
    expect(spent).toBeLessThanOrEqual(limitMicroUsd + Math.max(...costs))
    const [budget] = (await relay.store.readBounds(await keyOf(relay))).filter(({ bound }) => bound.type === 'budget')
    expect(budget).toMatchObject({ used: spent, reserved: 0 })
  }, 90_000)
})

describe.concurrent('a limit of others', () => {
  test('of the owner holds for all keys of the owner, and is named', async (context) => {
    const relay = await relayWith(openStage(context), { owner: 'li' })
    await relay.store.setBudgetHolder({ kind: 'owner', name: 'li', rateLimits: [requests(1, 3_600_000)] })
    await eventually('the owner has no limit', async () => (await ask(relay, 'chat')).status === 429, 20_000)
    expect((await readError('chat', await ask(relay, 'chat'))).message).toContain('the owner "li"')
  })

  test('the day of an account ends what it takes', async (context) => {
    const stage = openStage(context)
    const upstream = await stage.upstream(canned('chat').script)
    const account = accountFor(upstream, 'chat', {
      models: { 'some-model': 'gpt-5' },
      dailyQuota: { limitMicroUsd: 1 },
    })
    const relay = await stage.relay({ accounts: [account] })
    expect((await ask(relay, 'chat', { isStream: false })).status).toBe(200)
    await eventually('the account goes on', async () => (await ask(relay, 'chat')).status !== 200, 20_000)
    expect(upstream.requests.length).toBeLessThanOrEqual(2)
  })
})

describe.concurrent('the queue of a relay key', () => {
  test('lets a request wait for a place, and the rest is refused at once', async (context) => {
    const stage = openStage(context)
    const upstream = await stage.upstream({ kind: 'silence' })
    const key = { maxConcurrency: 1, concurrencyQueue: { maxWaiting: 1, maxWaitMs: 60_000 } }
    const relay = await stage.relay({ accounts: [accountFor(upstream, 'chat')], key })
    const first = new AbortController()
    const second = new AbortController()
    ask(relay, 'chat', { signal: first.signal }).catch(() => undefined) // aborted below
    await upstream.waitForRequest(1)
    ask(relay, 'claude', { signal: second.signal }).catch(() => undefined) // aborted below
    const place = { kind: 'queue', id: (await keyOf(relay)).id } as const
    await eventually('the second does not wait', async () => (await relay.store.countLeases(place)) === 1)
    expect((await ask(relay, 'responses')).status).toBe(429)
    first.abort()
    await upstream.waitForRequest(2)
    expect(await relay.store.countLeases(place)).toBe(0)
    second.abort()
    await relay.idle()
  })

  test('is left when the client leaves: no place is held and no upstream called', async (context) => {
    const stage = openStage(context)
    const upstream = await stage.upstream({ kind: 'silence' })
    const key = { maxConcurrency: 1, concurrencyQueue: { maxWaiting: 5, maxWaitMs: 60_000 } }
    const relay = await stage.relay({ accounts: [accountFor(upstream, 'chat')], key })
    const first = new AbortController()
    const waiting = new AbortController()
    ask(relay, 'chat', { signal: first.signal }).catch(() => undefined) // aborted below
    await upstream.waitForRequest(1)
    ask(relay, 'chat', { signal: waiting.signal }).catch(() => undefined) // aborted below
    const place = { kind: 'queue', id: (await keyOf(relay)).id } as const
    await eventually('nobody waits', async () => (await relay.store.countLeases(place)) === 1)
    waiting.abort()
    await eventually('a place is held', async () => (await relay.store.countLeases(place)) === 0)
    first.abort()
    await relay.idle()
    expect(upstream.requests).toHaveLength(1)
  })

  test('lets those who wait in by the order in which they came', async (context) => {
    const stage = openStage(context)
    const upstream = await stage.upstream({ kind: 'silence' })
    const key = { maxConcurrency: 1, concurrencyQueue: { maxWaiting: 10, maxWaitMs: 60_000 } }
    const relay = await stage.relay({ accounts: [accountFor(upstream, 'chat')], key })
    const place = { kind: 'queue', id: (await keyOf(relay)).id } as const
    const prompts = ['first', 'second', 'third', 'fourth']
    const leaving = prompts.map(() => new AbortController())
    for (const [index, prompt] of prompts.entries()) {
      const signal = leaving[index]?.signal
      ask(relay, 'chat', { prompt, ...(signal === undefined ? {} : { signal }) }).catch(() => undefined) // aborted below
      if (index === 0) await upstream.waitForRequest(1)
      else await eventually('it does not wait', async () => (await relay.store.countLeases(place)) === index)
    }
    for (const [index, controller] of leaving.entries()) {
      await upstream.waitForRequest(index + 1)
      controller.abort()
    }
    await relay.idle()
    expect(upstream.requests.map(({ body }) => prompts.find((prompt) => body.toString().includes(prompt)))).toEqual(
      prompts,
    )
  })

  test('is joined by whoever comes while others wait on another node, also when a place is free', async (context) => {
    const stage = openStage(context)
    const upstream = await stage.upstream(canned('chat').script)
    const key = { maxConcurrency: 1, concurrencyQueue: { maxWaiting: 2, maxWaitMs: 60_000 } }
    const relay = await stage.relay({ accounts: [accountFor(upstream, 'chat')], key })
    const resource = { kind: 'queue', id: (await keyOf(relay)).id } as const
    const others = { resource, owner: 'another node', ttlMs: 60_000, max: 2 }
    const [one, two] = [await relay.store.acquireLease(others), await relay.store.acquireLease(others)]
    expect((await ask(relay, 'chat')).status).toBe(429)
    if (two.type === 'taken') await relay.store.releaseLease(two.leaseId)
    const joined = ask(relay, 'chat', { isStream: false })
    await eventually('it does not wait', async () => (await relay.store.countLeases(resource)) === 2)
    expect((await joined).status).toBe(200)
    expect(one.type).toBe('taken')
  })

  test('ends after its time', async (context) => {
    const stage = openStage(context)
    const upstream = await stage.upstream({ kind: 'silence' })
    const key = { maxConcurrency: 1, concurrencyQueue: { maxWaiting: 5, maxWaitMs: 50 } }
    const relay = await stage.relay({ accounts: [accountFor(upstream, 'chat')], key })
    const first = new AbortController()
    ask(relay, 'chat', { signal: first.signal }).catch(() => undefined) // aborted below
    await upstream.waitForRequest(1)
    const refused = await ask(relay, 'chat')
    expect(refused.headers.get('retry-after')).toBe('1')
    expect(await readError('chat', refused)).toMatchObject(SOON.chat)
    first.abort()
    await relay.idle()
  })
})

describe.concurrent('the networks of a relay key', () => {
  test.for(DIALECTS)(
    '%s: an address outside of them is refused, whatever it says of itself',
    async (dialect, context) => {
      const relay = await relayWith(openStage(context), { permissions: { addresses: ['192.0.2.0/24'] } })
      const refused = await ask(relay, dialect, { headers: { 'x-forwarded-for': '192.0.2.1' } })
      expect(await readError(dialect, refused)).toMatchObject({ status: dialect === 'claude' ? 403 : 400 })
      const models = await fetch(`${relay.url}/v1/models`, { headers: { 'x-api-key': relay.key } })
      expect(models.status).toBeGreaterThanOrEqual(400)
    },
  )

  test('an address in them is served', async (context) => {
    const relay = await relayWith(openStage(context), { permissions: { addresses: ['127.0.0.0/8'] } })
    expect((await ask(relay, 'chat', { isStream: false })).status).toBe(200)
  })
})

test('a key that ends after its first use is refused from then on', async (context) => {
  const relay = await relayWith(openStage(context), { expiresAfterFirstUseMs: 1_500 })
  expect((await ask(relay, 'chat', { isStream: false })).status).toBe(200)
  await eventually('the key goes on', async () => (await ask(relay, 'chat')).status === 401, 20_000)
})

function requests(max: number, windowMs: number): { counts: 'requests'; windowMs: number; max: number } {
  return { counts: 'requests', windowMs, max }
}

async function relayWith(stage: Stage, key: Parameters<Stage['relay']>[0]['key']): Promise<TestRelay> {
  const upstream = await stage.upstream(canned('chat').script)
  return stage.relay({ accounts: [accountFor(upstream, 'chat')], ...(key === undefined ? {} : { key }) })
}

async function keyOf(relay: TestRelay): Promise<NonNullable<Awaited<ReturnType<TestRelay['store']['findRelayKey']>>>> {
  const key = await relay.store.findRelayKey(relay.key)
  if (key === undefined) throw new Error('the key of the tests is gone')
  return key
}

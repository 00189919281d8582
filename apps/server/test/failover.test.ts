import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

import type { Account } from '@relay/account-store'
import { htmlReply, jsonReply, openAiErrorReply, sseReply, startFakeProxy } from '@relay/upstreams/testing'
import type { FakeAnswer } from '@relay/upstreams/testing'
import { describe, expect, test } from 'vitest'

import { ask, canned, OVERLOADED_EVENTS, readError, readStream, STORY, STORY_TOKENS, WAYS } from './dialects.ts'
import { accountFor, attemptsOf, endOf, eventually, openStage } from './harness.ts'

const RATE_LIMITED = { error: { type: 'rate_limit_error', message: 'slow down' } }
const BROKEN = { error: { type: 'server_error', message: 'oops' } }

function isResting({ state }: Pick<Account, 'state'>): boolean {
  return state.cooldowns.length > 0
}

function limited(headers: Readonly<Record<string, string>>): FakeAnswer {
  return jsonReply(RATE_LIMITED, { status: 429, headers })
}

describe.concurrent('three accounts of which two fail', () => {
  test.for(WAYS)('$client > $upstream: one answer, one bill, every attempt in the record', async (way, context) => {
    const stage = openStage(context)
    const overloaded = await stage.upstream(sseReply(OVERLOADED_EVENTS[way.upstream]))
    const refusing = await stage.upstream(limited({ 'retry-after': '7' }))
    const sound = await stage.upstream(canned(way.upstream).script)
    const relay = await stage.relay({
      accounts: [overloaded, refusing, sound].map((upstream, index) =>
        accountFor(upstream, way.upstream, { name: `account ${index}`, priority: index }),
      ),
    })

    const response = await ask(relay, way.client)

    expect(readStream(way.client, await response.text())).toMatchObject({ text: STORY, isComplete: true })
    expect(response.headers.get('x-relay-attempts')).toBe('3')
    const [record] = await relay.records(1)
    expect(record).toMatchObject({ status: 200, usageSource: 'reported', tokens: STORY_TOKENS })
    expect(attemptsOf(record)).toEqual([
      { account: 'account 0', reason: 'overloaded', status: 200 },
      { account: 'account 1', reason: 'rate_limit', status: 429 },
      { account: 'account 2', reason: 'completed', status: 200 },
    ])
    await Promise.all([overloaded, refusing].flatMap(({ requests }) => requests.map(endOf)))
    await relay.idle()
  })
})

test.for([
  ['another account', 2, [1, 1]],
  ['nobody else', 1, [2]],
] as const)('a conflict is worth one more try, at %s', async ([, count, asked], context) => {
  const stage = openStage(context)
  const conflict = jsonReply({ error: { message: 'busy with it' } }, { status: 409 })
  const upstreams = await Promise.all(
    Array.from({ length: count + (count > 1 ? 1 : 0) }, () => stage.upstream(conflict)),
  )
  const relay = await stage.relay({
    accounts: upstreams.map((upstream, priority) => accountFor(upstream, 'chat', { name: `a ${priority}`, priority })),
  })
  expect((await ask(relay, 'chat')).status).toBe(409)
  expect(upstreams.map(({ requests }) => requests.length).filter((times) => times > 0)).toEqual(asked)
})

test('the operator is told why there is no connection, and the client no host', async (context) => {
  const stage = openStage(context)
  const upstream = await stage.upstream(canned('chat').script)
  const { host } = new URL(upstream.url)
  const relay = await stage.relay({ accounts: [accountFor(upstream, 'chat', { baseUrl: `https://${host}` })] })
  const told = await (await ask(relay, 'chat')).text()
  expect(told).toContain('no secure connection to the upstream')
  expect(told).not.toContain(host)
  const reason = `the TLS handshake with ${host} failed (ERR_SSL_WRONG_VERSION_NUMBER)`
  await eventually('the reason at the account', async () => {
    const [account] = await relay.store.listAccounts()
    return account?.state.lastError?.message === reason
  })
})

describe.concurrent('what a client is told when every account has failed', () => {
  test('an error says of its way what an answer says: tries, account, and the upstream’s id', async (context) => {
    const stage = openStage(context)
    const ids = ['up-first', 'up-last']
    const accounts = await Promise.all(
      ids.map(async (id, index) => {
        const upstream = await stage.upstream(jsonReply(BROKEN, { status: 500, headers: { 'x-request-id': id } }))
        return accountFor(upstream, 'chat', { name: id, priority: index })
      }),
    )
    const relay = await stage.relay({ accounts })
    await relay.store.writeSetting('routing', JSON.stringify({ showsAccount: true }))

    for (const isStream of [true, false]) {
      const { status, headers } = await ask(relay, 'claude', { isStream })
      expect(status).toBe(500)
      expect(Number(headers.get('x-relay-attempts'))).toBeGreaterThan(1)
      expect(headers.get('x-relay-upstream-request-id')).toBe(headers.get('x-relay-account'))
      expect(ids).toContain(headers.get('x-relay-account'))
    }
    const refused = await relay.post('/v1/messages', { model: 1 })
    expect(refused.headers.get('x-relay-attempts')).toBe('0')
  })

  test('the soonest wait of all of them', async (context) => {
    const stage = openStage(context)
    const waits = ['40', '9', '3600']
    const accounts = await Promise.all(
      waits.map(async (wait, index) =>
        accountFor(await stage.upstream(limited({ 'retry-after': wait })), 'chat', { name: wait, priority: index }),
      ),
    )
    const relay = await stage.relay({ accounts })

    const response = await ask(relay, 'chat')
    expect(response.headers.get('retry-after')).toBe('9')
    expect(await readError('chat', response)).toMatchObject({ status: 429, code: 'rate_limit_exceeded' })
    const later = await ask(relay, 'claude')
    expect(Number(later.headers.get('retry-after'))).toBeLessThanOrEqual(9)
    expect(await readError('claude', later)).toMatchObject({ status: 429, type: 'rate_limit_error' })
  })

  test('a wait that is longer than clients may sleep stands in the message', async (context) => {
    const stage = openStage(context)
    const upstream = await stage.upstream(limited({ 'retry-after': '3600' }))
    const relay = await stage.relay({ accounts: [accountFor(upstream, 'claude')] })

    const response = await ask(relay, 'claude')

    expect(response.headers.get('retry-after')).toBe('60')
    expect((await readError('claude', response)).message).toContain('3600 s')
  })

  test('in the form that makes clients stop where nobody would wait so long', async (context) => {
    const stage = openStage(context)
    const upstream = await stage.upstream(limited({ 'retry-after': '3600' }))
    const relay = await stage.relay({ accounts: [accountFor(upstream, 'chat')] })
    for (const client of ['responses', 'chat', 'claude'] as const) {
      const response = await ask(relay, client) // the first one fails, the account rests for the others
      expect(response.headers.get('x-should-retry')).toBe('false')
      const error = await readError(client, response)
      expect(error.status).toBe(429)
      expect(error.message).toMatch(/free again in 3\d{3} s/)
      expect(error).toMatchObject(
        client === 'claude' ? { type: 'rate_limit_error' } : { type: 'insufficient_quota', code: 'insufficient_quota' },
      )
    }
    expect(upstream.requests).toHaveLength(1)
  })

  test('that it is a rate limit only when all of them are rate limited', async (context) => {
    const stage = openStage(context)
    const first = accountFor(await stage.upstream(jsonReply(BROKEN, { status: 500 })), 'chat', { priority: 1 })
    const second = accountFor(await stage.upstream(limited({})), 'chat', { name: 'second', priority: 2 })
    const relay = await stage.relay({ accounts: [first, second] })

    expect((await readError('chat', await ask(relay, 'chat'))).status).toBe(500)
  })

  test('and only when it is the rate limit that keeps them out now, not one of another model', async (context) => {
    const stage = openStage(context)
    const relay = await stage.relay({
      accounts: [accountFor(await stage.upstream(jsonReply(BROKEN, { status: 500 })), 'chat')],
    })
    const [account] = await relay.store.listAccounts()
    const place = { accountId: account?.id ?? '', durationMs: 30_000 }
    await relay.store.startCooldown({ ...place, model: 'another', cause: 'rate-limited' })
    await relay.store.startCooldown({ ...place, model: 'some-model', cause: 'overloaded' })
    expect((await readError('chat', await ask(relay, 'chat'))).status).toBe(500) // nobody else is left to be asked
  })

  test.for([
    { status: 503, error: BROKEN },
    { status: 529, error: BROKEN },
    { status: 429, error: RATE_LIMITED },
  ])('how long to wait, also where the upstream did not say: $status', async ({ status, error }, context) => {
    const stage = openStage(context)
    const relay = await stage.relay({
      accounts: [accountFor(await stage.upstream(jsonReply(error, { status })), 'chat')],
    })

    const seconds = Number((await ask(relay, 'claude', { isStream: false })).headers.get('retry-after'))

    expect(Number.isInteger(seconds) && seconds >= 1 && seconds <= 60).toBe(true)
  })
})

describe.concurrent('an account that comes back from a rest', () => {
  test('is tried by one request; the others follow once that has content', async (context) => {
    const stage = openStage(context)
    const story = canned('chat').sse
    const split = story.indexOf('\n\n', story.indexOf('l ein Relais')) + 2
    const others = Promise.withResolvers<void>()
    const upstream = await stage.upstream(async (_, index) => {
      if (index === 0) return limited({ 'retry-after-ms': '150' })
      if (index > 1) return sseReply(story)
      await others.promise
      return sseReply([story.slice(0, split), story.slice(split)], { pieceDelayMs: 1_500 })
    })
    const relay = await stage.relay({ accounts: [accountFor(upstream, 'chat')] })
    expect((await ask(relay, 'chat')).status).toBe(429)
    await eventually('the rest is not over', async () => {
      const [account] = await relay.store.listAccounts()
      const [cooldown] = account?.state.cooldowns ?? []
      return cooldown !== undefined && cooldown.endsAt < Date.now()
    })

    const probe = ask(relay, 'chat')
    await upstream.waitForRequest(2)
    const refused = await Promise.all([1, 2, 3].map(() => ask(relay, 'claude', { isStream: false })))
    expect(refused.map(({ status }) => status)).toEqual([529, 529, 529])
    expect(refused.map(({ headers }) => headers.get('retry-after'))).toEqual(['1', '1', '1'])
    expect(upstream.requests).toHaveLength(2)

    others.resolve()
    const response = await probe // its first content is here, its end is not
    expect((await ask(relay, 'chat')).status).toBe(200)
    expect(readStream('chat', await response.text())).toMatchObject({ text: STORY, isComplete: true })
    await relay.idle()
  })
})

describe.concurrent('two nodes on one store', () => {
  test('share a rest, and the one request that finds out whether it is over', async (context) => {
    const stage = openStage(context)
    const storeFile = join(await mkdtemp(join(tmpdir(), 'relay-failover-')), 'relay.db')
    context.onTestFinished(() => rm(dirname(storeFile), { recursive: true, force: true }))
    const upstream = await stage.upstream((request, index) =>
      index === 0
        ? limited({ 'retry-after-ms': '1500' })
        : canned('chat').reply(request, { headersDelayMs: index === 1 ? 800 : 0 }),
    )
    const first = await stage.relay({ accounts: [accountFor(upstream, 'chat')], storeFile })
    const second = await stage.relay({ accounts: [], key: { name: 'second node' }, storeFile })
    const askBoth = (): Promise<Response[]> =>
      Promise.all([first, second, first, second].map((relay) => ask(relay, 'chat', { isStream: false })))

    expect((await ask(first, 'chat')).status).toBe(429)
    await eventually('the other node does not know of the rest', async () => {
      const [account] = await second.store.listAccounts()
      return account?.state.cooldowns.length === 1
    })
    expect((await askBoth()).map(({ status }) => status)).toEqual([429, 429, 429, 429])
    expect(upstream.requests).toHaveLength(1)

    await eventually(
      'the rest is not over',
      async () => {
        const [account] = await first.store.listAccounts()
        return (account?.state.cooldowns[0]?.endsAt ?? Infinity) < Date.now()
      },
      5_000,
    )
    expect((await askBoth()).map(({ status }) => String(status)).toSorted()).toEqual(['200', '503', '503', '503'])
    expect(upstream.requests).toHaveLength(2)
  })
})

describe.concurrent('the only account of a model', () => {
  test('never rests, and is tried once a second while it keeps failing', async (context) => {
    const stage = openStage(context)
    let isWell = false
    const upstream = await stage.upstream(() =>
      isWell ? sseReply(canned('chat').sse) : jsonReply(BROKEN, { status: 503 }),
    )
    const relay = await stage.relay({ accounts: [accountFor(upstream, 'chat')] })
    await readError('chat', await ask(relay, 'chat'))
    expect(upstream.requests).toHaveLength(3)

    const begunMs = performance.now()
    const statuses: number[] = []
    while (performance.now() - begunMs < 1_500) {
      const answers = await Promise.all([1, 2, 3].map(() => ask(relay, 'chat', { isStream: false })))
      statuses.push(...answers.map(({ status }) => status))
    }
    expect(new Set(statuses)).toEqual(new Set([503]))
    const probes = upstream.requests.length - 3
    expect(probes).toBeGreaterThanOrEqual(1)
    expect(probes).toBeLessThanOrEqual(Math.ceil((performance.now() - begunMs) / 1_000))

    isWell = true
    await eventually('it does not come back', async () => (await ask(relay, 'chat', { isStream: false })).ok, 5_000)
    const answers = await Promise.all([1, 2, 3, 4].map(() => ask(relay, 'chat', { isStream: false })))
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200])
    const [account] = await relay.store.listAccounts()
    expect(account?.state.cooldowns).toEqual([])
  })
})

test('an answer that says what is wrong with a request shows that the only account is well again', async (context) => {
  const stage = openStage(context)
  let answer = jsonReply(BROKEN, { status: 503 })
  const upstream = await stage.upstream(() => answer)
  const relay = await stage.relay({ accounts: [accountFor(upstream, 'chat')] })
  const statusOf = async (): Promise<number> => (await ask(relay, 'chat', { isStream: false })).status
  expect(await statusOf()).toBe(503)
  answer = jsonReply({ error: { type: 'invalid_request_error', message: 'no such tool' } }, { status: 400 })
  await eventually('it answers', async () => (await statusOf()) === 400)
  expect(await Promise.all([statusOf(), statusOf(), statusOf()])).toEqual([400, 400, 400])
})

describe.concurrent('an account that rests while all others are out', () => {
  const RESTS_LONG = { cooldownPolicy: { isOn: true, firstMs: 60_000, longestMs: 60_000, rateLimitedMs: 60_000 } }

  test('is asked all the same, once a second until it answers, and then by everybody', async (context) => {
    const stage = openStage(context)
    let firstAnswer: FakeAnswer | undefined = jsonReply(BROKEN, { status: 500 })
    const first = await stage.upstream((request) => firstAnswer ?? canned('chat').reply(request))
    const second = await stage.upstream(jsonReply({ error: { message: 'no such key' } }, { status: 401 }))
    const relay = await stage.relay({
      accounts: [
        accountFor(first, 'chat', { name: 'first', priority: 1, ...RESTS_LONG }),
        accountFor(second, 'chat', { name: 'second', priority: 2 }),
      ],
    })
    const statusOf = async (): Promise<number> => (await ask(relay, 'chat', { isStream: false })).status
    expect(await statusOf()).toBeGreaterThanOrEqual(500) // the first rests since there was a second, and that is refused
    await eventually('both are out', async () => {
      const states = (await relay.store.listAccounts()).map(({ state }) => state)
      return states.some(({ attention }) => attention) && states.some(({ cooldowns }) => cooldowns.length > 0)
    })

    const asked = first.requests.length
    const failed = await Promise.all([statusOf(), statusOf(), statusOf()])
    expect(failed.every((status) => status >= 500)).toBe(true)
    expect(first.requests).toHaveLength(asked + 1)

    firstAnswer = undefined
    await eventually('it answers', async () => (await statusOf()) === 200)
    expect(await Promise.all([statusOf(), statusOf(), statusOf()])).toEqual([200, 200, 200])
  })

  test.for([
    ['401', jsonReply({ error: { message: 'no such key' } }, { status: 401 })],
    ['404', jsonReply({ error: { message: 'no such model' } }, { status: 404 })],
    ['429', limited({ 'retry-after': '7' })],
  ] as const)('is asked within the request in which the last of them answers %s', async ([, refusal], context) => {
    const stage = openStage(context)
    const [resting, other] = [await stage.upstream(canned('chat').script), await stage.upstream(canned('chat').script)]
    resting.answerNext(jsonReply(BROKEN, { status: 500 }))
    const relay = await stage.relay({
      accounts: [
        accountFor(resting, 'chat', { name: 'resting', priority: 0 }),
        accountFor(other, 'chat', { name: 'other', priority: 1 }),
      ],
    })
    expect((await ask(relay, 'chat')).status).toBe(200)
    await eventually('the rest', async () => (await relay.store.listAccounts()).some(isResting))
    other.answer(refusal)
    const response = await ask(relay, 'chat')
    expect([response.status, response.headers.get('x-relay-attempts')]).toEqual([200, '2'])
    expect([resting.requests.length, other.requests.length]).toEqual([2, 2])
    await relay.idle()
  })

  test('is not asked while it is a rate limit that keeps it out', async (context) => {
    const stage = openStage(context)
    const upstream = await stage.upstream(limited({ 'retry-after': '50' }))
    const relay = await stage.relay({ accounts: [accountFor(upstream, 'chat')] })
    expect((await ask(relay, 'chat')).status).toBe(429)
    expect((await ask(relay, 'chat')).status).toBe(429)
    expect(upstream.requests).toHaveLength(1)
  })
})

const HTML = 'Upstream returned HTML'
const NOWHERE = 'no such endpoint at its base URL'

describe.concurrent('what an account would only meet again', () => {
  test.for([
    ['a page', 405, HTML, htmlReply({ status: 405 })],
    ['words', 405, NOWHERE, jsonReply({ detail: 'Method Not Allowed' }, { status: 405 })],
    ['an error', 405, NOWHERE, openAiErrorReply(405, { message: 'Method Not Allowed', type: 'invalid_request_error' })],
    ['a page', 404, HTML, htmlReply({ status: 404 })],
  ] as const)(
    'no endpoint, said with %s of status %i: asked once, and told',
    async ([, status, told, refusal], context) => {
      const stage = openStage(context)
      const [bad, good] = [await stage.upstream(refusal), await stage.upstream(canned('chat').script)]
      const alone = await stage.relay({ accounts: [accountFor(bad, 'chat')] })
      const error = await readError('chat', await ask(alone, 'chat'))
      expect([error.status, error.message]).toEqual([502, expect.stringContaining(told)])
      expect(attemptsOf((await alone.records(1))[0])).toMatchObject([{ status }])

      const relay = await stage.relay({
        accounts: [
          accountFor(bad, 'chat', { name: 'bad', priority: 1 }),
          accountFor(good, 'chat', { name: 'good', priority: 2 }),
        ],
      })
      expect((await ask(relay, 'chat')).status).toBe(200)
      expect(attemptsOf((await relay.records(1))[0])).toMatchObject([{ account: 'bad', status }, { account: 'good' }])
    },
  )

  test.for(['http', 'socks5'] as const)('a proxy that wants another password: %s', async (kind, context) => {
    const stage = openStage(context)
    const proxy = await startFakeProxy({ kind, credential: { username: 'relay', password: 'right-password-1' } })
    context.onTestFinished(() => proxy.close())
    const upstream = await stage.upstream(canned('chat').script)
    const proxyUrl = `${kind}://relay:wrong-password-1@127.0.0.1:${proxy.port}`
    const locked = accountFor(upstream, 'chat', { name: 'locked', priority: 1, proxyUrl })
    const alone = await stage.relay({ accounts: [locked] })
    const error = await readError('claude', await ask(alone, 'claude'))
    expect(error.message).toBe('the proxy of the account wants another user name or password')
    expect(attemptsOf((await alone.records(1))[0])).toEqual([{ account: 'locked', reason: 'overloaded' }])
    await eventually('the error is noted', async () => {
      const [account] = await alone.store.listAccounts()
      const told = `the proxy 127.0.0.1:${proxy.port} wants another user name or password`
      return account?.state.lastError?.message.includes(told) === true
    })
    expect(alone.log()).not.toContain('wrong-password-1')

    const relay = await stage.relay({
      accounts: [locked, accountFor(upstream, 'chat', { name: 'open', priority: 2 })],
    })
    expect((await ask(relay, 'claude')).status).toBe(200)
    expect(attemptsOf((await relay.records(1))[0])).toMatchObject([{ account: 'locked' }, { account: 'open' }])
  })
})

describe.concurrent('the retries of all requests together', () => {
  test('have a budget, beyond which a failure is told at once', async (context) => {
    const stage = openStage(context)
    const upstream = await stage.upstream(jsonReply(BROKEN, { status: 409 })) // tried once more, and nobody is to blame
    const relay = await stage.relay({ accounts: [accountFor(upstream, 'chat')] })

    await Promise.all(Array.from({ length: 30 }, () => ask(relay, 'chat', { isStream: false })))

    expect(upstream.requests.length - 30).toBe(10 + 30 / 5)
  })
})

import { jsonReply } from '@relay/upstreams/testing'
import { describe, expect, test } from 'vitest'

import { ask, canned, DIALECTS, readError } from './dialects.ts'
import { accountFor, attemptsOf, openStage } from './harness.ts'

const slow = jsonReply(canned('chat').json, { headersDelayMs: 300 })

describe.concurrent('an account with few places', () => {
  test('passes what comes at the same moment on to others, and is not blamed for it', async (context) => {
    const stage = openStage(context)
    const upstreams = [await stage.upstream(slow), await stage.upstream(slow), await stage.upstream(slow)]
    const accounts = upstreams.map((upstream, index) =>
      accountFor(upstream, 'chat', { name: `account ${index}`, priority: index, maxConcurrency: 1 }),
    )
    const relay = await stage.relay({ accounts })

    const responses = await Promise.all([1, 2, 3].map(() => ask(relay, 'chat', { isStream: false })))

    expect(responses.map(({ status }) => status)).toEqual([200, 200, 200])
    expect(upstreams.map(({ requests }) => requests.length)).toEqual([1, 1, 1])
    const records = await relay.records(3)
    expect(records.map((record) => attemptsOf(record).length)).toEqual([1, 1, 1])
    const states = (await relay.store.listAccounts()).map(({ state }) => state)
    for (const { cooldowns, lastError } of states) expect([cooldowns, lastError]).toEqual([[], undefined])
    await relay.idle()
  })

  test('tells a client when to come back while all of them are taken', async (context) => {
    const stage = openStage(context)
    const upstream = await stage.upstream(slow)
    const relay = await stage.relay({ accounts: [accountFor(upstream, 'chat', { maxConcurrency: 1 })] })

    const responses = await Promise.all([
      ask(relay, 'claude', { isStream: false }),
      ask(relay, 'claude', { isStream: false }),
    ])

    const refused = responses.find(({ status }) => status !== 200) ?? responses[0]
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
    expect(await readError('claude', refused)).toMatchObject({ status: 529, type: 'overloaded_error' })
    const records = await relay.records(2)
    expect(records.map(({ reason }) => reason).toSorted()).toEqual(['completed', 'rejected'])
    expect((await ask(relay, 'chat', { isStream: false })).status).toBe(200)
    await relay.idle()
  })

  test('never serves more than it may, however many ask', async (context) => {
    const stage = openStage(context)
    let running = 0
    let most = 0
    const upstream = await stage.upstream((request) => {
      running += 1
      most = Math.max(most, running)
      void request.closed.then(() => (running -= 1))
      return slow
    })
    const relay = await stage.relay({ accounts: [accountFor(upstream, 'chat', { maxConcurrency: 5 })] })

    const asked = Array.from({ length: 60 }, () => ask(relay, 'chat', { isStream: false }))
    const statuses = (await Promise.all(asked)).map(({ status }) => status)

    expect(most).toBeLessThanOrEqual(5)
    expect(new Set(statuses)).toEqual(new Set([200, 503]))
    expect(statuses.filter((status) => status === 200).length).toBeGreaterThanOrEqual(5)
    await relay.records(60)
    await relay.idle()
  })
})

describe.concurrent('a store that is away', () => {
  test.for(DIALECTS)('%s: is never the client’s fault', async (dialect, context) => {
    const stage = openStage(context)
    const relay = await stage.relay({ accounts: [accountFor(await stage.upstream(slow), 'chat')] })
    await (await ask(relay, dialect)).text() // the key and the account are known now
    await relay.store.close()

    const error = await readError(dialect, await ask(relay, dialect))

    expect(error.status).toBe(503)
    expect((await fetch(`${relay.url}/ready`)).status).toBe(503)
    expect((await fetch(`${relay.url}/health`)).status).toBe(200)
  })
})

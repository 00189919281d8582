import { setTimeout as wait } from 'node:timers/promises'

import { type AccountStore, openSqliteStore } from '@relay/account-store'
import { silence } from '@relay/upstreams/testing'
import { expect, onTestFinished, test, vi } from 'vitest'

import { ask } from './dialects.ts'
import { accountFor, eventually, openStage } from './harness.ts'

const SECRET = 'a secret of the tests of slots, long enough'

async function openStore(now?: () => number): Promise<AccountStore> {
  return openSqliteStore({ path: ':memory:', encryptionKey: `encryption ${SECRET}`, sessionSecret: SECRET, now })
}

test('a request that takes minutes keeps its places', async (context) => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
  onTestFinished(() => void vi.useRealTimers())
  let nowMs = Date.now()
  const store = await openStore(() => nowMs)
  const stage = openStage(context)
  const upstream = await stage.upstream(silence())
  const relay = await stage.relay({
    store,
    accounts: [accountFor(upstream, 'chat', { maxConcurrency: 1 })],
    key: { maxConcurrency: 1 },
  })
  const leaving = new AbortController()
  const request = ask(relay, 'chat', { signal: leaving.signal }).catch(() => undefined)
  await eventually('the upstream is not asked', () => upstream.requests.length === 1)

  for (let passedMs = 0; passedMs < 180_000; passedMs += 20_000) {
    nowMs += 20_000
    vi.advanceTimersByTime(20_000)
    await wait(20)
  }

  const [account] = await store.listAccounts()
  expect(await store.countLeases({ kind: 'account', id: account?.id ?? '' })).toBe(1)
  expect((await ask(relay, 'chat')).status).toBe(429)
  expect(upstream.requests).toHaveLength(1)
  leaving.abort()
  await request
  await relay.idle()
})

test('places that nobody renews any more are free again well within a minute', async (context) => {
  // As after the death of the process that took them: its timer is still.
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
  onTestFinished(() => void vi.useRealTimers())
  let nowMs = Date.now()
  const store = await openStore(() => nowMs)
  const stage = openStage(context)
  const upstream = await stage.upstream(silence())
  const relay = await stage.relay({
    store,
    accounts: [accountFor(upstream, 'chat', { maxConcurrency: 2 })],
    key: { maxConcurrency: 1 },
  })
  const leaving = new AbortController()
  const first = ask(relay, 'chat', { signal: leaving.signal }).catch(() => undefined)
  await eventually('the upstream is not asked', () => upstream.requests.length === 1)
  const [account] = await store.listAccounts()
  const countPlaces = async (): Promise<number> => store.countLeases({ kind: 'account', id: account?.id ?? '' })
  nowMs += 40_000
  expect([(await ask(relay, 'chat')).status, await countPlaces()]).toEqual([429, 1])

  nowMs += 10_000

  expect(await countPlaces()).toBe(0)
  const second = ask(relay, 'chat', { signal: leaving.signal }).catch(() => undefined)
  await eventually('the place is not free', () => upstream.requests.length === 2)
  leaving.abort()
  await Promise.all([first, second])
  await relay.idle()
})

test('a client that leaves while the store lets it in leaves no place behind', async (context) => {
  const real = await openStore()
  const asked = Promise.withResolvers<void>()
  const slow: AccountStore = {
    ...real,
    admit: async (request) => {
      const answer = await real.admit(request)
      asked.resolve()
      await wait(500)
      return answer
    },
  }
  const stage = openStage(context)
  const upstream = await stage.upstream(silence())
  const relay = await stage.relay({ store: slow, accounts: [accountFor(upstream, 'chat')] })
  const leaving = new AbortController()
  const request = ask(relay, 'chat', { signal: leaving.signal }).catch(() => undefined)
  await asked.promise
  leaving.abort()
  await request
  expect(await relay.records(1)).toMatchObject([{ reason: 'client_closed' }])
  await relay.idle()
  expect(upstream.requests).toHaveLength(0)
})

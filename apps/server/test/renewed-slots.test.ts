import { setTimeout as wait } from 'node:timers/promises'

import { type AccountStore, openSqliteStore } from '@relay/account-store'
import { silence } from '@relay/upstreams/testing'
import { expect, onTestFinished, test, vi } from 'vitest'
import type { TestContext } from 'vitest'

import { ask } from './dialects.ts'
import { accountFor, eventually, openStage } from './harness.ts'
import type { TestRelay } from './harness.ts'

const SECRET = 'a secret of the tests of slots, long enough'

async function openStore(now?: () => number): Promise<AccountStore> {
  return openSqliteStore({ path: ':memory:', encryptionKey: `encryption ${SECRET}`, sessionSecret: SECRET, now })
}

interface HeldPlaces {
  readonly relay: TestRelay
  /** How often the upstream was asked. */
  readonly asked: () => number
  /** How many places of the account are taken. */
  readonly countPlaces: () => Promise<number>
  /** The store's clock goes on; timers do not. */
  readonly passTime: (ms: number) => void
  /** Asks once more, until the test ends it. */
  readonly askOn: () => void
  /** Ends what was asked. */
  readonly leave: () => Promise<void>
}

/** A request that is never answered holds the only place of its key, and one of its account. */
async function holdPlaces(context: TestContext): Promise<HeldPlaces> {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
  onTestFinished(() => void vi.useRealTimers())
  let nowMs = Date.now()
  const store = await openStore(() => nowMs)
  const stage = openStage(context)
  const upstream = await stage.upstream(silence())
  const accounts = [accountFor(upstream, 'chat', { maxConcurrency: 2 })]
  const relay = await stage.relay({ store, accounts, key: { maxConcurrency: 1 } })
  const [account] = await store.listAccounts()
  const leaving = new AbortController()
  const running: Promise<unknown>[] = []
  const askOn = (): void => void running.push(ask(relay, 'chat', { signal: leaving.signal }).catch(() => undefined))
  askOn()
  await eventually('the upstream is not asked', () => upstream.requests.length === 1)
  return {
    relay,
    asked: () => upstream.requests.length,
    countPlaces: async () => store.countLeases({ kind: 'account', id: account?.id ?? '' }),
    passTime: (ms) => void (nowMs += ms),
    askOn,
    leave: async () => {
      leaving.abort()
      await Promise.all(running)
      await relay.idle()
    },
  }
}

test('a request that takes minutes keeps its places', async (context) => {
  const { relay, asked, countPlaces, passTime, leave } = await holdPlaces(context)
  for (let passedMs = 0; passedMs < 180_000; passedMs += 20_000) {
    passTime(20_000)
    vi.advanceTimersByTime(20_000)
    await wait(20)
  }
  expect([(await ask(relay, 'chat')).status, await countPlaces(), asked()]).toEqual([429, 1, 1])
  await leave()
})

test('places that nobody renews any more are free again well within a minute', async (context) => {
  // As after the death of the process that took them: its timer is still.
  const { relay, asked, countPlaces, passTime, askOn, leave } = await holdPlaces(context)
  passTime(40_000)
  expect([(await ask(relay, 'chat')).status, await countPlaces()]).toEqual([429, 1])

  passTime(10_000)

  expect(await countPlaces()).toBe(0)
  askOn()
  await eventually('the place is not free', () => asked() === 2)
  await leave()
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

import { setTimeout as wait } from 'node:timers/promises'

import { expect, onTestFinished, test, vi } from 'vitest'

import type { AccountStore } from '../src/index.ts'
import { admit, expectBack, fill, quickly, useFaultStage } from './redis-fault-stage.ts'
import type { Filled } from './redis-fault-stage.ts'
import { needsRedis } from './redis-stage.ts'
import { openSlowRoad } from './slow-road.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

const { start, open } = useFaultStage()

test.skipIf(needsRedis()).for([
  ['answers, but each answer takes nearly as long as it may', 900],
  ['answers later than anybody waits', 1500],
] as const)('a Redis that %s: a request waits two seconds in all', async ([, roundTripMs]) => {
  const server = await start()
  const road = await openSlowRoad(server.port)
  onTestFinished(async () => road.close())
  const connection = { kind: 'standalone', address: { host: '127.0.0.1', port: road.port }, db: 0 } as const
  const store = await open(server, { connection })
  const filled = await fill(store)
  await askAll(store, filled)

  road.delay(roundTripMs)
  for (let request = 0; request < 3; request += 1) await quickly(askAll(store, filled))

  road.delay(0)
  await expectBack(store)
  expect(await quickly(store.findRelayKey('rk-nobody-has-this-one'))).toBeUndefined()
})

test.skipIf(needsRedis())('what reaches Redis after its request has ended holds nothing', async () => {
  const server = await start()
  const road = await openSlowRoad(server.port)
  onTestFinished(async () => road.close())
  const connection = { kind: 'standalone', address: { host: '127.0.0.1', port: road.port }, db: 0 } as const
  const store = await open(server, { connection })
  const { used } = await fill(store)
  const windows = [{ counts: 'requests', windowMs: 86_400_000, max: 100 }] as const
  const relayKey = await store.updateRelayKey(used.relayKey.id, { rateLimits: windows })

  await admit(store, { ...used, relayKey }) // which asks for what there is to know first
  road.delay(2 * LATE_MS)
  const askedAt = performance.now()
  const admitted = await admit(store, { ...used, relayKey }) // by this node alone: the question is on its way
  road.abandon()
  road.delay(0)
  if (admitted.type === 'admitted') await store.settle(admitted.admission, NOTHING)
  await expectBack(store)
  await wait(Math.max(0, LATE_MS + 500 - (performance.now() - askedAt)))

  const usedNow = async (): Promise<readonly (readonly [string, number])[]> =>
    (await store.readBounds(relayKey)).map(({ bound, used: count }) => [bound.type, count] as const)
  await expect.poll(usedNow, { timeout: 5000 }).toContainEqual(['window', 2])
  expect(await usedNow()).toContainEqual(['concurrency', 1])
})

/** Longer than a command is waited for, and than the way back to Redis takes. */
const LATE_MS = 4000

/** What a request asks the store for, one after the other. */
async function askAll(store: AccountStore, { used, accountId }: Filled): Promise<void> {
  expect((await store.findRelayKey(used.secret))?.id).toBe(used.relayKey.id)
  await store.listBudgetHolders()
  const admitted = await admit(store, used)
  expect(admitted.type).toBe('admitted')
  await store.findPlace('session', 'a conversation').catch(() => undefined)
  expect((await store.listAccounts()).map(({ id }) => id)).toEqual([accountId])
  const resource = { kind: 'account', id: accountId } as const
  const lease = await store.acquireLease({ resource, owner: 'node-1', ttlMs: 60_000, max: 9 })
  expect(lease.type).toBe('taken')
  // what is given back is waited for by nobody
  if (admitted.type === 'admitted') void store.settle(admitted.admission, NOTHING).catch(() => undefined)
  if (lease.type === 'taken') void store.releaseLease(lease.leaseId).catch(() => undefined)
}

const NOTHING = { tokens: 0, costMicroUsd: 0 }

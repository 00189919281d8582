import { setTimeout as wait } from 'node:timers/promises'

import { expect, onTestFinished, test, vi } from 'vitest'

import type { AccountStore, IssuedRelayKey, LeaseResource, RedisStoreOptions } from '../src/index.ts'
import { admit, expectBack, fill, quickly, useFaultStage } from './redis-fault-stage.ts'
import type { Filled } from './redis-fault-stage.ts'
import { needsRedis } from './redis-stage.ts'
import { openSlowRoad } from './slow-road.ts'
import type { SlowRoad } from './slow-road.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

const { start, open } = useFaultStage()

test.skipIf(needsRedis()).for([
  ['answers, but each answer takes nearly as long as it may', 900],
  ['answers later than anybody waits', 1500],
] as const)('a Redis that %s: a request waits two seconds in all', async ([, roundTripMs]) => {
  const { store, road } = await openOnSlowRoad()
  const filled = await fill(store)
  await askAll(store, filled)

  road.delay(roundTripMs)
  for (let request = 0; request < 3; request += 1) await quickly(askAll(store, filled))

  road.delay(0)
  await expectBack(store)
  expect(await quickly(store.findRelayKey('rk-nobody-has-this-one'))).toBeUndefined()
})

test.skipIf(needsRedis())('what reaches Redis after its request has ended holds nothing', async () => {
  const { store, road } = await openOnSlowRoad()
  const { used, resource } = await fillLimited(store)

  await admit(store, used) // which asks for what there is to know first
  const late = await askedInVain(road, async () => admit(store, used)) // by this node alone: the question is on its way
  if (late.type === 'admitted') await store.settle(late.admission, NOTHING)
  await expectBack(store)
  await late.arrives()

  const usedNow = async (): Promise<readonly (readonly [string, number])[]> =>
    (await store.readBounds(used.relayKey)).map(({ bound, used: count }) => [bound.type, count] as const)
  await expect.poll(usedNow, { timeout: 5000 }).toContainEqual(['window', 2])
  expect(await usedNow()).toContainEqual(['concurrency', 1])

  const slot = await askedInVain(road, async () =>
    store.acquireLease({ resource, owner: 'node-1', ttlMs: 60_000, max: 9 }),
  )
  await expectBack(store)
  if (slot.type === 'taken') await store.releaseLease(slot.leaseId)
  await slot.arrives()
  expect(await store.countLeases(resource)).toBe(0)
})

test.skipIf(needsRedis())(
  'what a strict node asks a Redis that is too slow is refused, and holds nothing',
  async () => {
    const { store, road } = await openOnSlowRoad({ isStrict: true })
    const { used, resource } = await fillLimited(store)

    await admit(store, used)
    const late = await askedInVain(road, async () => {
      const lease = { resource, owner: 'node-1', ttlMs: 60_000, max: 9 }
      const asked = await Promise.allSettled([admit(store, used), store.acquireLease(lease)])
      return { outcomes: asked.map(({ status }) => status) }
    })
    expect(late.outcomes).toEqual(['rejected', 'rejected'])
    await expectBack(store)
    await late.arrives()
    await expect.poll(async () => store.countLeases(resource), { timeout: 5000 }).toBe(0)
    const concurrency = (await store.readBounds(used.relayKey)).find(({ bound }) => bound.type === 'concurrency')
    expect(concurrency?.used).toBe(1)
  },
)

/** Asks while the way is so slow that nobody waits for the answer; then the connection breaks, and the question still arrives. */
async function askedInVain<Result extends object>(
  road: SlowRoad,
  ask: () => Promise<Result>,
): Promise<Result & { readonly arrives: () => Promise<void> }> {
  road.delay(2 * LATE_MS)
  const askedAt = performance.now()
  const result = await ask()
  road.abandon()
  road.delay(0)
  return { ...result, arrives: async () => wait(Math.max(0, LATE_MS + 500 - (performance.now() - askedAt))) }
}

async function openOnSlowRoad(options: Partial<RedisStoreOptions> = {}): Promise<OnSlowRoad> {
  const server = await start()
  const road = await openSlowRoad(server.port)
  onTestFinished(async () => road.close())
  const connection = { kind: 'standalone', address: { host: '127.0.0.1', port: road.port }, db: 0 } as const
  return { road, store: await open(server, { connection, ...options }) }
}

interface OnSlowRoad {
  readonly road: SlowRoad
  readonly store: AccountStore
}

/** A key with a window; slots of the account were taken and given back before. */
async function fillLimited(
  store: AccountStore,
): Promise<{ readonly used: IssuedRelayKey; readonly resource: LeaseResource }> {
  const { used, accountId } = await fill(store)
  const windows = [{ counts: 'requests', windowMs: 86_400_000, max: 100 }] as const
  const relayKey = await store.updateRelayKey(used.relayKey.id, { rateLimits: windows })
  const resource = { kind: 'account', id: accountId } as const
  const lease = await store.acquireLease({ resource, owner: 'node-1', ttlMs: 60_000, max: 9 })
  if (lease.type === 'taken') await store.releaseLease(lease.leaseId)
  return { used: { ...used, relayKey }, resource }
}

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

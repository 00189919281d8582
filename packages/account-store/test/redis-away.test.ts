import { describe, expect, test, vi } from 'vitest'

import { accountInput, expectCode, usageRecord } from '../src/conformance/stage.ts'
import type { RedisServer } from '../src/testing/index.ts'
import {
  admit,
  codeOf,
  expectAway,
  expectBack,
  fill,
  quickly,
  RECOVERY_MS,
  useFaultStage,
} from './redis-fault-stage.ts'
import { needsRedis } from './redis-stage.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

const { start, open, waitingOnDisk } = useFaultStage()

describe.skipIf(needsRedis())('while Redis is away', () => {
  test.for<[how: string, away: (server: RedisServer) => Promise<void>, back: (server: RedisServer) => Promise<void>]>([
    ['dead', async (server) => server.kill(), async (server) => server.restart()],
    ['hanging', async (server) => server.pause(), async (server) => server.resume()],
    ['full', async (server) => setMaxMemory(server, '1'), async (server) => setMaxMemory(server, '0')],
    ['a read-only replica', makeReplica, async (server) => void (await server.command('REPLICAOF', 'NO', 'ONE'))],
  ])('%s: keys in use go on with limits of the node, and all is as before when it is back', async ([, away, back]) => {
    const server = await start({ config: ['appendonly yes', 'appendfsync always'] })
    const store = await open(server)
    const { used, unused, accountId } = await fill(store)
    const before = await admit(store, used)
    expect(before.type).toBe('admitted')
    await store.writeSetting('rules', 'as they were')
    await store.setBudgetHolder({ kind: 'team', name: 'core', maxConcurrency: 9 })
    expect([await store.readSetting('rules'), (await store.listBudgetHolders()).length]).toEqual(['as they were', 1])

    await away(server)
    await expectAway(store)
    // What every request looks at.
    expect(await quickly(store.readSetting('rules'))).toBe('as they were')
    expect((await quickly(store.listBudgetHolders())).map(({ name }) => name)).toEqual(['core'])

    const found = await quickly(store.findRelayKey(used.secret))
    expect(found?.id).toBe(used.relayKey.id)
    expect((await quickly(store.listAccounts())).map(({ id }) => id)).toEqual([accountId])
    // Two slots: one was taken while Redis was there.
    const [second, third] = [await quickly(admit(store, used)), await quickly(admit(store, used))]
    expect([second.type, third.type]).toEqual(['admitted', 'refused'])
    if (second.type === 'admitted') await quickly(store.settle(second.admission, { tokens: 7, costMicroUsd: 70 }))
    expect((await quickly(admit(store, used))).type).toBe('admitted')
    expect(store.recordUsage(usageRecord({ requestId: 'while away' }))).toBe(true)
    await quickly(Promise.allSettled([store.findRelayKey(unused.secret), store.findRelayKey('rk-unknown')]))
    await expect.poll(() => waitingOnDisk()).toBe(1)

    await back(server)
    await expectBack(store)
    await expect.poll(async () => (await store.listUsage()).records.length, { timeout: RECOVERY_MS }).toBe(1)
    expect(waitingOnDisk()).toBe(0)
    await expect
      .poll(async () => (await store.readBounds(used.relayKey)).map((state) => state.used), { timeout: RECOVERY_MS })
      .toContain(70)
    const renewed = await store.renewAdmissions(before.type === 'admitted' ? [before.admission] : [], 60_000)
    expect(renewed).toHaveLength(1)
  })

  test('what a node let in by itself is known to the others as soon as Redis is back, and counted once', async () => {
    const server = await start({ config: ['appendonly yes', 'appendfsync always'] })
    const [store, other] = [await open(server), await open(server, { queueFolder: undefined })]
    const { used, accountId } = await fill(store)
    const key = await store.updateRelayKey(used.relayKey.id, {
      rateLimits: [{ counts: 'requests', windowMs: 3_600_000, max: 50 }],
    })
    const resource = { kind: 'account', id: accountId } as const
    await server.kill()
    await expectAway(store)
    const [held, short] = [
      await admit(store, { ...used, relayKey: key }),
      await admit(store, { ...used, relayKey: key }),
    ]
    const lease = await store.acquireLease({ resource, owner: 'node-1', ttlMs: 60_000, max: 2 })
    expect([held.type, short.type, lease.type]).toEqual(['admitted', 'admitted', 'taken'])
    if (short.type === 'admitted') await store.settle(short.admission, { tokens: 5, costMicroUsd: 100 })

    await server.restart()
    await expectBack(other)
    const seen = async () => [
      ...(await other.readBounds(key)).map((state) => state.used),
      await other.countLeases(resource),
    ]
    // In use, requests of the window, micro-USD of the day; places at the account. Nobody renews anything meanwhile.
    await expect.poll(seen, { timeout: RECOVERY_MS }).toEqual([1, 2, 100, 1])
    expect((await admit(other, { ...used, relayKey: key })).type).toBe('admitted')
    expect(await admit(other, { ...used, relayKey: key })).toMatchObject({ met: { bound: { type: 'concurrency' } } })
    if (held.type === 'admitted') await store.settle(held.admission, { tokens: 5, costMicroUsd: 200 })
    if (lease.type === 'taken') await store.releaseLease(lease.leaseId)
    expect(await seen()).toEqual([1, 3, 300, 0])
  })

  test.for<[how: string, away: (server: RedisServer) => Promise<void>]>([
    ['dead', async (server) => server.kill()],
    ['hanging', async (server) => server.pause()],
    ['emptied', async (server) => void (await server.command('FLUSHALL'))],
  ])('%s: nobody is told that a key is wrong, and nothing waits for long', async ([, away]) => {
    const server = await start()
    const store = await open(server)
    const { used, unused } = await fill(store)
    await away(server)
    await expectAway(store)
    for (const secret of [unused.secret, 'rk-nobody-has-this-one']) {
      expect(await quickly(store.findRelayKey(secret).catch(codeOf))).toMatch(/^store-/)
    }
    expect((await quickly(store.findRelayKey(used.secret)))?.id).toBe(used.relayKey.id)
    const work = [
      store.createAccount(accountInput({ name: 'late' })),
      store.updateRelayKey(used.relayKey.id, { enabled: false }),
      store.listUsage(),
      store.readSetting('demo'),
      store.checkLogin({ name: 'admin', password: 'not the password', address: '203.0.113.7' }),
    ]
    const outcomes = await quickly(Promise.allSettled(work))
    // Settings and logins of an emptied Redis are empty, not wrong; what would change something is refused.
    expect(outcomes.slice(0, 2).map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    expect(await quickly(store.checkHealth())).toMatchObject({ isReadable: false, isWritable: false })
  })

  test('a strict node serves nothing from memory', async () => {
    const server = await start()
    const store = await open(server, { isStrict: true })
    const { used } = await fill(store)
    await server.kill()
    await expectAway(store)
    expect(await quickly(store.findRelayKey(used.secret).catch(codeOf))).toMatch(/^store-/)
    expect(await quickly(store.listAccounts().catch(codeOf))).toMatch(/^store-/)
    expect(await quickly(store.readSetting('demo').catch(codeOf))).toMatch(/^store-/)
    expect(await quickly(admit(store, used).catch(codeOf))).toMatch(/^store-/)
  })

  test('a key that was in use a minute ago is not served from memory any more', async () => {
    const server = await start()
    const store = await open(server)
    const { used } = await fill(store)
    await server.kill()
    await expectAway(store)
    const steady = vi.spyOn(performance, 'now').mockReturnValue(performance.now() + 61_000)
    try {
      expect(await store.findRelayKey(used.secret).catch(codeOf)).toMatch(/^store-/)
    } finally {
      steady.mockRestore()
    }
  })

  test('an emptied Redis is written to by nobody who knew it, and served again when its data is', async () => {
    const server = await start()
    const store = await open(server)
    const { used } = await fill(store)
    await server.command('SAVE')
    await server.command('FLUSHALL')
    await expectAway(store)
    expect(store.recordUsage(usageRecord({ requestId: 'while empty' }))).toBe(true)
    await expectCode('store-damaged', store.createAccount(accountInput({ name: 'late' })))
    await expectCode('store-damaged', store.writeSetting('demo', 'late'))
    expect(await server.command('EXISTS', 'relay:{config}:meta')).toContain(':0')
    // Another Relay that starts now makes a new data set, which this one must not take for its own.
    const other = await open(server, { queueFolder: undefined })
    expect((await other.checkHealth()).instanceId).not.toBe((await store.checkHealth()).instanceId)
    expect((await store.checkHealth()).isReadable).toBe(false)
    expect((await store.findRelayKey(used.secret))?.id).toBe(used.relayKey.id)
    await expectCode('store-damaged', store.createAccount(accountInput({ name: 'late' })))
    expect(await other.listAccounts()).toEqual([])
  })
})

async function setMaxMemory(server: RedisServer, bytes: string): Promise<void> {
  await server.command('CONFIG', 'SET', 'maxmemory', bytes)
}

/** A replica of a server that is not there keeps its data and refuses writes. */
async function makeReplica(server: RedisServer): Promise<void> {
  await server.command('REPLICAOF', '127.0.0.1', '1')
}

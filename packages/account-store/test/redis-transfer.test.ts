import { randomUUID } from 'node:crypto'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { accountInput, PASSWORD, usageRecord } from '../src/conformance/stage.ts'
import type { AccountStore, RedisStoreOptions } from '../src/index.ts'
import { openRedisStore, openSqliteStore } from '../src/index.ts'
import type { RedisServer } from '../src/testing/index.ts'
import { startRedisServer } from '../src/testing/index.ts'
import { needsRedis, PATIENT, SECRETS, standalone } from './redis-stage.ts'

const DAY_MS = 86_400_000

describe.skipIf(needsRedis())('moving between the backends', { timeout: 60_000 }, () => {
  let server: RedisServer
  let options: RedisStoreOptions

  beforeAll(async () => {
    server = await startRedisServer()
    options = { connection: standalone(server), namespace: `test-${randomUUID()}`, ...SECRETS, ...PATIENT }
  }, 60_000)
  afterAll(async () => server.stop())

  test('a data set goes from the embedded store to Redis and back, and everybody can go on', async () => {
    const source = await openSqliteStore({ path: ':memory:', ...SECRETS })
    const facts = await fill(source)

    const redis = await openRedisStore(options)
    await redis.writeEverything(source.readEverything({ withUsage: true }))
    await redis.close()
    const onRedis = await openRedisStore(options)
    await expectEverything(onRedis, facts)

    const target = await openSqliteStore({ path: ':memory:', ...SECRETS })
    await target.writeEverything(onRedis.readEverything({ withUsage: true }))
    expect(await rowsOf(target)).toEqual(await rowsOf(onRedis))
    expect((await target.listAccounts()).map(({ name }) => name)).toEqual(['main'])
    expect(await target.sumUsage()).toEqual(await source.sumUsage())
    for (const store of [source, onRedis, target]) await store.close()
  })

  test('a data set that a load has left half done is opened by nobody', async () => {
    const half = { ...options, namespace: `test-${randomUUID()}` }
    const store = await openRedisStore(half)
    await store.close()
    await server.command('HSET', `${half.namespace}:{config}:meta`, 'loading', '1')
    await expect(openRedisStore(half)).rejects.toMatchObject({ code: 'store-damaged' })
  })
})

interface Facts {
  readonly secret: string
  readonly oldSecret: string
  readonly accountId: string
  readonly keyId: string
}

async function fill(store: AccountStore): Promise<Facts> {
  const proxyUrl = 'http://user:proxy-password@proxy.example:8080'
  const account = await store.createAccount(accountInput({ credential: 'sk-moved-credential', proxyUrl }))
  const { relayKey, secret: oldSecret } = await store.createRelayKey({
    name: 'moved',
    owner: 'li',
    budget: { totalMicroUsd: 1000 },
  })
  const { secret } = await store.rotateRelayKey(relayKey.id, { overlapMs: DAY_MS })
  await store.setBudgetHolder({ kind: 'owner', name: 'li', maxConcurrency: 7 })
  await store.createAdminUser({ name: 'ada', password: PASSWORD, mustChangePassword: false })
  await store.writeSetting('prices', '{"a":1}')
  await store.recordAudit({ actor: { kind: 'command', name: 'ada' }, action: 'account.create' })
  const answer = await store.admit({
    key: relayKey,
    process: 'node',
    ttlMs: 60_000,
    reserve: { tokens: 0, costMicroUsd: 0 },
  })
  if (answer.type === 'admitted') await store.settle(answer.admission, { tokens: 1, costMicroUsd: 321 })
  for (let index = 0; index < 20; index += 1) {
    store.recordUsage(
      usageRecord({ requestId: `request-${index}`, keyId: relayKey.id, startedAt: 1_700_000_000_000 + index * DAY_MS }),
    )
  }
  await store.flushUsage()
  return { secret, oldSecret, accountId: account.id, keyId: relayKey.id }
}

async function expectEverything(store: AccountStore, { secret, oldSecret, accountId, keyId }: Facts): Promise<void> {
  expect(await store.openCredential(accountId)).toEqual({ type: 'opened', credential: 'sk-moved-credential' })
  expect(await store.openProxyUrl(accountId)).toMatchObject({ proxyUrl: expect.stringContaining('proxy-password') })
  const key = await store.findRelayKey(secret)
  expect(key?.id).toBe(keyId)
  expect((await store.findRelayKey(oldSecret))?.id).toBe(keyId)
  const bounds = key === undefined ? [] : await store.readBounds(key)
  expect(bounds.map(({ holder, limit, used }) => [holder.kind, limit, used])).toEqual([
    ['key', 1000, 321],
    ['owner', 7, 0],
  ])
  const login = { name: 'ADA', password: PASSWORD, address: '203.0.113.7' }
  expect((await store.checkLogin(login)).type).toBe('accepted')
  expect(await store.readSetting('prices')).toBe('{"a":1}')
  expect((await store.listAudit()).entries.map(({ action }) => action)).toEqual(['account.create'])
  expect((await store.listUsage({ limit: 100 })).records.map(({ requestId }) => requestId)).toEqual(
    Array.from({ length: 20 }, (_, index) => `request-${19 - index}`),
  )
  expect((await store.sumUsage({ keyId })).requests).toBe(20)
  expect((await store.getRelayKey(keyId))?.lastUsedAt).toBe(1_700_000_000_000 + 19 * DAY_MS)
}

/** What both backends say, the same way: unknown columns are left out, and order within a table does not count. */
async function rowsOf(store: AccountStore): Promise<readonly string[]> {
  const rows: string[] = []
  for await (const { table, row } of store.readEverything({ withUsage: true })) {
    const known = Object.entries(row).filter(([name, value]) => value !== null && !NOT_CARRIED.has(`${table}.${name}`))
    rows.push(JSON.stringify([table, Object.fromEntries(known.toSorted(([a], [b]) => (a < b ? -1 : 1)))]))
  }
  return rows.toSorted()
}

/** Counts of changes, and when a secret was made, are each backend's own business. */
const NOT_CARRIED: ReadonlySet<string> = new Set(['accounts.revision', 'relay_key_secrets.created_at'])

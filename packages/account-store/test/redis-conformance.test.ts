import { randomUUID } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import type { OpenStores } from '../src/conformance/stage.ts'
import { storeConformance } from '../src/conformance/store-conformance.ts'
import type { AccountStore, RedisConnection } from '../src/index.ts'
import { openRedisStore } from '../src/index.ts'
import type { SentinelGroup } from '../src/testing/index.ts'
import { hasRedisServer, startRedisCluster, startRedisSentinels, startRedisServer } from '../src/testing/index.ts'
import { addressOf, needsRedis, PATIENT, SECRETS, standalone } from './redis-stage.ts'

/** How long a failover may take until the node works again; Sentinels need some seconds to agree on it. */
const FAILOVER_MS = 20_000

/** Where the servers of a group are, once they run. */
interface Place {
  connection: RedisConnection | undefined
  stop: () => Promise<void>
}

describe.skipIf(needsRedis())('one Redis server', () => {
  const place = during(async () => {
    const server = await startRedisServer()
    return { connection: standalone(server), stop: server.stop }
  })

  test.concurrent.for(storeConformance(twoNodes(place)))('$name', async ({ run }) => {
    await expect(run()).resolves.toBeUndefined()
  })
})

/** Debian 12 has none, so that it is not asked for where the tests must be complete. */
describe.skipIf(!hasRedisServer('valkey-server'))('one Valkey server', () => {
  const place = during(async () => {
    const server = await startRedisServer({ program: 'valkey-server' })
    return { connection: standalone(server), stop: server.stop }
  })

  test.concurrent.for(storeConformance(twoNodes(place)))('$name', async ({ run }) => {
    await expect(run()).resolves.toBeUndefined()
  })
})

describe.skipIf(needsRedis())('a Redis Cluster of three masters', () => {
  const place = during(async () => {
    const { servers, stop } = await startRedisCluster()
    return { connection: { kind: 'cluster', nodes: servers.map(addressOf) }, stop }
  })

  test.concurrent.for(storeConformance(twoNodes(place)))('$name', async ({ run }) => {
    await expect(run()).resolves.toBeUndefined()
  })
})

describe.skipIf(needsRedis())('Redis behind Sentinels, with a failover in the middle', () => {
  let group: SentinelGroup | undefined
  let survivor: AccountStore | undefined
  const place = during(async () => {
    group = await startRedisSentinels()
    const { sentinels, masterName, stop } = group
    return { connection: { kind: 'sentinel', sentinels: sentinels.map(addressOf), masterName, db: 0 }, stop }
  })
  const cases = storeConformance(twoNodes(place))
  const half = Math.floor(cases.length / 2)

  test.concurrent.for(cases.slice(0, half))('$name', async ({ run }) => {
    await expect(run()).resolves.toBeUndefined()
  })

  test(
    'a node goes on by itself when another server takes over, with all that was confirmed',
    { timeout: 60_000 },
    async () => {
      survivor = await openRedisStore({
        connection: connectionOf(place),
        namespace: 'survivor',
        ...SECRETS,
        ...PATIENT,
      })
      const { relayKey, secret } = await survivor.createRelayKey({ name: 'team' })
      await group?.master.command('WAIT', '1', '5000')
      await group?.killMaster()
      const answer = await untilWorking(async () => survivor?.updateRelayKey(relayKey.id, { owner: 'li' }))
      expect(answer?.owner).toBe('li')
      expect((await survivor.findRelayKey(secret))?.owner).toBe('li')
      await survivor.close()
    },
  )

  test.concurrent.for(cases.slice(half))('$name', async ({ run }) => {
    await expect(run()).resolves.toBeUndefined()
  })
})

function during(start: () => Promise<Place>): Place {
  const place: Place = { connection: undefined, stop: async () => undefined }
  beforeAll(async () => {
    Object.assign(place, await start())
  }, 60_000)
  afterAll(async () => place.stop())
  return place
}

function connectionOf({ connection }: Place): RedisConnection {
  if (connection === undefined) throw new Error('the servers did not start')
  return connection
}

/** Two nodes on one data set of their own. */
function twoNodes(place: Place): OpenStores {
  return async (now) => {
    const options = { connection: connectionOf(place), namespace: `test-${randomUUID()}`, ...SECRETS, ...PATIENT, now }
    const another = { ...options, namespace: `test-${randomUUID()}` }
    const first = await openRedisStore(options)
    const second = await openRedisStore(options)
    return {
      first,
      second,
      encryptionKey: SECRETS.encryptionKey,
      reopen: (encryptionKey) => openRedisStore({ ...options, encryptionKey }),
      another: () => openRedisStore(another),
      close: async () => {
        await Promise.all([first.close(), second.close()])
      },
    }
  }
}

async function untilWorking<Result>(work: () => Promise<Result>): Promise<Result> {
  const deadline = performance.now() + FAILOVER_MS
  for (;;) {
    try {
      return await work()
    } catch (error) {
      if (performance.now() > deadline) throw error
      await wait(100)
    }
  }
}

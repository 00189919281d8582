import { setTimeout as wait } from 'node:timers/promises'

import { openRedisStore } from '@relay/account-store'
import { hasRedisServer, startRedisServer } from '@relay/account-store/testing'
import type { RedisServer } from '@relay/account-store/testing'
import { describe, expect, test } from 'vitest'

import { ask, canned, readWhole, STORY } from './dialects.ts'
import type { Way } from './dialects.ts'
import { accountFor, eventually, openStage } from './harness.ts'
import type { TestRelay } from './harness.ts'

const SECRET = 'a secret of the tests, long enough '.repeat(2)
/** Longer than anything that is read with each request is remembered: accounts, owners, rules, routes. */
const AWAY_MS = 3000
/** Whatever the store does, no request waits longer for it (reliability 9.2); a busy machine adds something. */
const LONGEST_MS = 4000
/** Recovery is automatic within 5 s (reliability 9.3). */
const RECOVERY_MS = 10_000

const WAYS: readonly Way[] = [
  { client: 'claude', upstream: 'chat' },
  { client: 'chat', upstream: 'chat' },
]

describe.skipIf(process.env['CI'] !== 'true' && !hasRedisServer())('while Redis is away', { timeout: 60_000 }, () => {
  test.for<[string, (redis: RedisServer) => Promise<void>, (redis: RedisServer) => Promise<void>]>([
    ['dead', async (redis) => redis.kill(), async (redis) => redis.restart()],
    ['hanging', async (redis) => redis.pause(), async (redis) => redis.resume()],
  ])('%s: a key in use is served as before, a strange one is not called wrong', async ([, away, back], context) => {
    const redis = await startRedisServer({ config: ['appendonly yes', 'appendfsync always'] })
    context.onTestFinished(async () => redis.stop())
    const connection = { kind: 'standalone', address: { host: '127.0.0.1', port: redis.port }, db: 0 } as const
    const stage = openStage(context)
    for (const way of WAYS) {
      const namespace = `${way.client}-${way.upstream}`
      const store = await openRedisStore({ connection, encryptionKey: SECRET, sessionSecret: SECRET, namespace })
      const upstream = await stage.upstream(canned(way.upstream).script)
      const accounts = [accountFor(upstream, way.upstream, { models: { 'some-model': 'gpt-5' } })]
      const relay = await stage.relay({ accounts, store, key: { ...EVERY_BOUND, owner: 'ann', team: 'core' } })
      const unused = await store.createRelayKey({ name: 'never used' })
      for (const kind of ['owner', 'team'] as const)
        await store.setBudgetHolder({ kind, name: kind === 'owner' ? 'ann' : 'core', ...EVERY_BOUND })
      await served(relay, way)

      await away(redis)
      const begunAt = performance.now()
      let count = 1
      for (; performance.now() - begunAt < AWAY_MS; count += 1) {
        await served(relay, way)
        await wait(50)
      }
      for (const secret of [unused.secret, 'rk-nobody-has-this-one']) {
        const answer = await ask(relay, way.client, { isStream: false, headers: keyHeader(secret) })
        expect([503, 529]).toContain(answer.status)
        expect(answer.headers.get('retry-after')).toBe('1')
      }
      await back(redis)
      await eventually(
        'the store is used again',
        async () =>
          (await ask(relay, way.client, { isStream: false, headers: keyHeader(unused.secret) })).status === 200,
        RECOVERY_MS,
      )
      await eventually(
        'all is counted',
        async () => (await store.listUsage({ owner: 'ann', limit: 500 })).records.length === count,
        RECOVERY_MS,
      )
      await relay.idle()
    }
  })
})

/** Also a place in a queue, where nobody has to wait. */
const EVERY_BOUND = {
  maxConcurrency: 3,
  rateLimits: [{ counts: 'requests', windowMs: 86_400_000, max: 100_000 }],
  budget: { totalMicroUsd: 1_000_000_000 },
  concurrencyQueue: { maxWaiting: 3, maxWaitMs: 1000 },
} as const

async function served(relay: TestRelay, { client }: Way): Promise<void> {
  const begunAt = performance.now()
  const answer = await ask(relay, client, { isStream: false, headers: { 'session-id': 'one-and-the-same' } })
  expect(answer.status).toBe(200)
  expect(await readWhole(client, answer)).toContain(STORY)
  expect(performance.now() - begunAt).toBeLessThan(LONGEST_MS)
}

function keyHeader(secret: string): Readonly<Record<string, string>> {
  return { 'x-api-key': secret, authorization: `Bearer ${secret}` }
}

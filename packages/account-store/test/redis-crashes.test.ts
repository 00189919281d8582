import { setTimeout as wait } from 'node:timers/promises'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { accountInput, usageRecord } from '../src/conformance/stage.ts'
import type { AccountStore } from '../src/index.ts'
import { openRedisStore } from '../src/index.ts'
import type { RedisServer } from '../src/testing/index.ts'
import { startRedisServer } from '../src/testing/index.ts'
import { needsRedis, SECRETS, standalone } from './redis-stage.ts'

const ROUNDS = 50
const WRITERS = 4
const TIMEOUT_MS = 240_000

/** What was confirmed to a writer. */
interface Confirmed {
  readonly accountId: string
  readonly name: string
  readonly secret: string
  readonly isFlushed: boolean
}

describe.skipIf(needsRedis())('a Redis that writes each change to its disk', { timeout: TIMEOUT_MS }, () => {
  let server: RedisServer

  beforeAll(async () => {
    server = await startRedisServer({ config: ['appendonly yes', 'appendfsync always'] })
  }, TIMEOUT_MS)

  afterAll(async () => server.stop())

  test('killed in the middle of writes, 50 times, loses nothing that was confirmed, and nothing is half done', async () => {
    const confirmed: Confirmed[] = []
    const closing: Promise<void>[] = []
    for (let round = 0; round < ROUNDS; round += 1) {
      const store = await openRedisStore({ connection: standalone(server), ...SECRETS })
      const already = confirmed.length
      const stop = new AbortController()
      const writers = Array.from({ length: WRITERS }, async (_, index) =>
        writeUntil(stop.signal, store, { name: `${round}-${index}`, confirmed }),
      )
      await expect.poll(() => confirmed.length - already, { timeout: 30_000, interval: 2 }).toBeGreaterThan(round % 9)
      await server.kill()
      stop.abort()
      // What was queued goes with it: it was not confirmed. Nobody waits until it has given up.
      closing.push(Promise.all(writers).then(async () => store.close().catch(() => undefined)))
      await server.restart()
    }
    await Promise.all(closing)
    const store = await openRedisStore({ connection: standalone(server), ...SECRETS })
    for (const { accountId, name, secret, isFlushed } of confirmed) {
      const opened = await store.openCredential(accountId)
      expect(opened).toEqual({ type: 'opened', credential: `credential-of-${name}` })
      expect((await store.findRelayKey(secret))?.name).toBe(name)
      const record = await store.getUsage(name)
      expect(isFlushed && record === undefined).toBe(false)
    }
    // Every account has its credential and every key its secret: no change was half written.
    const accounts = await store.listAccounts()
    expect(accounts.length).toBeGreaterThanOrEqual(confirmed.length)
    expect(accounts.filter(({ hasCredential }) => !hasCredential)).toEqual([])
    const keys = await store.listRelayKeys()
    expect(keys.filter(({ secretLastFour }) => secretLastFour === '')).toEqual([])
    const { requests } = await store.sumUsage()
    const counted = await store.breakDownUsage({ span: 'hour' })
    expect(counted.reduce((sum, { sums }) => sum + sums.requests, 0)).toBe(requests)
    await store.close()
  })
})

interface Writing {
  readonly name: string
  readonly confirmed: Confirmed[]
}

/** Writes accounts, keys and usage, and notes what was confirmed; ends with the first refusal. */
async function writeUntil(
  signal: AbortSignal,
  store: AccountStore,
  { name: prefix, confirmed }: Writing,
): Promise<void> {
  for (let index = 0; !signal.aborted; index += 1) {
    const name = `${prefix}-${index}`
    try {
      const { id } = await store.createAccount(accountInput({ name, credential: `credential-of-${name}` }))
      const { secret } = await store.createRelayKey({ name })
      store.recordUsage(usageRecord({ requestId: name, startedAt: Date.now() }))
      const isFlushed = index % 2 === 1
      if (isFlushed) await store.flushUsage()
      confirmed.push({ accountId: id, name, secret, isFlushed })
    } catch {
      await wait(1) // refused, or nobody knows: that is not confirmed
      return
    }
  }
}

import { fileURLToPath } from 'node:url'

import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'

import type { AccountStore, IssuedRelayKey, RelayKeyInput } from '../src/index.ts'
import { openRedisStore } from '../src/index.ts'
import type { RedisServer } from '../src/testing/index.ts'
import { startRedisServer } from '../src/testing/index.ts'
import { needsRedis, PATIENT, SECRETS, standalone } from './redis-stage.ts'
import { startScript } from './script-process.ts'
import type { ScriptProcess } from './script-process.ts'

const SCRIPT = fileURLToPath(import.meta.resolve('./redis-process.ts'))
const TIMEOUT_MS = 60_000

describe.skipIf(needsRedis())('two processes on one Redis', { timeout: TIMEOUT_MS }, () => {
  let server: RedisServer
  let store: AccountStore
  let nodes: ScriptProcess[] = []

  beforeAll(async () => {
    server = await startRedisServer()
    store = await openRedisStore({ connection: standalone(server), ...SECRETS, ...PATIENT })
  }, TIMEOUT_MS)

  afterEach(async () => {
    await Promise.all(nodes.map(kill))
    nodes = []
  })

  afterAll(async () => {
    await store.close()
    await server.stop()
  })

  test.for<[what: string, limits: Partial<RelayKeyInput>, admitted: number]>([
    ['a concurrency of 5', { maxConcurrency: 5 }, 5],
    ['a window of 100', { rateLimits: [{ counts: 'requests', windowMs: 600_000, max: 100 }] }, 100],
    ['a cost limit', { budget: { totalMicroUsd: 2500 } }, 25],
  ])('200 requests at once on %s: never above it, and none lost', async ([, limits, admitted]) => {
    const key = await makeKey(store, limits)
    nodes = await startNodes(2, { key, count: 100, ttlMs: 60_000 })
    for (const { child } of nodes) child.stdin?.write('go\n')
    await Promise.all(nodes.map(async (node) => until(node, 'done')))
    const facts = nodes.flatMap((node) => node.facts)
    expect(facts.filter((fact) => fact === 'admitted')).toHaveLength(admitted)
    expect(facts.filter((fact) => fact === 'refused')).toHaveLength(200 - admitted)
  })

  test('what a process holds that is killed comes back when its time has run out, and not before', async () => {
    const key = await makeKey(store, { maxConcurrency: 5 })
    nodes = await startNodes(1, { key, count: 5, ttlMs: 3000 })
    for (const { child } of nodes) child.stdin?.write('go\n')
    await Promise.all(nodes.map(async (node) => until(node, 'done')))
    const heldAtMs = performance.now()
    await Promise.all(nodes.map(kill))
    const request = { key: key.relayKey, process: 'survivor', ttlMs: 60_000, reserve: { tokens: 0, costMicroUsd: 0 } }
    const isFree = async (): Promise<boolean> => (await store.admit(request)).type === 'admitted'
    const early = await isFree()
    expect(early && performance.now() - heldAtMs < 2000).toBe(false)
    await expect.poll(isFree, { timeout: 20_000 }).toBe(true)
    // The slots were taken one after the other, and so they come back.
    const used = async (): Promise<number | undefined> => (await store.readBounds(key.relayKey))[0]?.used
    await expect.poll(used, { timeout: 20_000 }).toBeLessThanOrEqual(2)
  })

  async function startNodes(
    howMany: number,
    { key, count, ttlMs }: { key: IssuedRelayKey; count: number; ttlMs: number },
  ): Promise<ScriptProcess[]> {
    const started = Array.from({ length: howMany }, () =>
      startScript(SCRIPT, [String(server.port), key.secret, String(count), String(ttlMs)]),
    )
    await Promise.all(started.map(async (node) => until(node, 'ready')))
    return started
  }
})

async function kill({ child, exit }: ScriptProcess): Promise<void> {
  child.kill('SIGKILL')
  await exit
}

async function until({ facts }: ScriptProcess, fact: string): Promise<void> {
  await expect.poll(() => facts, { timeout: TIMEOUT_MS / 2 }).toContain(fact)
}

async function makeKey(store: AccountStore, limits: Partial<RelayKeyInput>): Promise<IssuedRelayKey> {
  return store.createRelayKey({ name: crypto.randomUUID(), ...limits })
}

import { setTimeout as wait } from 'node:timers/promises'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import type { AccountStore } from '../src/index.ts'
import { openRedisStore } from '../src/index.ts'
import type { RedisServer } from '../src/testing/index.ts'
import { startRedisServer } from '../src/testing/index.ts'
import { needsRedis, PATIENT, SECRETS, standalone } from './redis-stage.ts'
import { bundleScript, startScript } from './script-process.ts'
import type { ScriptProcess } from './script-process.ts'

const SCRIPT = await bundleScript(import.meta.resolve('./redis-config-process.ts'))
const ROUNDS = 50
const TIMEOUT_MS = 240_000
/** A write of the configuration takes about so long: a node is killed at every moment of it. */
const WRITE_MS = 25

describe.skipIf(needsRedis())('a node', { timeout: TIMEOUT_MS }, () => {
  let server: RedisServer
  let store: AccountStore

  beforeAll(async () => {
    server = await startRedisServer()
    store = await openRedisStore({ connection: standalone(server), ...SECRETS, ...PATIENT })
  }, TIMEOUT_MS)

  afterAll(async () => {
    await store.close()
    await server.stop()
  })

  test('killed in the middle of writing its configuration, 50 times, leaves the old or the new one, and no lock', async () => {
    let next = startNode(server)
    let mark = 0
    for (let round = 0; round < ROUNDS; round += 1) {
      const node = next
      await until(node, () => node.facts.includes('ready'))
      next = startNode(server) // it is ready when it is needed
      node.child.stdin?.write(`${mark}\n`)
      await until(node, () => node.facts.length > 1 + (round % 3))
      await wait((WRITE_MS * (round % 10)) / 10)
      node.child.kill('SIGKILL')
      await node.exit
      const confirmed = Number(node.facts.at(-1))
      // What was on its way may still arrive.
      await expect.poll(async () => (await marksOf(store)).size, { timeout: 10_000 }).toBe(1)
      mark = Number([...(await marksOf(store))][0])
      expect([confirmed, confirmed + 1]).toContain(mark)
    }
    next.child.kill('SIGKILL')
    await next.exit
    const [account] = await store.listAccounts()
    expect(await store.openCredential(account?.id ?? '')).toEqual({ type: 'opened', credential: `credential-${mark}` })
    expect((await store.findRelayKey(`rk_config_${'0'.repeat(20)}_${mark}`))?.name).toBe('key 0')
    expect(await store.findRelayKey(`rk_config_${'0'.repeat(20)}_${mark - 1}`)).toBeUndefined()
    expect((await store.listAccounts()).length + (await store.listRelayKeys()).length).toBe(50)
  })
})

/** What the parts of the configuration say it is; one where all are of the same. */
async function marksOf(store: AccountStore): Promise<ReadonlySet<string>> {
  const [accounts, keys, holders] = await Promise.all([
    store.listAccounts(),
    store.listRelayKeys(),
    store.listBudgetHolders(),
  ])
  return new Set([
    ...accounts.map(({ description }) => description),
    ...keys.map(({ note }) => note),
    ...holders.map(({ note }) => note),
  ])
}

function startNode(server: RedisServer): ScriptProcess {
  return startScript(SCRIPT, [String(server.port)])
}

async function until({ child }: ScriptProcess, isTrue: () => boolean): Promise<void> {
  const deadline = performance.now() + 30_000
  while (!isTrue()) {
    if (performance.now() > deadline || child.exitCode !== null) throw new Error('the node did not get going')
    await wait(2)
  }
}

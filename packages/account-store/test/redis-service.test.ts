import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

import { describe, expect, test, vi } from 'vitest'

import { accountInput } from '../src/conformance/stage.ts'
import { relayKeyStatus } from '../src/index.ts'
import { admit, codeOf, fill, RECOVERY_MS, useFaultStage } from './redis-fault-stage.ts'
import { needsRedis, PATIENT, SECRETS } from './redis-stage.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

const { start, open } = useFaultStage()

describe.skipIf(needsRedis())('in service', () => {
  test('the number of connections does not depend on the load, and one script admits a request', async () => {
    const server = await start()
    const store = await open(server, PATIENT)
    const { used } = await fill(store)
    const unlimited = await store.createRelayKey({ name: 'wide', maxConcurrency: 10_000 })
    await server.command('CONFIG', 'RESETSTAT')
    const answers = await Promise.all(
      Array.from({ length: 1000 }, async (_, index) => admit(store, index % 2 === 0 ? used : unlimited)),
    )
    expect(answers.filter(({ type }) => type === 'admitted')).toHaveLength(502)
    const clients = (await server.command('CLIENT', 'LIST')).match(/name=relay/g)
    expect(clients).toHaveLength(1)
    const calls = Number(/cmdstat_evalsha:calls=(\d+)/.exec(await server.command('INFO', 'commandstats'))?.[1])
    // One for each request; the rest asks for changes, more often on a busy machine.
    expect(calls).toBeGreaterThanOrEqual(1000)
    expect(calls).toBeLessThan(1500)
  })

  test('scripts that the server has forgotten are sent again', async () => {
    const server = await start()
    const store = await open(server)
    const { used } = await fill(store)
    await server.command('SCRIPT', 'FLUSH')
    expect((await admit(store, used)).type).toBe('admitted')
    await store.createAccount(accountInput({ name: 'after' }))
  })

  test('a change of a key reaches the other node within a second, also after the connection was cut', async () => {
    const server = await start()
    const [first, second] = [await open(server), await open(server, { queueFolder: undefined })]
    const { used } = await fill(first)
    await expect.poll(async () => (await second.findRelayKey(used.secret))?.enabled).toBe(true)
    for (const enabled of [false, true, false]) {
      await server.command('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes')
      await untilDone(async () => first.updateRelayKey(used.relayKey.id, { enabled }))
      const startMs = performance.now()
      await expect
        .poll(async () => second.findRelayKey(used.secret).then((key) => key?.enabled, codeOf), { interval: 20 })
        .toBe(enabled)
      expect(performance.now() - startMs).toBeLessThan(1000)
    }
    const key = await second.findRelayKey(used.secret)
    expect(key === undefined ? undefined : relayKeyStatus(key, Date.now())).toBe('disabled')
  })

  test('no secret is found in the data of Redis', async () => {
    const server = await start({ config: ['rdbcompression no'] })
    const store = await open(server, PATIENT)
    const credential = 'sk-canary-credential-0123456789'
    const password = 'canary password 0123456789'
    const declared = 'canary-declared-secret-0123456789'
    const proxyUrl = 'http://user:canary-proxy@proxy.example:8080'
    await store.createAccount(accountInput({ credential, proxyUrl }))
    await store.applyConfig({
      accounts: [accountInput({ name: 'declared', credential })],
      relayKeys: [{ name: 'declared', secret: declared }],
    })
    const { secret, relayKey } = await store.createRelayKey({ name: 'team', responseTtlMs: 60_000 })
    const prompt = 'canary of a prompt 0123456789'
    const place = { keyId: relayKey.id, id: 'resp_1' }
    await store.saveResponse({ ...place, body: prompt, itemIds: ['msg_1'], ttlMs: 60_000, maxKeyBytes: 1_000_000 })
    const user = await store.createAdminUser({ name: 'admin', password, mustChangePassword: false })
    await store.checkLogin({ name: 'canary typed into the name field', password, address: '203.0.113.7' })
    const { token } = await store.createSession({ userId: user.id })
    const api = await store.createApiToken({ name: 'ci', userId: user.id, scopes: ['keys:read'] })
    await store.findRelayKey(secret)
    await server.command('SAVE')
    const bytes = Buffer.concat(readdirSync(server.folder).map((file) => readFileSync(join(server.folder, file))))
    expect(bytes.includes('https://upstream.example')).toBe(true)
    const secrets = [credential, password, declared, secret, token, api.secret, prompt, 'canary typed', 'canary-proxy']
    expect([...secrets, ...Object.values(SECRETS)].filter((text) => bytes.includes(text))).toEqual([])
  })
})

async function untilDone(work: () => Promise<unknown>): Promise<void> {
  await expect
    .poll(
      async () =>
        work().then(
          () => true,
          () => false,
        ),
      { timeout: RECOVERY_MS },
    )
    .toBe(true)
}

import { describe, expect, test, vi } from 'vitest'

import { expectCode } from '../src/conformance/stage.ts'
import type { AccountStore } from '../src/index.ts'
import { openRedisStore } from '../src/index.ts'
import type { RedisServer } from '../src/testing/index.ts'
import { codeOf, fill, optionsFor, useFaultStage } from './redis-fault-stage.ts'
import { needsRedis, SECRETS, standalone } from './redis-stage.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

const { start, open } = useFaultStage()

describe.skipIf(needsRedis())('at the start', () => {
  test('a Redis that is not there, or asks for a password, is named without the password', async () => {
    const server = await start({ config: ['requirepass the-right-password'] })
    const connection = { ...standalone(server), password: 'canary-password' }
    const refused = await openRedisStore({ connection, ...SECRETS }).catch((error: unknown) => String(error))
    expect(refused).toContain(`127.0.0.1:${server.port}`)
    expect(refused).toMatch(/refuses the user name or password/)
    expect(refused).not.toContain('canary-password')
    await server.kill()
    const message = await expectCode('store-unavailable', openRedisStore({ connection, ...SECRETS }))
    expect(message).toContain(`Redis at 127.0.0.1:${server.port} cannot be used`)
    expect(message).not.toContain('canary-password')
    await server.restart()
    const store = await openRedisStore({ connection: { ...connection, password: 'the-right-password' }, ...SECRETS })
    expect((await store.checkHealth()).isWritable).toBe(true)
    await store.close()
  })

  test('one that is still loading is waited for, not taken for an empty one', async () => {
    const slow = [
      'appendonly yes',
      'appendfsync always',
      'aof-use-rdb-preamble no',
      'loading-process-events-interval-bytes 1024',
    ]
    const server = await start({ config: [...slow, 'key-load-delay 5000'] })
    const store = await open(server)
    for (let index = 0; index < 300; index += 1) await store.writeSetting(`setting-${index}`, 'x'.repeat(200))
    const { instanceId } = await store.checkHealth()
    await store.close()
    await server.kill()
    await server.restart()
    expect(await server.command('GET', 'anything')).toContain('LOADING')
    const again = await untilOpen(server)
    expect((await again.checkHealth()).instanceId).toBe(instanceId)
    expect(await again.readSetting('setting-299')).toHaveLength(200)
  })

  test('a data set that must exist is not made', async () => {
    const server = await start()
    const options = optionsFor(server)
    const before = await digest(server)
    await expectCode('not-a-store', openRedisStore({ ...options, mustExist: true }))
    expect(await digest(server)).toBe(before)
    await (await openRedisStore(options)).close()
    await (await openRedisStore({ ...options, mustExist: true })).close()
  })

  test('another key, a newer schema and a damaged data set are refused, and nothing is written', async () => {
    const server = await start()
    const store = await open(server)
    await fill(store)
    await store.close()
    const before = await digest(server)
    const options = optionsFor(server)
    await expectCode('wrong-encryption-key', openRedisStore({ ...options, encryptionKey: 'another'.repeat(8) }))
    await expectCode('weak-secret', openRedisStore({ ...options, encryptionKey: 'short' }))
    expect(await digest(server)).toBe(before)

    await server.command('HSET', 'relay:{config}:meta', 'schema-version', '99')
    const newer = await digest(server)
    await expectCode('store-too-new', openRedisStore(options))
    expect(await digest(server)).toBe(newer)

    await server.command('HSET', 'relay:{config}:meta', 'schema-version', '1', 'pepper', 'v1.x.y.z')
    await expectCode('store-damaged', openRedisStore(options))
    await server.command('DEL', 'relay:{config}:meta')
    const headless = await digest(server)
    await expectCode('store-damaged', openRedisStore(options))
    expect(await digest(server)).toBe(headless)
  })

  test('two nodes that start at once on nothing make one data set', async () => {
    const server = await start()
    const stores = await Promise.all(Array.from({ length: 4 }, async () => open(server, { queueFolder: undefined })))
    const ids = await Promise.all(stores.map(async (store) => (await store.checkHealth()).instanceId))
    expect(new Set(ids).size).toBe(1)
  })
})

/** As whoever starts Relay does. */
async function untilOpen(server: RedisServer): Promise<AccountStore> {
  for (;;) {
    const opened = await open(server).catch(codeOf)
    if (typeof opened !== 'string') return opened
    expect(opened).toMatch(/^store-(busy|unavailable)$/)
  }
}

async function digest(server: RedisServer): Promise<string> {
  return server.command('DEBUG', 'DIGEST')
}

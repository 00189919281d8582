import { execFileSync, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { expectCode } from '../src/conformance/stage.ts'
import type { RedisConnection } from '../src/index.ts'
import { openRedisStore } from '../src/index.ts'
import type { RedisServer } from '../src/testing/index.ts'
import { startRedisServer } from '../src/testing/index.ts'
import { needsRedis, SECRETS } from './redis-stage.ts'

const hasOpenssl = spawnSync('openssl', ['version'], { stdio: 'ignore' }).status === 0

describe.skipIf(needsRedis() || (process.env['CI'] !== 'true' && !hasOpenssl))('Redis over TLS', () => {
  let folder = ''
  let server: RedisServer
  let port = 0

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'redis-tls-'))
    port = await freePort()
    const { certificate, key } = makeCertificate('server')
    makeCertificate('other')
    server = await startRedisServer({
      config: [
        `tls-port ${port}`,
        `tls-cert-file ${certificate}`,
        `tls-key-file ${key}`,
        `tls-ca-cert-file ${certificate}`,
        'tls-auth-clients no',
      ],
    })
  }, 60_000)

  afterAll(async () => {
    await server.stop()
    rmSync(folder, { recursive: true })
  })

  /** For this machine's address, signed by itself. */
  function makeCertificate(name: string): { readonly certificate: string; readonly key: string } {
    const [certificate, key] = [join(folder, `${name}.pem`), join(folder, `${name}.key`)]
    const subject = ['-subj', `/CN=${name}`, '-addext', 'subjectAltName=IP:127.0.0.1']
    const words = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '1', ...subject]
    execFileSync('openssl', [...words, '-keyout', key, '-out', certificate], { stdio: 'ignore' })
    return { certificate, key }
  }

  function connection(ca: string | undefined): RedisConnection {
    const tls = { ca: ca === undefined ? undefined : readFileSync(join(folder, `${ca}.pem`), 'utf8') }
    return { kind: 'standalone', address: { host: '127.0.0.1', port }, db: 0, tls }
  }

  test('a server whose authority is known is served from', async () => {
    const store = await openRedisStore({ connection: connection('server'), ...SECRETS })
    const { secret } = await store.createRelayKey({ name: 'team', maxConcurrency: 1 })
    const key = await store.findRelayKey(secret)
    expect(key?.name).toBe('team')
    expect(await store.checkHealth()).toMatchObject({ isReadable: true, isWritable: true })
    await store.close()
  })

  test.for([['other'], [undefined]])(
    'with the authority %s it is refused, and the message says what to do',
    async ([ca]) => {
      const message = await expectCode('store-unavailable', openRedisStore({ connection: connection(ca), ...SECRETS }))
      expect(message).toContain(`Redis at 127.0.0.1:${port}`)
      expect(message).toMatch(/certificate .*REDIS_TLS_CA/)
    },
  )

  test('a server without TLS is not spoken to in the clear', async () => {
    const plain: RedisConnection = {
      kind: 'standalone',
      address: { host: '127.0.0.1', port: server.port },
      db: 0,
      tls: {},
    }
    const before = await server.command('DBSIZE')
    await expectCode('store-unavailable', openRedisStore({ connection: plain, ...SECRETS }))
    expect(await server.command('DBSIZE')).toBe(before)
  })
})

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const { port } = probe.address() as AddressInfo // a listening TCP server has one
  probe.close()
  await once(probe, 'close')
  return port
}

import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { expect, test } from 'vitest'

import { openSqliteStore } from '../src/index.ts'

test('no secret is found in the files of the store, neither while it is open nor after', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'account-store-'))
  const credential = 'sk-canary-credential-0123456789'
  const password = 'canary password 0123456789'
  const declared = 'canary-declared-secret-0123456789'
  const encryptionKey = 'canary-encryption-key-0123456789'
  const sessionSecret = 'canary-session-secret-0123456789'
  const store = await openSqliteStore({ path: join(folder, 'relay.db'), encryptionKey, sessionSecret })
  await store.createAccount({ name: 'main', type: 'ccr', baseUrl: 'https://upstream.example', credential })
  await store.applyConfig({
    accounts: [{ name: 'declared', type: 'ccr', baseUrl: 'https://upstream.example', credential }],
    relayKeys: [{ name: 'declared', secret: declared }],
  })
  const { secret, relayKey } = await store.createRelayKey({ name: 'team', responseTtlMs: 60_000 })
  const prompt = 'canary of a prompt 0123456789'
  const place = { keyId: relayKey.id, id: 'resp_1' }
  await store.saveResponse({ ...place, body: prompt, itemIds: ['msg_1'], ttlMs: 60_000, maxKeyBytes: 1_000_000 })
  const user = await store.createAdminUser({ name: 'admin', password, mustChangePassword: false })
  await store.checkLogin({ name: 'canary typed into the name field', password, address: '203.0.113.7' })
  const { token } = await store.createSession({ userId: user.id })

  const secrets = [credential, password, declared, encryptionKey, sessionSecret, secret, token, prompt, 'canary typed']
  const findings = (): string[] =>
    readdirSync(folder).flatMap((file) => {
      const bytes = readFileSync(join(folder, file))
      return secrets.filter((text) => bytes.includes(text)).map((text) => `${file}: ${text}`)
    })
  expect(readFileSync(join(folder, 'relay.db-wal')).includes('https://upstream.example')).toBe(true)
  expect(findings()).toEqual([])
  await store.close()
  expect(findings()).toEqual([])
  rmSync(folder, { recursive: true })
})

import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

import { expect, test } from 'vitest'

import { backUpSqliteStore, openSqliteStore } from '../src/index.ts'

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

test('a rotation finds every sealed text, and neither key nor secret is left in the files', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'account-store-'))
  const path = join(folder, 'relay.db')
  const oldKey = 'canary-old-encryption-key-0123456789'
  const newKey = 'canary-new-encryption-key-0123456789'
  const secrets = [
    'sk-canary-0123456789',
    'canary-proxy-pass',
    'canary-suffix-of-another-system',
    'canary-setting',
    'canary body',
  ]
  const [credential = '', proxyPassword = '', suffix = '', setting = '', body = ''] = secrets
  const store = await openSqliteStore({ path, encryptionKey: oldKey })
  const proxyUrl = `http://user:${proxyPassword}@proxy.example:8080`
  await store.createAccount({ name: 'main', type: 'ccr', baseUrl: 'https://upstream.example', credential, proxyUrl })
  await store.importRelayKey({
    name: 'foreign',
    foreignHash: { scheme: 'sha256-suffix', suffix, hash: 'ab'.repeat(32) },
  })
  await store.writeSealedSetting('webhooks', setting)
  const { relayKey } = await store.createRelayKey({ name: 'team', responseTtlMs: 60_000 })
  const keyId = relayKey.id
  await store.saveResponse({ keyId, id: 'resp_1', body, itemIds: [], ttlMs: 60_000, maxKeyBytes: 1_000_000 })
  await store.startCapturing({ keyId, durationMs: 60_000, maxCaptures: 1, startedBy: 'ada' })
  expect(await store.saveCapture({ requestId: 'req_1', keyId, body, ttlMs: 60_000 })).toBe(true)

  const before = sealedTexts(path)
  expect(before.length).toBeGreaterThanOrEqual(8)
  expect(new Set(before.map(({ keyId: id }) => id)).size).toBe(1)
  const { sealed, unreadable } = await store.rotateEncryptionKey({ oldKey, newKey })
  expect([sealed, unreadable]).toEqual([before.length - 2, 0]) // sentinel and pepper are facts of the data set itself
  const after = sealedTexts(path)
  expect(after.map(({ place }) => place).toSorted()).toEqual(before.map(({ place }) => place).toSorted())
  expect(after.filter(({ keyId: id }) => id === before[0]?.keyId)).toEqual([])
  await backUpSqliteStore({ path, to: join(folder, 'backup.db'), encryptionKey: newKey })
  await store.close()
  const findings = readdirSync(folder).flatMap((file) => {
    const bytes = readFileSync(join(folder, file))
    return [...secrets, oldKey, newKey].filter((text) => bytes.includes(text)).map((text) => `${file}: ${text}`)
  })
  expect(findings).toEqual([])
  rmSync(folder, { recursive: true })
})

/** Every text of the data set that looks sealed, wherever it is. */
function sealedTexts(path: string): readonly { readonly place: string; readonly keyId: string }[] {
  const database = new DatabaseSync(path, { readOnly: true })
  const tables = database.prepare(`SELECT name FROM sqlite_master WHERE type = 'table'`).all()
  const found = tables.flatMap(({ name }) =>
    database
      .prepare(`SELECT * FROM ${String(name)}`)
      .all()
      .flatMap((row) => Object.entries(row).map(([column, value]) => ({ place: `${String(name)}.${column}`, value }))),
  )
  database.close()
  return found.flatMap(({ place, value }) => {
    const [, keyId] = typeof value === 'string' ? (/^v1\.([0-9a-f]{12})\./.exec(value) ?? []) : []
    return keyId === undefined ? [] : [{ place, keyId }]
  })
}

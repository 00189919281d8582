import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

import { afterEach, beforeEach, expect, test, vi } from 'vitest'

import { createKeyRing } from '../crypto/key-ring.ts'
import { MIGRATIONS } from '../migrate/migrations.ts'
import type { AccountStore } from '../store/account-store.ts'
import { openConnection } from './connection.ts'
import { openDatabase, readSchemaVersion } from './open-database.ts'
import { openSqliteStore } from './open-sqlite-store.ts'

const KEY = 'k'.repeat(32)
const NEXT = { version: MIGRATIONS.length + 1, statements: 'ALTER TABLE accounts ADD COLUMN colour TEXT' }

let folder = ''
let path = ''

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'account-store-'))
  path = join(folder, 'data', 'relay.db')
})

afterEach(() => {
  rmSync(folder, { recursive: true })
})

test('a new data set is readable by its owner only and leaves nothing else behind', async () => {
  await (await open()).close()
  expect(statSync(path).mode & 0o777).toBe(0o600)
  expect(readdirSync(join(folder, 'data'))).toEqual(['relay.db'])
})

test('what was stored is there after reopening', async () => {
  const { id, secret } = await fill()
  const store = await open()
  expect(await store.openCredential(id)).toEqual({ type: 'opened', credential: 'sk-kept-credential' })
  expect((await store.findRelayKey(secret))?.name).toBe('team')
  await store.close()
})

test('a file that cannot be opened is named, with what to do about it', () => {
  const words = new RegExp(`${path}: .+ cannot be opened; check that its folder is there and can be written`)
  expect(() => openConnection({ path })).toThrow(words) // its folder is missing
})

test('so is what to do when only the files beside it cannot be opened, as on a read-only disk', async () => {
  await fill()
  mkdirSync(`${path}-wal`)
  await expect(open()).rejects.toThrow('check that its folder is there and can be written')
})

test('a short encryption key or session secret is refused before a file is made', async () => {
  await expect(openSqliteStore({ path, encryptionKey: 'short' })).rejects.toMatchObject({ code: 'weak-secret' })
  await expect(openSqliteStore({ path, encryptionKey: KEY, sessionSecret: 'short' })).rejects.toMatchObject({
    code: 'weak-secret',
  })
  expect(existsSync(path)).toBe(false)
})

test('sessions and logins are refused without their secret, all else works', async () => {
  const store = await openSqliteStore({ path, encryptionKey: KEY })
  await expect(store.findSession('token')).rejects.toMatchObject({ code: 'session-secret-missing' })
  await expect(store.checkLogin({ name: 'a', password: 'b', address: 'c' })).rejects.toMatchObject({
    code: 'session-secret-missing',
  })
  expect(await store.listAccounts()).toEqual([])
  await store.close()
})

test('the wrong encryption key is refused and not one byte changes', async () => {
  await fill()
  const before = readFileSync(path)
  const refused = openSqliteStore({ path, encryptionKey: 'w'.repeat(32) })
  await expect(refused).rejects.toMatchObject({ code: 'wrong-encryption-key' })
  await expect(refused).rejects.not.toThrow('w'.repeat(32))
  expect(readFileSync(path)).toEqual(before)
})

test('a newer data set is refused and not one byte changes', async () => {
  await fill()
  edit((database) => database.exec('PRAGMA user_version = 99'))
  const before = readFileSync(path)
  await expect(open()).rejects.toMatchObject({ code: 'store-too-new' })
  expect(readFileSync(path)).toEqual(before)
})

test.for([0, 1, 50, 100, 4096, 10_000, 65_536, -1, -4096])('a file cut at %i bytes is refused', async (cut) => {
  await fill()
  truncateSync(path, cut < 0 ? statSync(path).size + cut : cut)
  const before = readFileSync(path)
  await expect(open()).rejects.toMatchObject({
    name: 'StoreError',
    code: expect.stringMatching(/^(store-damaged|not-a-store)$/),
  })
  expect(readFileSync(path)).toEqual(before)
})

test('a file with overwritten pages is refused', async () => {
  await fill()
  const bytes = readFileSync(path)
  bytes.fill(0x5a, 8192, 16_384)
  writeFileSync(path, bytes)
  await expect(open()).rejects.toMatchObject({ code: 'store-damaged' })
})

test("other programs' files are refused and left alone", async () => {
  await fill()
  writeFileSync(path, 'these are my notes, a text of more than a hundred bytes '.repeat(4))
  await expect(open()).rejects.toMatchObject({ code: 'not-a-store' })
  rmSync(path)
  edit((database) => database.exec('CREATE TABLE recipes (name TEXT)'))
  await expect(open()).rejects.toMatchObject({ code: 'not-a-store' })
  edit((database) => {
    expect(database.prepare('SELECT count(*) AS tables FROM sqlite_schema').get()).toEqual({ tables: 1 })
  })
})

test('a folder in the place of the file is refused with a StoreError', async () => {
  await expect(openSqliteStore({ path: folder, encryptionKey: KEY })).rejects.toMatchObject({ name: 'StoreError' })
})

test('an older data set is upgraded after a backup that opens', async () => {
  await fill()
  const told: string[] = []
  const upgraded = openDatabase({
    path,
    box: createKeyRing(KEY),
    migrations: [...MIGRATIONS, NEXT],
    onUpgrade: (message) => told.push(message),
  })
  expect(told).toEqual([expect.stringMatching(`copied .* upgraded from schema version ${MIGRATIONS.length} to`)])
  expect(readSchemaVersion(upgraded.durable)).toBe(NEXT.version)
  expect(upgraded.durable.prepare('SELECT name, colour FROM accounts').all()).toEqual([{ name: 'kept', colour: null }])
  upgraded.fast.close()
  upgraded.durable.close()
  await expect(open()).rejects.toMatchObject({ code: 'store-too-new' })
  const backups = readdirSync(join(folder, 'data')).filter((name) => name.includes(`before-version-${NEXT.version}`))
  expect(backups).toHaveLength(1)
  const backup = join(folder, 'data', backups[0] ?? '')
  expect(statSync(backup).mode & 0o777).toBe(0o600)
  copyFileSync(backup, path)
  const store = await open()
  expect((await store.listAccounts()).map((account) => account.name)).toEqual(['kept'])
  await store.close()
})

test('other processes write while the backup is made, and what they upgrade meanwhile is not upgraded again', async () => {
  await fill()
  const next = [...MIGRATIONS, NEXT]
  const order = { path, box: createKeyRing(KEY), migrations: next }
  const prepare = DatabaseSync.prototype.prepare
  let isFirst = true
  const spy = vi.spyOn(DatabaseSync.prototype, 'prepare').mockImplementation(function (
    this: DatabaseSync,
    sql,
    ...rest
  ) {
    if (sql.startsWith('VACUUM INTO') && isFirst) {
      isFirst = false
      const faster = openDatabase(order)
      faster.durable.execute(`UPDATE accounts SET colour = 'red'`)
      faster.fast.close()
      faster.durable.close()
    }
    return prepare.call(this, sql, ...rest)
  })
  const slower = openDatabase(order)
  spy.mockRestore()
  expect(slower.durable.prepare('SELECT colour FROM accounts').all()).toEqual([{ colour: 'red' }])
  slower.fast.close()
  slower.durable.close()
  const backups = readdirSync(join(folder, 'data')).filter((name) => name.includes('before-version'))
  expect(backups).toHaveLength(1)
  edit((database) => expect(database.prepare('PRAGMA user_version').get()).toEqual({ user_version: NEXT.version }))
  const versionOf = new DatabaseSync(join(folder, 'data', backups[0] ?? ''), { readOnly: true })
  expect(versionOf.prepare('PRAGMA user_version').get()).toEqual({ user_version: MIGRATIONS.length })
  versionOf.close()
})

test('what the first version has written is read with defaults for all that came later', async () => {
  const first = openDatabase({ path, box: createKeyRing(KEY), migrations: MIGRATIONS.slice(0, 1) })
  const account = { name: 'old', description: '', type: 'ccr', baseUrl: 'https://upstream.example', formatBaseUrls: {} }
  const key = { name: 'old key', owner: 'li', permissions: {}, maxConcurrency: 3, lossPolicy: 'warn', enabled: true }
  first.durable
    .prepare(`INSERT INTO accounts (id, name, managed_by, settings, created_at, updated_at, revision)
      VALUES ('a', 'old', 'operator', :settings, 1, 1, 1)`)
    .run({ settings: JSON.stringify(account) })
  first.durable
    .prepare(`INSERT INTO relay_keys (id, name, managed_by, settings, secret_last_four, created_at, updated_at)
      VALUES ('k', 'old key', 'operator', :settings, 'abcd', 1, 1)`)
    .run({ settings: JSON.stringify(key) })
  first.fast.close()
  first.durable.close()
  const store = await open()
  expect(await store.listAccounts()).toMatchObject([
    { ...account, tags: [], groups: [], isDedicated: false, currency: 'USD', priceMultiplier: 1, errorClasses: [] },
  ])
  expect(await store.listRelayKeys()).toMatchObject([{ ...key, tags: [], note: '', rateLimits: [], responseTtlMs: 0 }])
  await store.close()
})

test('an upgrade that fails changes nothing', async () => {
  await fill()
  const broken = [
    ...MIGRATIONS,
    NEXT,
    { version: NEXT.version + 1, statements: 'ALTER TABLE nothing ADD COLUMN colour TEXT' },
  ]
  expect(() => openDatabase({ path, box: createKeyRing(KEY), migrations: broken })).toThrow('nothing')
  const store = await open()
  expect((await store.checkHealth()).schemaVersion).toBe(MIGRATIONS.length)
  expect((await store.listAccounts()).map((account) => account.name)).toEqual(['kept'])
  await store.close()
})

test('a credential that cannot be opened marks its account, and the others go on', async () => {
  const { id } = await fill()
  edit((database) => {
    const { credential } = database.prepare('SELECT credential FROM accounts').get() ?? {}
    const forged = String(credential).slice(0, -4)
    database.prepare('UPDATE accounts SET credential = ?').run(`${forged}AAAA`)
  })
  const store = await open()
  const other = await store.createAccount({
    name: 'other',
    type: 'ccr',
    baseUrl: 'https://b.example',
    credential: 'sk-other',
  })
  expect(await store.openCredential(id)).toEqual({ type: 'unreadable' })
  expect((await store.getAccount(id))?.state.attention?.reason).toBe('credential-unreadable')
  expect(await store.openCredential(other.id)).toEqual({ type: 'opened', credential: 'sk-other' })
  await store.updateAccount(id, { credential: 'sk-entered-again' })
  expect((await store.getAccount(id))?.state.attention).toBeUndefined()
  expect(await store.openCredential(id)).toEqual({ type: 'opened', credential: 'sk-entered-again' })
  await store.close()
})

test('a credential moved to another account does not open there', async () => {
  await fill()
  const store = await open()
  const thief = await store.createAccount({ name: 'thief', type: 'ccr', baseUrl: 'https://thief.example' })
  edit((database) => {
    database.exec(`UPDATE accounts SET credential = (SELECT credential FROM accounts WHERE name = 'kept')`)
  })
  expect(await store.openCredential(thief.id)).toEqual({ type: 'unreadable' })
  await store.close()
})

test('fields that a newer version has put into an object survive a change by this one', async () => {
  const { id } = await fill()
  edit((database) => database.exec(`UPDATE accounts SET settings = json_set(settings, '$.group', 'east')`))
  const store = await open()
  await store.updateAccount(id, { priority: 3 })
  await store.close()
  edit((database) => {
    const row = database
      .prepare(`SELECT settings ->> '$.group' AS g, settings ->> '$.priority' AS p FROM accounts`)
      .get()
    expect(row).toEqual({ g: 'east', p: 3 })
  })
})

async function open(): Promise<AccountStore> {
  return openSqliteStore({ path, encryptionKey: KEY })
}

async function fill(): Promise<{ id: string; secret: string }> {
  const store = await open()
  const { id } = await store.createAccount({
    name: 'kept',
    type: 'openai-chat',
    baseUrl: 'https://upstream.example',
    credential: 'sk-kept-credential',
  })
  const { secret } = await store.createRelayKey({ name: 'team' })
  await store.close()
  return { id, secret }
}

function edit(work: (database: DatabaseSync) => void): void {
  const database = new DatabaseSync(path)
  try {
    work(database)
  } finally {
    database.close()
  }
}

test('a version before goes on with a data set to which the next one has only added', async () => {
  await fill()
  const next = [...MIGRATIONS, { ...NEXT, usableFrom: MIGRATIONS.length }]
  const upgraded = openDatabase({ path, box: createKeyRing(KEY), migrations: next })
  upgraded.fast.close()
  upgraded.durable.close()
  const store = await open()
  await store.createRelayKey({ name: 'written by the version before' })
  expect((await store.checkHealth()).schemaVersion).toBe(NEXT.version)
  await store.close()
})

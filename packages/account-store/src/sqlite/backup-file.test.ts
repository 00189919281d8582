import {
  existsSync,
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

import { afterEach, beforeEach, expect, test } from 'vitest'

import { usageRecord } from '../conformance/stage.ts'
import type { AccountStore } from '../store/account-store.ts'
import { backUpSqliteStore, verifySqliteFile } from './backup-file.ts'
import { openSqliteStore } from './open-sqlite-store.ts'
import { restoreSqliteStore } from './restore-file.ts'

const encryptionKey = 'k'.repeat(32)
let folder = ''
let path = ''
let to = ''

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'account-store-'))
  path = join(folder, 'relay.db')
  to = join(folder, 'backups', 'one.db')
})

afterEach(() => {
  rmSync(folder, { recursive: true })
})

async function open(): Promise<AccountStore> {
  return openSqliteStore({ path, encryptionKey })
}

test('a backup is made while the store is written to, and shows one moment', async () => {
  const store = await open()
  const { secret } = await store.createRelayKey({ name: 'laptop' })
  let count = 0
  const write = setInterval(() => {
    for (let index = 0; index < 20; index += 1) store.recordUsage(usageRecord({ requestId: `r-${count++}` }))
  }, 1)
  await store.flushUsage()
  const facts = await backUpSqliteStore({ path, to, encryptionKey })
  clearInterval(write)
  await store.close()
  expect(facts).toMatchObject({ accounts: 0, relayKeys: 1 })
  expect(readdirSync(join(folder, 'backups'))).toEqual(['one.db'])
  expect(statSync(to).mode & 0o777).toBe(0o600)
  const outcome = restoreSqliteStore({ from: to, path, encryptionKey })
  const restored = await open()
  expect((await restored.findRelayKey(secret))?.name).toBe('laptop')
  expect((await restored.sumUsage()).requests).toBe(outcome.usageRecords)
  await restored.close()
})

test('a restore keeps what was there, and brings back what was', async () => {
  const store = await open()
  await store.createRelayKey({ name: 'then' })
  await backUpSqliteStore({ path, to, encryptionKey })
  await store.createRelayKey({ name: 'later' })
  expect(() => restoreSqliteStore({ from: to, path, encryptionKey })).toThrow(/stop every server/)
  expect(await store.listRelayKeys()).toHaveLength(2)
  await store.close()
  const { keptAs } = restoreSqliteStore({ from: to, path, encryptionKey })
  const restored = await open()
  expect((await restored.listRelayKeys()).map(({ name }) => name)).toEqual(['then'])
  await restored.close()
  expect(verifySqliteFile({ path: keptAs ?? '', encryptionKey }).relayKeys).toBe(2)
})

test('a backup that is cut, foreign or sealed with another key is refused, and nothing changes', async () => {
  const store = await open()
  await backUpSqliteStore({ path, to, encryptionKey })
  await store.close()
  const before = readFileSync(path)
  expect(() => restoreSqliteStore({ from: to, path, encryptionKey: 'x'.repeat(32) })).toThrow(/another ENCRYPTION_KEY/)
  truncateSync(to, statSync(to).size - 4096)
  expect(() => restoreSqliteStore({ from: to, path, encryptionKey })).toThrow(/cut off; take another backup/)
  writeFileSync(to, 'no database')
  expect(() => restoreSqliteStore({ from: to, path, encryptionKey })).toThrow(/not a database; take another backup/)
  expect(() => restoreSqliteStore({ from: `${to}.none`, path, encryptionKey })).toThrow(/there is no file/)
  expect(readFileSync(path).equals(before)).toBe(true)
  expect(readdirSync(folder).toSorted()).toEqual(['backups', 'relay.db'])
})

test('a restore makes the store where there is none', async () => {
  const store = await open()
  await store.createRelayKey({ name: 'then' })
  await backUpSqliteStore({ path, to, encryptionKey })
  await store.close()
  rmSync(path)
  expect(restoreSqliteStore({ from: to, path, encryptionKey }).keptAs).toBeUndefined()
  expect(existsSync(path)).toBe(true)
})

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { describe, expect, test } from 'vitest'

import { openSqliteStore } from '../sqlite/open-sqlite-store.ts'
import type { OpenStores } from './stage.ts'
import { storeConformance } from './store-conformance.ts'

const SECRETS = { encryptionKey: 'e'.repeat(32), sessionSecret: 's'.repeat(32) }

const openInMemory: OpenStores = async (now) => {
  const store = await openSqliteStore({ path: ':memory:', ...SECRETS, now })
  return {
    first: store,
    second: store,
    encryptionKey: SECRETS.encryptionKey,
    another: () => openSqliteStore({ path: ':memory:', ...SECRETS, now }),
    close: () => store.close(),
  }
}

const openOnFile =
  (handles: 1 | 2): OpenStores =>
  async (now) => {
    const folder = mkdtempSync(join(tmpdir(), 'account-store-'))
    const path = join(folder, 'relay.db')
    const first = await openSqliteStore({ path, ...SECRETS, now })
    const second = handles === 1 ? first : await openSqliteStore({ path, ...SECRETS, now })
    return {
      first,
      second,
      encryptionKey: SECRETS.encryptionKey,
      reopen: (encryptionKey) => openSqliteStore({ path, ...SECRETS, encryptionKey, now }),
      another: () => openSqliteStore({ path: join(folder, 'another.db'), ...SECRETS, now }),
      close: async () => {
        await Promise.all([first.close(), second.close()])
        rmSync(folder, { recursive: true })
      },
    }
  }

describe.each([
  { backend: 'sqlite in memory', open: openInMemory },
  { backend: 'sqlite on a file', open: openOnFile(1) },
  { backend: 'two sqlite stores on one file', open: openOnFile(2) },
])('$backend', ({ open }) => {
  test.for(storeConformance(open))('$name', { timeout: 30_000 }, async ({ run }) => {
    await expect(run()).resolves.toBeUndefined()
  })
})

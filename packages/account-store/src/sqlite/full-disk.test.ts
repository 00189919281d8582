import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

import { afterEach, beforeEach, expect, test, vi } from 'vitest'

import { usageRecord } from '../conformance/stage.ts'
import type { AccountStore } from '../store/account-store.ts'
import { openSqliteStore } from './open-sqlite-store.ts'

const SECRETS = { encryptionKey: 'k'.repeat(32), sessionSecret: 's'.repeat(32) }
/** Enough of it does not fit into what is left of any page. */
const LARGE = 'x'.repeat(100_000)
const DAY_MS = 86_400_000

let folder = ''
let path = ''
let connections: Set<DatabaseSync> = new Set()

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'full-disk-'))
  path = join(folder, 'relay.db')
  connections = new Set()
  const prepare = DatabaseSync.prototype.prepare
  vi.spyOn(DatabaseSync.prototype, 'prepare').mockImplementation(function (this: DatabaseSync, sql, ...rest) {
    connections.add(this)
    return prepare.call(this, sql, ...rest)
  })
})

afterEach(() => {
  vi.restoreAllMocks()
  rmSync(folder, { recursive: true })
})

/** Lets the file grow by so many pages and no further: SQLite itself says then that the disk is full. */
function leaveRoom(pages: number): void {
  for (const connection of connections) {
    if (!connection.isOpen) continue
    const now = Number(connection.prepare('PRAGMA page_count').get()?.['page_count'])
    connection.exec(`PRAGMA max_page_count = ${now + pages}`)
  }
}

interface Filled {
  readonly store: AccountStore
  readonly keyId: string
  readonly accountId: string
}

/** What writes something, each of another table or of several in one step. */
const WRITES: readonly (readonly [what: string, write: (filled: Filled, turn: number) => Promise<unknown>])[] = [
  [
    'an account',
    async ({ store }, turn) =>
      store.createAccount({
        name: `account ${turn}`,
        type: 'ccr',
        baseUrl: 'https://upstream.example',
        credential: 'sk-credential',
        description: 'd'.repeat(500),
      }),
  ],
  ['a relay key', async ({ store }, turn) => store.createRelayKey({ name: `key ${turn}`, note: 'n'.repeat(1500) })],
  [
    'usage with its sums',
    async ({ store, keyId }, turn) => {
      store.recordUsage(usageRecord({ requestId: `more ${turn}`, keyId, errorMessage: 'm'.repeat(400) }))
      await store.flushUsage()
    },
  ],
  [
    'a kept response',
    async ({ store, keyId }, turn) =>
      store.saveResponse({ keyId, id: `r${turn}`, body: LARGE, itemIds: [], ttlMs: DAY_MS, maxKeyBytes: 1e9 }),
  ],
  [
    'a capture',
    async ({ store, keyId }, turn) =>
      store.saveCapture({ requestId: `captured ${turn}`, keyId, body: LARGE, ttlMs: DAY_MS }),
  ],
  [
    'an action',
    async ({ store }, turn) =>
      store.recordAudit({
        actor: { kind: 'user', name: 'ada' },
        action: 'a.b',
        after: { turn, text: 'y'.repeat(5000) },
      }),
  ],
  [
    'a place',
    async ({ store, keyId, accountId }, turn) =>
      store.rememberPlace({ kind: 'session', name: `place ${turn}`, keyId, accountId, ttlMs: DAY_MS }),
  ],
  ['a notice', async ({ store }, turn) => store.claimNotice(`${'notice'.repeat(40)} ${turn}`, Date.now() + DAY_MS)],
  ['a setting', async ({ store }, turn) => store.writeSetting(`setting ${turn}`, 'v'.repeat(3000))],
  [
    'an admission',
    async ({ store, keyId }) => {
      const key = await store.getRelayKey(keyId)
      if (key === undefined) throw new Error('the key is gone')
      const reserve = { tokens: 1, costMicroUsd: 1 }
      return store.admit({ key, process: 'p'.repeat(200), ttlMs: 60_000, reserve })
    },
  ],
]

test.for(WRITES)(
  'on a full disk %s is written wholly or refused as such, and goes on when there is room',
  async ([, write]) => {
    const filled = await fill()
    const { store } = filled
    leaveRoom(2)
    let done = 0
    const refused = await untilRefused(async () => {
      await write(filled, done)
      done += 1
    })
    expect(refused).toMatchObject({ name: 'StoreError', code: 'store-full' })
    // Reading goes on, and the file is whole: what was refused left nothing behind.
    expect(await store.getAccount(filled.accountId)).toMatchObject({ name: 'main' })
    const key = await store.getRelayKey(filled.keyId)
    expect(key && (await store.readBounds(key)).map(({ bound }) => bound.type)).toEqual(['concurrency', 'budget'])
    expect(await store.openCredential(filled.accountId)).toEqual({ type: 'opened', credential: 'sk-main' })
    const checks = [...connections]
      .filter(({ isOpen }) => isOpen)
      .map((one) => one.prepare('PRAGMA integrity_check').all())
    expect(new Set(checks.map((rows) => JSON.stringify(rows)))).toEqual(new Set(['[{"integrity_check":"ok"}]']))
    leaveRoom(1_000_000)
    await write(filled, done)
    await store.flushUsage()
    const { requests } = await store.sumUsage()
    expect((await store.listUsage({ limit: 500 })).records.length).toBe(Math.min(500, requests))
    await store.close()
    const again = await openSqliteStore({ path, ...SECRETS })
    expect((await again.sumUsage()).requests).toBe(requests)
    await again.close()
  },
)

async function untilRefused(work: () => Promise<void>): Promise<unknown> {
  for (let turn = 0; turn < 5000; turn += 1) {
    try {
      await work()
    } catch (error) {
      return error
    }
  }
  return undefined
}

async function fill(): Promise<Filled> {
  // Strict: an admission is refused, too, in place of being counted in memory.
  const store = await openSqliteStore({ path, isStrict: true, ...SECRETS })
  const main = { name: 'main', type: 'ccr', baseUrl: 'https://upstream.example', credential: 'sk-main' } as const
  const account = await store.createAccount(main)
  const { relayKey } = await store.createRelayKey({
    name: 'team',
    responseTtlMs: DAY_MS,
    maxConcurrency: 1_000_000,
    budget: { dayMicroUsd: 1_000_000_000 },
  })
  store.recordUsage(usageRecord({ keyId: relayKey.id }))
  // Set anew: what was spent is to be added up with the next look.
  await store.updateRelayKey(relayKey.id, { budget: { dayMicroUsd: 2_000_000_000 } })
  await store.flushUsage()
  await store.startCapturing({ keyId: relayKey.id, durationMs: DAY_MS, maxCaptures: 500, startedBy: 'ada' })
  return { store, keyId: relayKey.id, accountId: account.id }
}

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync, StatementSync } from 'node:sqlite'

import { afterEach, beforeEach, expect, test, vi } from 'vitest'

import type { Admission } from '../admission.ts'
import { usageRecord } from '../conformance/stage.ts'
import type { RelayKey } from '../relay-key.ts'
import type { AccountStore } from '../store/account-store.ts'
import { openSqliteStore } from './open-sqlite-store.ts'

const SECRETS = { encryptionKey: 'k'.repeat(32), sessionSecret: 's'.repeat(32) }
const HOUR_MS = 3_600_000
const RESERVE = { tokens: 10, costMicroUsd: 100 }
/** Of a statement that another process keeps waiting: a second, and what a busy machine adds. */
const BUSY_MS = 3500

let folder = ''
let path = ''
let isFull = false
let store: AccountStore

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'store-away-'))
  path = join(folder, 'relay.db')
  isFull = false
  const run = StatementSync.prototype.run as (this: StatementSync, ...values: unknown[]) => never
  vi.spyOn(StatementSync.prototype, 'run').mockImplementation(function (this: StatementSync, ...values: unknown[]) {
    if (isFull && /^\s*(?:INSERT|UPDATE|DELETE)/.test(this.sourceSQL)) throw FULL
    return run.apply(this, values)
  })
  store = await openSqliteStore({ path, ...SECRETS })
})

afterEach(async () => {
  await store.close()
  vi.restoreAllMocks()
  rmSync(folder, { recursive: true })
})

/** As SQLite says it of every statement that changes something: its log cannot grow. */
const FULL = Object.assign(new Error('database or disk is full'), { code: 'ERR_SQLITE_ERROR', errcode: 13 })

async function makeKey(): Promise<RelayKey> {
  const { relayKey } = await store.createRelayKey({
    name: 'team',
    maxConcurrency: 3,
    rateLimits: [{ counts: 'requests', windowMs: HOUR_MS, max: 20 }],
    budget: { totalMicroUsd: 1000 },
  })
  return relayKey
}

async function admit(key: RelayKey, on = store): Promise<Admission | string> {
  const answer = await on.admit({ key, process: 'p', ttlMs: 60_000, reserve: RESERVE })
  return answer.type === 'admitted' ? answer.admission : answer.met.bound.type
}

function admitted(answers: readonly (Admission | string)[]): readonly Admission[] {
  return answers.filter((answer) => typeof answer === 'object')
}

async function boundsOf(key: RelayKey): Promise<object> {
  return Object.fromEntries((await store.readBounds(key)).map(({ bound, used }) => [bound.type, used]))
}

test('with a full disk keys with limits go on, each within its limits, and all is counted when there is room', async () => {
  const key = await makeKey()
  const [before] = admitted([await admit(key)])
  if (before !== undefined) await store.settle(before, { tokens: 10, costMicroUsd: 300 })
  isFull = true

  const first = await Promise.all(Array.from({ length: 50 }, async () => admit(key)))
  expect(admitted(first)).toHaveLength(3)
  expect(first.filter((answer) => answer === 'concurrency')).toHaveLength(47)
  for (const admission of admitted(first)) await store.settle(admission, { tokens: 5, costMicroUsd: 200 })
  // 900 of 1000 are spent, 300 of them before the disk was full: one more may run, and it uses the rest up.
  const second = await Promise.all(Array.from({ length: 50 }, async () => admit(key)))
  expect(admitted(second)).toHaveLength(1)
  expect(new Set(second.filter((answer) => typeof answer === 'string'))).toEqual(new Set(['budget']))
  for (const admission of admitted(second)) await store.settle(admission, { tokens: 5, costMicroUsd: 100 })
  expect(await admit(key)).toBe('budget')

  isFull = false
  await expect.poll(async () => boundsOf(key), { timeout: 10_000 }).toEqual({ concurrency: 0, window: 5, budget: 1000 })
  expect(await admit(key)).toBe('budget')
})

test('a request that was let in with a full disk holds its place for all processes when there is room', async () => {
  const key = await makeKey()
  isFull = true
  const held = admitted(await Promise.all([admit(key), admit(key), admit(key)]))
  expect(held).toHaveLength(3)
  isFull = false
  expect(await store.renewAdmissions(held, 60_000)).toEqual(held.map(({ id }) => id))
  const other = await openSqliteStore({ path, ...SECRETS })
  expect(await admit(key, other)).toBe('concurrency')
  await other.close()
  for (const admission of held) await store.settle(admission, { tokens: 5, costMicroUsd: 100 })
  expect(await boundsOf(key)).toEqual({ concurrency: 0, window: 3, budget: 300 })
})

test('what was let in with a full disk is known to all processes as soon as there is room, and counted once', async () => {
  const key = await makeKey()
  const { id } = await store.createAccount({ name: 'main', type: 'ccr', baseUrl: 'https://upstream.example' })
  const resource = { kind: 'account', id } as const
  isFull = true
  const [held, short] = admitted([await admit(key), await admit(key)])
  const lease = await store.acquireLease({ resource, owner: 'p', ttlMs: 60_000, max: 2 })
  if (short !== undefined) await store.settle(short, { tokens: 5, costMicroUsd: 100 })
  isFull = false
  const other = await openSqliteStore({ path, ...SECRETS })
  const seen = async () => ({ ...(await boundsOf(key)), leases: await other.countLeases(resource) })
  await expect.poll(seen, { timeout: 5000 }).toEqual({ concurrency: 1, window: 2, budget: 100, leases: 1 })
  if (held !== undefined) await store.settle(held, { tokens: 5, costMicroUsd: 200 })
  if (lease.type === 'taken') await store.releaseLease(lease.leaseId)
  expect(await seen()).toEqual({ concurrency: 0, window: 2, budget: 300, leases: 0 })
  await other.close()
})

test('with a full disk places at an account and its daily quota are counted by this process', async () => {
  const { id } = await store.createAccount({
    name: 'main',
    type: 'ccr',
    baseUrl: 'https://upstream.example',
    dailyQuota: { limitMicroUsd: 1000 },
  })
  await store.recordAccountCost(id, 700)
  await store.listAccounts()
  isFull = true
  const resource = { kind: 'account', id } as const
  const enter = async (max: number) =>
    store.acquireLease({ resource, owner: 'p', ttlMs: 60_000, max, reserveMicroUsd: 100 })
  const answers = await Promise.all(Array.from({ length: 20 }, async () => enter(2)))
  expect(answers.map(({ type }) => type).filter((type) => type === 'taken')).toHaveLength(2)
  const more = await Promise.all(Array.from({ length: 20 }, async () => enter(100)))
  expect(more.map(({ type }) => type).filter((type) => type === 'taken')).toHaveLength(1)
  expect(more.at(-1)?.type).toBe('spent')
  const ids = [...answers, ...more].flatMap((answer) => (answer.type === 'taken' ? [answer.leaseId] : []))
  expect(await store.renewLeases(ids, 60_000)).toEqual(ids)
  isFull = false
  expect(await store.renewLeases(ids, 60_000)).toEqual(ids)
  expect(await store.countLeases(resource)).toBe(3)
})

test('what was used is shown with a full disk, as far as it is written down', async () => {
  const key = await makeKey()
  store.recordUsage(usageRecord({ requestId: 'written', keyId: key.id }))
  await store.flushUsage()
  isFull = true
  for (let turn = 0; turn < 50; turn += 1) store.recordUsage(usageRecord({ requestId: `waits ${turn}`, keyId: key.id }))
  expect((await store.listUsage({ limit: 500 })).records.map(({ requestId }) => requestId)).toContain('written')
  expect((await store.sumUsage({ keyId: key.id })).requests).toBeGreaterThan(0)
  isFull = false
  expect((await store.sumUsage({ keyId: key.id })).requests).toBe(51)
})

test('a write lock that another process keeps makes nobody wait but the first, and a strict store says so', async () => {
  const key = await makeKey()
  const strict = await openSqliteStore({ path, isStrict: true, ...SECRETS })
  const other = new DatabaseSync(path)
  other.exec('BEGIN IMMEDIATE')
  const begunAt = performance.now()
  expect(admitted(await Promise.all(Array.from({ length: 10 }, async () => admit(key))))).toHaveLength(3)
  expect(performance.now() - begunAt).toBeLessThan(BUSY_MS)
  await expect(admit(key, strict)).rejects.toMatchObject({ code: 'store-busy' })
  other.exec('ROLLBACK')
  other.close()
  expect(typeof (await admit(key, strict))).toBe('object')
  await strict.close()
})

import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, beforeEach, expect } from 'vitest'

import { accountInput } from '../src/conformance/stage.ts'
import type { AccountStore, IssuedRelayKey, RedisStoreOptions } from '../src/index.ts'
import { openRedisStore } from '../src/index.ts'
import type { RedisServer, RedisServerOptions } from '../src/testing/index.ts'
import { startRedisServer } from '../src/testing/index.ts'
import { SECRETS, standalone } from './redis-stage.ts'

/** No request waits longer for the store (reliability 9.2). */
const LONGEST_WAIT_MS = 2000
/** Recovery is automatic within this time (reliability 9.3), and a shared machine may be slow. */
export const RECOVERY_MS = 8000
const ADMISSION = { process: 'node-1', ttlMs: 60_000, reserve: { tokens: 0, costMicroUsd: 0 } } as const

/** Servers and stores of one test; they are closed when it is over. */
export interface FaultStage {
  start(options?: RedisServerOptions): Promise<RedisServer>
  open(server: RedisServer, options?: Partial<RedisStoreOptions>): Promise<AccountStore>
  /** Usage records that wait for the store. */
  waitingOnDisk(): number
}

/** For the tests of a file. */
export function useFaultStage(): FaultStage {
  let folder = ''
  let clean: (() => Promise<void>)[] = []

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'redis-faults-'))
  })

  afterEach(async () => {
    for (const step of clean.toReversed()) await step()
    clean = []
    rmSync(folder, { recursive: true })
  })

  async function start(options: RedisServerOptions = {}): Promise<RedisServer> {
    const server = await startRedisServer(options)
    clean.push(server.stop)
    return server
  }

  async function open(server: RedisServer, options: Partial<RedisStoreOptions> = {}): Promise<AccountStore> {
    const store = await openRedisStore({ ...optionsFor(server), queueFolder: join(folder, 'queue'), ...options })
    clean.push(async () => store.close().catch(() => undefined))
    return store
  }

  function waitingOnDisk(): number {
    const queue = join(folder, 'queue')
    const files = readdirSync(queue).map((name) => readFileSync(join(queue, name), 'utf8'))
    return files.flatMap((text) => text.split('\n').filter((line) => line !== '')).length
  }

  return { start, open, waitingOnDisk }
}

export function optionsFor(server: RedisServer): RedisStoreOptions {
  return { connection: standalone(server), ...SECRETS }
}

export interface Filled {
  /** Was just used. */
  readonly used: IssuedRelayKey
  /** Was never used on this node. */
  readonly unused: IssuedRelayKey
  readonly accountId: string
}

export async function fill(store: AccountStore): Promise<Filled> {
  const account = await store.createAccount(accountInput({ credential: 'sk-upstream-credential' }))
  const budget = { dayMicroUsd: 1_000_000 }
  const used = await store.createRelayKey({ name: 'used', maxConcurrency: 2, budget })
  const unused = await store.createRelayKey({ name: 'unused' })
  await store.findRelayKey(used.secret)
  await store.listAccounts()
  return { used, unused, accountId: account.id }
}

export async function admit(store: AccountStore, { relayKey }: IssuedRelayKey): ReturnType<AccountStore['admit']> {
  return store.admit({ ...ADMISSION, key: relayKey })
}

export async function expectAway(store: AccountStore): Promise<void> {
  await expect.poll(async () => (await store.checkHealth()).isWritable, { timeout: RECOVERY_MS }).toBe(false)
}

export async function expectBack(store: AccountStore): Promise<void> {
  await expect.poll(async () => (await store.checkHealth()).isWritable, { timeout: RECOVERY_MS }).toBe(true)
}

export async function quickly<Result>(work: Promise<Result>): Promise<Result> {
  const startMs = performance.now()
  const result = await work
  expect(performance.now() - startMs).toBeLessThan(LONGEST_WAIT_MS)
  return result
}

export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error)
}

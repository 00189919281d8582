import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, beforeEach, expect, test } from 'vitest'

import type { AccountStore } from '../src/index.ts'
import { openSqliteStore } from '../src/index.ts'
import { bundleScript, startProcess, startScript } from './script-process.ts'
import type { ScriptProcess } from './script-process.ts'

const SCRIPT = await bundleScript(import.meta.resolve('./store-process.ts'))
const NAMES = ['a', 'b', 'c', 'd']
const TIMEOUT_MS = 60_000

let folder = ''
let path = ''

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'account-store-'))
  path = join(folder, 'relay.db')
})

afterEach(() => {
  rmSync(folder, { recursive: true })
})

test('four processes that start at once on nothing make one data set', { timeout: TIMEOUT_MS }, async () => {
  const facts = await runAll('identify')
  expect(facts).toHaveLength(4)
  expect(new Set(facts).size).toBe(1)
  expect(readdirSync(folder).filter((name) => name.includes('.new-'))).toEqual([])
})

test('four processes never take more slots than there are, and miss none', { timeout: TIMEOUT_MS }, async () => {
  const leases = await runAll('lease')
  expect(new Set(leases).size).toBe(150)
  const store = await open()
  expect(await store.countLeases({ kind: 'account', id: 'shared' })).toBe(150)
  await store.close()
})

test.for([
  { bound: 'concurrency', input: { maxConcurrency: 5 }, admitted: 5 },
  { bound: 'window', input: { rateLimits: [{ counts: 'requests', windowMs: 3_600_000, max: 100 }] }, admitted: 100 },
  { bound: 'budget', input: { budget: { totalMicroUsd: 1000 } }, admitted: 10 },
] as const)(
  'four processes that ask 800 times at once never pass a $bound, and miss nothing of it',
  { timeout: TIMEOUT_MS },
  async ({ input, admitted }) => {
    const store = await open()
    await store.createRelayKey({ name: 'shared', ...input })
    expect(new Set(await runAll('admit')).size).toBe(admitted)
    await store.close()
  },
)

test('the slots of a process that is killed come back within their time', { timeout: TIMEOUT_MS }, async () => {
  const store = await open()
  const { relayKey: key } = await store.createRelayKey({
    name: 'shared',
    maxConcurrency: 5,
    budget: { dayMicroUsd: 500 },
  })
  const running = start('hold', 'a')
  await until(() => running.facts.length === 5)
  const request = { key, process: 'test', ttlMs: 60_000, reserve: { tokens: 0, costMicroUsd: 100 } }
  expect((await store.admit(request)).type).toBe('refused')
  running.child.kill('SIGKILL')
  await running.exit
  const killedAt = performance.now()
  const states = async (): Promise<readonly number[]> =>
    (await store.readBounds(key)).map(({ used, reserved }) => used + reserved)
  while (performance.now() - killedAt < 10_000 && (await states()).some((taken) => taken > 0)) {
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  expect(await states()).toEqual([0, 0])
  expect((await store.admit(request)).type).toBe('admitted')
  await store.close()
})

test(
  'whoever looks for interrupted requests frees what a killed process of this machine held, at once',
  { timeout: TIMEOUT_MS },
  async () => {
    const store = await open()
    const { relayKey: key } = await store.createRelayKey({ name: 'shared', maxConcurrency: 5 })
    const resource = { kind: 'account', id: 'shared' } as const
    const running = start('hold-long', 'a')
    await until(() => running.facts.length === 100 + 5)
    expect(await store.recordInterrupted()).toBe(0)
    expect([await store.countLeases(resource), (await store.readBounds(key))[0]?.used]).toEqual([100, 5])
    running.child.kill('SIGKILL')
    await running.exit
    await store.recordInterrupted()
    expect([await store.countLeases(resource), (await store.readBounds(key))[0]?.used]).toEqual([0, 0])
    await store.close()
  },
)

test.runIf(process.platform === 'linux')(
  'what a killed process held is free as well where its parent never asks how it ended',
  { timeout: TIMEOUT_MS },
  async () => {
    const store = await open()
    await store.createRelayKey({ name: 'shared', maxConcurrency: 5 })
    const countHeld = async (): Promise<number> => store.countLeases({ kind: 'account', id: 'shared' })
    const parent = startProcess('sh', [
      '-c',
      '"$@" & echo $!; exec sleep 60',
      'sh',
      process.execPath,
      SCRIPT,
      'hold-long',
      path,
      'a',
    ])
    await until(() => parent.facts.length === 1 + 100 + 5)
    await store.recordInterrupted()
    expect(await countHeld()).toBe(100)
    process.kill(Number(parent.facts[0]), 'SIGKILL')
    const look = async (): Promise<number> => store.recordInterrupted().then(countHeld)
    await expect.poll(look, { timeout: TIMEOUT_MS / 4 }).toBe(0)
    parent.child.kill('SIGKILL')
    await parent.exit
    await store.close()
  },
)

test('what four processes write at once adds up exactly', { timeout: TIMEOUT_MS }, async () => {
  await runAll('usage')
  const store = await open()
  const { requests, tokens } = await store.sumUsage({ keyId: 'shared' })
  expect(requests).toBe(100 + 4 * 400)
  expect(tokens.outputTokens).toBe(30 * 1700)
  await store.close()
})

test('kill -9 in the middle of writes, 50 times, loses nothing that was confirmed', { timeout: 300_000 }, async () => {
  const confirmed: string[] = []
  for (let round = 0; round < 50; round += 1) {
    const running = start('write', `round-${round}`)
    await until(() => running.facts.length > 1 + (round % 8))
    running.child.kill('SIGKILL')
    await running.exit
    confirmed.push(...running.facts)
  }
  const store = await open()
  for (const fact of confirmed) {
    const { accountId, accountName, secret } = JSON.parse(fact)
    expect(await store.openCredential(accountId)).toEqual({
      type: 'opened',
      credential: `credential-of-${accountName}`,
    })
    expect((await store.findRelayKey(secret))?.name).toBe(accountName)
  }
  for (const { accountName } of confirmed.map((fact) => JSON.parse(fact)).filter(({ isFlushed }) => isFlushed)) {
    expect((await store.getUsage(accountName))?.requestId).toBe(accountName)
  }
  expect((await store.listAccounts()).length).toBeGreaterThanOrEqual(confirmed.length)
  await store.close()
})

function start(task: string, name: string): ScriptProcess {
  return startScript(SCRIPT, [task, path, name])
}

async function runAll(task: string): Promise<string[]> {
  const running = NAMES.map((name) => start(task, name))
  await Promise.all(running.map(({ exit }) => exit))
  expect(running.map(({ child }) => child.exitCode)).toEqual([0, 0, 0, 0])
  return running.flatMap(({ facts }) => facts)
}

async function until(isTrue: () => boolean): Promise<void> {
  const deadline = performance.now() + TIMEOUT_MS / 4
  while (!isTrue()) {
    if (performance.now() > deadline) throw new Error('the other process did not get going')
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

async function open(): Promise<AccountStore> {
  return openSqliteStore({ path, encryptionKey: 'k'.repeat(32) })
}

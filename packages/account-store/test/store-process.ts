import { writeSync } from 'node:fs'

import { usageRecord } from '../src/conformance/stage.ts'
import { openSqliteStore, StoreError } from '../src/index.ts'

/**
 * One process on a shared data set, for `processes.test.ts`: `node store-process.ts <task> <path> <name>`.
 * Each line it prints is a fact that the store has confirmed.
 */
const [task, path = '', name = ''] = process.argv.slice(2)
// Else a process would let in by limits of its own while another one holds the write lock for long, as on a slow disk.
const store = await openSqliteStore({ path, encryptionKey: 'k'.repeat(32), isStrict: true })

/** Writes at once: a line that is printed must not wait in the memory of a process that is killed. */
function say(fact: string): void {
  writeSync(1, `${fact}\n`)
}

/** Tries again while the write lock is held by another process for longer than a store waits. */
async function patiently<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work()
  } catch (error) {
    if (!StoreError.is(error) || error.code !== 'store-busy') throw error
    await new Promise((resolve) => setTimeout(resolve, 20))
    return patiently(work)
  }
}

async function takeLeases(): Promise<void> {
  for (let index = 0; index < 100; index += 1) {
    const resource = { kind: 'account', id: 'shared' } as const
    const answer = await patiently(() => store.acquireLease({ resource, owner: name, ttlMs: 60_000, max: 150 }))
    if (answer.type === 'taken') say(answer.leaseId)
  }
}

/** Asks 200 times at once for the key that the test has made; with `hold`, it keeps what it got until it is killed. */
async function admitMany({ holds, ttlMs = 60_000 }: { holds: boolean; ttlMs?: number }): Promise<void> {
  const key = (await store.listRelayKeys()).find((candidate) => candidate.name === 'shared')
  if (key === undefined) throw new Error('the test has made no key')
  const request = { key, process: name, ttlMs, reserve: { tokens: 0, costMicroUsd: 100 } }
  const answers = await Promise.all(Array.from({ length: 200 }, () => patiently(() => store.admit(request))))
  for (const answer of answers) if (answer.type === 'admitted') say(answer.admission.id)
  if (holds) await new Promise((resolve) => setTimeout(resolve, 600_000))
}

async function recordUsage(): Promise<void> {
  for (let index = 0; index < 500; index += 1) {
    // Every fifth record is written by all processes under the same id.
    const requestId = index % 5 === 0 ? `shared-${index}` : `${name}-${index}`
    store.recordUsage(usageRecord({ requestId, keyId: 'shared' }))
    if (index % 50 === 0) await patiently(() => store.flushUsage())
  }
  await patiently(() => store.flushUsage())
}

async function writeForEver(): Promise<void> {
  for (let index = 0; ; index += 1) {
    const account = await store.createAccount({
      name: `${name}-${index}`,
      type: 'ccr',
      baseUrl: 'https://upstream.example',
      credential: `credential-of-${name}-${index}`,
    })
    const { secret } = await store.createRelayKey({ name: `${name}-${index}` })
    store.recordUsage(usageRecord({ requestId: account.name }))
    // Only what has been flushed is confirmed: the rest may be lost with the process.
    if (index % 2 === 1) await patiently(() => store.flushUsage())
    say(JSON.stringify({ accountId: account.id, accountName: account.name, secret, isFlushed: index % 2 === 1 }))
  }
}

switch (task) {
  case 'identify':
    say((await store.checkHealth()).instanceId)
    break
  case 'lease':
    await takeLeases()
    break
  case 'admit':
    await admitMany({ holds: false })
    break
  case 'hold':
    await admitMany({ holds: true, ttlMs: 2000 })
    break
  case 'hold-long':
    await takeLeases()
    await admitMany({ holds: true })
    break
  case 'usage':
    await recordUsage()
    break
  default:
    await writeForEver()
}
await store.close()

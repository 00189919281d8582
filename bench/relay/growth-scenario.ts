import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import type { AccountStore, RelayKey } from '@relay/account-store'

import { compare } from '../measure/interleave.ts'
import type { Result } from '../measure/result.ts'
import { fillStore, secretOf, type StoreSize } from './growth-fill.ts'
import { DAY_RECORDS, usageRecord, type Users } from './growth-records.ts'
import { runRedisGrowth } from './growth-redis.ts'

/** Of the large store; the goal names ten million records, which take some minutes to make and 9 GB of disk. */
export const USUAL_SIZE: StoreSize = { accounts: 10_000, keys: 100_000, records: 100_000 }
/** Of the small one. */
const SMALL: StoreSize = { accounts: 100, keys: 1000, records: 3000 }

const ROUNDS = 3
/** As many as each key of the small store has: a page of the same length on both. */
const PAGE = 3

interface Filled {
  readonly store: AccountStore
  readonly size: StoreSize
  readonly users: Users
  /** Numbers the records that a sample adds. */
  next: number
}

/** What a request does to the store, each once; CPU is counted by the caller: a busy disk is the machine's affair. */
const STEPS: readonly {
  readonly what: string
  readonly times: number
  /** Before the first sample, uncounted. */
  prepare?(filled: Filled): Promise<void>
  run(filled: Filled, turn: number): Promise<unknown>
}[] = [
  {
    what: 'a key is found by its secret',
    times: 200,
    run: async ({ store, size }, turn) => findKey(store, turn % size.keys),
  },
  {
    what: 'a key is found while all are in use',
    times: 1000,
    prepare: async ({ store, size }) => {
      for (let index = 0; index < size.keys; index += 1) await findKey(store, index)
    },
    run: async ({ store, size }, turn) => findKey(store, turn % size.keys),
  },
  {
    what: 'a request of a limited key is let in and settled',
    times: 50,
    run: async ({ store, size }, turn) => admitOnce(store, await findKey(store, turn % size.keys)),
  },
  {
    what: 'a usage record is written with its sums',
    times: 1000,
    run: async (filled) => {
      filled.store.recordUsage(usageRecord(filled.next, filled.users))
      filled.next += 1
      if (filled.next % 100 === 0) await filled.store.flushUsage()
    },
  },
  { what: 'the newest records are listed', times: 10, run: ({ store }) => store.listUsage({ limit: PAGE }) },
  {
    what: 'the records of a key are listed',
    times: 10,
    run: ({ store, users }, turn) => store.listUsage({ keyId: pick(users.keyIds, turn), limit: PAGE }),
  },
  {
    what: 'the records of an account are listed',
    times: 10,
    run: ({ store, users }, turn) => store.listUsage({ accountId: pick(users.accountIds, turn), limit: PAGE }),
  },
  {
    what: 'the records of a common model are listed',
    times: 10,
    run: ({ store }) => store.listUsage({ model: 'model-1', limit: PAGE }),
  },
  {
    what: 'the records of an unused model are listed',
    times: 2,
    run: ({ store }) => store.listUsage({ model: 'nobody', limit: PAGE }),
  },
]

function pick(ids: readonly string[], turn: number): string {
  return ids[turn % ids.length] ?? ''
}

/** What a request costs in an embedded store that has grown, beside the same in a small one. */
export async function runGrowthScenario(usual: StoreSize = USUAL_SIZE): Promise<Result[]> {
  const folder = mkdtempSync(join(tmpdir(), 'relay-bench-growth-'))
  const opened: Filled[] = []
  try {
    for (const size of [usual, smallerThan(usual)]) opened.push(await fill(join(folder, `${opened.length}.db`), size))
    const [large, small] = opened
    if (large === undefined || small === undefined) throw new Error('two stores were filled')
    const results: Result[] = []
    for (const step of STEPS) results.push(await measure(step, large, small))
    return [...results, ...(await runRedisGrowth())]
  } finally {
    for (const { store } of opened) await store.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

/** A hundredth at most: what grows with the store shows. */
function smallerThan({ accounts, keys, records }: StoreSize): StoreSize {
  return {
    accounts: Math.min(SMALL.accounts, Math.ceil(accounts / 10)),
    keys: Math.min(SMALL.keys, Math.ceil(keys / 10)),
    records: Math.min(SMALL.records, Math.ceil(records / 10)),
  }
}

async function measure(step: (typeof STEPS)[number], large: Filled, small: Filled): Promise<Result> {
  for (const filled of [large, small]) await step.prepare?.(filled)
  const sample = (filled: Filled) => async () => {
    const begunAt = process.cpuUsage()
    for (let turn = 0; turn < step.times; turn += 1) await step.run(filled, turn * 7919)
    const { user, system } = process.cpuUsage(begunAt)
    return (user + system) / step.times
  }
  const { subject, baseline, ratio, spread } = await compare(sample(large), sample(small), { rounds: ROUNDS })
  return {
    what: step.what,
    unit: 'µs CPU',
    goal: { number: 10, goal: 1.5, reach: 1.2, of: 'ratio' },
    subject: { name: `${large.size.keys} keys, ${large.size.records} records`, value: subject },
    baseline: { name: `${small.size.keys} keys, ${small.size.records} records`, value: baseline },
    ratio,
    spread,
  }
}

async function fill(path: string, size: StoreSize): Promise<Filled> {
  return { ...(await fillStore(path, size)), size, next: Math.ceil(size.records / DAY_RECORDS) * DAY_RECORDS }
}

async function findKey(store: AccountStore, index: number): Promise<RelayKey> {
  const key = await store.findRelayKey(secretOf(index))
  if (key === undefined) throw new Error(`key ${index} was not found`)
  return key
}

async function admitOnce(store: AccountStore, key: RelayKey): Promise<void> {
  const answer = await store.admit({ key, process: 'bench', ttlMs: 60_000, reserve: { tokens: 100, costMicroUsd: 10 } })
  if (answer.type === 'refused') throw new Error('a request of the benchmark was refused')
  if (answer.admission.subjects.length === 0) throw new Error('the store was not asked')
  await store.settle(answer.admission, { tokens: 50, costMicroUsd: 5 })
}

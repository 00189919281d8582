import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import {
  type AccountInput,
  type AccountStore,
  type DeclaredRelayKey,
  openSqliteStore,
  type RelayKey,
} from '@relay/account-store'

import { compare } from '../measure/interleave.ts'
import type { Result } from '../measure/result.ts'
import { usageRecord } from './growth-records.ts'
import { runRedisGrowth } from './growth-redis.ts'

/** How large a store is. */
export interface StoreSize {
  readonly accounts: number
  readonly keys: number
  readonly records: number
}

/** Of the large store; the goal names ten million records, which take an hour to write. */
export const USUAL_SIZE: StoreSize = { accounts: 10_000, keys: 100_000, records: 100_000 }
/** Of the small one. */
const SMALL: StoreSize = { accounts: 100, keys: 1000, records: 3000 }

const ROUNDS = 3
/** Waits in the store's queue at once. */
const BATCH = 2000
/** As many as each key of the small store has: a page of the same length on both. */
const PAGE = 3

interface Filled {
  readonly store: AccountStore
  readonly size: StoreSize
  /** Numbers the records that a sample adds. */
  next: number
}

/** What a request does to the store, each once; milliseconds are counted by the caller. */
const STEPS: readonly {
  readonly what: string
  readonly times: number
  run(filled: Filled, turn: number): Promise<unknown>
}[] = [
  {
    what: 'a key is found by its secret',
    times: 200,
    run: async ({ store, size }, turn) => findKey(store, turn % size.keys),
  },
  {
    what: 'a request of a limited key is let in and settled',
    times: 50,
    run: async ({ store, size }, turn) => admitOnce(store, await findKey(store, turn % size.keys)),
  },
  {
    what: 'a usage record is written with its sums',
    times: 200,
    run: async (filled) => {
      filled.store.recordUsage(usageRecord(filled.next, filled.size))
      filled.next += 1
      if (filled.next % 100 === 0) await filled.store.flushUsage()
    },
  },
  { what: 'the newest records are listed', times: 10, run: ({ store }) => store.listUsage({ limit: PAGE }) },
  {
    what: 'the records of a key are listed',
    times: 10,
    run: ({ store, size }, turn) => store.listUsage({ keyId: `key-${turn % size.keys}`, limit: PAGE }),
  },
  {
    what: 'the records of an account are listed',
    times: 10,
    run: ({ store, size }, turn) => store.listUsage({ accountId: `account-${turn % size.accounts}`, limit: PAGE }),
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
  const sample = (filled: Filled) => async () => {
    const begunAt = performance.now()
    for (let turn = 0; turn < step.times; turn += 1) await step.run(filled, turn * 7919)
    return ((performance.now() - begunAt) * 1000) / step.times
  }
  const { subject, baseline, ratio, spread } = await compare(sample(large), sample(small), { rounds: ROUNDS })
  return {
    what: step.what,
    unit: 'µs',
    goal: { number: 10, goal: 1.5, reach: 1.2, of: 'ratio' },
    subject: { name: `${large.size.keys} keys, ${large.size.records} records`, value: subject },
    baseline: { name: `${small.size.keys} keys, ${small.size.records} records`, value: baseline },
    ratio,
    spread,
  }
}

async function fill(path: string, size: StoreSize): Promise<Filled> {
  const store = await openSqliteStore({ path, encryptionKey: 'e'.repeat(40), sessionSecret: 's'.repeat(40) })
  await store.applyConfig({
    accounts: numbered(size.accounts, (index): AccountInput => ({
      name: `account ${index}`,
      type: 'openai-chat',
      baseUrl: 'https://upstream.example/v1',
      credential: `credential-${index}`,
    })),
    relayKeys: numbered(size.keys, (index): DeclaredRelayKey => ({
      name: `key ${index}`,
      secret: secretOf(index),
      maxConcurrency: 5,
      rateLimits: [{ counts: 'requests', windowMs: 3_600_000, max: 1_000_000 }],
    })),
  })
  for (let next = 0; next < size.records; next += 1) {
    store.recordUsage(usageRecord(next, size))
    if (next % BATCH === 0) await store.flushUsage()
  }
  await store.flushUsage()
  return { store, size, next: size.records }
}

function numbered<Item>(length: number, make: (index: number) => Item): Item[] {
  return Array.from({ length }, (_, index) => make(index))
}

function secretOf(index: number): string {
  return `rk_growth_${String(index).padStart(24, '0')}`
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

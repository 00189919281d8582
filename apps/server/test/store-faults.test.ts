import { StatementSync } from 'node:sqlite'

import { openRedisStore } from '@relay/account-store'
import type { AccountStore, UsageRecord } from '@relay/account-store'
import { hasRedisServer, startRedisServer } from '@relay/account-store/testing'
import type { TestContext } from 'vitest'
import { afterEach, describe, expect, test, vi } from 'vitest'

import { startCuttingProxy } from './cutting-proxy.ts'
import type { Cut } from './cutting-proxy.ts'
import { ask, canned, readError, readStream, readWhole, STORY } from './dialects.ts'
import type { Way } from './dialects.ts'
import { accountFor, eventually, openStage } from './harness.ts'
import type { TestRelay } from './harness.ts'

/** Every dialect once as client and once as upstream, by a conversion. */
const WAYS: readonly (Way & { readonly isStream: boolean })[] = [
  { client: 'claude', upstream: 'chat', isStream: true },
  { client: 'chat', upstream: 'responses', isStream: true },
  { client: 'responses', upstream: 'claude', isStream: true },
  { client: 'chat', upstream: 'chat', isStream: false },
]

/** Where the connection to Redis is cut. */
const CUTS: readonly ((typeof WAYS)[number] & { readonly cut: Cut })[] = [
  { client: 'claude', upstream: 'chat', isStream: true, cut: 'question' },
  { client: 'responses', upstream: 'responses', isStream: false, cut: 'answer' },
]

/** Result codes of SQLite that come and go: busy, input/output error, full. */
const PASSING_CODES = [5, 10, 13] as const
/** Operations of one request; a request that needs more than these is a defect of its own. */
const MOST_OPERATIONS = 200
const FEWEST_OPERATIONS = 3
/** What could not be given back at once is tried again each second. */
const REPAIR_MS = 10_000

afterEach(() => {
  vi.restoreAllMocks()
})

/** A key with a bound of every kind. */
const KEY = {
  maxConcurrency: 3,
  rateLimits: [{ counts: 'requests', windowMs: 86_400_000, max: 100_000 }],
  budget: { totalMicroUsd: 1_000_000_000 },
} as const

describe('whichever operation of the store fails, the answer is whole or an error, and nothing is lost or counted twice', () => {
  test.for(WAYS)('$client > $upstream, embedded', { timeout: 180_000 }, async (way, context) => {
    const { relay } = await open(way, context)
    expect(await failOneByOne(relay, way, injectFaults())).toBeGreaterThan(0)
  })

  test.skipIf(process.env['CI'] !== 'true' && !hasRedisServer()).for(CUTS)(
    'Redis, cut at the $cut',
    { timeout: 240_000 },
    async ({ cut, ...way }, context) => {
      const redis = await startRedisServer()
      context.onTestFinished(async () => redis.stop())
      const proxy = await startCuttingProxy(redis.port)
      context.onTestFinished(async () => proxy.close())
      const connection = { kind: 'standalone', address: { host: '127.0.0.1', port: proxy.port }, db: 0 } as const
      const secret = 'a secret of the tests, long enough '.repeat(2)
      const store = await openRedisStore({ connection, encryptionKey: secret, sessionSecret: secret })
      const { relay } = await open(way, context, store)
      const failAt = (index: number): void => proxy.cutAt(index, cut)
      // What goes to Redis together goes apart another time.
      const faults = { rounds: 4, failAt, hasFailed: proxy.hasCut, stop: proxy.stop }
      expect(await failOneByOne(relay, way, faults)).toBeGreaterThan(0)
    },
  )
})

type Question = (typeof WAYS)[number]

async function open(
  { upstream: dialect }: Question,
  context: TestContext,
  store?: AccountStore,
): Promise<{ readonly relay: TestRelay }> {
  const stage = openStage(context)
  const upstream = await stage.upstream(canned(dialect).script)
  const accounts = [accountFor(upstream, dialect, { models: { 'some-model': 'gpt-5' } })]
  return { relay: await stage.relay({ accounts, key: KEY, ...(store === undefined ? {} : { store }) }) }
}

/**
 * Lets the first operation of a request fail, then the second, and so on, until a request needs no more of them.
 *
 * @returns how many requests had a whole answer
 */
async function failOneByOne(relay: TestRelay, question: Question, faults: Faults): Promise<number> {
  let [asked, served, roundsLeft, index] = [0, 0, faults.rounds, 0]
  while (roundsLeft > 0 && index < MOST_OPERATIONS) {
    index += 1
    faults.failAt(index)
    served += Number(await askOnce(relay, question))
    asked += 1
    await relay.store.flushUsage().catch(() => undefined) // it may be the one that fails
    const isOver = !faults.hasFailed()
    faults.stop()
    await eventually('a slot is not back', async () => (await heldBy(relay)) === 0, REPAIR_MS)
    if (isOver) [roundsLeft, index] = [roundsLeft - 1, 0]
  }
  expect(roundsLeft).toBe(0)
  expect(asked).toBeGreaterThan(faults.rounds * FEWEST_OPERATIONS) // the faults were where the requests are
  await expectExactBooks(relay, { asked, served })
  return served
}

interface Faults {
  /** How often all operations are gone through. */
  readonly rounds: number
  /** Lets the operation of this number, from now on, fail; all others work. */
  failAt(index: number): void
  hasFailed(): boolean
  stop(): void
}

/** Puts faults where the disk would: under the statements of SQLite, not into the code that is tested. */
function injectFaults(): Faults {
  let left = 0
  let code: number = PASSING_CODES[0]
  for (const method of ['run', 'get', 'all'] as const) {
    const original = StatementSync.prototype[method] as (this: StatementSync, ...values: unknown[]) => never
    vi.spyOn(StatementSync.prototype, method).mockImplementation(function (this: StatementSync, ...values: unknown[]) {
      if (left > 0) {
        left -= 1
        if (left === 0)
          throw Object.assign(new Error('a fault of the test'), { code: 'ERR_SQLITE_ERROR', errcode: code })
      }
      return original.apply(this, values)
    })
  }
  return {
    rounds: 1,
    failAt: (index) => {
      left = index
      code = PASSING_CODES[index % PASSING_CODES.length] ?? code
    },
    hasFailed: () => left === 0,
    stop: () => {
      left = 0
    },
  }
}

/** @returns whether the answer was whole; anything else than an error of the client's own format fails the test */
async function askOnce(relay: TestRelay, { client, isStream }: Question): Promise<boolean> {
  const response = await ask(relay, client, { isStream })
  if (response.status !== 200) {
    const { status } = await readError(client, response)
    expect([500, 503, 529]).toContain(status)
    return false
  }
  if (!isStream) {
    expect(await readWhole(client, response)).toBe(STORY)
    return true
  }
  const { text, isComplete, error } = readStream(client, await response.text())
  expect(isComplete ? [text, error] : [error?.message === undefined]).toEqual(isComplete ? [STORY, undefined] : [false])
  return isComplete
}

async function heldBy({ store, key }: TestRelay): Promise<number> {
  const accounts = await store.listAccounts()
  const leases = await Promise.all(accounts.map(async ({ id }) => store.countLeases({ kind: 'account', id })))
  const bounds = await boundsOf(store, key)
  const slots = bounds.filter(({ bound }) => bound.type === 'concurrency').map(({ used }) => used)
  return [...leases, ...slots, ...bounds.map(({ reserved }) => reserved)].reduce((sum, count) => sum + count, 0)
}

async function boundsOf(store: AccountStore, secret: string): ReturnType<AccountStore['readBounds']> {
  const key = await store.findRelayKey(secret)
  return key === undefined ? [] : store.readBounds(key)
}

/** One record for each request at most and for each answer exactly; sums and limits say the same as the records. */
async function expectExactBooks(
  relay: TestRelay,
  count: { readonly asked: number; readonly served: number },
): Promise<void> {
  const { store, key } = relay
  await eventually(
    'a request has no record',
    async () => (await store.listUsage({ limit: 500 })).records.length >= count.served,
  )
  const { records } = await store.listUsage({ limit: 500 })
  const completed = records.filter(({ reason }) => reason === 'completed')
  expect(completed).toHaveLength(count.served)
  expect(new Set(records.map(({ requestId }) => requestId)).size).toBe(records.length)
  expect(records.length).toBeLessThanOrEqual(count.asked)
  const sums = await store.sumUsage()
  expect([sums.requests, sums.costMicroUsd]).toEqual([records.length, costOf(records)])
  const bounds = await boundsOf(store, key)
  const used = new Map(bounds.map((state) => [state.bound.type, state.used]))
  expect(used.get('budget')).toBe(costOf(records))
  expect(used.get('window')).toBeGreaterThanOrEqual(count.served)
  expect(used.get('window')).toBeLessThanOrEqual(count.asked)
}

function costOf(records: readonly UsageRecord[]): number {
  return records.reduce((sum, { costMicroUsd }) => sum + (costMicroUsd ?? 0), 0)
}

import { expect, test } from 'vitest'

import { usageRecord } from '../conformance/stage.ts'
import type { UsageFilter, UsageRecord } from '../usage-record.ts'
import { openSqliteStore } from './open-sqlite-store.ts'

const HOUR_MS = 3_600_000
const START = Date.UTC(2026, 0, 1)
const RECORDS = 240

/** One every 13 hours and some: a third of a year, of which each key, account, owner and session has some. */
const ALL: readonly UsageRecord[] = Array.from({ length: RECORDS }, (_, index) =>
  usageRecord({
    requestId: `r${index}`,
    startedAt: START + Math.floor(index / 2) * 13.3 * HOUR_MS,
    keyId: `key-${index % 7}`,
    owner: `owner-${index % 5}`,
    accountId: `account-${index % 3}`,
    sessionId: index % 11 === 0 ? `session-${index % 2}` : undefined,
    modelAsked: index % 13 === 0 ? 'rare' : 'common',
    modelServed: index % 17 === 0 ? 'rare' : 'common',
    firstTokenMs: index,
    reason: index % 4 === 0 ? 'upstream_error' : 'completed',
  }),
)

const ODD = { keyId: 'odd', owner: 'odd', accountId: 'odd', sessionId: 'odd', modelAsked: 'odd', modelServed: 'odd' }

const FILTERS: readonly UsageFilter[] = [
  { keyId: 'key-3' },
  { owner: 'owner-4', accountId: 'account-1' },
  { sessionId: 'session-1' },
  { accountId: 'account-0', model: 'rare' },
  { keyId: 'key-1', isFailed: true },
  { owner: 'owner-2', from: START + 100 * HOUR_MS, before: START + 1000 * HOUR_MS + 7 },
  { keyId: 'key-0', from: START + 2 * 13.3 * HOUR_MS, before: START + 2 * 13.3 * HOUR_MS },
  { keyId: 'nobody' },
  { model: 'rare' },
  { before: Date.UTC(2099, 0), from: START },
]

test('records are found shift by shift as they are without, page by page and summed', async ({ onTestFinished }) => {
  const store = await openSqliteStore({ path: ':memory:', encryptionKey: 'e'.repeat(40) })
  onTestFinished(async () => store.close())
  expect((await store.listUsage({ keyId: 'key-1' })).records, 'without any records').toEqual([])
  for (const record of ALL) store.recordUsage(record)
  // Clocks go wrong: of somebody else, in 1970 and in 2100.
  for (const startedAt of [5, Date.UTC(2100, 0)])
    store.recordUsage(usageRecord({ requestId: `odd ${startedAt}`, ...ODD, startedAt }))
  for (const filter of FILTERS) {
    const meant = ALL.filter((record) => fits(record, filter)).toReversed()
    const found: string[] = []
    let cursor: string | undefined
    do {
      const page = await store.listUsage({ ...filter, limit: 7, cursor })
      found.push(...page.records.map(({ requestId }) => requestId))
      cursor = page.nextCursor
    } while (cursor !== undefined)
    expect({ filter, found }).toEqual({ filter, found: meant.map(({ requestId }) => requestId) })
    // By a filter that no sums are kept for.
    expect((await store.sumUsage({ ...filter, isStream: true })).requests).toBe(meant.length)
    expect((await store.measureLatency(filter)).records).toBe(meant.length)
    expect((await store.countLosses(filter))[0]?.requests ?? 0).toBe(meant.length)
  }
})

function fits(record: UsageRecord, { model, from = 0, before = Infinity, isFailed, ...same }: UsageFilter): boolean {
  return (
    record.startedAt >= from &&
    record.startedAt < before &&
    (model === undefined || record.modelAsked === model || record.modelServed === model) &&
    (isFailed === undefined || (record.reason !== 'completed') === isFailed) &&
    Object.entries(same).every(([name, value]) => record[name as keyof UsageRecord] === value)
  )
}

import assert from 'node:assert/strict'

import type { UsageBreakdownQuery, UsageFilter, UsageRecord } from '../usage-record.ts'
import { breakDown, fits, sorted, sumOf } from './plain-sums.ts'
import type { Stage, StoreCase } from './stage.ts'
import { expectCode, usageRecord } from './stage.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
/** 14 November 2023, 22:13 UTC: what is written in the next weeks crosses hours, days and months. */
const START = 1_700_000_000_000

/** Sums of usage, by time and by group, and what happens to records later. */
export const USAGE_SUM_CASES: readonly StoreCase[] = [
  {
    name: 'sums by any filter, span and group equal the sums of the records, exactly',
    play: async (stage) => {
      await checkSums(stage.second, await writeMany(stage, 400), FILTERS)
    },
  },
  {
    name: 'sums stay exact while days and months end, records come late and costs change',
    play: async (stage) => {
      const { first, second, clock } = stage
      const upkeep = { recordsBefore: 0, hoursBefore: 0 }
      const records = [...(await writeMany(stage, 100))]
      for (const days of [0, 10, 21, 30]) {
        clock.move(days * DAY_MS)
        await second.removeOldUsage(upkeep)
        records.push(...(await writeMany(stage, 40, `after-${days}`)))
        const index = records.length - 20
        const costMicroUsd = 1_000_000 + days
        await first.changeUsageCosts([
          { requestId: records[index]?.requestId ?? '', costMicroUsd, costSource: 'computed' },
        ])
        records[index] = { ...usageRecord(records[index]), costMicroUsd }
        await checkSums(second, records, FILTERS.slice(0, 6))
      }
    },
  },
  {
    name: 'spans and groups come in order, with the newest name of a key',
    play: async ({ first }) => {
      first.recordUsage(usageRecord({ requestId: 'old', keyId: 'a', keyName: 'zebra' }))
      first.recordUsage(usageRecord({ requestId: 'late', keyId: 'b', startedAt: START + DAY_MS }))
      for (const index of [1, 2]) {
        first.recordUsage(
          usageRecord({ requestId: `new-${index}`, keyId: 'a', keyName: 'now', startedAt: START + DAY_MS }),
        )
      }
      const rows = await first.breakDownUsage({ span: 'day', group: 'key' })
      const midnight = Date.UTC(2023, 10, 14)
      assert.deepEqual(
        rows.map(({ startsAt, group, groupName, sums }) => [startsAt, group, groupName, sums.requests]),
        [
          [midnight, 'a', 'zebra', 1],
          [midnight + DAY_MS, 'a', 'now', 2],
          [midnight + DAY_MS, 'b', 'team key', 1],
        ],
      )
      const [whole] = await first.breakDownUsage({ group: 'key', filter: { keyId: 'a' } })
      assert.deepEqual([whole?.groupName, whole?.sums.requests], ['now', 3])
    },
  },
  {
    name: 'days begin where the zone says, also when its clocks change',
    play: async ({ first }) => {
      // 29 October 2023 has 25 hours in Berlin.
      const times = ['2023-10-28T21:30Z', '2023-10-28T22:30Z', '2023-10-29T22:30Z', '2023-10-29T23:30Z']
      for (const time of times) first.recordUsage(usageRecord({ requestId: time, startedAt: Date.parse(time) }))
      const rows = await first.breakDownUsage({ span: 'day', timeZone: 'Europe/Berlin' })
      assert.deepEqual(
        rows.map(({ startsAt, sums }) => [new Date(startsAt ?? 0).toISOString(), sums.requests]),
        [
          ['2023-10-27T22:00:00.000Z', 1],
          ['2023-10-28T22:00:00.000Z', 2],
          ['2023-10-29T23:00:00.000Z', 1],
        ],
      )
      // In São Paulo 4 November 2018 began at one o'clock: there was no midnight.
      const noMidnight = Date.parse('2018-11-04T03:00Z')
      first.recordUsage(usageRecord({ requestId: 'no midnight', startedAt: noMidnight + 5 * HOUR_MS }))
      const [day] = await first.breakDownUsage({
        span: 'day',
        timeZone: 'America/Sao_Paulo',
        filter: { before: noMidnight + DAY_MS },
      })
      assert.equal(day?.startsAt, noMidnight)
      await expectCode('invalid-input', first.breakDownUsage({ span: 'day', timeZone: 'Moon/Crater' }))
      await expectCode('invalid-input', first.breakDownUsage({ group: 'tag' }))
    },
  },
  {
    name: 'a cost that is changed later changes the sums with it, once',
    play: async ({ first, second }) => {
      first.recordUsage(usageRecord({ requestId: 'known', costMicroUsd: 100 }))
      first.recordUsage(usageRecord({ requestId: 'unknown', costMicroUsd: undefined, costSource: 'unknown' }))
      await first.flushUsage()
      const changes = [
        { requestId: 'known', costMicroUsd: 70, costSource: 'computed' },
        { requestId: 'unknown', costMicroUsd: 5, costSource: 'computed' },
        { requestId: 'nobody', costMicroUsd: 5, costSource: 'computed' },
      ] as const
      assert.equal(await second.changeUsageCosts(changes), 2)
      assert.equal(await second.changeUsageCosts(changes), 0)
      const sums = await first.sumUsage()
      assert.deepEqual([sums.requests, sums.costMicroUsd, sums.requestsWithoutCost], [2, 75, 0])
      assert.equal((await first.getUsage('unknown'))?.costMicroUsd, 5)
      assert.equal((await first.breakDownUsage({ span: 'hour' }))[0]?.sums.costMicroUsd, 75)
      await second.changeUsageCosts([{ requestId: 'known', costMicroUsd: undefined, costSource: 'unknown' }])
      assert.equal((await first.sumUsage({ keyId: 'key-1' })).requestsWithoutCost, 1)
    },
  },
  {
    name: 'old records go, their sums stay',
    play: async ({ first, second }) => {
      for (let day = 0; day < 40; day += 1) {
        first.recordUsage(usageRecord({ requestId: `day-${day}`, startedAt: START + day * DAY_MS }))
      }
      await first.flushUsage()
      const cut = START + 30 * DAY_MS
      assert.equal(await second.removeOldUsage({ recordsBefore: cut, hoursBefore: START + 10 * DAY_MS }), 30)
      assert.equal((await first.listUsage({ limit: 100 })).records.length, 10)
      assert.equal((await first.sumUsage()).requests, 40)
      const from = START + 20 * DAY_MS
      assert.equal((await first.sumUsage({ from })).requests, 20)
      assert.equal((await first.sumUsage({ before: START + 5 * DAY_MS })).requests, 6)
      assert.equal((await first.breakDownUsage({ span: 'day' })).length, 40)
      assert.equal((await first.breakDownUsage({ span: 'hour', filter: { from } })).length, 20)
      assert.equal((await first.breakDownUsage({ span: 'month', group: 'key' })).length, 2)
      // Written again by a node that was away: it counts once more only as what it is, a record.
      assert.equal(await second.removeOldUsage({ recordsBefore: cut, hoursBefore: 0 }), 0)
    },
  },
]

const FILTERS: readonly UsageFilter[] = [
  {},
  { keyId: 'key-1' },
  { owner: 'li', model: 'model-1' },
  { team: 'research', accountId: 'account-0' },
  { from: START + 3 * DAY_MS + 12_345, before: START + 37 * DAY_MS - 98_765 },
  { from: START + 60_000, before: START + 90_000_000, keyId: 'key-2' },
  { from: START + 1, before: START + 2 },
  { isFailed: true },
  { hasLosses: true, from: START + DAY_MS },
  { hasLosses: false, isFailed: false, isStream: true },
  { costSource: 'unknown', usageSource: 'reported' },
  { tag: 'project=relay' },
  { tag: 'project', clientFormat: 'anthropic-messages', endpoint: '/v1/embeddings' },
  { sessionId: 'session-1', upstreamFormat: 'openai-chat', isDemo: false },
  { lossCode: 'param_unsupported', status: 200, reason: 'completed' },
]

const BREAKDOWNS: readonly UsageBreakdownQuery[] = [
  { span: 'hour' },
  { span: 'day', group: 'key' },
  { span: 'month', group: 'account' },
  { span: 'day', timeZone: 'Asia/Tokyo' },
  { span: 'minute', group: 'status' },
  { group: 'owner' },
  { group: 'team' },
  { group: 'model-asked' },
  { group: 'model-served' },
  { group: 'session' },
  { group: 'tag', tagName: 'project' },
  { group: 'reason' },
]

/** By filter, span and group, against the records themselves. */
async function checkSums(
  store: Stage['first'],
  records: readonly UsageRecord[],
  filters: readonly UsageFilter[],
): Promise<void> {
  for (const filter of filters) {
    const meant = records.filter((record) => fits(record, filter))
    assert.deepEqual(await store.sumUsage(filter), sumOf(meant), JSON.stringify(filter))
    for (const query of BREAKDOWNS) {
      const rows = await store.breakDownUsage({ ...query, filter })
      const shown = rows.map(({ startsAt, group, sums }) => ({ startsAt, group, sums }))
      assert.deepEqual(sorted(shown), sorted(breakDown(meant, query)), JSON.stringify({ filter, query }))
    }
  }
}

/** Records of all kinds over six weeks, the same in every run, written by both nodes. */
async function writeMany({ first, second }: Stage, count: number, name = 'request'): Promise<readonly UsageRecord[]> {
  const next = createNumbers()
  const records = Array.from({ length: count }, (_, index) => randomRecord(`${name}-${index}`, next))
  for (const [index, record] of records.entries()) (index % 2 === 0 ? first : second).recordUsage(record)
  await Promise.all([first.flushUsage(), second.flushUsage()])
  return records
}

function randomRecord(requestId: string, next: (below: number) => number): UsageRecord {
  const isKnown = next(5) > 0
  return usageRecord({
    requestId,
    startedAt: START + next(42 * DAY_MS),
    keyId: `key-${next(3)}`,
    owner: pick(next, ['admin', 'li']),
    team: pick(next, ['research', undefined, undefined]),
    accountId: pick(next, [undefined, 'account-0', 'account-1']),
    modelAsked: `model-${next(3)}`,
    endpoint: pick(next, ['/v1/messages', '/v1/messages', '/v1/embeddings', undefined]),
    modelServed: pick(next, [undefined, 'model-0', 'model-1', 'model-2']),
    isStream: next(2) === 0,
    tokens: { ...usageRecord().tokens, inputTokens: isKnown ? next(100_000) : undefined, outputTokens: next(1000) },
    usageSource: isKnown ? pick(next, ['reported', 'reported', 'estimated']) : 'missing',
    costMicroUsd: pick(next, [undefined, 0, next(1_000_000), next(1_000_000)]),
    costSource: 'computed',
    status: pick(next, [200, 200, 200, 503]),
    reason: pick(next, ['completed', 'completed', 'client_closed', 'upstream_error']),
    losses: pick(next, [[], [], [], usageRecord().losses]),
    sessionId: pick(next, [undefined, 'session-0', 'session-1']),
    tags: pick<Record<string, string>>(next, [{}, { project: 'relay' }, { project: 'other' }]),
  })
}

function pick<Value>(next: (below: number) => number, values: readonly Value[]): Value {
  // The index is below the length.
  return values[next(values.length)] as Value
}

/** A small linear generator: the same numbers in every run. */
function createNumbers(): (below: number) => number {
  let state = 42
  return (below) => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648
    return Math.floor((state / 2_147_483_648) * below)
  }
}

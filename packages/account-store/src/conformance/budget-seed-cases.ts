import assert from 'node:assert/strict'

import type { BoundState } from '../admission.ts'
import type { RelayKey } from '../relay-key.ts'
import type { AccountStore } from '../store/account-store.ts'
import { admit, keyWith, metOf } from './admission-stage.ts'
import type { StoreCase } from './stage.ts'
import { soon, usageRecord } from './stage.ts'

const DAY_MS = 86_400_000
const MINUTE_MS = 60_000

/** Budgets that are set while their periods run. */
export const BUDGET_SEED_CASES: readonly StoreCase[] = [
  {
    name: 'a budget that is set later counts what was spent in its periods before, on every node',
    play: async ({ first, second, clock }) => {
      const key = await keyWith(first, {})
      await spend(second, key, [
        { at: clock.now() - 400 * DAY_MS, micros: 5000 },
        { at: clock.now(), micros: 700 },
      ])
      clock.move(MINUTE_MS)
      const budget = { dayMicroUsd: 1000, monthMicroUsd: 700, totalMicroUsd: 10_000 }
      const limited = await first.updateRelayKey(key.id, { budget })
      assert.deepEqual(usedOf(await second.readBounds(limited)), { day: 700, month: 700, total: 5700 })
      const met = metOf(await admit(first, limited))
      assert.deepEqual([met.bound.type === 'budget' && met.bound.period, met.used], ['month', 700])
      const wider = await first.updateRelayKey(key.id, { budget: { ...budget, monthMicroUsd: 0 } })
      const answer = await admit(second, wider)
      assert.ok(answer.type === 'admitted')
      await first.settle(answer.admission, { tokens: 1, costMicroUsd: 300 })
      assert.equal(metOf(await admit(first, wider)).used, 1000)
    },
  },
  {
    name: 'a budget of an owner or a team counts what all their keys have spent before',
    play: async ({ first, second, clock }) => {
      const mine = await keyWith(first, { name: 'mine', owner: 'li', team: 'research' })
      const other = await keyWith(first, { name: 'other', owner: 'mei', team: 'research' })
      await spend(first, mine, [{ at: clock.now(), micros: 300 }])
      await spend(second, other, [{ at: clock.now(), micros: 400 }])
      clock.move(MINUTE_MS)
      await first.setBudgetHolder({ kind: 'owner', name: 'li', budget: { dayMicroUsd: 500 } })
      await first.setBudgetHolder({ kind: 'team', name: 'research', budget: { weekMicroUsd: 700 } })
      await soon(async () => (await second.listBudgetHolders()).length === 2)
      assert.deepEqual(usedOf(await second.readBounds(mine)), { day: 300, week: 700 })
      assert.deepEqual(metOf(await admit(first, mine)).holder, { kind: 'team', name: 'research' })
    },
  },
  {
    name: 'a budget that is taken away and set again has forgotten nothing, and counts nothing twice',
    play: async ({ first, clock }) => {
      const key = await keyWith(first, { budget: { dayMicroUsd: 1000 } })
      const answer = await admit(first, key)
      assert.ok(answer.type === 'admitted')
      await first.settle(answer.admission, { tokens: 1, costMicroUsd: 200 })
      await spend(first, key, [{ at: clock.now(), micros: 200 }])
      clock.move(MINUTE_MS)
      const free = await first.updateRelayKey(key.id, { budget: { dayMicroUsd: 0 } })
      await spend(first, free, [{ at: clock.now(), micros: 500, id: 'while it was free' }])
      clock.move(MINUTE_MS)
      const bound = await first.updateRelayKey(key.id, { budget: { dayMicroUsd: 1000 } })
      assert.deepEqual(usedOf(await first.readBounds(bound)), { day: 700 })
      clock.move(MINUTE_MS)
      const renamed = await first.updateRelayKey(key.id, { note: 'the same budget' })
      assert.deepEqual(usedOf(await first.readBounds(renamed)), { day: 700 })
    },
  },
  {
    name: 'a budget whose zone changes counts what was spent in the day of the new zone',
    play: async ({ first, clock }) => {
      clock.move(Date.parse('2026-11-28T20:00:00Z') - clock.now())
      const key = await keyWith(first, { budget: { dayMicroUsd: 1000 } })
      await spend(first, key, [
        { at: Date.parse('2026-11-28T15:00:00Z'), micros: 100 },
        { at: Date.parse('2026-11-28T17:00:00Z'), micros: 30 },
      ])
      clock.move(MINUTE_MS)
      const there = await first.updateRelayKey(key.id, { budget: { timeZone: 'Asia/Shanghai', dayMicroUsd: 1000 } })
      assert.deepEqual(usedOf(await first.readBounds(there)), { day: 30 })
      clock.move(MINUTE_MS)
      const back = await first.updateRelayKey(key.id, { budget: { timeZone: 'UTC', dayMicroUsd: 1000 } })
      assert.deepEqual(usedOf(await first.readBounds(back)), { day: 130 })
      clock.move(DAY_MS)
      assert.deepEqual(usedOf(await first.readBounds(back)), { day: 0 })
    },
  },
]

interface Spending {
  readonly at: number
  readonly micros: number
  readonly id?: string
}

async function spend(store: AccountStore, key: RelayKey, spendings: readonly Spending[]): Promise<void> {
  for (const { at, micros, id = `${key.id} at ${at}` } of spendings) {
    const { id: keyId, name: keyName, owner, team } = key
    store.recordUsage(usageRecord({ requestId: id, startedAt: at, keyId, keyName, owner, team, costMicroUsd: micros }))
  }
  await store.flushUsage()
}

function usedOf(states: readonly BoundState[]): Readonly<Record<string, number>> {
  const used = states.flatMap(({ bound, used: micros }) =>
    bound.type === 'budget' ? [[bound.period, micros] as const] : [],
  )
  return Object.fromEntries(used)
}

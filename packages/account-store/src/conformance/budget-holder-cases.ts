import assert from 'node:assert/strict'

import { NO_BUDGET } from '../limits/limits.ts'
import type { StoreCase } from './stage.ts'
import { expectCode, soon } from './stage.ts'

/** Owners, teams and rejections. */
export const BUDGET_HOLDER_CASES: readonly StoreCase[] = [
  {
    name: 'an owner gets limits, keeps those that are not named again, and loses them when removed',
    play: async ({ first, second, clock }) => {
      const made = await first.setBudgetHolder({ kind: 'owner', name: 'li', budget: { dayMicroUsd: 5 } })
      assert.deepEqual(made, {
        kind: 'owner',
        name: 'li',
        note: '',
        maxConcurrency: 0,
        rateLimits: [],
        budget: { ...NO_BUDGET, dayMicroUsd: 5 },
        managedBy: 'operator',
        createdAt: clock.now(),
        updatedAt: clock.now(),
      })
      const rateLimits = [{ counts: 'cost', windowMs: 60_000, max: 3 }] as const
      await first.setBudgetHolder({ kind: 'owner', name: 'li', note: 'n', rateLimits, budget: { weekMicroUsd: 9 } })
      await soon(async () => (await second.getBudgetHolder({ kind: 'owner', name: 'li' }))?.note === 'n')
      const read = await second.getBudgetHolder({ kind: 'owner', name: 'li' })
      assert.deepEqual(read?.budget, { ...NO_BUDGET, dayMicroUsd: 5, weekMicroUsd: 9 })
      assert.deepEqual(read?.rateLimits, rateLimits)
      assert.equal(await second.getBudgetHolder({ kind: 'team', name: 'li' }), undefined)
      await second.removeBudgetHolder({ kind: 'owner', name: 'li' })
      await soon(async () => (await first.listBudgetHolders()).length === 0)
      await expectCode('not-found', first.removeBudgetHolder({ kind: 'owner', name: 'li' }))
    },
  },
  {
    name: 'limits of owners and teams are checked by the field',
    play: async ({ first }) => {
      for (const wrong of [{ maxConcurrency: -1 }, { budget: { timeZone: 'no' } }, { name: '' }]) {
        await expectCode('invalid-input', first.setBudgetHolder({ kind: 'team', name: 'a', ...wrong }))
      }
    },
  },
  {
    name: "the file's owners and teams are the file's alone, and one that leaves it keeps its limits",
    play: async ({ first }) => {
      const declared = { accounts: [], relayKeys: [] }
      const team = { kind: 'team', name: 'research', maxConcurrency: 4 } as const
      const outcome = await first.applyConfig({ ...declared, budgetHolders: [team] })
      assert.deepEqual(outcome.created, ['research'])
      assert.deepEqual((await first.applyConfig({ ...declared, budgetHolders: [team] })).updated, [])
      await expectCode('managed-by-config', first.setBudgetHolder({ ...team, maxConcurrency: 9 }))
      await expectCode('managed-by-config', first.removeBudgetHolder(team))
      const changed = await first.applyConfig({ ...declared, budgetHolders: [{ ...team, maxConcurrency: 5 }] })
      assert.deepEqual(changed.updated, ['research'])
      await first.applyConfig(declared)
      assert.equal((await first.getBudgetHolder(team))?.maxConcurrency, 5)
      await first.setBudgetHolder({ ...team, maxConcurrency: 9 })
      const message = await expectCode('name-taken', first.applyConfig({ ...declared, budgetHolders: [team] }))
      assert.ok(message.startsWith('teams "research" '), message)
    },
  },
  {
    name: 'rejections of all nodes are counted by key, reason and hour',
    play: async ({ first, second, clock }) => {
      for (let round = 0; round < 50; round += 1) {
        first.recordRejection({ keyId: 'a', reason: 'cost' })
        second.recordRejection({ keyId: 'a', reason: 'model' })
        second.recordRejection({ keyId: 'b', reason: 'cost' })
      }
      await second.countRejections()
      const begunAt = clock.now()
      clock.move(3_600_000)
      first.recordRejection({ keyId: 'a', reason: 'cost' })
      assert.deepEqual(await first.countRejections({ keyId: 'a' }), [
        { reason: 'cost', count: 51 },
        { reason: 'model', count: 50 },
      ])
      assert.deepEqual(await first.countRejections({ from: begunAt + 1 }), [{ reason: 'cost', count: 1 }])
      assert.deepEqual(await first.countRejections({ keyId: 'nobody' }), [])
    },
  },
]

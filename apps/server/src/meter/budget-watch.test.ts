import { openSqliteStore } from '@relay/account-store'
import { expect, test } from 'vitest'

import type { RelayEvent } from '../observe/events.ts'
import { createBudgetWatch } from './budget-watch.ts'

test('each step of a budget is told once per period, the highest that is reached', async ({ onTestFinished }) => {
  const store = await openSqliteStore({ path: ':memory:', encryptionKey: 'k'.repeat(32) })
  const told: RelayEvent[] = []
  const rooms = {
    store,
    events: { emit: (event: RelayEvent) => void told.push(event) },
    log: { warn: () => undefined },
  }
  const watches = [createBudgetWatch(rooms), createBudgetWatch(rooms)]
  onTestFinished(async () => {
    for (const watch of watches) watch.stop()
    await store.close()
  })
  await store.setBudgetHolder({ kind: 'team', name: 'compilers', budget: { monthMicroUsd: 200 } })
  const { relayKey } = await store.createRelayKey({ name: 'laptop', team: 'compilers', budget: { dayMicroUsd: 100 } })

  async function spend(costMicroUsd: number): Promise<void> {
    const answer = await store.admit({
      key: relayKey,
      process: 'test',
      ttlMs: 1000,
      reserve: { tokens: 0, costMicroUsd: 0 },
    })
    if (answer.type === 'admitted') await store.settle(answer.admission, { tokens: 1, costMicroUsd })
    for (const watch of watches) watch.note(relayKey, undefined)
  }
  const steps = (): unknown =>
    told.map((event) =>
      event.type === 'budget.reached' ? [event.holder, event.name, event.period, event.percent] : event,
    )

  await spend(85)
  await expect.poll(steps, { timeout: 10_000 }).toEqual([['key', 'laptop', 'day', 80]])
  await spend(10)
  await expect.poll(steps, { timeout: 10_000 }).toHaveLength(2)
  await spend(100)
  await expect.poll(steps, { timeout: 10_000 }).toHaveLength(4)
  expect(steps()).toEqual([
    ['key', 'laptop', 'day', 80],
    ['key', 'laptop', 'day', 90],
    ['key', 'laptop', 'day', 100],
    ['team', 'compilers', 'month', 90],
  ])
})

test('a key that has the name of a revoked one is told of anew', async ({ onTestFinished }) => {
  const store = await openSqliteStore({ path: ':memory:', encryptionKey: 'k'.repeat(32) })
  const told: RelayEvent[] = []
  const events = { emit: (event: RelayEvent) => void told.push(event) }
  const watch = createBudgetWatch({ store, events, log: { warn: () => undefined } })
  onTestFinished(async () => {
    watch.stop()
    await store.close()
  })
  for (const count of [1, 2]) {
    const { relayKey: key } = await store.createRelayKey({ name: 'laptop', budget: { dayMicroUsd: 100 } })
    const answer = await store.admit({ key, process: 'test', ttlMs: 1000, reserve: { tokens: 0, costMicroUsd: 0 } })
    if (answer.type === 'admitted') await store.settle(answer.admission, { tokens: 1, costMicroUsd: 100 })
    watch.note(key, undefined)
    await expect.poll(() => told, { timeout: 10_000 }).toHaveLength(count)
    await store.revokeRelayKey(key.id)
  }
})

import assert from 'node:assert/strict'

import {
  NONE,
  NOTHING,
  keyWith,
  admit,
  race,
  admissionsOf,
  isRefused,
  metOf,
  windowOf,
  concurrency,
} from './admission-stage.ts'
import type { StoreCase } from './stage.ts'
import { expectCode, soon } from './stage.ts'

/** Limits of keys, owners and teams. */
export const ADMISSION_CASES: readonly StoreCase[] = [
  {
    name: '200 requests at once on a concurrency of 5 let exactly 5 in, over all nodes, and each slot comes back',
    play: async ({ first, second }) => {
      const key = await keyWith(first, { maxConcurrency: 5 })
      const answers = await race(200, [first, second], { key: key })
      const admitted = admissionsOf(answers)
      assert.equal(admitted.length, 5)
      assert.deepEqual(metOf(answers.find(isRefused)), concurrency(key, { limit: 5, used: 5 }))
      await Promise.all(admitted.map(async (admission) => second.settle(admission, NOTHING)))
      assert.deepEqual(await first.readBounds(key), [concurrency(key, { limit: 5, used: 0 })])
      assert.equal(admissionsOf(await race(5, [first, second], { key: key })).length, 5)
    },
  },
  {
    name: '200 requests at once on a window of 100 let exactly 100 in, and the window begins again after its length',
    play: async ({ first, second, clock }) => {
      const key = await keyWith(first, { rateLimits: [{ counts: 'requests', windowMs: 60_000, max: 100 }] })
      const answers = await race(200, [first, second], { key: key })
      assert.equal(admissionsOf(answers).length, 100)
      const met = metOf(answers.find(isRefused))
      assert.deepEqual([met.limit, met.used, met.resetsAt], [100, 100, clock.now() + 60_000])
      assert.deepEqual(met.bound, { type: 'window', counts: 'requests', windowMs: 60_000 })
      clock.move(59_999)
      assert.equal((await admit(second, key)).type, 'refused')
      clock.move(1)
      assert.equal(admissionsOf(await race(200, [first, second], { key: key })).length, 100)
    },
  },
  {
    name: '200 requests at once on a cost limit never reserve more than it, over all nodes',
    play: async ({ first, second, clock }) => {
      const key = await keyWith(first, { budget: { dayMicroUsd: 1000 } })
      const answers = await race(200, [first, second], { key: key, reserve: { tokens: 0, costMicroUsd: 100 } })
      const admitted = admissionsOf(answers)
      assert.equal(admitted.length, 10)
      const met = metOf(answers.find(isRefused))
      assert.deepEqual([met.limit, met.used, met.reserved], [1000, 0, 1000])
      await Promise.all(admitted.map(async (admission) => first.settle(admission, { tokens: 5, costMicroUsd: 60 })))
      const [state] = await second.readBounds(key)
      assert.deepEqual([state?.used, state?.reserved], [600, 0])
      assert.ok((state?.resetsAt ?? 0) > clock.now())
      assert.equal(
        admissionsOf(await race(200, [first, second], { key: key, reserve: { tokens: 0, costMicroUsd: 100 } })).length,
        4,
      )
    },
  },
  {
    name: 'one request whose estimate is larger than what is left gets in alone, and none when nothing is left',
    play: async ({ first }) => {
      const key = await keyWith(first, { budget: { totalMicroUsd: 1000 } })
      const large = { tokens: 0, costMicroUsd: 5000 }
      const [alone] = admissionsOf([await admit(first, key, large)])
      assert.ok(alone)
      assert.equal(metOf(await admit(first, key, { tokens: 0, costMicroUsd: 1 })).reserved, 5000)
      await first.settle(alone, { tokens: 1, costMicroUsd: 400 })
      const [again] = admissionsOf([await admit(first, key, large)])
      assert.ok(again)
      await first.settle(again, { tokens: 1, costMicroUsd: 4000 })
      const met = metOf(await admit(first, key, { tokens: 0, costMicroUsd: 0 }))
      assert.deepEqual([met.used, met.reserved, met.resetsAt], [4400, 0, undefined])
    },
  },
  {
    name: 'a window of tokens counts what was used in the end, and holds the estimate until then',
    play: async ({ first, second, clock }) => {
      const key = await keyWith(first, { rateLimits: [{ counts: 'tokens', windowMs: 60_000, max: 1000 }] })
      const [running] = admissionsOf([await admit(first, key, { tokens: 900, costMicroUsd: 0 })])
      assert.ok(running)
      assert.equal((await admit(second, key, { tokens: 200, costMicroUsd: 0 })).type, 'refused')
      await second.settle(running, { tokens: 300, costMicroUsd: undefined })
      const [other] = admissionsOf([await admit(second, key, { tokens: 200, costMicroUsd: 0 })])
      assert.ok(other)
      await second.settle(other, { tokens: 700, costMicroUsd: undefined })
      assert.equal(metOf(await admit(first, key)).used, 1000)
      clock.move(60_000)
      assert.equal((await admit(first, key)).type, 'admitted')
    },
  },
  {
    name: 'several windows all hold, and each names itself',
    play: async ({ first, clock }) => {
      const key = await keyWith(first, {
        rateLimits: [
          { counts: 'requests', windowMs: 60_000, max: 2 },
          { counts: 'requests', windowMs: 3_600_000, max: 3 },
        ],
      })
      await race(2, [first], { key: key })
      assert.deepEqual(windowOf(await admit(first, key)), 60_000)
      clock.move(60_000)
      assert.equal((await admit(first, key)).type, 'admitted')
      assert.deepEqual(windowOf(await admit(first, key)), 3_600_000)
    },
  },
  {
    name: 'owner and team bound all of their keys together, and the refusal says whose bound was met',
    play: async ({ first, second }) => {
      const mine = await keyWith(first, { name: 'mine', owner: 'li', team: 'research', maxConcurrency: 10 })
      const other = await keyWith(first, { name: 'other', owner: 'mei', team: 'research' })
      await first.setBudgetHolder({ kind: 'owner', name: 'li', maxConcurrency: 3 })
      await first.setBudgetHolder({ kind: 'team', name: 'research', maxConcurrency: 4 })
      await soon(async () => (await second.listBudgetHolders()).length === 2)
      const held = admissionsOf(await race(50, [first, second], { key: mine }))
      assert.equal(held.length, 3)
      assert.deepEqual(metOf(await admit(second, mine)).holder, { kind: 'owner', name: 'li' })
      assert.equal(admissionsOf(await race(50, [first, second], { key: other })).length, 1)
      const met = metOf(await admit(second, other))
      assert.deepEqual([met.holder, met.limit, met.used], [{ kind: 'team', name: 'research' }, 4, 4])
      assert.deepEqual(
        (await first.readBounds(mine)).map(({ holder, used }) => [holder.kind, used]),
        [
          ['key', 3],
          ['owner', 3],
          ['team', 4],
        ],
      )
      assert.deepEqual(
        (await second.readHolderBounds({ kind: 'team', name: 'research' })).map(({ holder, used }) => [holder, used]),
        [[{ kind: 'team', name: 'research' }, 4]],
      )
      assert.deepEqual(await first.readHolderBounds({ kind: 'owner', name: 'nobody' }), [])
      for (const admission of held) await first.settle(admission, NOTHING)
      assert.equal((await admit(second, other)).type, 'admitted')
    },
  },
  {
    name: 'a refusal takes nothing: not from the key whose bound holds, nor from its window',
    play: async ({ first }) => {
      const key = await keyWith(first, {
        owner: 'li',
        maxConcurrency: 5,
        rateLimits: [{ counts: 'requests', windowMs: 60_000, max: 10 }],
      })
      await first.setBudgetHolder({ kind: 'owner', name: 'li', budget: { dayMicroUsd: 10 } })
      const [only] = admissionsOf([await admit(first, key, { tokens: 0, costMicroUsd: 10 })])
      assert.ok(only)
      for (let round = 0; round < 3; round += 1) assert.equal(metOf(await admit(first, key)).holder.kind, 'owner')
      assert.deepEqual(
        (await first.readBounds(key)).map(({ bound, used, reserved }) => [bound.type, used, reserved]),
        [
          ['concurrency', 1, 0],
          ['window', 1, 0],
          ['budget', 0, 10],
        ],
      )
    },
  },
  {
    name: 'concurrency is asked before windows, and windows before budgets',
    play: async ({ first }) => {
      const key = await keyWith(first, {
        maxConcurrency: 1,
        rateLimits: [{ counts: 'requests', windowMs: 60_000, max: 1 }],
        budget: { dayMicroUsd: 1 },
      })
      const [only] = admissionsOf([await admit(first, key, { tokens: 0, costMicroUsd: 1 })])
      assert.ok(only)
      assert.equal(metOf(await admit(first, key)).bound.type, 'concurrency')
      await first.settle(only, { tokens: 1, costMicroUsd: 1 })
      assert.equal(metOf(await admit(first, key)).bound.type, 'window')
      const free = await first.updateRelayKey(key.id, { rateLimits: [] })
      assert.equal(metOf(await admit(first, free)).bound.type, 'budget')
    },
  },
  {
    name: "a dead node's slots and reservations come back when their time has run out, and renewed ones stay",
    play: async ({ first, second, clock }) => {
      const key = await keyWith(first, { maxConcurrency: 2, budget: { dayMicroUsd: 100 } })
      const reserve = { tokens: 0, costMicroUsd: 50 }
      const [dead, kept] = admissionsOf(await race(2, [first], { key: key, reserve: reserve }))
      assert.ok(dead)
      assert.ok(kept)
      clock.move(30_000)
      assert.deepEqual(await first.renewAdmissions([kept], 60_000), [kept.id])
      clock.move(30_000)
      const states = await second.readBounds(key)
      assert.deepEqual([states[0]?.used, states[1]?.reserved], [1, 50])
      assert.equal((await admit(second, key, reserve)).type, 'admitted')
      assert.equal((await admit(second, key, reserve)).type, 'refused')
    },
  },
  {
    name: 'an admission is settled once, also when its slot was given to others meanwhile',
    play: async ({ first, second, clock }) => {
      const key = await keyWith(first, { budget: { totalMicroUsd: 1000 } })
      const [hung] = admissionsOf([await admit(first, key)])
      assert.ok(hung)
      clock.move(120_000)
      await first.settle(hung, { tokens: 1, costMicroUsd: 70 })
      await second.settle(hung, { tokens: 1, costMicroUsd: 70 })
      assert.equal((await second.readBounds(key))[0]?.used, 70)
      assert.deepEqual(await first.renewAdmissions([hung], 60_000), [])
    },
  },
  {
    name: 'days, weeks and months are those of the zone, and a request counts to the day it began in',
    play: async ({ first, clock }) => {
      clock.move(Date.parse('2026-11-28T15:59:00Z') - clock.now())
      const budget = { timeZone: 'Asia/Shanghai', dayMicroUsd: 100, weekMicroUsd: 1000, monthMicroUsd: 2000 }
      const key = await keyWith(first, { budget })
      const [night] = admissionsOf([await admit(first, key)])
      assert.ok(night)
      assert.deepEqual(
        (await first.readBounds(key)).map(({ resetsAt }) => new Date(resetsAt ?? 0).toISOString()),
        ['2026-11-28T16:00:00.000Z', '2026-11-29T16:00:00.000Z', '2026-11-30T16:00:00.000Z'],
      )
      clock.move(120_000)
      await first.settle(night, { tokens: 1, costMicroUsd: 90 })
      assert.deepEqual(
        (await first.readBounds(key)).map(({ used }) => used),
        [0, 90, 90],
      )
    },
  },
  {
    name: 'a clock that is set back gives no second window and locks nobody out for longer than the window',
    play: async ({ first, clock }) => {
      const key = await keyWith(first, { rateLimits: [{ counts: 'requests', windowMs: 60_000, max: 2 }] })
      await race(2, [first], { key: key })
      clock.move(-3_600_000)
      const met = metOf(await admit(first, key))
      assert.deepEqual([met.used, met.resetsAt], [2, clock.now() + 60_000])
      clock.move(59_999)
      assert.equal((await admit(first, key)).type, 'refused')
      clock.move(1)
      assert.equal(admissionsOf(await race(3, [first], { key: key })).length, 2)
    },
  },
  {
    name: 'a day that the clock comes back to still has its count',
    play: async ({ first, clock }) => {
      const key = await keyWith(first, { budget: { dayMicroUsd: 100 } })
      const [spent] = admissionsOf([await admit(first, key)])
      assert.ok(spent)
      await first.settle(spent, { tokens: 1, costMicroUsd: 100 })
      clock.move(2 * 86_400_000)
      assert.equal((await admit(first, key)).type, 'admitted')
      clock.move(-2 * 86_400_000)
      assert.equal((await admit(first, key)).type, 'refused')
    },
  },
  {
    name: 'where nobody has a limit every request gets in and holds nothing',
    play: async ({ first }) => {
      const key = await keyWith(first, {})
      const admitted = admissionsOf(await race(20, [first], { key: key }))
      assert.equal(admitted.length, 20)
      assert.ok(admitted.every(({ subjects }) => subjects.length === 0))
      assert.deepEqual(await first.readBounds(key), [])
      for (const admission of admitted) await first.settle(admission, { tokens: 1, costMicroUsd: 1 })
    },
  },
  {
    name: 'the first use of a key that ends after it is noted once, on every node',
    play: async ({ first, second, clock }) => {
      const { relayKey, secret } = await first.createRelayKey({ name: 'guest', expiresAfterFirstUseMs: 1000 })
      assert.equal(relayKey.firstUsedAt, undefined)
      const usedAt = clock.now()
      await admit(first, relayKey)
      clock.move(500)
      await soon(async () => (await second.findRelayKey(secret))?.firstUsedAt === usedAt)
      await admit(second, relayKey)
      assert.equal((await second.getRelayKey(relayKey.id))?.firstUsedAt, usedAt)
    },
  },
  {
    name: 'an admission without bounds is refused',
    play: async ({ first }) => {
      const key = await keyWith(first, { maxConcurrency: 1 })
      const request = { key, process: 'node-1', ttlMs: 60_000, reserve: NONE }
      for (const wrong of [
        { ttlMs: 0 },
        { ttlMs: 60_001 },
        { process: '' },
        { reserve: { tokens: -1, costMicroUsd: 0 } },
      ]) {
        await expectCode('invalid-input', first.admit({ ...request, ...wrong }))
      }
    },
  },
]

import assert from 'node:assert/strict'

import type { LeaseAnswer } from '../lease.ts'
import type { AccountStore } from '../store/account-store.ts'
import type { Stage, StoreCase } from './stage.ts'
import { accountInput, expectCode, soon } from './stage.ts'

const RESERVE = 100
const OWNER = { owner: 'node-1', ttlMs: 60_000, max: 1_000_000, reserveMicroUsd: RESERVE } as const

/** Daily quotas of accounts, held against while requests run. */
export const QUOTA_CASES: readonly StoreCase[] = [
  {
    name: '200 requests at once reserve no more than the daily quota of an account, over all nodes',
    play: async (stage) => {
      const { id, enter } = await openAccount(stage, 1000)
      const answers = await Promise.all(numbers(200).map(async (turn) => enter(nodeOf(stage, turn))))
      assert.equal(taken(answers).length, 10)
      assert.equal(answers.filter(({ type }) => type === 'spent').length, 190)
      await Promise.all(
        taken(answers).map(async (leaseId, turn) =>
          nodeOf(stage, turn).settleLease({ leaseId, accountId: id, costMicroUsd: 95 }),
        ),
      )
      await soon(async () => (await usedOf(stage.second, id)) === 950)
      // 50 are left: alone one may use them up, a second one has no room.
      const more = await Promise.all(numbers(20).map(async (turn) => enter(nodeOf(stage, turn))))
      assert.equal(taken(more).length, 1)
    },
  },
  {
    name: 'requests that begin and end all the time overshoot a daily quota by one estimate at most',
    play: async (stage) => {
      const { id, enter } = await openAccount(stage, 2000)
      await Promise.all(
        numbers(200).map(async (turn) => {
          const node = nodeOf(stage, turn)
          const answer = await enter(node)
          if (answer.type !== 'taken') return
          await node.settleLease({ leaseId: answer.leaseId, accountId: id, costMicroUsd: 60 + (turn % 40) })
        }),
      )
      for (const [turn, node] of [stage.first, stage.second, stage.first].entries()) {
        const answer = await enter(node)
        if (answer.type === 'taken') await node.settleLease({ ...answer, accountId: id, costMicroUsd: 60 + turn })
      }
      await soon(async () => (await usedOf(stage.first, id)) === (await usedOf(stage.second, id)))
      const used = await usedOf(stage.first, id)
      assert.ok(used > 1500 && used < 2000 + RESERVE, `${used} were used`)
    },
  },
  {
    name: 'a request that costs nothing gives back what it had reserved, and so does a dead node',
    play: async (stage) => {
      const { id, enter } = await openAccount(stage, 2 * RESERVE)
      const [one] = taken([await enter(stage.first)])
      assert.equal((await enter(stage.second)).type, 'taken')
      assert.equal((await enter(stage.first)).type, 'spent')
      await stage.second.settleLease({ leaseId: one ?? '', accountId: id, costMicroUsd: 0 })
      assert.equal((await enter(stage.first)).type, 'taken')
      assert.equal((await enter(stage.second)).type, 'spent')
      stage.clock.move(60_000)
      assert.equal((await enter(stage.second)).type, 'taken')
      assert.equal(await usedOf(stage.first, id), 0)
    },
  },
  {
    name: 'a daily quota that is used up lets nobody in until the next day of its zone',
    play: async (stage) => {
      const { id, enter } = await openAccount(stage, 300)
      await stage.first.recordAccountCost(id, 250)
      await soon(async () => (await usedOf(stage.second, id)) === 250)
      const [leaseId] = taken([await enter(stage.second)])
      await stage.second.settleLease({ leaseId: leaseId ?? '', accountId: id, costMicroUsd: 50 })
      assert.equal((await enter(stage.first)).type, 'spent')
      assert.equal((await enter(stage.second)).type, 'spent')
      const { quota } = (await stage.second.getAccount(id))?.state ?? {}
      stage.clock.move((quota?.resetsAt ?? 0) - stage.clock.now())
      const fresh = [await enter(stage.first), await enter(stage.second), await enter(stage.first)]
      assert.equal(taken(fresh).length, 3)
      assert.equal((await enter(stage.second)).type, 'spent')
    },
  },
  {
    name: 'a slot with a reservation is a slot as any other',
    play: async (stage) => {
      const { first, second } = stage
      const { id, enter } = await openAccount(stage, 1000)
      const resource = { kind: 'account', id } as const
      const [leaseId] = taken([await enter(first)])
      assert.deepEqual(await second.acquireLease({ ...OWNER, resource, max: 1 }), { type: 'full', inUse: 1, max: 1 })
      assert.equal(await second.countLeases(resource), 1)
      stage.clock.move(40_000)
      assert.deepEqual(await first.renewLeases([leaseId ?? ''], 60_000), [leaseId])
      stage.clock.move(40_000)
      assert.equal((await second.acquireLease({ ...OWNER, resource, max: 1 })).type, 'full')
      await first.releaseLease(leaseId ?? '')
      assert.equal(await second.countLeases(resource), 0)
    },
  },
  {
    name: 'without a quota nothing is held against, and only accounts have one',
    play: async ({ first }) => {
      const { id } = await first.createAccount(accountInput())
      const resource = { kind: 'account', id } as const
      const answers = await Promise.all(numbers(20).map(async () => first.acquireLease({ ...OWNER, resource })))
      assert.equal(taken(answers).length, 20)
      await first.settleLease({ leaseId: taken(answers)[0] ?? '', accountId: id, costMicroUsd: 5 })
      assert.equal(await first.countLeases(resource), 19)
      await expectCode('invalid-input', first.acquireLease({ ...OWNER, resource: { kind: 'queue', id } }))
      await expectCode('invalid-input', first.acquireLease({ ...OWNER, resource, reserveMicroUsd: -1 }))
    },
  },
]

async function openAccount(
  { first, second }: Stage,
  limitMicroUsd: number,
): Promise<{ id: string; enter: (node: AccountStore) => Promise<LeaseAnswer> }> {
  const { id } = await first.createAccount(accountInput({ dailyQuota: { limitMicroUsd, timeZone: 'Asia/Tokyo' } }))
  await soon(async () => (await second.getAccount(id)) !== undefined)
  return { id, enter: async (node) => node.acquireLease({ ...OWNER, resource: { kind: 'account', id } }) }
}

async function usedOf(node: AccountStore, id: string): Promise<number> {
  return (await node.getAccount(id))?.state.quota?.usedMicroUsd ?? -1
}

function nodeOf({ first, second }: Stage, turn: number): AccountStore {
  return turn % 2 === 0 ? first : second
}

function taken(answers: readonly LeaseAnswer[]): readonly string[] {
  return answers.flatMap((answer) => (answer.type === 'taken' ? [answer.leaseId] : []))
}

function numbers(length: number): readonly number[] {
  return Array.from({ length }, (_, index) => index)
}

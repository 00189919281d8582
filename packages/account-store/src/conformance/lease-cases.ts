import assert from 'node:assert/strict'

import type { LeaseAnswer } from '../lease.ts'
import type { StoreCase } from './stage.ts'
import { expectCode } from './stage.ts'

const RESOURCE = { kind: 'queue', id: 'key-1' } as const
const REQUEST = { resource: RESOURCE, owner: 'node-1', ttlMs: 60_000, max: 5 } as const

/** Leases. */
export const LEASE_CASES: readonly StoreCase[] = [
  {
    name: '200 requests at once on 5 slots get exactly 5, over all nodes',
    play: async ({ first, second }) => {
      const answers = await Promise.all(
        Array.from({ length: 200 }, async (_, index) => (index % 2 === 0 ? first : second).acquireLease(REQUEST)),
      )
      assert.equal(answers.filter((answer) => answer.type === 'taken').length, 5)
      const refusal = answers.find(({ type }) => type === 'full')
      assert.deepEqual(refusal, { type: 'full', inUse: 5, max: 5 })
      assert.equal(await second.countLeases(RESOURCE), 5)
    },
  },
  {
    name: 'a slot given back is free at once, also when it is given back twice',
    play: async ({ first, second }) => {
      const taken = await first.acquireLease({ ...REQUEST, max: 1 })
      assert.equal((await second.acquireLease({ ...REQUEST, max: 1 })).type, 'full')
      await second.releaseLease(idOf(taken))
      await first.releaseLease(idOf(taken))
      assert.equal(await first.countLeases(RESOURCE), 0)
      assert.equal((await second.acquireLease({ ...REQUEST, max: 1 })).type, 'taken')
    },
  },
  {
    name: "a dead owner's slot comes back when its time has run out",
    play: async ({ first, second, clock }) => {
      await first.acquireLease({ ...REQUEST, max: 1 })
      clock.move(59_999)
      assert.equal((await second.acquireLease({ ...REQUEST, max: 1 })).type, 'full')
      clock.move(1)
      assert.equal((await second.acquireLease({ ...REQUEST, max: 1 })).type, 'taken')
    },
  },
  {
    name: 'a renewed slot stays taken, and one that was lost is not renewed',
    play: async ({ first, second, clock }) => {
      const kept = idOf(await first.acquireLease({ ...REQUEST, max: 2 }))
      const lost = idOf(await first.acquireLease({ ...REQUEST, max: 2, ttlMs: 1000 }))
      clock.move(30_000)
      assert.equal((await second.acquireLease({ ...REQUEST, max: 2 })).type, 'taken')
      assert.deepEqual(await first.renewLeases([kept, lost], 60_000), [kept])
      clock.move(45_000)
      assert.equal(await second.countLeases(RESOURCE), 2)
    },
  },
  {
    name: 'a clock that is set back blocks no slot',
    play: async ({ first, clock }) => {
      await first.acquireLease({ ...REQUEST, max: 1 })
      clock.move(-3_600_000)
      assert.equal((await first.acquireLease({ ...REQUEST, max: 1 })).type, 'taken')
    },
  },
  {
    name: 'slots of different things do not mix',
    play: async ({ first }) => {
      await first.acquireLease({ ...REQUEST, max: 1 })
      assert.equal(
        (await first.acquireLease({ ...REQUEST, max: 1, resource: { kind: 'account', id: 'key-1' } })).type,
        'taken',
      )
      assert.equal(
        (await first.acquireLease({ ...REQUEST, max: 1, resource: { kind: 'queue', id: 'key-2' } })).type,
        'taken',
      )
    },
  },
  {
    name: 'a lease without bounds is refused',
    play: async ({ first }) => {
      for (const wrong of [{ max: 0 }, { ttlMs: 60_001 }, { ttlMs: 0 }, { owner: '' }]) {
        await expectCode('invalid-input', first.acquireLease({ ...REQUEST, ...wrong }))
      }
    },
  },
]

function idOf(answer: LeaseAnswer): string {
  assert.equal(answer.type, 'taken')
  return answer.type === 'taken' ? answer.leaseId : ''
}

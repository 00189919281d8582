import assert from 'node:assert/strict'

import type { StoreCase } from './stage.ts'
import { usageRecord } from './stage.ts'

/** What becomes of records, and what is read out of many of them. */
export const USAGE_LIFE_CASES: readonly StoreCase[] = [
  {
    name: 'a request whose process died is recorded, once, as interrupted',
    play: async ({ first, second, clock }) => {
      const running = usageRecord({ requestId: 'running', costMicroUsd: undefined, costSource: 'unknown' })
      first.noteRunning(running.requestId, () => running)
      first.noteRunning('over', () => usageRecord({ requestId: 'over' }))
      await first.flushUsage()
      first.recordUsage(usageRecord({ requestId: 'over' }))
      await first.flushUsage()
      assert.equal(await second.recordInterrupted(), 0)
      clock.move(61_000)
      if (first === second) return // one process alone: whoever looks lives, which the next case proves
      assert.equal((await second.recordInterrupted()) + (await second.recordInterrupted()), 1)
      assert.equal(await second.recordInterrupted(), 0)
      const record = await first.getUsage('running')
      assert.equal(record?.reason, 'shutdown')
      assert.match(record.errorMessage ?? '', /interrupted/)
      // It lives after all, and was only slow: the first record stays.
      first.recordUsage(running)
      await first.flushUsage()
      assert.equal((await first.sumUsage()).requests, 2)
    },
  },
  {
    name: 'no process takes its own requests for those of a dead one when the clock is set forward',
    play: async ({ first, clock }) => {
      first.noteRunning('running', () => usageRecord({ requestId: 'running' }))
      await first.flushUsage()
      clock.move(3_600_000)
      assert.equal(await first.recordInterrupted(), 0)
      assert.equal(await first.recordInterrupted(), 0)
    },
  },
  {
    name: 'how long requests took, and what they lost',
    play: async ({ first }) => {
      const lossy = { code: 'param_unsupported', level: 'lossy', path: '/a', message: 'a' } as const
      for (let index = 1; index <= 100; index += 1) {
        first.recordUsage(
          usageRecord({
            requestId: `request-${index}`,
            durationMs: index,
            firstTokenMs: index > 50 ? undefined : index,
            losses: index <= 3 ? [lossy, lossy] : index === 4 ? [{ ...lossy, isAccepted: true }] : [],
          }),
        )
      }
      assert.deepEqual(await first.measureLatency(), {
        records: 100,
        firstTokenMs: { p50: 25, p95: 48 },
        durationMs: { p50: 50, p95: 95 },
      })
      assert.deepEqual(await first.countLosses(), [{ code: 'param_unsupported', level: 'lossy', requests: 3 }])
      assert.equal((await first.sumUsage()).requestsWithLosses, 3)
      assert.equal((await first.measureLatency({ keyId: 'nobody' })).durationMs.p95, undefined)
    },
  },
  {
    name: 'what a record cannot hold is cut or left out, and the record is kept',
    play: async ({ first }) => {
      const tags = Object.fromEntries(Array.from({ length: 30 }, (_, index) => [`tag-${index}`, 'x'.repeat(300)]))
      const extras = { webSearches: -1, inputAudioTokens: 7 }
      first.recordUsage(usageRecord({ tags, extras, costMicroUsd: 5, costSource: 'unknown' }))
      const record = await first.getUsage('request-1')
      assert.equal(Object.keys(record?.tags ?? {}).length, 20)
      assert.equal(record?.tags['tag-0']?.length, 200)
      assert.deepEqual(record.extras, { inputAudioTokens: 7 })
      assert.deepEqual([record.costMicroUsd, record.costSource], [undefined, 'unknown'])
    },
  },
]

import assert from 'node:assert/strict'

import type { UsageFilter } from '../usage-record.ts'
import type { StoreCase } from './stage.ts'
import { expectCode, soon, usageRecord } from './stage.ts'

/** Usage records and settings. */
export const USAGE_CASES: readonly StoreCase[] = [
  {
    name: 'a record comes back as it was written, the unknown as unknown',
    play: async ({ first, second }) => {
      const record = usageRecord()
      assert.equal(first.recordUsage(record), true)
      await first.flushUsage()
      assert.deepEqual(await second.getUsage(record.requestId), record)
      assert.deepEqual(await second.listUsage(), { records: [record], nextCursor: undefined })
      assert.equal(await second.getUsage('unknown'), undefined)
    },
  },
  {
    name: 'records reach the other nodes by themselves within a second',
    play: async ({ first, second }) => {
      first.recordUsage(usageRecord())
      await soon(async () => (await second.getUsage('request-1')) !== undefined)
    },
  },
  {
    name: 'writing a record twice has no effect, whoever writes it',
    play: async ({ first, second }) => {
      first.recordUsage(usageRecord())
      first.recordUsage(usageRecord({ status: 500 }))
      await first.flushUsage()
      second.recordUsage(usageRecord({ status: 502 }))
      await second.flushUsage()
      const { records } = await first.listUsage()
      assert.deepEqual(
        records.map((record) => record.status),
        [200],
      )
    },
  },
  {
    name: 'sums are exact and say what they do not know',
    play: async ({ first, second }) => {
      const unknown = {
        ...usageRecord().tokens,
        inputTokens: undefined,
        outputTokens: undefined,
        cacheReadTokens: undefined,
      }
      for (let index = 0; index < 1000; index += 1) {
        const store = index % 2 === 0 ? first : second
        store.recordUsage(usageRecord({ requestId: `known-${index}`, costMicroUsd: 9_007_199_254 }))
      }
      first.recordUsage(
        usageRecord({ requestId: 'unknown', tokens: unknown, usageSource: 'missing', costMicroUsd: undefined }),
      )
      await Promise.all([first.flushUsage(), second.flushUsage()])
      const sums = await second.sumUsage()
      assert.equal(sums.requests, 1001)
      assert.equal(sums.tokens.inputTokens, 10_000)
      assert.equal(sums.tokens.cacheReadTokens, 20_000)
      assert.equal(sums.tokens.outputTokens, 30_000)
      assert.equal(sums.costMicroUsd, 9_007_199_254_000)
      assert.equal(sums.requestsWithoutUsage, 1)
      assert.equal(sums.requestsWithoutCost, 1)
      assert.equal((await first.sumUsage({ keyId: 'nobody' })).tokens.inputTokens, 0)
    },
  },
  {
    name: 'a number that is none becomes unknown, never zero',
    play: async ({ first }) => {
      const wrong = [-1, 1.5, Number.NaN, Infinity, 2 ** 60]
      for (const [index, inputTokens] of wrong.entries()) {
        const tokens = { ...usageRecord().tokens, inputTokens }
        first.recordUsage(usageRecord({ requestId: `wrong-${index}`, tokens, costMicroUsd: inputTokens }))
      }
      const { records } = await first.listUsage()
      assert.equal(records.length, wrong.length)
      for (const record of records) {
        assert.deepEqual(
          [record.tokens.inputTokens, record.costMicroUsd, record.tokens.outputTokens],
          [undefined, undefined, 30],
        )
      }
    },
  },
  {
    name: 'a text that is none does not keep other records from being written',
    play: async ({ first }) => {
      // As it comes from an upstream that answers with a number where its model's name should be.
      const modelServed = 42 as unknown as string
      first.recordUsage(usageRecord({ requestId: 'odd', modelServed }))
      first.recordUsage(usageRecord({ requestId: 'even' }))
      assert.equal((await first.listUsage()).records.length, 2)
      assert.equal((await first.getUsage('odd'))?.modelServed, undefined)
    },
  },
  {
    name: 'pages follow each other without a gap while new records arrive',
    play: async ({ first }) => {
      for (let index = 0; index < 25; index += 1) {
        // Five requests in each millisecond: the time alone does not order them.
        first.recordUsage(usageRecord({ requestId: `request-${index}`, startedAt: 1000 + Math.floor(index / 5) }))
      }
      const seen: string[] = []
      let cursor: string | undefined
      do {
        const page = await first.listUsage({ limit: 7, cursor })
        seen.push(...page.records.map((record) => record.requestId))
        cursor = page.nextCursor
        first.recordUsage(usageRecord({ requestId: `new-${seen.length}`, startedAt: 9000 }))
      } while (cursor !== undefined)
      assert.deepEqual(
        seen,
        Array.from({ length: 25 }, (_, index) => `request-${24 - index}`),
      )
      await expectCode('invalid-input', first.listUsage({ cursor: "1' OR 1" }))
      await expectCode('invalid-input', first.listUsage({ limit: 501 }))
    },
  },
  {
    name: 'each filter finds its records and only them',
    play: async ({ first }) => {
      const special = usageRecord({
        requestId: 'special',
        startedAt: 5000,
        keyId: 'key-2',
        owner: 'li',
        team: 'research',
        accountId: 'account-2',
        modelAsked: 'special-model',
        status: 503,
        reason: 'upstream_error',
      })
      first.recordUsage(usageRecord({ startedAt: 4000 }))
      first.recordUsage(special)
      const filters: readonly UsageFilter[] = [
        { keyId: 'key-2' },
        { owner: 'li' },
        { team: 'research' },
        { accountId: 'account-2' },
        { model: 'special-model' },
        { status: 503 },
        { reason: 'upstream_error' },
        { from: 5000 },
        { from: 4001, before: 5001, owner: 'li', status: 503 },
      ]
      for (const filter of filters) {
        assert.deepEqual((await first.listUsage(filter)).records, [special], JSON.stringify(filter))
        assert.equal((await first.sumUsage(filter)).requests, 1)
      }
      assert.equal((await first.listUsage({ model: 'gpt-5.2' })).records.length, 2)
      assert.deepEqual((await first.listUsage({ before: 4000 })).records, [])
    },
  },
  {
    name: 'a long message is cut, and a flood of records is refused, not kept for ever',
    play: async ({ first }) => {
      first.recordUsage(usageRecord({ errorMessage: 'x'.repeat(2000) }))
      assert.equal((await first.getUsage('request-1'))?.errorMessage?.length, 500)
      let refused = 0
      // Nothing is written meanwhile: this loop never lets the event loop go on.
      for (let index = 0; index < 12_000; index += 1) {
        if (!first.recordUsage(usageRecord({ requestId: `flood-${index}` }))) refused += 1
      }
      assert.ok(refused > 0)
      const { usageQueue } = await first.checkHealth()
      assert.equal(usageQueue.dropped, refused)
      assert.equal((await first.sumUsage()).requests, 12_001 - refused)
      assert.equal((await first.checkHealth()).usageQueue.waiting, 0)
    },
  },
  {
    name: 'a setting is seen by every node and can be removed',
    play: async ({ first, second }) => {
      assert.equal(await first.readSetting('demo'), undefined)
      await first.writeSetting('demo', 'removed')
      assert.equal(await second.readSetting('demo'), 'removed')
      await second.writeSetting('demo', undefined)
      assert.equal(await first.readSetting('demo'), undefined)
      await expectCode('invalid-input', first.writeSetting('demo', 'x'.repeat(65_537)))
    },
  },
  {
    name: 'a sealed setting is opened by every node, cannot be read as it lies, and opens under its own name only',
    play: async ({ first, second }) => {
      assert.equal(await first.readSealedSetting('hooks'), undefined)
      await first.writeSealedSetting('hooks', 'https://hooks.example/secret-path')
      assert.equal(await second.readSealedSetting('hooks'), 'https://hooks.example/secret-path')
      const sealed = await second.readSetting('sealed.hooks')
      assert.ok(sealed !== undefined && !sealed.includes('secret-path'))
      await first.writeSetting('sealed.other', sealed)
      assert.equal(await first.readSealedSetting('other'), undefined)
      await expectCode('invalid-input', first.writeSealedSetting('hooks', 'x'.repeat(40_001)))
      await second.writeSealedSetting('hooks', undefined)
      assert.equal(await first.readSealedSetting('hooks'), undefined)
    },
  },
  {
    name: 'a store says what it is, and refuses work once it is closed',
    play: async ({ first, second }) => {
      const health = await first.checkHealth()
      assert.deepEqual([health.isReadable, health.isWritable], [true, true])
      assert.equal(health.instanceId, (await second.checkHealth()).instanceId)
      first.recordUsage(usageRecord())
      await first.close()
      await first.close()
      await expectCode('store-closed', first.writeSetting('late', 'yes'))
      assert.equal(first.recordUsage(usageRecord({ requestId: 'late' })), false)
    },
  },
]

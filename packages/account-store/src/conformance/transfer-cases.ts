import assert from 'node:assert/strict'

import type { AccountStore } from '../store/account-store.ts'
import type { TransferRow, UsageHistoryEntry } from '../transfer.ts'
import type { StoreCase } from './stage.ts'
import { accountInput, expectCode, PASSWORD, usageRecord } from './stage.ts'

const DAY = Date.UTC(2023, 10, 1)

/** Carrying a data set elsewhere, and usage that comes from elsewhere. */
export const TRANSFER_CASES: readonly StoreCase[] = [
  {
    name: 'everything is carried into an empty data set, where keys and accounts work as before',
    play: async ({ first, another, clock }) => {
      const account = await first.createAccount(accountInput({ credential: 'sk-carried-credential' }))
      const { secret, relayKey } = await first.createRelayKey({
        name: 'carried',
        permissions: { accounts: [account.id] },
      })
      await first.createAdminUser({ name: 'ada', password: PASSWORD, mustChangePassword: false })
      await first.writeSetting('prices', '{}')
      first.recordUsage(usageRecord({ keyId: relayKey.id, startedAt: DAY + 100 * 86_400_000 }))
      first.recordUsage(usageRecord({ requestId: 'old', keyId: relayKey.id, startedAt: DAY }))
      await first.flushUsage()
      await first.removeOldUsage({ recordsBefore: DAY + 86_400_000, hoursBefore: 0 })
      first.recordUsage(usageRecord({ requestId: 'today', keyId: relayKey.id, startedAt: clock.now() }))
      const rows = await readAll(first)
      assert.ok(!JSON.stringify(rows).includes('v1.'), 'nothing is carried sealed')
      const target = await another()
      assert.equal(await target.writeEverything(toAsync(rows)), rows.length)
      assert.deepEqual(await readAll(target), rows)
      assert.deepEqual(await target.openCredential(account.id), { type: 'opened', credential: 'sk-carried-credential' })
      assert.equal(await target.readSetting('prices'), '{}')
      assert.equal((await target.listUsage()).records.length, 2)
      assert.equal((await target.sumUsage({ keyId: relayKey.id })).requests, 3)
      for (const span of ['day', 'month'] as const)
        assert.deepEqual(await target.breakDownUsage({ span }), await first.breakDownUsage({ span }))
      target.recordUsage(usageRecord({ requestId: 'new', keyId: relayKey.id }))
      assert.equal((await target.sumUsage({ keyId: relayKey.id })).requests, 4)
      await expectCode('invalid-input', target.writeEverything(toAsync(rows)))
      await target.close()
      assert.ok(secret)
    },
  },
  {
    name: 'a load that breaks off leaves nothing behind',
    play: async ({ first, another }) => {
      await first.createAccount(accountInput())
      const rows = await readAll(first)
      const target = await another()
      async function* broken(): AsyncGenerator<TransferRow, void, undefined> {
        yield* rows
        throw new Error('the file is cut')
      }
      await assert.rejects(target.writeEverything(broken()), /the file is cut/)
      assert.deepEqual(await target.listAccounts(), [])
      await target.close()
    },
  },
  {
    name: 'history of another system is in the sums, once',
    play: async ({ first, second }) => {
      const tokens = { ...(await first.sumUsage()).tokens, inputTokens: 70, outputTokens: 7 }
      const sums = { ...(await first.sumUsage()), requests: 5, tokens, costMicroUsd: 1234 }
      const entry: UsageHistoryEntry = {
        id: 'origin:key-1:gpt-5:2023-11-01',
        day: DAY,
        keyId: 'key-1',
        keyName: 'old key',
        owner: 'admin',
        team: undefined,
        model: 'gpt-5',
        sums,
      }
      assert.equal(await first.addUsageHistory([entry]), 1)
      assert.equal(await second.addUsageHistory([entry, { ...entry, id: 'another', keyId: 'key-2' }]), 1)
      assert.deepEqual(await second.sumUsage({ keyId: 'key-1' }), sums)
      const days = await second.breakDownUsage({ span: 'day', timeZone: 'Asia/Tokyo', group: 'key' })
      assert.deepEqual(
        days.map(({ group, sums: { requests } }) => [group, requests]),
        [
          ['key-1', 5],
          ['key-2', 5],
        ],
      )
    },
  },
]

async function readAll(store: AccountStore): Promise<readonly TransferRow[]> {
  const rows: TransferRow[] = []
  for await (const row of store.readEverything({ withUsage: true })) rows.push(row)
  return rows
}

async function* toAsync(rows: readonly TransferRow[]): AsyncGenerator<TransferRow, void, undefined> {
  yield* rows
}

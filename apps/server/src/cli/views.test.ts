import { openSqliteStore } from '@relay/account-store'
import { expect, test } from 'vitest'

import { accountStatus } from './views.ts'

test('an account that takes nothing for now is not called ready', async ({ onTestFinished }) => {
  const store = await openSqliteStore({ path: ':memory:', encryptionKey: 'e'.repeat(40) })
  onTestFinished(() => store.close())
  const account = await store.createAccount({
    name: 'main',
    type: 'openai-chat',
    baseUrl: 'https://upstream.example',
    dailyQuota: { limitMicroUsd: 2_000_000, resetTime: '00:00', timeZone: 'UTC' },
  })
  const resetsAt = Date.UTC(2100, 0, 2)
  const usedUp = { ...account, state: { ...account.state, quota: { usedMicroUsd: 2_000_000, resetsAt } } }
  const over = { ...account, state: { ...account.state, quota: { usedMicroUsd: 2_000_000, resetsAt: 1 } } }
  const all = [account, usedUp, over, { ...account, expiresAt: Date.UTC(2026, 0, 1) }]
  expect(all.map(accountStatus)).toEqual([
    'ready',
    'daily quota used up (until 2100-01-02T00:00:00Z)',
    'ready',
    'expired (2026-01-01T00:00:00Z)',
  ])
})

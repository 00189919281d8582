import { afterEach, expect, test } from 'vitest'

import { openSignedIn, signInAs } from '../../test/admin-harness.ts'
import type { AdminHarness } from '../../test/admin-harness.ts'
import { usageSample } from '../../test/usage-samples.ts'
import { holderListSchema } from './contract/index.ts'

let admin: AdminHarness
afterEach(() => admin.store.close())

test('an owner gets limits, is listed with keys and use, changed and let go', async () => {
  admin = await openSignedIn()
  await admin.store.createRelayKey({ name: 'laptop', owner: 'ada/b', team: 'compilers' })
  admin.store.recordUsage(usageSample({ requestId: 'req-1', owner: 'ada/b', startedAt: Date.now() }))
  await admin.store.flushUsage()
  const budget = { dayMicroUsd: 5_000_000, timeZone: 'Asia/Shanghai' }
  const made = await admin.call('PUT', '/holders', {
    body: { kind: 'owner', name: 'ada/b', maxConcurrency: 3, budget },
  })
  expect(holderListSchema.parse(made.body).holders).toMatchObject([
    {
      kind: 'owner',
      name: 'ada/b',
      keyCount: 1,
      today: { requests: 1 },
      budget,
      limits: [
        { kind: 'concurrency', used: 0, max: 3 },
        { kind: 'day', max: 5_000_000 },
      ],
    },
  ])
  const changed = await admin.call('PUT', '/holders', { body: { kind: 'owner', name: 'ada/b', note: 'a note' } })
  expect(changed.body.holders[0]).toMatchObject({ maxConcurrency: 3, note: 'a note' })
  const gone = await admin.call('DELETE', `/holders/owner/${encodeURIComponent('ada/b')}`)
  expect(gone.body).toEqual({ holders: [] })
  const { entries } = await admin.store.listAudit()
  expect(entries.map(({ action }) => action).filter((action) => action.startsWith('holder'))).toEqual([
    'holder.remove',
    'holder.update',
    'holder.update',
  ])
})

test('nobody but owners and teams has limits, and an auditor sets none', async () => {
  admin = await openSignedIn()
  expect((await admin.call('DELETE', '/holders/planet/earth')).status).toBe(404)
  expect((await admin.call('DELETE', '/holders/team/none')).status).toBe(404)
  await signInAs(admin, 'auditor')
  expect((await admin.call('GET', '/holders')).status).toBe(200)
  expect((await admin.call('PUT', '/holders', { body: { kind: 'team', name: 'x' } })).status).toBe(403)
})

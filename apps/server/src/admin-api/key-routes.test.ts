import { afterEach, expect, test } from 'vitest'

import { openSignedIn } from '../../test/admin-harness.ts'
import type { AdminHarness } from '../../test/admin-harness.ts'
import { usageSample } from '../../test/usage-samples.ts'
import { issuedKeySchema, keyListSchema } from './contract/index.ts'

let admin: AdminHarness
afterEach(() => admin.store.close())

async function issue(fields: object = {}): Promise<ReturnType<JSON['parse']>> {
  const { status, body } = await admin.call('POST', '/keys', { body: { name: 'laptop', ...fields } })
  expect(status).toBe(200)
  return body
}

test('a key is made, and its secret is told this once', async () => {
  admin = await openSignedIn()
  const issued = issuedKeySchema.parse(await issue({ tags: ['mobile'], owner: 'ada' }))
  expect(issued.secret).toMatch(/^rk-/)
  expect(issued.key).toMatchObject({ name: 'laptop', owner: 'ada', status: 'active', limits: [] })
  const list = await admin.call('GET', '/keys')
  expect(keyListSchema.parse(list.body).keys).toHaveLength(1)
  const audit = await admin.call('GET', '/audit?objectKind=relay-key')
  for (const body of [list.body, audit.body]) expect(JSON.stringify(body)).not.toContain(issued.secret)
  expect(audit.body.entries[0]).toMatchObject({ action: 'key.create', object: { name: 'laptop' } })
})

test('a key is changed, disabled, revoked and restored', async () => {
  admin = await openSignedIn()
  const { key } = await issue()
  const change = async (body: object) => (await admin.call('PATCH', `/keys/${key.id}`, { body })).body
  const expiresAt = Date.now() + 86_400_000
  expect(await change({ team: 'compilers', expiresAt })).toMatchObject({ team: 'compilers', expiresAt })
  expect(await change({ team: null, expiresAt: null })).not.toHaveProperty('team')
  expect(await change({ enabled: false })).toMatchObject({ status: 'disabled' })
  expect(await change({ enabled: true, permissions: { models: ['claude-*'] } })).toMatchObject({ status: 'active' })
  expect((await admin.call('DELETE', `/keys/${key.id}`)).body).toMatchObject({ status: 'revoked' })
  expect((await admin.call('POST', `/keys/${key.id}/restore`)).body).toMatchObject({ status: 'active' })
  expect((await admin.call('PATCH', '/keys/nothing', { body: {} })).status).toBe(404)
})

test('a field that is refused is told with the rule that it breaks', async () => {
  admin = await openSignedIn()
  const refused = async (fields: object) =>
    (await admin.call('POST', '/keys', { body: { name: 'laptop', ...fields } })).body.error
  expect(await refused({ name: 'x'.repeat(101) })).toMatchObject({ rule: { code: 'length', min: 1, max: 100 } })
  expect(await refused({ budget: { timeZone: 'Nowhere' } })).toMatchObject({
    field: 'budget.timeZone',
    rule: { code: 'time-zone', value: '"Nowhere"' },
  })
  expect(await refused({ permissions: { addresses: ['10.0.0.0/99'] } })).toMatchObject({ rule: { code: 'network' } })
  expect(await refused({ maxConcurrency: -1 })).toMatchObject({
    field: 'maxConcurrency',
    rule: { code: 'range', min: 0 },
  })
  expect(await refused({ tags: 'one' })).not.toHaveProperty('rule')
})

test('bounds are told with what is used up of them, those of the owner too', async () => {
  admin = await openSignedIn()
  await admin.store.setBudgetHolder({ kind: 'owner', name: 'ada', maxConcurrency: 9 })
  const limits = { maxConcurrency: 4, rateLimits: [{ counts: 'requests', windowMs: 60_000, max: 30 }] }
  const { key } = await issue({ owner: 'ada', ...limits, budget: { dayMicroUsd: 5_000_000 } })
  const { body } = await admin.call('GET', `/keys/${key.id}`)
  const own = { kind: 'key', name: 'laptop' }
  expect(body.limits).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ holder: own, kind: 'concurrency', used: 0, max: 4 }),
      expect.objectContaining({ holder: own, kind: 'requests', windowMs: 60_000, used: 0, max: 30 }),
      expect.objectContaining({ holder: own, kind: 'day', used: 0, max: 5_000_000 }),
      expect.objectContaining({ holder: { kind: 'owner', name: 'ada' }, kind: 'concurrency', max: 9 }),
    ]),
  )
})

test('today is told, and only what this key used', async () => {
  admin = await openSignedIn()
  const { key } = await issue()
  const now = Date.now()
  admin.store.recordUsage(usageSample({ requestId: 'a', keyId: key.id, startedAt: now, costMicroUsd: 1_250_000 }))
  admin.store.recordUsage(usageSample({ requestId: 'b', keyId: 'other', startedAt: now, costMicroUsd: 900_000 }))
  const relayKey = await admin.store.getRelayKey(key.id)
  if (relayKey === undefined) throw new Error('the key is gone')
  const reserve = { tokens: 0, costMicroUsd: 0 }
  const answer = await admin.store.admit({ key: relayKey, process: 'tests', ttlMs: 60_000, reserve })
  if (answer.type === 'refused') throw new Error('the key is used up')
  await admin.store.settle(answer.admission, { tokens: 1, costMicroUsd: 1_250_000 })
  const { body } = await admin.call('GET', `/keys/${key.id}`)
  expect(body.today).toEqual({ requests: 1, costMicroUsd: 1_250_000, requestsWithoutCost: 0 })
})

test('whose bodies are kept now is told with the key', async () => {
  admin = await openSignedIn()
  const { key } = await issue()
  expect(key).not.toHaveProperty('capturedUntil')
  await admin.store.startCapturing({ keyId: key.id, durationMs: 60_000, maxCaptures: 3, startedBy: 'ada' })
  const { capturedUntil } = (await admin.call('GET', `/keys/${key.id}`)).body
  expect(capturedUntil).toBeGreaterThan(Date.now())
})

test('a rotated key has another secret, and the old one works on for as long as was asked', async () => {
  admin = await openSignedIn()
  const { key, secret } = await issue()
  const { body } = await admin.call('POST', `/keys/${key.id}/rotate`, { body: { overlapMs: 3_600_000 } })
  expect(body.secret).not.toBe(secret)
  expect(body.key.oldSecretEndsAt).toBeGreaterThan(Date.now())
  expect((await admin.store.findRelayKey(secret))?.id).toBe(key.id)
  await admin.call('POST', `/keys/${key.id}/rotate`, { body: {} })
  expect(await admin.store.findRelayKey(secret)).toBeUndefined()
})

test('several keys are disabled and revoked at once', async () => {
  admin = await openSignedIn()
  const ids = [(await issue()).key.id, (await issue({ name: 'ci' })).key.id]
  await admin.call('POST', '/keys/bulk', { body: { ids, action: 'disable' } })
  const { body } = await admin.call('GET', '/keys')
  expect(body.keys.map(({ status }: { status: string }) => status)).toEqual(['disabled', 'disabled'])
})

test.for([
  { name: '' },
  { name: 'x', maxConcurrency: -1 },
  { name: 'x', lossPolicy: 'maybe' },
  { name: 'x', permissions: { formats: ['telepathy'] } },
  { name: 'x', secret: 'chosen by the caller' },
])('a key that makes no sense is refused: %j', async (body) => {
  admin = await openSignedIn()
  expect(await admin.call('POST', '/keys', { body })).toMatchObject({
    status: 400,
    body: { error: { code: 'invalid-request' } },
  })
})

import { afterEach, expect, test } from 'vitest'

import { openSignedIn, signInAs } from '../../test/admin-harness.ts'
import type { AdminHarness } from '../../test/admin-harness.ts'
import { sweepAudit } from '../upkeep/audit-retention.ts'
import { nameListSchema, networkGuardSchema, retentionSchema } from './contract/index.ts'

let admin: AdminHarness
afterEach(() => admin.store.close())

const DAY_MS = 86_400_000

test('what the guard lets through is told as the environment says it', async () => {
  admin = await openSignedIn()
  const { body } = await admin.call('GET', '/network-guard')
  expect(networkGuardSchema.parse(body)).toEqual({ allowPrivate: ['10.1.0.0/16'], allowLoopback: true })
})

test('the log of actions goes by its own age', async () => {
  admin = await openSignedIn()
  const { body: before } = await admin.call('GET', '/settings/retention')
  expect(retentionSchema.parse(before)).toEqual({ recordDays: 90, hourDays: 400, auditDays: 400 })
  const asked = { recordDays: 30, hourDays: 60, auditDays: 10 }
  expect((await admin.call('PUT', '/settings/retention', { body: asked })).body).toEqual(asked)
  const { entries } = await admin.store.listAudit()
  expect(entries.find(({ object }) => object?.id === 'retention')).toMatchObject({
    action: 'settings.update',
    before: { auditDays: 400 },
    after: { auditDays: 10 },
  })
  const [{ at } = { at: 0 }] = entries
  expect(await sweepAudit(admin.store, at + 9 * DAY_MS)).toBe(0)
  expect(await sweepAudit(admin.store, at + 11 * DAY_MS)).toBe(entries.length)
  expect((await admin.store.listAudit()).entries).toEqual([])
})

test.for([0, 3651, 1.5, '7'])('%j days are refused', async (auditDays) => {
  admin = await openSignedIn()
  const body = { recordDays: 30, hourDays: 60, auditDays }
  const answer = await admin.call('PUT', '/settings/retention', { body })
  expect([answer.status, answer.body.error.field]).toEqual([400, 'auditDays'])
})

test('only an admin decides', async () => {
  admin = await openSignedIn()
  await signInAs(admin, 'operator')
  const body = { recordDays: 30, hourDays: 60, auditDays: 10 }
  expect((await admin.call('PUT', '/settings/retention', { body })).status).toBe(403)
  expect((await admin.call('PUT', '/prices/own', { body: { text: '' } })).status).toBe(403)
  expect((await admin.call('POST', '/backups')).status).toBe(403)
  expect((await admin.call('GET', '/backups')).body).toEqual({ isEmbedded: true, kept: 7, backups: [] })
})

test('own prices are kept as they were written, and what is wrong is told with its place', async () => {
  admin = await openSignedIn()
  const text = '{\n  "prices": [{ "model": "house-1", "input": "0.50", "output": 2 }]\n}'
  expect((await admin.call('PUT', '/prices/own', { body: { text } })).body).toMatchObject({ text, mistakes: [] })
  const bad = '{ "prices": [{ "model": "house-1", "input": "-1" }], "more": 1 }'
  const { body: checked } = await admin.call('POST', '/prices/own/check', { body: { text: bad } })
  expect(checked.mistakes[0]).toMatch(/^line 1: prices\.0\.input: /)
  const refused = await admin.call('PUT', '/prices/own', { body: { text: bad } })
  expect([refused.status, refused.body.error.field]).toEqual([400, 'text'])
  const { body: broken } = await admin.call('POST', '/prices/own/check', { body: { text: '{\n "prices": [,]\n}' } })
  expect(broken.mistakes[0]).toMatch(/line 2/)
  expect((await admin.call('GET', '/prices/own')).body.text).toBe(text)
  expect((await admin.call('PUT', '/prices/own', { body: { text: ' ' } })).body.text).toBe('')
})

test.for([
  { baseUrl: 'https://api.deepseek.com', example: 'deepseek-chat' },
  { baseUrl: 'https://api.anthropic.com', example: 'claude-sonnet-4-5' },
])('the model to try at $baseUrl is $example', async ({ baseUrl, example }) => {
  admin = await openSignedIn()
  await admin.store.createAccount({ name: 'other', type: 'openai-chat', baseUrl: 'https://upstream.example' })
  const { id } = await admin.store.createAccount({ name: 'main', type: 'openai-chat', baseUrl })
  const { body } = await admin.call('GET', `/names?accountId=${id}`)
  expect(nameListSchema.parse(body).exampleModel).toBe(example)
})

test('what is proposed for capturing, and how long captures are kept, is decided by an admin', async () => {
  admin = await openSignedIn()
  const usual = { minutes: 15, maxCaptures: 20, keepDays: 7 }
  expect((await admin.call('GET', '/settings/capture')).body).toEqual(usual)
  const wanted = { minutes: 30, maxCaptures: 5, keepDays: 2 }
  expect((await admin.call('PUT', '/settings/capture', { body: wanted })).body).toEqual(wanted)
  expect((await admin.call('PUT', '/settings/capture', { body: { ...wanted, keepDays: 31 } })).status).toBe(400)
  await signInAs(admin, 'operator')
  expect((await admin.call('PUT', '/settings/capture', { body: usual })).status).toBe(403)
  expect((await admin.call('GET', '/settings/capture')).body).toEqual(wanted)
})

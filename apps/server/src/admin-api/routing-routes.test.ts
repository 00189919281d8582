import { afterEach, expect, test } from 'vitest'

import { openSignedIn, signInAs } from '../../test/admin-harness.ts'
import type { AdminHarness } from '../../test/admin-harness.ts'
import { ROUTING_SETTINGS } from '../relay/choose/stored-routing.ts'
import { routingSchema } from './contract/index.ts'

const USUAL = { strategy: 'least-in-flight', aliases: {}, fallbacks: {}, showsAccount: false }

let admin: AdminHarness
afterEach(() => admin.store.close())

const put = (body: unknown) => admin.call('PUT', '/settings/routing', { body })

test('routing is shown, changed, written down, and put back by leaving everything out', async () => {
  admin = await openSignedIn()
  const before = routingSchema.parse((await admin.call('GET', '/settings/routing')).body)
  expect(before).toEqual({ settings: USUAL, managedBy: 'operator' })
  const wanted = { strategy: 'weighted', aliases: { fast: 'gpt-5-mini' }, fallbacks: { 'gpt-5': ['gpt-5-mini'] } }
  expect((await put(wanted)).body).toEqual({ settings: { ...USUAL, ...wanted }, managedBy: 'operator' })
  const { entries } = await admin.store.listAudit()
  expect(entries[0]).toMatchObject({
    action: 'settings.update',
    object: { id: 'routing' },
    before: { strategy: 'least-in-flight' },
    after: { strategy: 'weighted' },
  })
  expect((await put({})).body).toEqual(before)
  expect(await admin.store.readSetting(ROUTING_SETTINGS.operator)).toBeUndefined()
})

test.for([
  { body: { strategy: 'random' }, field: 'strategy' },
  { body: { aliases: { fast: '' } }, field: 'aliases.fast' },
  { body: { fallbacks: { a: Array.from({ length: 11 }, () => 'b') } }, field: 'fallbacks.a' },
])('what makes no sense is refused by name: $field', async ({ body, field }) => {
  admin = await openSignedIn()
  expect(await put(body)).toMatchObject({ status: 400, body: { error: { field } } })
})

test('what the configuration file decides can only be looked at', async () => {
  admin = await openSignedIn()
  await admin.store.writeSetting(ROUTING_SETTINGS.file, JSON.stringify({ aliases: { fast: 'gpt-5-mini' } }))
  const { body } = await admin.call('GET', '/settings/routing')
  expect(body).toMatchObject({ managedBy: 'config', settings: { aliases: { fast: 'gpt-5-mini' } } })
  expect(await put({})).toMatchObject({ status: 409, body: { error: { code: 'managed-by-config' } } })
})

test('an auditor looks, an operator changes', async () => {
  admin = await openSignedIn()
  await signInAs(admin, 'auditor')
  expect((await admin.call('GET', '/settings/routing')).status).toBe(200)
  expect((await put({})).status).toBe(403)
  await signInAs(admin, 'operator')
  expect((await put({})).status).toBe(200)
})

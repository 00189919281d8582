import { afterEach, expect, test } from 'vitest'

import { openSignedIn } from '../../test/admin-harness.ts'
import type { AdminHarness } from '../../test/admin-harness.ts'
import { CANARY, mixedSamples, usageSample } from '../../test/usage-samples.ts'

let admin: AdminHarness
afterEach(() => admin.store.close())

async function open(): Promise<number> {
  admin = await openSignedIn()
  const now = Date.now()
  for (const record of mixedSamples(now)) admin.store.recordUsage(record)
  admin.store.recordUsage(
    usageSample({
      requestId: 'req-formula',
      startedAt: now - 1000,
      keyName: '=cmd()',
      owner: 'ada',
      tags: { 'x-team': 'red', 'x-project': 'a,b' },
    }),
  )
  await admin.store.flushUsage()
  return now
}

test('a summary has sums, times and losses, of what is meant only', async () => {
  const now = await open()
  const { body } = await admin.call('GET', `/usage/summary?from=${now - 3_600_000}`)
  expect(body.sums).toMatchObject({ requests: 6, requestsWithoutUsage: 2 })
  expect(body.firstTokenMs.p50).toBeGreaterThan(0)
  expect(body.losses.map(({ code }: { code: string }) => code)).toContain('citation_dropped')
  expect((await admin.call('GET', '/usage/summary?hasLosses=true')).body.sums.requests).toBeLessThan(6)
  expect((await admin.call('GET', '/usage/summary?isFailed=maybe')).status).toBe(400)
})

test('a breakdown has a line for each span and group', async () => {
  const now = await open()
  const query = `from=${now - 3_600_000}&span=minute&group=key`
  const { lines } = (await admin.call('GET', `/usage/breakdown?${query}`)).body
  expect(lines.length).toBeGreaterThan(2)
  expect(lines[0]).toMatchObject({ startsAt: expect.any(Number), sums: { requests: expect.any(Number) } })
  expect((await admin.call('GET', '/usage/breakdown?timeZone=Nowhere/Land&span=day')).status).toBe(400)
})

test('exports hold the filtered set, and no cell runs as a formula', async () => {
  await open()
  const csv = await admin.app.request('/admin/api/requests/export?format=csv&owner=ada', { headers: await cookie() })
  expect(csv.headers.get('content-disposition')).toBe('attachment; filename="requests.csv"')
  const lines = (await csv.text()).trimEnd().split('\r\n')
  expect(lines[0]).toMatch(/^request_id,started_at,key/)
  expect(lines.length).toBe(8)
  expect(lines.some((line) => line.includes(",'=cmd(),"))).toBe(true)
  expect(lines.some((line) => line.includes(',"x-team=red; x-project=a,b",'))).toBe(true)
  const json = await admin.app.request('/admin/api/requests/export?format=json&reason=rejected', {
    headers: await cookie(),
  })
  const records = (await json.json()) as readonly { requestId: string; keyName: string }[]
  expect(records).toMatchObject([{ requestId: 'req-hostile', keyName: CANARY }])
  const sums = await admin.app.request('/admin/api/usage/export?format=csv&group=owner', { headers: await cookie() })
  expect((await sums.text()).split('\r\n')[1]).toMatch(/^,ada,/)
})

async function cookie(): Promise<Record<string, string>> {
  const { cookie: set } = await admin.call('POST', '/session', {
    body: { name: 'admin', password: 'correct horse battery' },
  })
  return { cookie: set?.split(';')[0] ?? '', host: 'relay.test:3000' }
}

test('prices say where they come from, and models without one are listed', async () => {
  admin = await openSignedIn()
  const account = await admin.store.createAccount({
    name: 'main',
    type: 'claude-console',
    baseUrl: 'https://api.anthropic.com',
  })
  const demo = await admin.store.createAccount({ ...account, name: 'demo', isDemo: true })
  for (const model of ['claude-sonnet-4-5', 'nobody-knows-1', 'demo-1']) {
    const accountId = model === 'demo-1' ? demo.id : account.id
    admin.store.recordUsage(usageSample({ requestId: model, startedAt: Date.now(), accountId, modelServed: model }))
  }
  const { body } = await admin.call('GET', '/usage/prices')
  const find = (name: string) => body.models.find(({ model }: { model: string }) => model === name)
  expect(find('claude-sonnet-4-5').price).toMatchObject({ source: 'table', currency: 'USD' })
  expect(find('nobody-knows-1').price).toBeUndefined()
  expect(find('demo-1')).toBeUndefined() // it costs nothing, which is known
  expect(body.table.date).toMatch(/^\d{4}-/)
})

test('the live feed says what happens now', async () => {
  await open()
  const response = await admin.app.request('/admin/api/live', { headers: await cookie() })
  expect(response.headers.get('content-type')).toContain('text/event-stream')
  const reader = response.body?.getReader()
  const { value } = (await reader?.read()) ?? {}
  await reader?.cancel()
  const [name, data] = new TextDecoder().decode(value).split('\n')
  expect(name).toBe('event: now')
  expect(JSON.parse(data?.slice('data:'.length) ?? '').requestsLastMinute).toBeGreaterThan(1)
})

test('the live feed ends with the session', async () => {
  await open()
  const response = await admin.app.request('/admin/api/live', { headers: await cookie() })
  const reader = response.body?.getReader()
  expect((await reader?.read())?.done).toBe(false)
  const { sessions } = (await admin.call('GET', '/sessions')).body
  for (const { id } of sessions) await admin.store.removeSession(id)
  const readAll = async (): Promise<boolean> => {
    for (;;) if ((await reader?.read())?.done === true) return true
  }
  expect(await readAll()).toBe(true)
}, 20_000)

test('past costs are computed anew, first as a dry run', async () => {
  admin = await openSignedIn()
  const account = await admin.store.createAccount({ name: 'main', type: 'openai-chat', baseUrl: 'https://x.example' })
  const now = Date.now()
  const sample = { accountId: account.id, modelServed: 'claude-sonnet-4-5', costMicroUsd: undefined }
  admin.store.recordUsage(usageSample({ requestId: 'unpriced', startedAt: now, ...sample, costSource: 'unknown' }))
  await admin.store.flushUsage()
  const reprice = (body: object) =>
    admin.call('POST', '/usage/reprice', { body: { from: now - 1000, before: now + 1000, ...body } })
  const expected = { records: 1, changed: 1, unknownBefore: 1, unknownAfter: 0 }
  expect((await reprice({ isDryRun: true })).body).toMatchObject(expected)
  expect((await admin.store.getUsage('unpriced'))?.costMicroUsd).toBeUndefined()
  expect((await reprice({})).body).toMatchObject(expected)
  expect((await admin.store.getUsage('unpriced'))?.costMicroUsd).toBeGreaterThan(0)
  expect((await admin.store.listAudit()).entries[0]).toMatchObject({ action: 'usage.reprice', after: { changed: 1 } })
  expect((await reprice({ from: now + 2000 })).status).toBe(400)
})

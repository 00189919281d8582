import { createHmac } from 'node:crypto'

import { openSqliteStore } from '@relay/account-store'
import { type FakeUpstream, jsonReply, startFakeUpstream } from '@relay/upstreams/testing'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import { startAccountWatch } from '../src/notify/account-watch.ts'
import { describeEvent } from '../src/notify/describe-event.ts'
import { createErrorWatch } from '../src/notify/error-watch.ts'
import { createEventBus, type EventBus, type RelayEvent } from '../src/observe/events.ts'
import { createLog } from '../src/observe/log.ts'
import { createLateReturns } from '../src/relay/choose/late-returns.ts'
import { createLeases } from '../src/relay/choose/leases.ts'
import { openFirstStart, signInAs } from './admin-harness.ts'
import { eventually } from './harness.ts'
import { openWebhookDesk } from './webhook-stage.ts'

const SECRET = 'canary-of-the-webhook'
const DOWN: RelayEvent = {
  type: 'account.down',
  at: 1_700_000_000_000,
  accountId: 'a',
  accountName: '<main>',
  cause: 'attention',
}

let service: FakeUpstream
let events: EventBus
let troubles: unknown[]
beforeEach(async () => {
  service = await startFakeUpstream()
  service.answer(jsonReply({ ok: true, code: 0, errcode: 0 }))
  troubles = []
  events = createEventBus((error) => troubles.push(error))
})
afterEach(() => service.close())

async function openStore() {
  return openSqliteStore({ path: ':memory:', encryptionKey: 'e'.repeat(40), sessionSecret: 's'.repeat(40) })
}

describe('a webhook', () => {
  test.for([
    { kind: 'json', wanted: { type: 'account.down', accountName: '<main>', title: 'Account down' } },
    {
      kind: 'slack',
      wanted: {
        text: '*Account down*\nAccount “&lt;main&gt;” serves nobody: its credential was refused; somebody has to look.',
      },
    },
    { kind: 'feishu', wanted: { msg_type: 'text', content: { text: expect.stringContaining('Account “<main>”') } } },
    { kind: 'dingtalk', wanted: { msgtype: 'text', text: { content: expect.stringContaining('Account “<main>”') } } },
  ] as const)('of kind $kind is told of an event in its own shape', async ({ kind, wanted }) => {
    const desk = openWebhookDesk(await openStore(), { events })
    await desk.book.add({ name: 'team', kind, url: `${service.url}/hook`, language: 'en', enabled: true })
    events.emit(DOWN)
    const request = await service.waitForRequest(1)
    expect(request.json).toMatchObject(wanted)
    desk.stop()
  })

  test('of our own kind is signed over time and body', async () => {
    const desk = openWebhookDesk(await openStore(), { events })
    await desk.book.add({ name: 'team', kind: 'json', url: service.url, secret: SECRET, language: 'zh', enabled: true })
    events.emit(DOWN)
    const { headers, body } = await service.waitForRequest(1)
    const [, seconds, digest] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(headers['x-relay-signature'] ?? '') ?? []
    expect(digest).toBe(createHmac('sha256', SECRET).update(`${seconds}.${body.toString()}`).digest('hex'))
    expect(body.toString()).toContain('账户不可用')
    expect(body.toString()).not.toContain(SECRET)
    desk.stop()
  })

  test('of Feishu and of DingTalk is signed as its service wants', async () => {
    const desk = openWebhookDesk(await openStore(), { events })
    const feishu = await desk.book.add({
      name: 'f',
      kind: 'feishu',
      url: service.url,
      secret: SECRET,
      language: 'zh',
      enabled: true,
    })
    const dingtalk = await desk.book.add({
      name: 'd',
      kind: 'dingtalk',
      url: `${service.url}/robot?access_token=x`,
      secret: SECRET,
      language: 'zh',
      enabled: true,
    })
    await desk.test(feishu)
    await desk.test(dingtalk)
    const [first, second] = service.requests
    const { timestamp, sign } = (first?.json ?? {}) as { timestamp?: string; sign?: string }
    expect(sign).toBe(createHmac('sha256', `${timestamp}\n${SECRET}`).digest('base64'))
    const query = new URL(second?.url ?? '', service.url).searchParams
    const wanted = createHmac('sha256', SECRET)
      .update(`${query.get('timestamp')}\n${SECRET}`)
      .digest('base64')
    expect([query.get('sign'), query.get('access_token')]).toEqual([wanted, 'x'])
    desk.stop()
  })

  test('that is out of order is told again, with the same id', async () => {
    const desk = openWebhookDesk(await openStore(), { events })
    await desk.book.add({ name: 'team', kind: 'json', url: service.url, language: 'en', enabled: true })
    service.answerNext(jsonReply({}, { status: 500 }), { kind: 'close', isReset: true })
    events.emit(DOWN)
    await service.waitForRequest(3)
    const ids = service.requests.map(({ headers }) => headers['x-relay-delivery'])
    expect(new Set(ids).size).toBe(1)
    desk.stop()
  })

  test.for([
    ['feishu', { code: 19_021, msg: 'sign match fail' }],
    ['dingtalk', { errcode: 310_000, errmsg: 'sign not match' }],
    ['slack', undefined],
  ] as const)('of kind %s that refuses is not told again, and the refusal is shown', async ([kind, answer]) => {
    const desk = openWebhookDesk(await openStore(), { events })
    const webhook = await desk.book.add({ name: 'team', kind, url: service.url, language: 'en', enabled: true })
    service.answer(jsonReply(answer ?? { error: 'no_service' }, { status: answer === undefined ? 404 : 200 }))
    expect(await desk.test(webhook)).toMatchObject({ isGood: false })
    events.emit(DOWN)
    await eventually('the event was not tried', async () => service.requests.length === 2)
    expect(desk.lastDelivery(webhook.id)).toMatchObject({ isGood: false })
    desk.stop()
  })

  test('is told of what it chose, and of nothing while it is off', async () => {
    const desk = openWebhookDesk(await openStore(), { events })
    await desk.book.add({
      name: 'budgets',
      kind: 'json',
      url: `${service.url}/budgets`,
      events: ['budget.reached'],
      language: 'en',
      enabled: true,
    })
    await desk.book.add({ name: 'off', kind: 'json', url: `${service.url}/off`, language: 'en', enabled: false })
    await desk.book.add({ name: 'all', kind: 'json', url: `${service.url}/all`, language: 'en', enabled: true })
    events.emit(DOWN)
    await service.waitForRequest(1)
    events.emit({
      type: 'budget.reached',
      at: 1,
      holder: 'key',
      name: 'team',
      period: 'day',
      percent: 80,
      usedMicroUsd: 8_000_000,
      limitMicroUsd: 10_000_000,
    })
    await service.waitForRequest(3)
    expect(service.requests.map(({ url }) => url).toSorted()).toEqual(['/all', '/all', '/budgets'])
    expect(service.requests.at(-1)?.body.toString()).toContain('$8.00 of $10.00')
    desk.stop()
  })

  test('never reaches an address that the network guard blocks', async () => {
    const desk = openWebhookDesk(await openStore(), { events, allowLoopback: false })
    const webhook = await desk.book.add({
      name: 'inside',
      kind: 'json',
      url: service.url,
      language: 'en',
      enabled: true,
    })
    const { isGood, message } = await desk.test(webhook)
    expect(isGood).toBe(false)
    expect(message).toContain('RELAY_ALLOW_PRIVATE')
    expect(service.connectionCount).toBe(0)
    desk.stop()
  })
})

describe('webhooks in the admin API', () => {
  test('are added, tested, changed and removed, and never show address or secret', async () => {
    const harness = await openFirstStart()
    await signInAs(harness, 'admin')
    const input = { name: 'team', kind: 'json', url: `${service.url}/canary-path`, secret: SECRET }
    const { status, body: added } = await harness.call('POST', '/webhooks', { body: input })
    expect(status).toBe(200)
    expect(added).toMatchObject({ name: 'team', host: new URL(service.url).host, isSigned: true, enabled: true })
    expect((await harness.call('POST', `/webhooks/${added.id}/test`)).body).toMatchObject({ isGood: true })
    const elsewhere = await harness.call('PATCH', `/webhooks/${added.id}`, {
      body: { url: 'https://elsewhere.example/' },
    })
    expect(elsewhere).toMatchObject({ status: 400, body: { error: { code: 'invalid-request' } } })
    expect((await harness.call('PATCH', `/webhooks/${added.id}`, { body: { enabled: false } })).body.enabled).toBe(
      false,
    )
    const { body: list } = await harness.call('GET', '/webhooks')
    const { body: audit } = await harness.call('GET', '/audit')
    expect(JSON.stringify([added, list, audit])).not.toMatch(/canary/)
    expect((await harness.call('DELETE', `/webhooks/${added.id}`)).body.webhooks).toEqual([])
    expect((await harness.call('POST', '/webhooks', { body: { ...input, url: 'file:///etc/passwd' } })).status).toBe(
      400,
    )
  })
})

describe('what is told', () => {
  test('an account that goes down and comes back, once over two nodes', async () => {
    const store = await openStore()
    const log = createLog({ level: 'silent' })
    const seen: RelayEvent[] = []
    events.listen((event) => seen.push(event))
    const leases = createLeases({ store, returns: createLateReturns(), log })
    const nodes = [1, 2].map(() => startAccountWatch({ store, events, leases, log }))
    const look = async (): Promise<void> => {
      for (const node of nodes) await node.look()
    }
    const { id } = await store.createAccount({ name: 'main', type: 'openai-chat', baseUrl: 'https://upstream.example' })
    await look()
    await store.setAttention(id, { since: 1, reason: 'billing', message: 'no' })
    await look()
    await store.clearAccountState(id)
    await look()
    expect(seen).toMatchObject([
      { type: 'account.down', accountName: 'main', cause: 'attention', reason: 'billing' },
      { type: 'account.up', accountName: 'main' },
    ])
    expect(seen.map((event) => describeEvent(event, 'en').text)[0]).toContain('its upstream has no credit left for it')
    for (const node of nodes) node.stop()
    leases.close()
  })

  test('an account whose day is used up, and one that rests for some models alone', async () => {
    const store = await openStore()
    const log = createLog({ level: 'silent' })
    const seen: RelayEvent[] = []
    events.listen((event) => seen.push(event))
    const leases = createLeases({ store, returns: createLateReturns(), log })
    const watch = startAccountWatch({ store, events, leases, log })
    const upstream = { type: 'openai-chat', baseUrl: 'https://upstream.example' } as const
    const spentOne = await store.createAccount({ name: 'spent', dailyQuota: { limitMicroUsd: 100 }, ...upstream })
    const resting = await store.createAccount({ name: 'resting', ...upstream })
    await watch.look()
    await store.recordAccountCost(spentOne.id, 120)
    await store.startCooldown({ accountId: resting.id, model: 'gpt-5.2', cause: 'rate-limited', durationMs: 60_000 })
    await watch.look()
    expect(seen).toMatchObject([
      { type: 'account.down', accountName: 'spent', cause: 'quota', untilMs: expect.any(Number) },
      { type: 'account.down', accountName: 'resting', cause: 'rate-limited', models: ['gpt-5.2'] },
    ])
    const [spent, rests] = seen.map((event) => describeEvent(event, 'en').text)
    expect(spent).toContain('serves nobody: its daily quota is used up; back at')
    expect(rests).toContain('does not serve gpt-5.2: it met a rate limit; back at')
    watch.stop()
    leases.close()
  })

  test('many errors, once, and their end', () => {
    let now = 0
    const seen: RelayEvent[] = []
    events.listen((event) => seen.push(event))
    const watch = createErrorWatch(events, () => now)
    for (let count = 0; count < 19; count += 1) watch.note(503)
    expect(seen).toEqual([])
    for (let count = 0; count < 30; count += 1) watch.note(502)
    expect(seen).toMatchObject([{ type: 'errors.many', failed: 20, requests: 20 }])
    now = 400_000
    for (let count = 0; count < 30; count += 1) watch.note(200)
    expect(seen).toHaveLength(2)
    expect(seen[1]).toMatchObject({ type: 'errors.few', failed: 0 })
  })
})

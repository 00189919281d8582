import { afterEach, expect, test } from 'vitest'

import { openSignedIn } from '../../test/admin-harness.ts'
import type { AdminHarness } from '../../test/admin-harness.ts'
import { writeCapture } from '../capture/captured-exchange.ts'

let admin: AdminHarness
afterEach(() => admin.store.close())

const RULES = {
  version: 1,
  rules: [{ id: 'cap', phase: 'request.upstream', ops: [{ op: 'clamp', path: '/max_tokens', max: 64 }] }],
}
const REQUEST = { model: 'claude-x', max_tokens: 500, messages: [{ role: 'user', content: 'Grüße' }] }
const ANSWER = {
  id: 'c',
  object: 'chat.completion',
  created: 1,
  model: 'm',
  choices: [{ index: 0, message: { role: 'assistant', content: 'Hello' }, finish_reason: 'stop' }],
}

async function addAccount(): Promise<string> {
  const input = { name: 'main', type: 'openai-chat', baseUrl: 'https://upstream.example' } as const
  return (await admin.store.createAccount(input)).id
}

async function actions(): Promise<readonly string[]> {
  const { body } = await admin.call('GET', '/audit')
  return body.entries
    .map(({ action }: { action: string }) => action)
    .filter((action: string) => action !== 'session.create')
}

test('capturing is started for a key, seen by everyone, and stopped; each is written down', async () => {
  admin = await openSignedIn()
  const { relayKey } = await admin.store.createRelayKey({ name: 'laptop' })
  const input = { keyId: relayKey.id, minutes: 10, maxCaptures: 5 }
  const started = await admin.call('POST', '/captures/capturing', { body: input })
  expect(started.body.capturing).toMatchObject([{ keyName: 'laptop', startedBy: 'admin', remaining: 5 }])
  expect((await admin.call('GET', '/captures')).body.capturing).toHaveLength(1)
  admin.advance(11 * 60_000)
  expect((await admin.call('GET', '/captures')).body.capturing).toEqual([])

  await admin.call('POST', '/captures/capturing', { body: input })
  expect((await admin.call('DELETE', `/captures/capturing/${relayKey.id}`)).body.capturing).toEqual([])
  expect(await actions()).toEqual(['capture.stop', 'capture.start', 'capture.start'])
  for (const wrong of [{ minutes: 0 }, { minutes: 1441 }, { maxCaptures: 501 }])
    expect((await admin.call('POST', '/captures/capturing', { body: { ...input, ...wrong } })).status).toBe(400)
  expect((await admin.call('POST', '/captures/capturing', { body: { ...input, keyId: 'none' } })).status).toBe(404)
})

test('a capture is shown, played again with other rules and formats, and removed', async () => {
  admin = await openSignedIn()
  const accountId = await addAccount()
  const { relayKey } = await admin.store.createRelayKey({ name: 'laptop' })
  await admin.store.startCapturing({ keyId: relayKey.id, durationMs: 60_000, maxCaptures: 5, startedBy: 'ada' })
  const body = writeCapture({
    requestId: 'req-1',
    startedAt: 1,
    clientFormat: 'anthropic-messages',
    upstreamFormat: 'openai-chat',
    model: 'claude-x',
    upstreamModel: 'gpt-x',
    isStream: false,
    accountId,
    accountName: 'main',
    profile: {},
    clientHeaders: { accept: '*/*' },
    request: Buffer.from(JSON.stringify(REQUEST)),
    sent: Buffer.from('{}'),
    status: 200,
    contentType: 'application/json',
    answer: Buffer.from(JSON.stringify(ANSWER)),
    isCut: false,
  })
  await admin.store.saveCapture({ requestId: 'req-1', keyId: relayKey.id, body, ttlMs: 60_000 })

  const shown = (await admin.call('GET', '/captures/req-1')).body
  expect(JSON.parse(shown.request)).toEqual(REQUEST)
  expect(Buffer.from(shown.answerBytes, 'base64').toString()).toBe(JSON.stringify(ANSWER))
  expect(await actions()).toEqual(['capture.read'])

  const { body: replay } = await admin.call('POST', '/captures/req-1/replay', { body: { rules: RULES } })
  expect(JSON.parse(replay.before.request)).toMatchObject({ model: 'gpt-x', max_tokens: 500 })
  expect(JSON.parse(replay.after.request)).toMatchObject({ model: 'gpt-x', max_tokens: 64 })
  expect(JSON.parse(replay.after.answer)).toMatchObject({ type: 'message', content: [{ text: 'Hello' }] })
  const other = { upstreamFormat: 'openai-responses', model: 'gpt-y', profile: { dialect: { lenientEnd: true } } }
  const elsewhere = (await admin.call('POST', '/captures/req-1/replay', { body: other })).body
  expect(elsewhere.after.path).toBe('/responses')
  expect(JSON.parse(elsewhere.after.answer)).toMatchObject({ type: 'message' })

  const wrongRules = { rules: { version: 1, rules: [{ id: 'x' }] } }
  expect((await admin.call('POST', '/captures/req-1/replay', { body: wrongRules })).body.error.field).toMatch(/^rules/)
  const wrongFlag = { profile: { dialect: { nonsense: true } } }
  expect((await admin.call('POST', '/captures/req-1/replay', { body: wrongFlag })).status).toBe(400)
  expect((await admin.call('DELETE', '/captures/req-1')).body.captures).toEqual([])
  expect((await admin.call('GET', '/captures/req-1')).status).toBe(404)
})

test.for(['global', 'account'])(
  'rules of %s are saved as versions, tried in the shadow, and taken back',
  async (kind) => {
    admin = await openSignedIn()
    const accountId = await addAccount()
    const path = `/rules/${kind === 'global' ? 'global' : accountId}`
    const save = (changes: object) =>
      admin.call('PUT', path, { body: { mode: 'active', source: RULES, note: 'first', baseVersion: 0, ...changes } })

    expect((await save({})).body).toMatchObject({
      active: RULES,
      versions: [{ number: 1, savedBy: 'admin', note: 'first' }],
    })
    expect((await save({})).body.error.code).toBe('conflict')
    const shadow = { ...RULES, rules: [{ ...RULES.rules[0], id: 'trial' }] }
    expect((await save({ mode: 'shadow', source: shadow })).body).toMatchObject({ active: RULES, shadow })
    expect((await save({ source: undefined, baseVersion: 1, note: 'none' })).body.active).toBeUndefined()
    expect((await admin.call('GET', `${path}/versions/1`)).body).toEqual({ number: 1, source: RULES })
    expect((await admin.call('GET', `${path}/versions/9`)).status).toBe(404)
    const { places } = (await admin.call('GET', '/rules')).body
    expect(places.find(({ shadowCount }: { shadowCount: number }) => shadowCount > 0).place).toBe(path.slice(7))
    expect(await actions()).toEqual(['rules.save', 'rules.shadow', 'rules.save'])
  },
)

test('rules with a mistake, and rules whose tests fail, change nothing', async () => {
  admin = await openSignedIn()
  const save = (source: unknown) =>
    admin.call('PUT', '/rules/global', { body: { mode: 'active', source, note: '', baseVersion: 0 } })
  const mistake = await save({ version: 1, rules: [{ id: 'cap', phase: 'request.upstream', ops: [{ op: 'clamp' }] }] })
  expect(mistake.body.error.field).toMatch(/^source\.rules\.0\.ops\.0/)
  const tests = [{ name: 'wrong', phase: 'request.upstream', input: { max_tokens: 99 }, expect: { applied: [] } }]
  expect((await save({ ...RULES, tests })).body.error).toMatchObject({ field: 'source.tests' })
  expect((await admin.call('GET', '/rules/global')).body.active).toBeUndefined()
  expect((await admin.call('GET', '/rules/nobody')).status).toBe(404)
})

test('a standing loss is accepted with who and when, and taken back', async () => {
  admin = await openSignedIn()
  const accountId = await addAccount()
  const accepted = await admin.call('POST', '/accepted-losses', { body: { accountId, code: 'cache_mark_dropped' } })
  expect(accepted.body.losses).toMatchObject([{ accountName: 'main', code: 'cache_mark_dropped', by: 'admin' }])
  expect((await admin.call('POST', '/accepted-losses', { body: { accountId, code: 'nonsense' } })).status).toBe(400)
  const removed = await admin.call('DELETE', `/accepted-losses/${accountId}/cache_mark_dropped`)
  expect(removed.body.losses).toEqual([])
  expect(await actions()).toEqual(['loss.refuse', 'loss.accept'])
})

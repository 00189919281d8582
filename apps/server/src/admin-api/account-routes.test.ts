import { errorClasses } from '@relay/upstreams'
import { chatAnswer, startFakeUpstream } from '@relay/upstreams/testing'
import type { FakeUpstream } from '@relay/upstreams/testing'
import { afterEach, expect, test } from 'vitest'

import { openSignedIn } from '../../test/admin-harness.ts'
import type { AdminHarness } from '../../test/admin-harness.ts'
import {
  accountListSchema,
  accountOptionsSchema,
  accountSchema,
  accountTypeSchema,
  errorClassNameSchema,
} from './contract/index.ts'

const CREDENTIAL = 'upstream-credential-1234'
const ACCOUNT = { name: 'main', type: 'openai-chat', baseUrl: 'https://upstream.example/v1', credential: CREDENTIAL }

let admin: AdminHarness
let upstream: FakeUpstream | undefined
afterEach(async () => {
  await admin.store.close()
  await upstream?.close()
  upstream = undefined
})

async function create(fields: object = {}): Promise<ReturnType<JSON['parse']>> {
  const { status, body } = await admin.call('POST', '/accounts', { body: { ...ACCOUNT, ...fields } })
  expect(status).toBe(200)
  return body
}

test('an account is made, listed, changed and removed, and its credential is never told again', async () => {
  admin = await openSignedIn()
  const account = accountSchema.parse(await create({ models: { 'claude-*': 'gpt-5.2' }, tags: ['spare'] }))
  expect(account).toMatchObject({ name: 'main', status: 'ok', credentialLastFour: '1234', apiFormat: 'openai-chat' })

  const list = await admin.call('GET', '/accounts')
  expect(accountListSchema.parse(list.body).accounts).toHaveLength(1)
  const changed = await admin.call('PATCH', `/accounts/${account.id}`, {
    body: { schedulable: false, responseFormat: 'openai', models: {} },
  })
  expect(changed.body).toMatchObject({ status: 'paused', responseFormat: 'openai' })
  expect(changed.body).not.toHaveProperty('models')
  const audit = await admin.call('GET', '/audit?action=account')
  expect(audit.body.entries[0]).toMatchObject({ before: { schedulable: true }, after: { schedulable: false } })
  for (const body of [account, list.body, changed.body, audit.body]) {
    expect(JSON.stringify(body)).not.toContain(CREDENTIAL)
  }
  expect((await admin.call('DELETE', `/accounts/${account.id}`)).body.accounts).toEqual([])
  expect((await admin.call('GET', `/accounts/${account.id}`)).status).toBe(404)
})

test('a new address asks for the credential again', async () => {
  admin = await openSignedIn()
  const { id } = await create()
  const moved = { baseUrl: 'https://elsewhere.example/v1' }
  const refused = await admin.call('PATCH', `/accounts/${id}`, { body: moved })
  expect(refused).toMatchObject({
    status: 409,
    body: { error: { code: 'credential-required', field: 'credential' } },
  })
  const allowed = await admin.call('PATCH', `/accounts/${id}`, { body: { ...moved, credential: 'another-one-5678' } })
  expect(allowed.body).toMatchObject({ baseUrl: moved.baseUrl, credentialLastFour: '5678' })
})

test.for([
  { fields: { name: '' }, field: 'name' },
  { fields: { baseUrl: 'ftp://upstream.example' }, field: 'baseUrl' },
  { fields: { priority: -1 }, field: 'priority' },
  { fields: { profile: { dialect: { topk: true } } }, field: 'profile.dialect.topk' },
  { fields: { errorClasses: [{ status: 500, class: 'rate_limited' }] }, field: 'errorClasses[0].class' },
  { fields: { rules: { nonsense: true } }, field: 'rules' },
  { fields: { type: 'telepathy' }, field: 'type' },
  { fields: { headers: { authorization: 'x' } }, field: 'headers' },
  { fields: { surprise: 1 }, field: undefined },
])('what makes no sense is refused by name: $fields', async ({ fields, field }) => {
  admin = await openSignedIn()
  const { status, body } = await admin.call('POST', '/accounts', { body: { ...ACCOUNT, ...fields } })
  expect(status).toBe(400)
  expect(body.error.code).toBe('invalid-request')
  expect(body.error.field ?? '').toContain(field ?? '')
})

test('a name that is taken is told as such', async () => {
  admin = await openSignedIn()
  await create()
  const again = await admin.call('POST', '/accounts', { body: ACCOUNT })
  expect(again).toMatchObject({ status: 409, body: { error: { code: 'name-taken', field: 'name' } } })
})

test('a clone has the settings and the credential, another name, and is paused', async () => {
  admin = await openSignedIn()
  const { id } = await create({ models: { demo: 'canned' }, priority: 7 })
  const { body } = await admin.call('POST', `/accounts/${id}/clone`, { body: { name: 'main 2' } })
  expect(body).toMatchObject({ name: 'main 2', priority: 7, models: { demo: 'canned' }, status: 'paused' })
  expect(await admin.store.openCredential(body.id)).toEqual({ type: 'opened', credential: CREDENTIAL })
})

test('several accounts are paused, resumed and removed at once, and trouble is told for each', async () => {
  admin = await openSignedIn()
  const one = await create({ name: 'one' })
  const two = await create({ name: 'two' })
  const act = async (action: string) =>
    (await admin.call('POST', '/accounts/bulk', { body: { ids: [one.id, two.id, 'nothing'], action } })).body.outcomes
  expect(await act('pause')).toEqual([
    { id: one.id, name: 'one' },
    { id: two.id, name: 'two' },
    { id: 'nothing', name: 'nothing', problem: 'there is no such account' },
  ])
  const statuses = async () =>
    (await admin.call('GET', '/accounts')).body.accounts.map(({ status }: { status: string }) => status)
  expect(await statuses()).toEqual(['paused', 'paused'])
  await act('resume')
  expect(await statuses()).toEqual(['ok', 'ok'])
  await act('remove')
  expect(await statuses()).toEqual([])
})

test('the form learns types and presets, and where requests would go', async () => {
  admin = await openSignedIn()
  const options = accountOptionsSchema.parse((await admin.call('GET', '/account-options')).body)
  expect(options.types.map(({ type }) => type)).toEqual(accountTypeSchema.options)
  expect(options.presets.find(({ id }) => id === 'deepseek')).toMatchObject({
    type: 'openai-chat',
    baseUrl: 'https://api.deepseek.com',
    formatBaseUrls: { claude: 'https://api.deepseek.com/anthropic' },
    apiFormat: 'auto',
  })
  const ccr = {
    type: 'ccr',
    baseUrl: 'http://backend.example:8080',
    apiFormat: 'openai-chat',
    responseFormat: 'openai',
  }
  const { body } = await admin.call('POST', '/account-preview', { body: ccr })
  expect(body).toMatchObject({ hosts: ['backend.example:8080'], isPlain: true })
  expect(body.routes[0]).toEqual({
    client: 'anthropic-messages',
    upstream: 'openai-chat',
    answer: 'openai-chat',
    url: 'http://backend.example:8080/v1/chat/completions',
  })
  const broken = await admin.call('POST', '/account-preview', { body: { ...ccr, baseUrl: 'nonsense' } })
  expect(broken.body).toMatchObject({ hosts: [], routes: [], trouble: expect.stringContaining('URL') })
})

test('an account is tested before it is saved and after, and a stored credential goes to no other host', async () => {
  admin = await openSignedIn()
  upstream = await startFakeUpstream(chatAnswer().script)
  const account = { ...ACCOUNT, baseUrl: upstream.url }
  const draft = await admin.call('POST', '/account-test', { body: { account, model: 'gpt-5.2' } })
  expect(draft.body).toMatchObject({ isGood: true, url: `${upstream.url}/v1/chat/completions` })
  expect(upstream.requests[0]?.headers.authorization).toBe(`Bearer ${CREDENTIAL}`)

  const { id } = await create({ baseUrl: upstream.url, models: { 'gpt-5.2': 'gpt-5.2' } })
  expect((await admin.call('POST', `/accounts/${id}/test`, { body: {} })).body).toMatchObject({ isGood: true })

  const { credential: _credential, ...unsaved } = account
  upstream.clear()
  await admin.call('POST', '/account-test', { body: { account: unsaved, accountId: id, model: 'gpt-5.2' } })
  expect(upstream.requests[0]?.headers.authorization).toBe(`Bearer ${CREDENTIAL}`)
  upstream.clear()
  const moved = { ...unsaved, baseUrl: `${upstream.url}/v2` }
  await admin.call('POST', '/account-test', { body: { account: moved, accountId: id, model: 'gpt-5.2' } })
  expect(upstream.requests[0]?.headers).not.toHaveProperty('authorization')
})

test('accounts travel as a file, with their credentials only under a passphrase', async () => {
  admin = await openSignedIn()
  const { id } = await create({ models: { 'claude-*': 'gpt-5.2' }, priority: 3 })
  const bare = await admin.call('POST', '/accounts/export', { body: {} })
  expect(JSON.stringify(bare.body)).not.toContain(CREDENTIAL)
  expect(bare.body.accounts[0]).not.toHaveProperty('credential')
  const { body: file } = await admin.call('POST', '/accounts/export', { body: { passphrase: 'a long passphrase' } })
  expect(JSON.stringify(file)).not.toContain(CREDENTIAL)

  const taken = await admin.call('POST', '/accounts/import', { body: { file, passphrase: 'a long passphrase' } })
  expect(taken.body).toMatchObject({ created: [], skipped: [{ name: 'main', why: expect.any(String) }] })
  await admin.call('DELETE', `/accounts/${id}`)
  const wrong = await admin.call('POST', '/accounts/import', { body: { file, passphrase: 'a wrong passphrase' } })
  expect(wrong).toMatchObject({ status: 400, body: { error: { field: 'passphrase' } } })
  const { body } = await admin.call('POST', '/accounts/import', { body: { file, passphrase: 'a long passphrase' } })
  expect(body).toMatchObject({ created: [{ name: 'main' }], skipped: [] })
  const [imported] = await admin.store.listAccounts()
  expect(imported).toMatchObject({ priority: 3, models: { 'claude-*': 'gpt-5.2' } })
  expect(await admin.store.openCredential(imported?.id ?? '')).toEqual({ type: 'opened', credential: CREDENTIAL })
})

test('the classes of errors that the panel offers are those that are known', () => {
  expect(errorClassNameSchema.options).toEqual(Object.keys(errorClasses))
})

import { openSqliteStore, type Account, type AccountInput, type AccountStore } from '@relay/account-store'
import { createNetworkGuard, createSender, type Sender } from '@relay/upstreams'
import {
  chatAnswer,
  claudeAnswer,
  type FakeUpstream,
  openAiErrorReply,
  startFakeUpstream,
} from '@relay/upstreams/testing'
import { afterEach, beforeEach, expect, test } from 'vitest'

import { ServerError } from '../server-error.ts'
import { applyProbe } from './apply-probe.ts'
import { probeStoredAccount } from './probe-stored-account.ts'
import { testStoredAccount } from './test-stored-account.ts'

const SECRET = 'a secret of the tests, long enough '.repeat(2)

let store: AccountStore
let upstream: FakeUpstream
let sender: Sender

beforeEach(async () => {
  store = await openSqliteStore({ path: ':memory:', encryptionKey: `encryption ${SECRET}`, sessionSecret: SECRET })
  upstream = await startFakeUpstream()
  sender = createSender({ guard: createNetworkGuard({ allowLoopback: true }) })
})

afterEach(async () => {
  await sender.close()
  await upstream.close()
  await store.close()
})

function addAccount(over: Partial<AccountInput> = {}): Promise<Account> {
  const base = { name: 'main', type: 'openai-chat', baseUrl: upstream.url, credential: 'sk-credential-0001' } as const
  return store.createAccount({ ...base, models: { 'm-1': 'm-1' }, ...over })
}

test('what a probe finds is a diff, and becomes the settings when it is confirmed', async () => {
  upstream.answer((request) => {
    if (request.url.startsWith('/anthropic/')) return claudeAnswer().reply(request)
    if (!request.url.endsWith('/chat/completions')) return openAiErrorReply(404, { message: 'no such path' })
    const isRefused = /stream_options|developer/.test(request.body.toString('utf8'))
    return isRefused ? openAiErrorReply(400, { message: 'unknown argument' }) : chatAnswer().reply(request)
  })
  const account = await addAccount()
  const { changes } = await probeStoredAccount({ store, sender }, { account })
  expect(changes).toEqual([
    { path: 'profile.dialect.includeUsage', before: true, after: false },
    { path: 'profile.dialect.systemRole', before: 'auto', after: 'system' },
    { path: 'formatBaseUrls.claude', before: undefined, after: `${upstream.url}/anthropic` },
    { path: 'apiFormat', before: 'openai-chat', after: 'auto' },
  ])
  expect(await store.getAccount(account.id)).toEqual(account)

  const changed = await applyProbe(store, account, changes)
  expect(changed).toMatchObject({
    apiFormat: 'auto',
    formatBaseUrls: { claude: `${upstream.url}/anthropic` },
    profile: { dialect: { includeUsage: false, systemRole: 'system' } },
  })
  expect(await store.openCredential(account.id)).toMatchObject({ credential: 'sk-credential-0001' })
  expect((await probeStoredAccount({ store, sender }, { account: changed })).changes).toEqual([])
})

test.for([
  { path: 'formatBaseUrls.claude', before: undefined, after: 'https://elsewhere.example/v1' },
  { path: 'profile.dialect.__proto__.x', before: undefined, after: 'system' },
  { path: 'baseUrl', before: undefined, after: 'https://elsewhere.example/v1' },
])('a change to $path that no probe makes is refused', async (change) => {
  const account = await addAccount()
  await expect(applyProbe(store, account, [change])).rejects.toThrow('nothing that a probe changes')
  expect(await store.getAccount(account.id)).toEqual(account)
})

test('a test that goes well brings an account back into routing', async () => {
  const call = { id: 'c1', name: 'report_status', arguments: { status: 'ok' } }
  upstream.answer((request) => {
    const hasTools = request.body.includes('"tools"')
    return chatAnswer(hasTools ? { toolCalls: [call] } : {}).reply(request)
  })
  const account = await addAccount()
  await store.setAttention(account.id, { since: Date.now(), reason: 'credential-refused', message: 'no' })
  const { isGood, report } = await testStoredAccount({ store, sender }, { account })
  expect([isGood, report.tools.outcome]).toEqual([true, 'passed'])
  expect((await store.getAccount(account.id))?.state.attention).toBeUndefined()
})

test('an account without a model to ask for says so', async () => {
  const account = await addAccount({ models: {} })
  const asked = testStoredAccount({ store, sender }, { account })
  await expect(asked).rejects.toSatisfy((error) => ServerError.is(error) && error.message.includes('names no model'))
})

test.for([
  ['profile.dialect.constructor', true],
  ['profile.dialect.idLimit', 'sixty-four'],
] as const)('a flag that no profile has, or of another type, is refused: %s', async ([path, after]) => {
  const account = await addAccount()
  await expect(applyProbe(store, account, [{ path, before: undefined, after }])).rejects.toThrow(path)
})

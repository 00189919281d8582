import assert from 'node:assert/strict'

import { DEFAULT_TIMEOUTS } from '../account.ts'
import type { StoreCase } from './stage.ts'
import { accountInput, expectCode, soon } from './stage.ts'

const LOSS = { code: 'cache_mark_dropped', by: 'mei', at: 1_700_000_000_000 } as const
const CREDENTIAL = 'sk-conformance-0123456789-last'

/** Accounts and their credentials. */
export const ACCOUNT_CASES: readonly StoreCase[] = [
  {
    name: 'an account gets the defaults of its type',
    play: async ({ first, clock }) => {
      const account = await first.createAccount(accountInput({ type: 'claude-console', timeouts: { idleMs: 5 } }))
      assert.equal(account.apiFormat, 'claude')
      assert.equal(account.responseFormat, 'auto')
      assert.equal(account.priority, 50)
      assert.equal(account.models, undefined)
      assert.equal(account.managedBy, 'operator')
      assert.equal(account.createdAt, clock.now())
      assert.deepEqual(account.timeouts, { ...DEFAULT_TIMEOUTS, idleMs: 5 })
      assert.deepEqual(account.state, {
        lastSuccessAt: undefined,
        lastError: undefined,
        attention: undefined,
        cooldowns: [],
        quota: undefined,
        refusedParameters: [],
      })
    },
  },
  {
    name: 'every field of an account comes back as it was given',
    play: async ({ first, second }) => {
      const input = accountInput({
        description: 'the second one',
        tags: ['fast', 'cheap'],
        groups: ['research'],
        isDedicated: true,
        allowedModels: ['claude-*'],
        proxyUrl: 'socks5://relay@proxy.example:1080',
        tlsCa: '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n',
        dailyQuota: { limitMicroUsd: 5_000_000, resetTime: '08:30', timeZone: 'Asia/Shanghai' },
        currency: 'CNY',
        priceMultiplier: 0.85,
        expiresAt: 1_800_000_000_000,
        cooldownPolicy: { isOn: false, firstMs: 500, longestMs: 9000, rateLimitedMs: 4000 },
        errorClasses: [{ status: 403, body: 'quota', header: { name: 'x-error', value: 'q' }, class: 'billing' }],
        formatBaseUrls: { claude: 'https://upstream.example/anthropic' },
        apiFormat: 'auto',
        responseFormat: 'openai',
        headers: { 'x-title': 'relay' },
        models: { 'claude-*': 'gpt-5.2', '*': '*', ['__proto__']: 'harmless' },
        maxOutputTokens: 8192,
        priority: 7,
        weight: 3,
        maxConcurrency: 9,
        profile: { maxTokensName: 'max_completion_tokens' },
        rules: { version: 1, rules: [{ id: 'a', ['__proto__']: 'harmless' }] },
        enabled: false,
        schedulable: false,
        isDemo: true,
      })
      const { id } = await first.createAccount(input)
      await soon(async () => (await second.getAccount(id)) !== undefined)
      const read = await second.getAccount(id)
      assert.ok(read)
      assert.deepEqual({ ...read, ...input }, read)
      assert.deepEqual(await second.listAccounts(), [read])
    },
  },
  {
    name: 'a credential is opened by its own method and shown nowhere else',
    play: async ({ first, second }) => {
      const created = await first.createAccount(accountInput({ credential: CREDENTIAL }))
      assert.deepEqual(await second.openCredential(created.id), { type: 'opened', credential: CREDENTIAL })
      assert.equal(created.hasCredential, true)
      assert.equal(created.credentialLastFour, 'last')
      const shown = JSON.stringify([created, await first.listAccounts(), await first.getAccount(created.id)])
      assert.ok(!shown.includes(CREDENTIAL))
    },
  },
  {
    name: 'a short credential does not show its last four characters',
    play: async ({ first }) => {
      const account = await first.createAccount(accountInput({ credential: 'short-key' }))
      assert.equal(account.hasCredential, true)
      assert.equal(account.credentialLastFour, undefined)
    },
  },
  {
    name: 'an account without a credential says so',
    play: async ({ first }) => {
      const { id } = await first.createAccount(accountInput())
      assert.deepEqual(await first.openCredential(id), { type: 'none' })
    },
  },
  {
    name: 'a stored credential is never sent to a new address',
    play: async ({ first }) => {
      const { id } = await first.createAccount(accountInput({ credential: CREDENTIAL }))
      const moved = { baseUrl: 'https://elsewhere.example' }
      const message = await expectCode('credential-required', first.updateAccount(id, moved))
      assert.ok(!message.includes(CREDENTIAL))
      await expectCode(
        'credential-required',
        first.updateAccount(id, { formatBaseUrls: { claude: 'https://elsewhere.example' } }),
      )
      assert.equal((await first.getAccount(id))?.baseUrl, 'https://upstream.example')
      const updated = await first.updateAccount(id, { ...moved, credential: 'sk-another-credential' })
      assert.equal(updated.baseUrl, 'https://elsewhere.example')
      assert.deepEqual(await first.openCredential(id), { type: 'opened', credential: 'sk-another-credential' })
    },
  },
  {
    name: 'an address can change when the credential goes',
    play: async ({ first }) => {
      const { id } = await first.createAccount(accountInput({ credential: CREDENTIAL }))
      const updated = await first.updateAccount(id, { baseUrl: 'https://elsewhere.example', credential: null })
      assert.equal(updated.hasCredential, false)
      assert.deepEqual(await first.openCredential(id), { type: 'none' })
    },
  },
  {
    name: 'a change touches only the fields that are there',
    play: async ({ first, second, clock }) => {
      const before = await first.createAccount(accountInput({ credential: CREDENTIAL, models: { a: 'b' } }))
      clock.move(1000)
      const after = await first.updateAccount(before.id, {
        priority: 1,
        description: undefined,
        timeouts: { idleMs: 9 },
      })
      assert.deepEqual(after, {
        ...before,
        priority: 1,
        timeouts: { ...before.timeouts, idleMs: 9 },
        updatedAt: clock.now(),
      })
      await soon(async () => (await second.getAccount(before.id))?.priority === 1)
      assert.equal((await first.updateAccount(before.id, { models: {} })).models, undefined)
    },
  },
  {
    name: 'an account keeps its own loss policy and who accepted which losses, until that is taken back',
    play: async ({ first, second }) => {
      const { id } = await first.createAccount(accountInput({ lossPolicy: 'reject', acceptedLosses: [LOSS] }))
      await soon(async () => (await second.getAccount(id)) !== undefined)
      const kept = await second.getAccount(id)
      assert.equal(kept?.lossPolicy, 'reject')
      assert.deepEqual(kept?.acceptedLosses, [LOSS])
      const after = await first.updateAccount(id, { lossPolicy: null, acceptedLosses: [] })
      assert.equal(after.lossPolicy, undefined)
      assert.deepEqual(after.acceptedLosses, [])
    },
  },
  {
    name: 'two accounts cannot have one name',
    play: async ({ first, second }) => {
      await first.createAccount(accountInput())
      await expectCode('name-taken', second.createAccount(accountInput()))
      const other = await second.createAccount(accountInput({ name: 'other' }))
      await expectCode('name-taken', first.updateAccount(other.id, { name: 'main' }))
    },
  },
  {
    name: 'a removed account is gone everywhere',
    play: async ({ first, second }) => {
      const { id } = await first.createAccount(accountInput({ credential: CREDENTIAL }))
      const kept = await first.createAccount(accountInput({ name: 'kept' }))
      await soon(async () => (await second.listAccounts()).length === 2)
      await first.removeAccount(id)
      await soon(async () => (await second.listAccounts()).length === 1)
      assert.deepEqual(await second.listAccounts(), [kept])
      await expectCode('not-found', second.openCredential(id))
      await expectCode('not-found', first.removeAccount(id))
      await expectCode('not-found', first.updateAccount(id, {}))
    },
  },
  ...refusedInputs(),
]

function refusedInputs(): StoreCase[] {
  const refused: readonly (readonly [field: string, input: object])[] = [
    ['name', { name: '' }],
    ['name', { name: 'line\nbreak' }],
    ['type', { type: 'constructor' }],
    ['baseUrl', { baseUrl: 'ftp://upstream.example' }],
    ['baseUrl', { baseUrl: 'https://user:hidden@upstream.example' }],
    ['baseUrl', { baseUrl: 'upstream' }],
    ['apiFormat', { apiFormat: 'openai' }],
    ['responseFormat', { responseFormat: 'gemini' }],
    ['headers.Authorization', { headers: { Authorization: 'Bearer hidden' } }],
    ['headers.host', { headers: { host: 'elsewhere.example' } }],
    ['headers.x', { headers: { x: 'a\r\nhost: elsewhere.example' } }],
    ['headers.x', { headers: { x: 'zażółć' } }],
    ['headers.accept-encoding', { headers: { 'accept-encoding': 'gzip' } }],
    ['models.a', { models: { a: 1 } }],
    ['priority', { priority: 1.5 }],
    ['weight', { weight: 0 }],
    ['maxConcurrency', { maxConcurrency: -1 }],
    ['timeouts.idleMs', { timeouts: { idleMs: 0 } }],
    ['timeouts', { timeouts: { idle: 5 } }],
    ['profile', { profile: [] }],
    ['rules', { rules: [] }],
    ['rules', { rules: { text: 'x'.repeat(65_536) } }],
    ['lossPolicy', { lossPolicy: 'ignore' }],
    ['acceptedLosses[0].by', { acceptedLosses: [{ code: 'unknown_field', at: 1 }] }],
    ['acceptedLosses', { acceptedLosses: [LOSS, LOSS] }],
    ['enabled', { enabled: 'yes' }],
    ['credential', { credential: 'two\nhidden lines' }],
  ]
  return refused.map(([field, input], index) => ({
    name: `a wrong account field is refused by name, nothing is kept (${index + 1}: ${field})`,
    play: async ({ first }) => {
      // The fields are wrong on purpose, as a caller without types may send them.
      const message = await expectCode('invalid-input', first.createAccount({ ...accountInput(), ...input }))
      assert.ok(message.startsWith(`${field} `), message)
      assert.ok(!message.includes('hidden'), message)
      assert.deepEqual(await first.listAccounts(), [])
    },
  }))
}

import { expect, test } from 'vitest'

import { toAccountSettings } from '../account-settings.ts'
import type { Account, AccountInput } from '../account.ts'
import type { PickRequest, Ranking } from './pick-accounts.ts'
import { pickAccounts } from './pick-accounts.ts'

const NOW = 1_000_000

test('a lower priority number is preferred', () => {
  const ranking = pick([account('second', { priority: 60 }), account('first', { priority: 40 })])
  expect(namesOf(ranking)).toEqual(['first', 'second'])
})

test("among equals an account of the client's own format is preferred", () => {
  const accounts = [
    account('chat', { apiFormat: 'openai-chat' }),
    account('responses', { apiFormat: 'openai-responses' }),
    account('claude', { apiFormat: 'claude' }),
  ]
  expect(namesOf(pick(accounts))[0]).toBe('claude')
  expect(namesOf(pick(accounts, { clientFormat: 'openai-chat' }))[0]).toBe('chat')
  expect(namesOf(pick(accounts, { clientFormat: 'openai-responses' }))[0]).toBe('responses')
  expect(namesOf(pick(accounts, { clientFormat: 'gemini' }))).toEqual(['chat', 'responses', 'claude'])
})

test('an account that chooses its format itself is native where it has an address for it', () => {
  const converted = account('converted', { apiFormat: 'auto' })
  const native = account('native', { apiFormat: 'auto', formatBaseUrls: { claude: 'https://upstream.example/claude' } })
  expect(namesOf(pick([converted, native]))).toEqual(['native', 'converted'])
})

test('an account whose type speaks several formats is native for each of them where it chooses itself', () => {
  const accounts = [
    account('converted', { apiFormat: 'claude' }),
    account('both', { type: 'openai-responses', apiFormat: 'auto' }),
  ]
  expect(namesOf(pick(accounts, { clientFormat: 'openai-chat' }))).toEqual(['both', 'converted'])
  expect(namesOf(pick(accounts, { clientFormat: 'openai-responses' }))).toEqual(['both', 'converted'])
  expect(namesOf(pick(accounts))).toEqual(['converted', 'both'])
})

test('priority wins over format, format over load', () => {
  const accounts = [
    account('preferred', { apiFormat: 'openai-chat', priority: 1 }),
    account('idle', { apiFormat: 'openai-chat' }),
    account('busy', { apiFormat: 'claude' }),
  ]
  expect(namesOf(pick(accounts, { inFlight: load({ busy: 10 }) }))).toEqual(['preferred', 'busy', 'idle'])
})

test('the least busy account for its weight comes first, then the oldest', () => {
  const accounts = [account('a'), account('b'), account('heavy', { weight: 10 })]
  expect(namesOf(pick(accounts, { inFlight: load({ a: 2, b: 2, heavy: 9 }) }))).toEqual(['heavy', 'a', 'b'])
})

test('of accounts that are equally busy a session begins at the one that rested longest', () => {
  const accounts = [account('a'), account('b'), account('c')]
  const usedAt: Readonly<Record<string, number>> = { a: 30, b: 10, c: 20 }
  const lastUsedAt = (id: string): number => usedAt[id] ?? 0
  expect(namesOf(pick(accounts, { lastUsedAt, isSession: true }))).toEqual(['b', 'c', 'a'])
  expect(namesOf(pick(accounts, { lastUsedAt }))).toEqual(['a', 'b', 'c'])
})

test('accounts share the load by their weights where that is the strategy', () => {
  const accounts = [account('light'), account('heavy', { weight: 3 })]
  let seed = 1
  const random = (): number => (seed = (seed * 1_664_525 + 1_013_904_223) % 2 ** 32) / 2 ** 32 // the same in every run
  const firsts = Array.from({ length: 1000 }, () => namesOf(pick(accounts, { strategy: 'weighted', random }))[0])
  const share = firsts.filter((name) => name === 'heavy').length / firsts.length
  expect(share).toBeGreaterThan(0.65)
  expect(share).toBeLessThan(0.85)
})

test('the account that was used longest ago comes first where that is the strategy', () => {
  const usedAt: Readonly<Record<string, number>> = { a: 30, b: 10, c: 20 }
  const ranking = pick([account('a'), account('b'), account('c'), account('new')], {
    strategy: 'least-recently-used',
    lastUsedAt: (id) => usedAt[id] ?? 0,
  })
  expect(namesOf(ranking)).toEqual(['new', 'b', 'c', 'a'])
})

test('an account that rested and has served nothing since awaits a probe', () => {
  const ranking = pick([cooling('rested', 'claude-opus', NOW - 1), account('well')])
  expect(ranking.candidates.map(({ account: { id }, awaitsProbe }) => [id, awaitsProbe])).toEqual([
    ['rested', true],
    ['well', false],
  ])
})

test('a candidate says which model is sent', () => {
  const [candidate] = pick([account('main', { models: { 'claude-*': 'gpt-5.2' } })]).candidates
  expect(candidate?.upstreamModel).toBe('gpt-5.2')
})

test('every account that is left out says why', () => {
  const { candidates, rejected } = pick(
    [
      account('disabled', { enabled: false }),
      account('paused', { schedulable: false }),
      account('expired', { expiresAt: NOW }),
      account('forbidden'),
      account('other-models', { models: { 'gpt-*': '*' } }),
      account('not-listed', { allowedModels: ['gpt-*'] }),
      account('tried'),
      broken('broken'),
      cooling('cooling', 'claude-opus', NOW + 5000),
      spent('spent', NOW + 7000),
      account('full', { maxConcurrency: 2 }),
      account('usable', { maxConcurrency: 3, expiresAt: NOW + 1, allowedModels: ['gpt-*', 'claude-*'] }),
      cooling('cooled', 'claude-opus', NOW),
      spent('spent-yesterday', NOW),
      cooling('cooling-for-another-model', 'claude-haiku', NOW + 5000),
    ],
    {
      triedAccounts: new Set(['tried']),
      isForbidden: (id) => id === 'forbidden',
      inFlight: () => 2,
    },
  )
  expect(candidates.map((candidate) => candidate.account.id)).toEqual([
    'usable',
    'cooled',
    'spent-yesterday',
    'cooling-for-another-model',
  ])
  expect(rejected.map(({ account: { id }, reason, until }) => [id, reason, until])).toEqual([
    ['disabled', 'disabled', undefined],
    ['paused', 'not-schedulable', undefined],
    ['expired', 'expired', undefined],
    ['forbidden', 'not-allowed', undefined],
    ['other-models', 'model-not-served', undefined],
    ['not-listed', 'model-not-served', undefined],
    ['tried', 'tried', undefined],
    ['broken', 'needs-attention', undefined],
    ['cooling', 'cooling-down', NOW + 5000],
    ['spent', 'quota-used-up', NOW + 7000],
    ['full', 'at-capacity', undefined],
  ])
})

test('a key is served by the accounts and groups that it names, and by dedicated ones only then', () => {
  const accounts = [
    account('open'),
    account('grouped', { groups: ['team', 'night'] }),
    account('dedicated', { isDedicated: true, groups: ['team'] }),
  ]
  const served = (permissions: PickRequest['permissions']): string[] => namesOf(pick(accounts, { permissions }))
  expect(served({})).toEqual(['open', 'grouped'])
  expect(served({ groups: ['team'] })).toEqual(['grouped', 'dedicated'])
  expect(served({ accounts: ['dedicated'] })).toEqual(['dedicated'])
  expect(served({ accounts: ['open'], groups: ['night'] })).toEqual(['open', 'grouped'])
  expect(served({ accounts: [] })).toEqual([])
})

test('a cooldown counts for the model that is sent, not for the one that was asked for', () => {
  const mapped = { ...cooling('mapped', 'gpt-5.2', NOW + 5000), models: { 'claude-*': 'gpt-5.2' } }
  expect(pick([mapped]).rejected[0]?.reason).toBe('cooling-down')
})

interface PickOptions extends Partial<PickRequest> {
  readonly isForbidden?: (id: string) => boolean
}

function pick(accounts: readonly Account[], { isForbidden, ...request }: PickOptions = {}): Ranking {
  return pickAccounts({
    accounts,
    upstreamModel: sentFor,
    clientFormat: 'anthropic-messages',
    model: 'claude-opus',
    permissions:
      isForbidden === undefined ? {} : { accounts: accounts.map(({ id }) => id).filter((id) => !isForbidden(id)) },
    triedAccounts: new Set(),
    inFlight: () => 0,
    lastUsedAt: () => 0,
    strategy: 'least-in-flight',
    random: () => 0.5,
    nowMs: NOW,
    ...request,
  })
}

/** What these tests' accounts send for `claude-opus`. */
function sentFor({ models }: Account): string | undefined {
  return models === undefined ? 'claude-opus' : models['claude-*']
}

function account(name: string, fields: Partial<AccountInput> = {}): Account {
  const settings = toAccountSettings({ name, type: 'openai-chat', baseUrl: 'https://upstream.example', ...fields })
  return {
    ...settings,
    id: name,
    managedBy: 'operator',
    hasCredential: true,
    credentialLastFour: undefined,
    hasProxyPassword: false,
    createdAt: 0,
    updatedAt: 0,
    state: {
      lastSuccessAt: undefined,
      lastError: undefined,
      attention: undefined,
      cooldowns: [],
      quota: undefined,
      refusedParameters: [],
    },
  }
}

function broken(name: string): Account {
  const healthy = account(name)
  const attention = { since: 0, reason: 'credential-refused', message: '401' } as const
  return { ...healthy, state: { ...healthy.state, attention } }
}

function spent(name: string, resetsAt: number): Account {
  const rich = account(name, { dailyQuota: { limitMicroUsd: 5 } })
  return { ...rich, state: { ...rich.state, quota: { usedMicroUsd: 5, resetsAt } } }
}

function cooling(name: string, model: string, endsAt: number): Account {
  const healthy = account(name)
  const cooldown = { model, cause: 'server-error', strikes: 1, startedAt: 0, endsAt } as const
  return { ...healthy, state: { ...healthy.state, cooldowns: [cooldown] } }
}

function load(inFlight: Readonly<Record<string, number>>): (accountId: string) => number {
  return (accountId) => inFlight[accountId] ?? 0
}

function namesOf({ candidates }: Ranking): string[] {
  return candidates.map((candidate) => candidate.account.name)
}

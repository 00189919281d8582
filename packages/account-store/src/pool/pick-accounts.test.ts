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

test('a candidate says which model is sent', () => {
  const [candidate] = pick([account('main', { models: { 'claude-*': 'gpt-5.2' } })]).candidates
  expect(candidate?.upstreamModel).toBe('gpt-5.2')
})

test('every account that is left out says why', () => {
  const { candidates, rejected } = pick(
    [
      account('disabled', { enabled: false }),
      account('paused', { schedulable: false }),
      account('forbidden'),
      account('other-models', { models: { 'gpt-*': '*' } }),
      account('tried'),
      broken('broken'),
      cooling('cooling', 'claude-opus', NOW + 5000),
      account('full', { maxConcurrency: 2 }),
      account('usable', { maxConcurrency: 3 }),
      cooling('cooled', 'claude-opus', NOW),
      cooling('cooling-for-another-model', 'claude-haiku', NOW + 5000),
    ],
    {
      triedAccounts: new Set(['tried']),
      isForbidden: (id) => id === 'forbidden',
      inFlight: () => 2,
    },
  )
  expect(candidates.map((candidate) => candidate.account.id)).toEqual(['usable', 'cooled', 'cooling-for-another-model'])
  expect(rejected.map(({ account: { id }, reason, until }) => [id, reason, until])).toEqual([
    ['disabled', 'disabled', undefined],
    ['paused', 'not-schedulable', undefined],
    ['forbidden', 'not-allowed', undefined],
    ['other-models', 'model-not-served', undefined],
    ['tried', 'tried', undefined],
    ['broken', 'needs-attention', undefined],
    ['cooling', 'cooling-down', NOW + 5000],
    ['full', 'at-capacity', undefined],
  ])
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
    allowedAccounts:
      isForbidden === undefined ? undefined : accounts.map(({ id }) => id).filter((id) => !isForbidden(id)),
    triedAccounts: new Set(),
    inFlight: () => 0,
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

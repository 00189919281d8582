import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import { readConfigFile } from './config-file.ts'

const ACCOUNT = { name: 'main', type: 'openai-chat', baseUrl: 'http://127.0.0.1:4100' }

let path = ''
beforeEach(() => {
  path = join(mkdtempSync(join(tmpdir(), 'relay-config-file-')), 'relay.config.json')
})
afterEach(() => rmSync(join(path, '..'), { recursive: true, force: true }))

describe('a good file', () => {
  test('may hold comments and everything an account and a key can have', () => {
    const text = `\uFEFF// set up
    {
      "accounts": [
        { "name": "main", "type": "openai-chat",            // the type
          "baseUrl": "http://127.0.0.1:4100",
          "credential": "\${UPSTREAM_KEY}",
          "apiFormat": "openai-chat",
          "responseFormat": "auto",
          "models": { "claude-*": "gpt-5.2", "*": "*" },
          "maxOutputTokens": 0, "priority": 50, "weight": 1, "maxConcurrency": 0,
          "timeouts": { "connectMs": 10000, "streamHeadersMs": 60000, "wholeHeadersMs": 600000, "firstEventMs": 120000, "idleMs": 120000, "totalMs": 3600000 },
          "lossPolicy": "reject",
          "acceptedLosses": [ { "code": "cache_mark_dropped", "by": "mei", "at": "2026-11-23" } ],
          "profile": {} } ],
      /* and a key */
      "keys": [ { "name": "team", "secret": "\${RELAY_KEY}", "lossPolicy": "warn", "responseTtlMs": 3600000 } ]
    }`
    expect(read(text, { UPSTREAM_KEY: 'k-1', RELAY_KEY: 'a-long-relay-key' })).toEqual({
      accounts: [
        {
          ...ACCOUNT,
          credential: 'k-1',
          apiFormat: 'openai-chat',
          responseFormat: 'auto',
          models: { 'claude-*': 'gpt-5.2', '*': '*' },
          maxOutputTokens: 0,
          priority: 50,
          weight: 1,
          maxConcurrency: 0,
          timeouts: {
            connectMs: 10_000,
            streamHeadersMs: 60_000,
            wholeHeadersMs: 600_000,
            firstEventMs: 120_000,
            idleMs: 120_000,
            totalMs: 3_600_000,
          },
          lossPolicy: 'reject',
          acceptedLosses: [{ code: 'cache_mark_dropped', by: 'mei', at: Date.UTC(2026, 10, 23) }],
          profile: {},
        },
      ],
      relayKeys: [{ name: 'team', secret: 'a-long-relay-key', lossPolicy: 'warn', responseTtlMs: 3_600_000 }],
      budgetHolders: [],
    })
  })

  test('may hold limits, of keys as of owners and teams, and certificates in a file of their own', () => {
    writeFileSync(join(path, '..', 'ca.pem'), 'a certificate')
    const limits = {
      maxConcurrency: 5,
      rateLimits: [{ counts: 'cost', windowMs: 3_600_000, max: 1_000_000 }],
      budget: { timeZone: 'Europe/Berlin', dayMicroUsd: 5_000_000 },
    }
    const account = { ...ACCOUNT, groups: ['eu'], dailyQuota: { limitMicroUsd: 9 }, proxyUrl: 'socks5://a:b@c:1' }
    const key = { name: 'team', secret: 'a-long-relay-key', permissions: { groups: ['eu'], addresses: ['10.0.0.0/8'] } }
    const declared = readJson({
      accounts: [{ ...account, tlsCaFile: 'ca.pem', expiresAt: '2027-01-01' }],
      keys: [
        { ...key, ...limits, concurrencyQueue: { maxWaiting: 3, maxWaitMs: 500 }, expiresAt: '2027-01-01T10:00:00Z' },
      ],
      owners: [{ name: 'li', ...limits }],
      teams: [{ name: 'research', note: 'n' }],
    })
    expect(declared.accounts).toEqual([{ ...account, tlsCa: 'a certificate', expiresAt: Date.UTC(2027, 0, 1) }])
    expect(declared.relayKeys).toMatchObject([{ ...key, ...limits, expiresAt: Date.UTC(2027, 0, 1, 10) }])
    expect(declared.budgetHolders).toEqual([
      { kind: 'owner', name: 'li', ...limits },
      { kind: 'team', name: 'research', note: 'n' },
    ])
  })

  test('an account may leave out the address that its type knows', () => {
    const { accounts } = readJson({ accounts: [{ name: 'claude', type: 'claude-console' }] })
    expect(accounts[0]?.baseUrl).toBe('https://api.anthropic.com')
  })

  test('a variable is filled in once, wherever it stands, and two dollars keep it as text', () => {
    const headers = { a: 'x-${ONE}-${TWO}', b: '$${ONE}' }
    const profile = { passthrough: ['${ONE}'] }
    const { accounts } = readJson({ accounts: [{ ...ACCOUNT, headers, profile }] }, { ONE: '${TWO}', TWO: '2' })
    expect(accounts[0]).toMatchObject({
      headers: { a: 'x-${TWO}-2', b: '${ONE}' },
      profile: { passthrough: ['${TWO}'] },
    })
  })

  test('a member called __proto__ reaches nothing', () => {
    const profile: unknown = JSON.parse('{"__proto__":{"id":"x"}}')
    const { accounts } = readJson({ accounts: [{ ...ACCOUNT, profile }] })
    expect(accounts[0]?.profile).toEqual({})
    expect(accounts[0]?.profile?.['id']).toBeUndefined()
  })

  test('flags of the profile may be overridden', () => {
    const profile = {
      id: 'deepseek',
      dialect: { topK: true, betas: ['x'] },
      model: { maxOutputTokens: 8192, efforts: ['low'] },
    }
    expect(readJson({ accounts: [{ ...ACCOUNT, profile }] }).accounts[0]?.profile).toEqual(profile)
  })
})

describe('a mistake is told with its path', () => {
  test.for([
    ['a wrong type', { timeouts: { idleMs: 'long' } }, 'accounts[0].timeouts.idleMs: must be a number, not "long"'],
    ['a broken number', { priority: 1.5 }, 'accounts[0].priority: must be a whole number, not 1.5'],
    ['a negative number', { weight: -1 }, 'accounts[0].weight: must be at least 0, not -1'],
    ['a missing field', { name: undefined }, 'accounts[0].name: must be a text, not missing'],
    [
      'an unknown choice',
      { apiFormat: 'chat' },
      'accounts[0].apiFormat: must be one of claude, openai-chat, openai-responses, auto, not "chat"',
    ],
    [
      'an unknown class of errors',
      { errorClasses: [{ status: 500, class: 'rate_limited' }] },
      'accounts[0].errorClasses[0].class: must be one of rate-limited, overloaded',
    ],
    ['a misspelt name', { baseURL: 'x' }, 'accounts[0].baseURL: is not known; did you mean "baseUrl"?'],
    [
      'a misspelt time-out',
      { timeouts: { idelMs: 1 } },
      'accounts[0].timeouts.idelMs: is not known; did you mean "idleMs"?',
    ],
    ['an unknown name', { colour: 'red' }, 'accounts[0].colour: is not known; known are name, description'],
    [
      'an unknown flag of the profile',
      { profile: { dialect: { topk: true } } },
      'accounts[0].profile.dialect.topk: is not known; did you mean "topK"?',
    ],
    [
      'a flag of another type',
      { profile: { dialect: { topK: 'yes' } } },
      'accounts[0].profile.dialect.topK: must be a boolean, not a string',
    ],
    [
      'an accepted loss without the time',
      { acceptedLosses: [{ code: 'unknown_field', by: 'mei', at: 'lately' }] },
      'accounts[0].acceptedLosses[0].at: must be a day or a moment, as in 2026-11-23 or 2026-11-23T10:00:00Z, not "lately"',
    ],
    ['a list for an object', { models: [] }, 'accounts[0].models: must be an object, not a list'],
    ['an address that is none', { baseUrl: 'ftp://host' }, 'accounts[0].baseUrl: '],
    [
      'no address where the type has none',
      { baseUrl: undefined },
      'accounts[0].baseUrl: account "main" has no base URL',
    ],
  ] as const)('%s', ([, change, message]) => {
    expect(mistakesOf({ accounts: [{ ...ACCOUNT, ...change }] })).toContain(message)
  })

  test('at the top and among keys as well', () => {
    expect(mistakesOf({ acounts: [], keys: [{ name: 'team', secrett: 'x' }] })).toMatch(
      /keys\[0\]\.secret: must be a text, not missing[^]*keys\[0\]\.secrett: is not known; did you mean "secret"\?[^]*acounts: is not known; did you mean "accounts"\?/,
    )
    expect(mistakesOf([])).toContain('the file: must be an object, not a list')
  })

  test('several of them in one message', () => {
    const message = mistakesOf({
      accounts: [{ ...ACCOUNT, weight: -1, priority: 'high' }, ACCOUNT, { ...ACCOUNT, type: 'azure' }],
    })
    expect(message.match(/^ {2}accounts/gm)).toHaveLength(3)
  })

  test('two accounts of one name', () => {
    expect(mistakesOf({ accounts: [ACCOUNT, ACCOUNT] })).toContain('accounts[1].name: is the name of accounts[0] too')
  })

  test('a variable that is missing or empty', () => {
    const file = {
      accounts: [{ ...ACCOUNT, credential: '${UPSTREAM_KEY}' }],
      keys: [{ name: 'team', secret: '${RELAY_KEY}' }],
    }
    const message = mistakesOf(file, { RELAY_KEY: '' })
    expect(message).toContain('accounts[0].credential: the environment variable UPSTREAM_KEY is not set')
    expect(message).toContain('keys[0].secret: the environment variable RELAY_KEY is not set')
  })

  test('JSON that is none, by line and column and without quoting it', () => {
    const message = messageOf(() => read('{\n  "keys": [ { "secret": "canary" "name": 1 } ]\n}'))
    expect(message).toMatch(/line 2, column \d+: not valid JSON \(comma expected\)/)
    expect(message).not.toContain('canary')
  })

  test('a file that is not there, and one that is too big', () => {
    expect(messageOf(() => readConfigFile(path, {}))).toContain(
      '(ENOENT); check the path given with --config or RELAY_CONFIG',
    )
    expect(messageOf(() => read(' '.repeat(2 ** 20 + 1)))).toContain('1048577 bytes')
  })

  test('nesting without end', () => {
    const deep = JSON.parse(`${'{"a":'.repeat(200)}1${'}'.repeat(200)}`)
    expect(mistakesOf({ accounts: [{ ...ACCOUNT, profile: deep }] })).toContain('lies deeper than 32 levels')
  })
})

describe('secrets', () => {
  test('never appear in a mistake, literal or filled in', () => {
    const account = {
      ...ACCOUNT,
      credential: 4711,
      headers: { a: 1 },
      apiFormat: '${FORMAT}',
      baseUrl: 'http://user:canary@host',
    }
    const file = { accounts: [account], keys: [{ name: 'x', secret: ['canary-secret'] }] }
    const message = mistakesOf(file, { FORMAT: 'canary-format' })
    expect(message).toContain('accounts[0].apiFormat: must be one of')
    expect(message).not.toContain('canary')
    expect(message).not.toContain('4711')
    expect(mistakesOf({ accounts: [{ ...ACCOUNT, baseUrl: 'http://user:canary@host' }] })).not.toContain('canary')
  })
})

function read(text: string, environment: Record<string, string> = {}): ReturnType<typeof readConfigFile> {
  writeFileSync(path, text)
  return readConfigFile(path, environment)
}

function readJson(file: unknown, environment: Record<string, string> = {}): ReturnType<typeof readConfigFile> {
  return read(JSON.stringify(file), environment)
}

function mistakesOf(file: unknown, environment: Record<string, string> = {}): string {
  return messageOf(() => readJson(file, environment))
}

function messageOf(action: () => unknown): string {
  try {
    action()
  } catch (error) {
    if (error instanceof Error) return error.message
  }
  throw new Error('the file was taken')
}

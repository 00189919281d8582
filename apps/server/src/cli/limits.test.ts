import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import type { RelayRun } from '../../test/relay-process.ts'
import { makeFolder } from '../../test/relay-process.ts'
import { runHere } from '../../test/run-here.ts'

let folder = makeFolder()
beforeEach(() => {
  folder = makeFolder()
})
afterEach(() => folder.remove())

describe('relay keys', { timeout: 120_000 }, () => {
  test('are made with limits, edited, rotated, switched off and on, revoked and restored', async () => {
    const words = ['--rates', '100requests/60s,2.5usd/1d', '--usd-per-month', '20', '--time-zone', 'Europe/Berlin']
    const made = await json([
      'key',
      'create',
      'ci',
      '--owner',
      'ann',
      ...words,
      '--models',
      'gpt-*',
      '--addresses',
      '10.0.0.0/8',
    ])
    expect(made).toMatchObject({
      owner: 'ann',
      permissions: { models: ['gpt-*'], addresses: ['10.0.0.0/8'] },
      rateLimits: [
        { counts: 'requests', windowMs: 60_000, max: 100 },
        { counts: 'cost', windowMs: 86_400_000, max: 2_500_000 },
      ],
      budget: { timeZone: 'Europe/Berlin', monthMicroUsd: 20_000_000, dayMicroUsd: 0 },
    })
    const account = await json(['account', 'add', 'ds', '--base-url', 'https://ds.example/v1', '--without-credential'])
    const edited = await json([
      'key',
      'edit',
      'ci',
      '--rename',
      'builds',
      '--models',
      'all',
      '--accounts',
      'ds',
      '--queue',
      '3/20s',
      '--rates',
      'none',
      '--usd-per-day',
      '1',
    ])
    const nothing = await relay(['key', 'edit', 'builds'])
    expect([nothing.exitCode, nothing.stderr]).toEqual([2, expect.stringContaining('nothing was given')])
    expect(edited).toMatchObject({
      name: 'builds',
      owner: 'ann',
      permissions: { addresses: ['10.0.0.0/8'], accounts: [account['id']] },
      concurrencyQueue: { maxWaiting: 3, maxWaitMs: 20_000 },
      rateLimits: [],
      budget: { dayMicroUsd: 1_000_000, monthMicroUsd: 20_000_000 },
    })
    const rotated = await json(['key', 'rotate', 'builds', '--overlap-hours', '1'])
    expect(rotated).toMatchObject({ name: 'builds', secret: expect.stringMatching(/^rk-/) })
    expect(rotated['secret']).not.toBe(made['secret'])
    expect(await json(['key', 'disable', 'builds'])).toMatchObject({ status: 'disabled' })
    expect(await json(['key', 'enable', 'builds'])).toMatchObject({ status: 'active' })
    await json(['key', 'revoke', 'builds'])
    expect((await relay(['key', 'rotate', 'builds'])).stderr).toContain(
      '"builds" is revoked; bring it back with: key restore',
    )
    expect(await json(['key', 'restore', 'builds'])).toMatchObject({ status: 'active' })
    const shown = await relay(['key', 'show', 'builds'])
    expect(shown.stdout).toContain('key: 0.00 USD of 1.00 USD this day (Europe/Berlin)')
    expect(shown.stdout).not.toContain(String(rotated['secret']).slice(3, -4))
  })

  test('end at a date, speak some formats and refuse losses, until that is taken away', async () => {
    const words = ['--expires-at', '2099-01-31T18:00Z', '--formats', 'openai-chat', '--loss-policy', 'reject']
    expect(await json(['key', 'create', 'ci', ...words])).toMatchObject({
      expiresAt: Date.UTC(2099, 0, 31, 18),
      permissions: { formats: ['openai-chat'] },
      lossPolicy: 'reject',
    })
    const edited = await json(['key', 'edit', 'ci', '--expires-at', 'never', '--formats', 'all'])
    expect(edited).toMatchObject({ permissions: {}, lossPolicy: 'reject' })
    expect(edited).not.toHaveProperty('expiresAt')
  })

  test('lose their team, tags and life when that is said', async () => {
    await json(['key', 'create', 'ci', '--team', 'web', '--tags', 'a,b', '--expires-days-after-first-use', '3'])
    const words = ['--team', 'none', '--tags', 'none', '--expires-days-after-first-use', 'never']
    const edited = await json(['key', 'edit', 'ci', ...words])
    expect(edited).toMatchObject({ tags: [] })
    expect(edited).not.toHaveProperty('team')
    expect(edited).not.toHaveProperty('expiresAfterFirstUseMs')
  })

  test('are refused with a limit that makes no sense, before anything is made', async () => {
    for (const [words, message] of [
      [['--rates', '5bananas/1h'], 'is not of the form'],
      [['--usd-per-day', 'much'], 'must be an amount'],
      [['--queue', 'long'], 'must be of the form'],
      [
        ['--formats', 'klingon'],
        '--formats must be all, or of anthropic-messages, openai-chat, openai-responses, not "klingon"',
      ],
      [['--expires-in-days', '0'], 'it would end at once'],
      [['--expires-at', '2020-01-01'], '"2020-01-01", which is over'],
      [['--expires-at', 'soon'], 'not "soon"'],
      [['--expires-days-after-first-use', '0'], 'it would end at once'],
      [['--expires-at', '2099-01-01', '--expires-in-days', '3'], 'choose one of'],
    ] as const) {
      const run = await relay(['key', 'create', 'ci', ...words])
      expect([run.exitCode, run.stderr]).toEqual([2, expect.stringContaining(message)])
    }
    const zone = await relay(['key', 'create', 'ci', '--usd-per-day', '1', '--time-zone', 'Mars/Base'])
    expect([zone.exitCode, zone.stderr]).toEqual([1, expect.stringContaining('budget.timeZone is "Mars/Base"')])
    expect(await json(['key', 'list'])).toEqual([])
  })
})

test('owners and teams get limits, are listed and lose them', { timeout: 120_000 }, async () => {
  expect(await json(['owner', 'set', 'ann', '--max-concurrency', '4', '--usd-per-week', '7.25'])).toMatchObject({
    kind: 'owner',
    maxConcurrency: 4,
    budget: { weekMicroUsd: 7_250_000 },
  })
  await json(['team', 'set', 'core', '--rates', '10requests/1m'])
  expect(await json(['owner', 'list'])).toMatchObject([{ name: 'ann' }])
  expect((await relay(['team', 'list'])).stdout).toContain('10 requests/60s')
  await json(['owner', 'remove', 'ann'])
  expect(await json(['owner', 'list'])).toEqual([])
  expect((await relay(['owner', 'remove', 'ann'])).exitCode).toBe(1)
})

test('accounts are edited, paused and resumed, and tried again', { timeout: 120_000 }, async () => {
  const environment = { MY_KEY: 'sk-canary-0123456789', MY_PROXY: 'socks5://me:canary@proxy.example:1080' }
  const words = [
    'account',
    'add',
    'ds',
    '--preset',
    'deepseek',
    '--credential-env',
    'MY_KEY',
    '--proxy-env',
    'MY_PROXY',
  ]
  expect(await json([...words, '--groups', 'eu, fast', '--quota-usd-per-day', '5'], environment)).toMatchObject({
    groups: ['eu', 'fast'],
    proxyUrl: 'socks5://me@proxy.example:1080',
    dailyQuota: { limitMicroUsd: 5_000_000, resetTime: '00:00', timeZone: 'UTC' },
  })
  const edit = ['account', 'edit', 'ds', '--rename', 'deep', '--sharing', 'dedicated', '--quota-usd-per-day', '0']
  expect(await json([...edit, '--price-multiplier', '0.8'])).toMatchObject({
    name: 'deep',
    isDedicated: true,
    priceMultiplier: 0.8,
    hasProxyPassword: true,
  })
  expect(await json(['account', 'pause', 'deep'])).toMatchObject({ status: 'paused' })
  expect(await json(['account', 'resume', 'deep'])).toMatchObject({ status: 'ready' })
  await json(['account', 'clear-cooldown', 'deep'])
  const shown = await relay(['account', 'show', 'deep'])
  expect(shown.stdout).toContain('"isDedicated": true')
  expect(shown.stdout).not.toContain('canary')
  const moved = await relay(['account', 'edit', 'deep', '--base-url', 'https://elsewhere.example'])
  expect([moved.exitCode, moved.stderr]).toEqual([1, expect.stringContaining('enter its credential again')])
  const again = ['account', 'edit', 'deep', '--base-url', 'https://elsewhere.example', '--credential-env', 'MY_KEY']
  expect(await json(again, environment)).toMatchObject({ baseUrl: 'https://elsewhere.example', formatBaseUrls: {} })
})

async function relay(words: readonly string[], environment: Readonly<Record<string, string>> = {}): Promise<RelayRun> {
  return runHere(words, { DATA_DIR: folder.path, ...environment })
}

async function json(
  words: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<Readonly<Record<string, unknown>>> {
  const run = await relay([...words, '--json'], environment)
  if (run.exitCode !== 0) throw new Error(`${words.join(' ')}: ${run.stderr}`)
  return JSON.parse(run.stdout) as Readonly<Record<string, unknown>> // the command's own
}

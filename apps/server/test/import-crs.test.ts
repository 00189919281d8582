import { createCipheriv, createHash, randomBytes, scryptSync } from 'node:crypto'
import { existsSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'

import { openSqliteStore } from '@relay/account-store'
import { hasRedisServer, startRedisServer } from '@relay/account-store/testing'
import { expect, test } from 'vitest'

import { makeFolder, runRelay } from './relay-process.ts'
import type { RelayRun } from './relay-process.ts'

const ORIGIN_KEY = 'origin-encryption-key-32-characters'
const ENCRYPTION_KEY = 'wF3-encryption-of-the-import-tests-n9Zt'
const JWT_SECRET = 'kB6-sessions-of-the-import-tests-u2Qd-11'
const PLAIN_KEY = `cr_${'ab12'.repeat(16)}`
const CREDENTIALS = ['sk-ant-console-credential-01', 'sk-ccr-credential-0000002', 'sk-responses-credential-03'] as const

function seal(text: string, salt: string): string {
  const iv = randomBytes(16)
  const cipher = createCipheriv('aes-256-cbc', scryptSync(ORIGIN_KEY, salt, 32), iv)
  return `${iv.toString('hex')}:${Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]).toString('hex')}`
}

const hashOf = (plain: string): string =>
  createHash('sha256')
    .update(plain + ORIGIN_KEY)
    .digest('hex')

type Hashes = Readonly<Record<string, Readonly<Record<string, string>>>>

/** What the origin keeps: three accounts and one subscription, three keys, usage. */
const HASHES: Hashes = {
  'claude_console_account:c1': {
    id: 'c1',
    platform: 'claude-console',
    name: 'console',
    description: 'the main one',
    apiUrl: 'https://api.anthropic.com',
    apiKey: seal(CREDENTIALS[0], 'claude-console-salt'),
    priority: '10',
    supportedModels: '{"claude-sonnet-4-5":"claude-sonnet-4-5-20250929"}',
    proxy: '{"type":"socks5","host":"proxy.example","port":1080,"username":"u","password":"proxy-pass-word"}',
    isActive: 'true',
    accountType: 'shared',
    dailyQuota: '12.5',
    quotaResetTime: '08:30',
    rateLimitDuration: '15',
    userAgent: 'claude-cli/1.0',
    status: 'active',
    somethingNew: '1',
  },
  'ccr_account:r1': {
    id: 'r1',
    name: 'relay',
    apiUrl: 'https://relay.example/api',
    apiKey: seal(CREDENTIALS[1], 'ccr-account-salt'),
    isActive: 'true',
    accountType: 'dedicated',
    supportedModels: '[]',
  },
  'openai_responses_account:o1': {
    id: 'o1',
    name: 'responses',
    baseApi: 'https://responses.example/v1',
    apiKey: seal(CREDENTIALS[2], 'openai-responses-salt'),
    isActive: 'false',
  },
  'claude:account:s1': { id: 's1', name: 'somebody', accessToken: 'secret-oauth-token' },
  'apikey:k1': {
    id: 'k1',
    name: 'team',
    apiKey: hashOf(PLAIN_KEY),
    isActive: 'true',
    concurrencyLimit: '5',
    rateLimitWindow: '10',
    rateLimitRequests: '100',
    dailyCostLimit: '3.5',
    totalCostLimit: '100',
    permissions: '["claude"]',
    tags: '["a","b"]',
    userUsername: 'ada',
    createdAt: '2025-09-01T00:00:00.000Z',
    restrictedModels: '["claude-opus-4"]',
    enableModelRestriction: 'true',
  },
  'apikey:k2': { id: 'k2', name: 'bound', apiKey: hashOf('cr_other'), isActive: 'true', claudeAccountId: 's1' },
  'apikey:k3': { id: 'k3', name: 'gone', apiKey: hashOf('cr_gone'), isDeleted: 'true' },
  'apikey:k4': {
    id: 'k4',
    name: 'of the relay',
    apiKey: hashOf('cr_four'),
    isActive: 'true',
    claudeAccountId: 'ccr:r1',
    expirationMode: 'activation',
    activationDays: '30',
  },
  'apikey:hash_map': { [hashOf(PLAIN_KEY)]: 'k1' },
  'usage:k1': { totalRequests: '10', totalInputTokens: '1000', totalOutputTokens: '100', totalCacheCreateTokens: '70' },
  'usage:daily:k1:2025-10-02': { requests: '4', inputTokens: '400', outputTokens: '40', cacheCreateTokens: '70' },
  'usage:k1:model:daily:claude-sonnet-4-5:2025-10-02': {
    requests: '3',
    inputTokens: '300',
    outputTokens: '30',
    cacheCreateTokens: '70',
    ephemeral5mTokens: '50',
    ephemeral1hTokens: '20',
  },
  'usage:daily:k1:2025-99-99': { requests: '1' },
  'usage:monthly:k1:2025-10': { requests: '6', inputTokens: '600', outputTokens: '60' },
}
const TEXTS = { 'usage:cost:daily:k1:2025-10-02': '0.5', 'usage:cost:total:k1': '2.25' } as const

interface Bench {
  readonly folder: string
  run(words: readonly string[]): Promise<RelayRun>
}

function openBench(onTestFinished: (work: () => void) => void, more: Readonly<Record<string, string>> = {}): Bench {
  const folder = makeFolder()
  onTestFinished(() => folder.remove())
  const environment = {
    DATA_DIR: join(folder.path, 'data'),
    ENCRYPTION_KEY,
    JWT_SECRET,
    CRS_ENCRYPTION_KEY: ORIGIN_KEY,
    ...more,
  }
  return { folder: folder.path, run: (words) => runRelay(words, { folder: folder.path, environment }) }
}

async function checkTakenOver(folder: string): Promise<void> {
  const store = await openSqliteStore({
    path: join(folder, 'data', 'relay.db'),
    encryptionKey: ENCRYPTION_KEY,
    sessionSecret: JWT_SECRET,
  })
  try {
    const accounts = new Map((await store.listAccounts()).map((account) => [account.name, account]))
    expect(accounts.get('console')).toMatchObject({
      type: 'claude-console',
      priority: 10,
      models: { 'claude-sonnet-4-5': 'claude-sonnet-4-5-20250929' },
      dailyQuota: { limitMicroUsd: 12_500_000, resetTime: '08:30', timeZone: 'Asia/Shanghai' },
      cooldownPolicy: { rateLimitedMs: 900_000 },
      hasProxyPassword: true,
    })
    expect(accounts.get('relay')).toMatchObject({ type: 'ccr', isDedicated: true })
    expect(accounts.get('responses')).toMatchObject({
      type: 'responses',
      enabled: false,
      baseUrl: 'https://responses.example/v1',
    })
    expect(await store.openCredential(accounts.get('console')?.id ?? '')).toEqual({
      type: 'opened',
      credential: CREDENTIALS[0],
    })
    const key = await store.findRelayKey(PLAIN_KEY)
    expect(key).toMatchObject({
      name: 'team',
      owner: 'ada',
      maxConcurrency: 5,
      rateLimits: [{ counts: 'requests', windowMs: 600_000, max: 100 }],
      budget: { dayMicroUsd: 3_500_000, totalMicroUsd: 97_750_000 },
      permissions: { formats: ['anthropic-messages'] },
    })
    const sums = await store.sumUsage({ keyId: key?.id ?? '' })
    expect(sums).toMatchObject({
      requests: 10,
      costMicroUsd: 2_250_000,
      tokens: { inputTokens: 1000, outputTokens: 100, cacheWrite5mTokens: 50, cacheWrite1hTokens: 20 },
    })
    const models = await store.breakDownUsage({ group: 'model-asked', filter: { keyId: key?.id ?? '' } })
    expect(models.find(({ group }) => group === 'claude-sonnet-4-5')?.sums.requests).toBe(3)
    const relayed = (await store.listRelayKeys()).find(({ name }) => name === 'of the relay')
    expect(relayed).toMatchObject({
      permissions: { accounts: [accounts.get('relay')?.id] },
      expiresAfterFirstUseMs: 30 * 86_400_000,
    })
  } finally {
    await store.close()
  }
}

test('a JSON export is looked at first and then taken over; old keys keep working', async ({ onTestFinished }) => {
  const bench = openBench(onTestFinished)
  const file = join(bench.folder, 'origin.json')
  writeFileSync(file, JSON.stringify({ metadata: { version: '1.0' }, data: { ...HASHES, ...TEXTS } }))
  const look = await bench.run(['import-crs', file, '--dry-run'])
  expect(look.stdout.split('\n')[0]).toBe('2 of 4 accounts and 2 of 3 keys will keep working.')
  expect(look.stdout).toMatch(/Keys left without an account:\n {2}bound\n/)
  expect(look.stdout).toMatch(/dropped +claude_console_account +somethingNew +1 +this field is not known/)
  expect(look.stdout).toMatch(/carried +apikey +concurrencyLimit/)
  expect(look.stdout).toMatch(/dropped +usage +day +1 +the calendar has no such day/)
  for (const word of [...CREDENTIALS, ORIGIN_KEY, 'proxy-pass-word', 'secret-oauth-token', hashOf(PLAIN_KEY)])
    expect(look.stdout).not.toContain(word)
  const done = JSON.parse((await bench.run(['import-crs', file, '--json'])).stdout) as object
  expect(done).toMatchObject({ applied: { accounts: 3, keys: 3, skipped: [] } })
  await checkTakenOver(bench.folder)
  const again = JSON.parse((await bench.run(['import-crs', file, '--json'])).stdout) as object
  expect(again).toMatchObject({ applied: { accounts: 0, keys: 0, usage: 0 } })
})

test.skipIf(process.env['CI'] !== 'true' && !hasRedisServer())(
  'a live Redis is only read, and gives the same',
  async ({ onTestFinished }) => {
    const bench = openBench(onTestFinished)
    const redis = await startRedisServer()
    onTestFinished(async () => redis.stop())
    // A user who may not write: whatever is more than reading would be refused.
    const nothing = await bench.run(['import-crs', '--redis', `redis://127.0.0.1:${redis.port}/3`, '--dry-run'])
    expect([nothing.exitCode, nothing.stderr]).toEqual([
      1,
      expect.stringContaining('database 3 of this Redis holds neither accounts nor keys'),
    ])
    await redis.command('ACL', 'SETUSER', 'reader', 'on', '>origin-password', '~*', '-@all', '+@read', '+@connection')
    for (const [key, hash] of Object.entries(HASHES)) await redis.command('HSET', key, ...Object.entries(hash).flat())
    for (const [key, text] of Object.entries(TEXTS)) await redis.command('SET', key, text)
    await redis.command('CONFIG', 'RESETSTAT')
    const url = `redis://reader:origin-password@127.0.0.1:${redis.port}/0`
    const done = await bench.run(['import-crs', '--redis', url, '--json'])
    expect(JSON.parse(done.stdout)).toMatchObject({
      workingAccounts: 2,
      workingKeys: 2,
      applied: { accounts: 3, keys: 3 },
    })
    const stats = await redis.command('INFO', 'commandstats')
    const sent = [...stats.matchAll(/cmdstat_([a-z|]+):/g)].map(([, name]) => name)
    const allowed = [
      'auth',
      'select',
      'scan',
      'type',
      'hgetall',
      'get',
      'smembers',
      'acl|setuser',
      'config|resetstat',
      'info',
    ]
    expect(sent.filter((name) => !allowed.includes(name ?? ''))).toEqual([])
    expect(sent).toContain('hgetall')
    await checkTakenOver(bench.folder)
  },
)

test('a key that is not the origin’s is refused before anything is written', async ({ onTestFinished }) => {
  const bench = openBench(onTestFinished, { CRS_ENCRYPTION_KEY: 'another-encryption-key-of-32-chars' })
  const file = join(bench.folder, 'origin.json')
  writeFileSync(file, JSON.stringify(HASHES))
  for (const words of [['--dry-run'], []]) {
    const run = await bench.run(['import-crs', file, ...words])
    expect([run.exitCode, run.stderr]).toEqual([1, expect.stringContaining('it opens none of its 3 credentials')])
  }
  expect(existsSync(join(bench.folder, 'data'))).toBe(false)
})

test('a look says of what the store would refuse', async ({ onTestFinished }) => {
  const bench = openBench(onTestFinished)
  const file = join(bench.folder, 'origin.json')
  const { 'claude_console_account:c1': account = {}, 'apikey:k1': key = {} } = HASHES
  const hashes = {
    'claude_console_account:c1': account,
    'claude_console_account:c2': { ...account, name: 'elsewhere', apiUrl: 'ftp://api.example' },
    'apikey:k1': { ...key, concurrencyLimit: '99999999' },
    'apikey:k2': { ...key, apiKey: hashOf('cr_second'), name: 'only elsewhere', claudeConsoleAccountId: 'c2' },
  }
  writeFileSync(file, JSON.stringify(hashes))
  const look = await bench.run(['import-crs', file, '--dry-run'])
  expect(look.stdout.split('\n')[0]).toBe('1 of 2 accounts and 0 of 2 keys will keep working.')
  expect(look.stdout).toContain('  elsewhere: baseUrl must start with http')
  expect(look.stdout).toContain('  team: maxConcurrency is 99999999')
  expect(look.stdout).toContain('  only elsewhere: no account is left that may serve it')
})

test('a file of something else, and a Redis that is not there, are refused', async ({ onTestFinished }) => {
  const bench = openBench(onTestFinished)
  const file = join(bench.folder, 'other.json')
  writeFileSync(file, '{"hello":"world"}')
  const other = await bench.run(['import-crs', file, '--dry-run'])
  expect([other.exitCode, other.stderr]).toEqual([1, expect.stringContaining('holds neither accounts nor keys')])
  const gone = await bench.run(['import-crs', join(bench.folder, 'gone.json'), '--dry-run'])
  expect([gone.exitCode, gone.stderr]).toEqual([1, expect.stringContaining('gone.json cannot be read; check the path')])
  const zone = await bench.run(['import-crs', file, '--time-zone', 'Nowhere', '--dry-run'])
  expect([zone.exitCode, zone.stderr]).toEqual([2, expect.stringContaining('--time-zone is "Nowhere"')])
  const webServer = createServer((socket) => socket.on('data', () => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')))
  await new Promise<void>((resolve) => webServer.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void webServer.close())
  const web = await bench.run([
    'import-crs',
    '--redis',
    `redis://127.0.0.1:${(webServer.address() as AddressInfo).port}`,
    '--dry-run',
  ])
  expect([web.exitCode, web.stderr]).toEqual([1, expect.stringContaining('speaks another language')])
  const away = await bench.run(['import-crs', '--redis', 'redis://127.0.0.1:1', '--dry-run'])
  expect([away.exitCode, away.stderr]).toEqual([1, expect.stringContaining('no Redis answers')])
})

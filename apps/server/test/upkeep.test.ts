import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { openSqliteStore } from '@relay/account-store'
import type { AccountStore } from '@relay/account-store'
import { hasRedisServer, startRedisServer } from '@relay/account-store/testing'
import type { TestContext } from 'vitest'
import { describe, expect, test } from 'vitest'

import { launchRelay, makeFolder, runRelay, startRelay } from './relay-process.ts'
import type { RelayRun } from './relay-process.ts'
import type { Environment } from './run-here.ts'
import { runHere } from './run-here.ts'
import { usageSample } from './usage-samples.ts'

const ENCRYPTION_KEY = 'qT7-encryption-of-the-upkeep-tests-b4Xw'
const JWT_SECRET = 'zR5-sessions-of-the-upkeep-tests-h8Ks-20'
const CANARY = 'sk-canary-credential-c4n4ry-0001'
const PASSPHRASE = 'correct horse battery staple'

interface Bench {
  readonly folder: string
  /** In this process. */
  run(words: readonly string[], environment?: Environment): Promise<RelayRun>
  /** The same in a process of its own. */
  runApart(words: readonly string[]): Promise<RelayRun>
  /** The data set, opened by this process. */
  open(dataDir?: string, encryptionKey?: string): Promise<AccountStore>
}

function openBench({ onTestFinished }: Pick<TestContext, 'onTestFinished'>): Bench {
  const folder = makeFolder()
  onTestFinished(() => folder.remove())
  const common = { DATA_DIR: join(folder.path, 'data'), ENCRYPTION_KEY, JWT_SECRET, PASSPHRASE }
  return {
    folder: folder.path,
    run: (words, environment = {}) => runHere(words, { ...common, ...environment }),
    runApart: (words) => runRelay(words, { folder: folder.path, environment: common }),
    open: (dataDir = 'data', encryptionKey = ENCRYPTION_KEY) =>
      openSqliteStore({ path: join(folder.path, dataDir, 'relay.db'), encryptionKey, sessionSecret: JWT_SECRET }),
  }
}

/** An account with a credential, a key and three requests, one of them without a known cost. */
async function fill(bench: Bench): Promise<{ readonly secret: string; readonly accountId: string }> {
  const store = await bench.open()
  const account = await store.createAccount({
    name: 'main',
    type: 'openai-chat',
    baseUrl: 'https://upstream.example/v1',
    credential: CANARY,
  })
  const { secret, relayKey } = await store.createRelayKey({ name: 'laptop' })
  const now = Date.now()
  const common = { keyId: relayKey.id, keyName: 'laptop', accountId: account.id, accountName: 'main' }
  const tokens = { ...usageSample({ requestId: '', startedAt: 0 }).tokens, cacheReadTokens: 0 }
  for (const [index, model] of ['gpt-5', 'gpt-5', 'nobody-knows-this'].entries()) {
    store.recordUsage(
      usageSample({
        ...common,
        requestId: `req-${index}`,
        startedAt: now - 60_000 * index,
        modelSent: model,
        modelServed: model,
        tokens: { ...tokens, inputTokens: 1000, outputTokens: 100 },
        costMicroUsd: undefined,
        costSource: 'unknown',
        client: '=HYPERLINK("https://evil.example")',
      }),
    )
  }
  await store.close()
  return { secret, accountId: account.id }
}

function json(run: RelayRun): Record<string, unknown> {
  expect(run.stderr).toBe('')
  return JSON.parse(run.stdout) as Record<string, unknown>
}

describe('usage', () => {
  test('is listed, added up and exported, formulas as text', async (context) => {
    const bench = openBench(context)
    await fill(bench)
    const list = json(await bench.run(['usage', 'list', '--json', '--key', 'laptop', '--limit', '2']))
    expect(list).toMatchObject({ records: [{ requestId: 'req-0' }, { requestId: 'req-1' }] })
    const sum = json(await bench.run(['usage', 'sum', '--json', '--by', 'model-served', '--from', '1d']))
    expect(sum).toMatchObject({ lines: [{ group: 'gpt-5', sums: { requests: 2, requestsWithoutCost: 2 } }, {}] })
    const { stdout } = await bench.run(['usage', 'export', '--model', 'gpt-5'])
    expect(stdout.split('\r\n')).toHaveLength(4)
    expect(stdout).toContain(`"'=HYPERLINK(""https://evil.example"")"`)
    const lines = (await bench.run(['usage', 'export', '--format', 'json'])).stdout.trim().split('\n')
    expect(lines.map((line) => (JSON.parse(line) as { requestId: string }).requestId)).toEqual([
      'req-0',
      'req-1',
      'req-2',
    ])
    for (const words of [
      ['--from', 'yesterday'],
      ['--from', '1d', '--to', '2d'],
    ])
      expect((await bench.run(['usage', 'list', ...words])).exitCode).toBe(2)
  })

  test('is exported as far as somebody reads, and into no folder that is not there', async (context) => {
    const bench = openBench(context)
    await fill(bench)
    const environment = { DATA_DIR: join(bench.folder, 'data'), ENCRYPTION_KEY, JWT_SECRET }
    const run = launchRelay(['usage', 'export'], { folder: bench.folder, environment })
    run.closeOutput()
    run.input('')
    expect(await run.ended).toMatchObject({ exitCode: 0, stderr: '' })
    const nowhere = join(bench.folder, 'no-such-folder', 'usage.csv')
    for (const words of [
      ['usage', 'export'],
      ['account', 'export'],
    ]) {
      const failed = await bench.run([...words, '--output', nowhere])
      expect(failed).toMatchObject({ exitCode: 1, stderr: `relay: ${nowhere} cannot be used (ENOENT)\n` })
    }
  })

  test('of one request is shown by the id that its answer carried', async (context) => {
    const bench = openBench(context)
    await fill(bench)
    const { stdout } = await bench.run(['usage', 'show', 'req-1'])
    expect(stdout).toContain('req-1, ')
    expect(stdout).toContain('key laptop, owner ')
    expect(json(await bench.run(['usage', 'show', 'req-1', '--json']))).toMatchObject({ requestId: 'req-1' })
    const unknown = await bench.run(['usage', 'show', 'req-nobody'])
    expect(unknown.exitCode).toBe(1)
    expect(unknown.stderr).toContain('there is no record of this request')
  })

  test('is priced anew, after a look at what would change', async (context) => {
    const bench = openBench(context)
    await fill(bench)
    const looked = json(await bench.run(['reprice', '--json', '--from', '1d', '--dry-run']))
    expect(looked).toMatchObject({ records: 3, changed: 2, costAfterMicroUsd: 4500, unknownAfter: 1, isDryRun: true })
    expect(json(await bench.run(['usage', 'sum', '--json']))).toMatchObject({ lines: [{ sums: { costMicroUsd: 0 } }] })
    expect(json(await bench.run(['reprice', '--json', '--from', '1d']))).toMatchObject({ changed: 2 })
    expect(json(await bench.run(['reprice', '--json', '--from', '1d']))).toMatchObject({ changed: 0 })
    expect(json(await bench.run(['usage', 'sum', '--json', '--span', 'day', '--key', 'laptop']))).toMatchObject({
      lines: [{ sums: { costMicroUsd: 4500, requestsWithoutCost: 1 } }],
    })
  })
})

describe('a backup', () => {
  test('is made, kept in number, shown by doctor, and comes back', async (context) => {
    const bench = openBench(context)
    const { secret } = await fill(bench)
    const made = json(await bench.run(['backup', '--json']))
    expect(made).toMatchObject({ accounts: 1, relayKeys: 1, usageRecords: 3 })
    expect(statSync(String(made['path'])).mode & 0o777).toBe(0o600)
    expect((await bench.run(['doctor', '--json'])).stdout).toMatch(/"check":"backups","level":"ok"/)
    const store = await bench.open()
    const [key] = await store.listRelayKeys()
    await store.revokeRelayKey(key?.id ?? '')
    const busy = await bench.runApart(['restore', String(made['path']), '--json'])
    expect([busy.exitCode, busy.stderr]).toEqual([3, expect.stringContaining('store-busy')])
    await store.close()
    expect(json(await bench.run(['restore', String(made['path']), '--json']))).toMatchObject({ relayKeys: 1 })
    const restored = await bench.open()
    expect((await restored.findRelayKey(secret))?.revokedAt).toBeUndefined()
    await restored.close()
  })

  test('that is killed in the middle leaves no backup, and the next one is made', async (context) => {
    const bench = openBench(context)
    await fill(bench)
    const environment = { DATA_DIR: join(bench.folder, 'data'), ENCRYPTION_KEY, JWT_SECRET }
    const run = launchRelay(['backup'], { folder: bench.folder, environment })
    run.input('')
    await expect.poll(() => run.stderr(), { timeout: 20_000 }).toContain('copying')
    run.signal('SIGKILL')
    await run.ended
    const whole = (): string[] =>
      readdirSync(join(bench.folder, 'data', 'backups')).filter((name) => name.endsWith('.db'))
    const before = safely(whole)
    expect(json(await bench.run(['backup', '--json']))).toMatchObject({ usageRecords: 3 })
    expect(whole().length).toBeGreaterThanOrEqual(Math.max(1, before.length))
  })
})

describe('an export', () => {
  test('carries everything into an empty data set under a passphrase, and nothing secret without one', async (context) => {
    const bench = openBench(context)
    const { secret, accountId } = await fill(bench)
    const file = join(bench.folder, 'all.export')
    expect(
      json(await bench.run(['export', '--json', '--output', file, '--passphrase-env', 'PASSPHRASE'])),
    ).toMatchObject({
      withSecrets: true,
    })
    const plain = join(bench.folder, 'plain.export')
    json(await bench.run(['export', '--json', '--output', plain]))
    for (const path of [file, plain]) {
      const text = readFileSync(path, 'utf8')
      for (const word of [CANARY, secret, ENCRYPTION_KEY]) expect(text).not.toContain(word)
    }
    expect(readFileSync(plain, 'utf8')).not.toContain('"secret"')

    const elsewhere = { DATA_DIR: join(bench.folder, 'other'), ENCRYPTION_KEY: `other ${ENCRYPTION_KEY}` }
    const wrong = await bench.run(['import', file, '--passphrase-env', 'WRONG'], {
      ...elsewhere,
      WRONG: 'not this one at all',
    })
    expect([wrong.exitCode, wrong.stderr]).toEqual([1, expect.stringContaining('does not open')])
    json(await bench.run(['import', file, '--json', '--passphrase-env', 'PASSPHRASE'], elsewhere))
    const store = await bench.open('other', elsewhere.ENCRYPTION_KEY)
    expect((await store.findRelayKey(secret))?.name).toBe('laptop')
    expect(await store.openCredential(accountId)).toEqual({ type: 'opened', credential: CANARY })
    expect((await store.sumUsage({ accountId })).requests).toBe(3)
    await store.close()
    const again = await bench.run(['import', file, '--passphrase-env', 'PASSPHRASE'], elsewhere)
    expect([again.exitCode, again.stderr]).toEqual([1, expect.stringContaining('not empty')])

    writeFileSync(file, readFileSync(file, 'utf8').split('\n').slice(0, -3).join('\n'))
    expect((await bench.run(['import', file, '--passphrase-env', 'PASSPHRASE'])).stderr).toContain('is cut')
  })

  test('of accounts goes into another installation, and an account can be copied', async (context) => {
    const bench = openBench(context)
    await fill(bench)
    const file = join(bench.folder, 'accounts.json')
    json(await bench.run(['account', 'export', '--json', '--output', file, '--passphrase-env', 'PASSPHRASE']))
    expect(readFileSync(file, 'utf8')).not.toContain(CANARY)
    const elsewhere = { DATA_DIR: join(bench.folder, 'other') }
    expect(
      json(await bench.run(['account', 'import', file, '--json', '--passphrase-env', 'PASSPHRASE'], elsewhere)),
    ).toEqual({
      created: ['main'],
      skipped: [],
    })
    expect(json(await bench.run(['account', 'clone', 'main', 'copy', '--json'], elsewhere))).toMatchObject({
      name: 'copy',
      hasCredential: true,
    })
    const store = await bench.open('other')
    const copy = (await store.listAccounts()).find(({ name }) => name === 'copy')
    expect(await store.openCredential(copy?.id ?? '')).toEqual({ type: 'opened', credential: CANARY })
    await store.close()
    const again = await bench.run(['account', 'import', file, '--json', '--passphrase-env', 'PASSPHRASE'], elsewhere)
    expect([again.exitCode, again.stdout]).toEqual([1, expect.stringContaining('"skipped":[{"name":"main"')])
  })
})

describe.skipIf(process.env['CI'] !== 'true' && !hasRedisServer())('Redis', () => {
  test('gets everything from an embedded store and gives it back, and keeps no secret in the clear', async (context) => {
    const bench = openBench(context)
    const { secret, accountId } = await fill(bench)
    const redis = await startRedisServer()
    context.onTestFinished(async () => redis.stop())
    const shared = { REDIS_URL: redis.url, ENCRYPTION_KEY: `shared ${ENCRYPTION_KEY}` }
    const [there, back] = [join(bench.folder, 'there.gz'), join(bench.folder, 'back.gz')]
    json(await bench.run(['export', '--json', '--output', there, '--passphrase-env', 'PASSPHRASE']))
    json(await bench.run(['import', there, '--json', '--passphrase-env', 'PASSPHRASE'], shared))
    expect(json(await bench.run(['usage', 'sum', '--json', '--by', 'account'], shared))).toMatchObject({
      lines: [{ group: accountId, sums: { requests: 3 } }],
    })
    expect(json(await bench.run(['backup', '--json'], shared))).toMatchObject({
      path: expect.stringMatching(/export\.gz$/),
    })
    await redis.command('SAVE')
    const dump = readFileSync(join(redis.folder, 'dump.rdb'))
    for (const word of [CANARY, secret, shared.ENCRYPTION_KEY]) expect(dump.includes(word)).toBe(false)
    json(await bench.run(['export', '--json', '--output', back, '--passphrase-env', 'PASSPHRASE'], shared))
    json(
      await bench.run(['import', back, '--json', '--passphrase-env', 'PASSPHRASE'], {
        DATA_DIR: join(bench.folder, 'back'),
      }),
    )
    const store = await bench.open('back')
    expect((await store.findRelayKey(secret))?.name).toBe('laptop')
    expect(await store.openCredential(accountId)).toEqual({ type: 'opened', credential: CANARY })
    expect((await store.sumUsage({ accountId })).requests).toBe(3)
    await store.close()
  })
})

describe('the encryption key', () => {
  const NEXT_KEY = 'mD2-another-key-of-the-upkeep-tests-r6Vy'

  test('is rotated while a server runs; a run that is killed goes on', async (context) => {
    const bench = openBench(context)
    const { secret, accountId } = await fill(bench)
    const environment = { DATA_DIR: join(bench.folder, 'data'), ENCRYPTION_KEY, JWT_SECRET, NEXT_KEY }
    const server = await startRelay({ folder: bench.folder, environment })
    const words = ['rotate-encryption-key', '--new-key-env', 'NEXT_KEY']
    const run = launchRelay(words, { folder: bench.folder, environment })
    run.input('')
    await expect.poll(() => run.stderr(), { timeout: 20_000 }).toContain('learns')
    run.signal('SIGKILL')
    await run.ended
    expect(json(await bench.run([...words, '--json'], { NEXT_KEY }))).toMatchObject({ unreadable: 0 })
    const models = await fetch(`${server.url}/v1/models`, { headers: { 'x-api-key': secret } })
    expect(models.status).toBe(200)
    const store = await bench.open('data', NEXT_KEY)
    expect(await store.openCredential(accountId)).toEqual({ type: 'opened', credential: CANARY })
    expect((await store.findRelayKey(secret))?.name).toBe('laptop')
    await store.close()
    server.signal('SIGTERM')
    expect((await server.ended).exitCode).toBe(0)
    await expect(bench.open('data', ENCRYPTION_KEY)).rejects.toMatchObject({ code: 'wrong-encryption-key' })
  })

  test('that Relay has made itself is replaced in secrets.json', async (context) => {
    const bench = openBench(context)
    const own = { ENCRYPTION_KEY: '', JWT_SECRET: '' }
    await bench.run(['key', 'create', 'first', '--json'], own)
    const path = join(bench.folder, 'data', 'secrets.json')
    const before = readFileSync(path, 'utf8')
    const { path: backup } = json(await bench.run(['backup', '--json'], own))
    const { oldKeyFile } = json(await bench.run(['rotate-encryption-key', '--json'], own))
    expect(readFileSync(path, 'utf8')).not.toBe(before)
    const secretFiles = readdirSync(join(bench.folder, 'data')).filter((name) => name.startsWith('secrets.json'))
    expect(secretFiles.map((name) => join(bench.folder, 'data', name))).toEqual([path, oldKeyFile])
    expect((await bench.run(['key', 'list', '--json'], own)).stdout).toContain('"first"')
    const old = { ...own, ENCRYPTION_KEY: readFileSync(String(oldKeyFile), 'utf8').trim() }
    json(await bench.run(['restore', String(backup), '--json'], old))
    expect((await bench.run(['key', 'list', '--json'], old)).stdout).toContain('"first"')
  })
})

function safely(work: () => string[]): string[] {
  try {
    return work()
  } catch {
    return [] // the folder is not there yet
  }
}

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { openSqliteStore } from '@relay/account-store'
import { chatAnswer, jsonReply, startFakeUpstream } from '@relay/upstreams/testing'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import manifest from '../../package.json' with { type: 'json' }
import type { RelayRun } from '../../test/relay-process.ts'
import { makeFolder, runRelay } from '../../test/relay-process.ts'

let folder = makeFolder()
beforeEach(() => {
  folder = makeFolder()
})
afterEach(() => folder.remove())

describe('the command line', { timeout: 60_000 }, () => {
  test('says its version and its commands', async () => {
    expect(await relay(['--version'])).toEqual({ exitCode: 0, stdout: `${manifest.version}\n`, stderr: '' })
    const help = await relay(['--help'])
    expect(help.exitCode).toBe(0)
    for (const name of ['start', 'init', 'account', 'key', 'convert', 'doctor']) expect(help.stdout).toContain(name)
    expect((await relay(['account', 'add', '--help'])).stdout).toContain('--credential-env')
  })

  test.for([
    [['strat'], 'there is no command "strat"; did you mean start?'],
    [
      ['account', 'add', 'a', '--base-url', 'http://127.0.0.1:9', '--without-credential', '--proxy-env', 'NO_SUCH'],
      'the environment variable NO_SUCH is not set',
    ],
    [['owner', 'set', 'ann'], 'nothing was given that is to change'],
    [['usage', 'sum', '--time-zone', 'Mars'], '--time-zone is "Mars"'],
    [['usage', 'sum', '--by', 'tag'], '--tag-name'],
    [['run', 'claude', '--upstream', 'nowhere'], 'there is no account or preset "nowhere"'],
    [['run', 'claude', '-p', 'hi'], 'unknown option -p; what is for the program goes behind --'],
    [['account', 'lst'], 'there is no command "lst"; did you mean list?'],
    [['key', 'create', 'a', '--ownr', 'x'], 'unknown option --ownr; did you mean --owner?'],
    [['key', 'create', 'a', '--owner'], '--owner needs a value'],
    [['key', 'create'], 'NAME'],
    [['key', 'create', 'my', 'key'], 'quote what belongs together'],
    [['account', 'add', 'a', '--type', 'azure'], 'openai-chat'],
    [['account', 'add', 'a', '--preset', 'depseek'], 'did you mean deepseek?'],
    [
      ['account', 'add', 'a', '--base-url', 'http://h', '--weight', 'x', '--without-credential'],
      '--weight must be a whole number',
    ],
    [['account', 'add', 'a', '--without-credential'], 'need --base-url'],
    [['account', 'add', 'a', '--preset', 'deepseek'], 'the credential is missing'],
    [['init', '--yes', '--no'], 'choose one'],
  ] as const)('%j is refused as wrong use', async ([words, message]) => {
    const run = await relay(words)
    expect(run.exitCode).toBe(2)
    expect(run.stderr).toContain(message)
    expect(run.stderr).not.toContain('    at ')
    expect(run.stdout).toBe('')
  })

  test('a credential is never taken from an argument, nor repeated', async () => {
    for (const words of [
      ['--credential', 'sk-canary-1'],
      ['--api-key=sk-canary-1'],
      ['--credential-env', 'sk-canary-1'],
      ['sk-canary-1'],
    ]) {
      const run = await relay(['account', 'add', 'a', '--preset', 'deepseek', ...words])
      expect(run.exitCode).toBe(2)
      expect(run.stderr).not.toContain('canary')
    }
  })

  test('with --json, trouble is JSON too', async () => {
    const run = await relay(['account', 'remove', 'nobody', '--yes', '--json'])
    expect(run.exitCode).toBe(1)
    expect(JSON.parse(run.stderr)).toEqual({ error: { code: 'failed', message: expect.stringContaining('"nobody"') } })
  })
})

describe('accounts', { timeout: 60_000 }, () => {
  test('are added by preset or by hand, listed without their credential, and removed', async () => {
    const environment = { MY_KEY: 'sk-canary-0123456789' }
    const added = await relay(
      ['account', 'add', 'ds', '--preset', 'deepseek', '--credential-env', 'MY_KEY', '--json'],
      { environment },
    )
    expect(JSON.parse(added.stdout)).toMatchObject({
      name: 'ds',
      type: 'openai-chat',
      apiFormat: 'auto',
      baseUrl: 'https://api.deepseek.com',
      formatBaseUrls: { claude: 'https://api.deepseek.com/anthropic' },
      credentialLastFour: '6789',
      status: 'ready',
    })
    const another = ['account', 'add', 'ds2', '--preset', 'deepseek', '--credential-env', 'MY_KEY']
    expect((await relay(another, { environment })).stdout).toContain('account test "ds2" --model MODEL')
    expect((await relay(['account', 'remove', 'ds2', '--yes'])).exitCode).toBe(0)
    const words = [
      'account',
      'add',
      'own',
      '--base-url',
      'http://127.0.0.1:9',
      '--models',
      'claude-*=gpt-5.2, *=*',
      '--priority',
      '3',
    ]
    const own = await relay([...words, '--credential-stdin', '--json'], { input: 'sk-canary-stdin-4321\n' })
    expect(JSON.parse(own.stdout)).toMatchObject({
      models: { 'claude-*': 'gpt-5.2', '*': '*' },
      priority: 3,
      credentialLastFour: '4321',
    })
    const list = await relay(['account', 'list'])
    expect(list.stdout).toMatch(/^NAME.*\nds .*…6789.*\nown .*…4321/)
    for (const run of [added, own, list]) expect(run.stdout + run.stderr).not.toContain('canary')
    expect((await relay(['account', 'remove', 'own'])).stderr).toContain('--yes')
    expect((await relay(['account', 'remove', 'own', '--yes'])).exitCode).toBe(0)
    expect(JSON.parse((await relay(['account', 'list', '--json'])).stdout)).toHaveLength(1)
  })

  test('can have standing losses accepted, by code, with who and when, until that is taken back', async () => {
    await relay(['account', 'add', 'own', '--base-url', 'http://127.0.0.1:9', '--without-credential'])
    const slip = await relay(['account', 'accept-loss', 'own', 'cache_mark_droped'])
    expect(slip).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('did you mean cache_mark_dropped?') })
    await relay(['account', 'accept-loss', 'own', 'unknown_field', '--by', 'mei'])
    const accepted = await relay(['account', 'accept-loss', 'own', 'cache_mark_dropped', '--by', 'mei', '--json'])
    expect(JSON.parse(accepted.stdout)).toMatchObject({
      acceptedLosses: [
        { code: 'unknown_field', by: 'mei', at: expect.any(Number) },
        { code: 'cache_mark_dropped', by: 'mei', at: expect.any(Number) },
      ],
    })
    const removed = await relay(['account', 'accept-loss', 'own', 'unknown_field', '--remove'])
    expect(removed.stdout).toContain('unknown_field counts again for the account "own"')
    expect(JSON.parse((await relay(['account', 'list', '--json'])).stdout)).toMatchObject([
      { acceptedLosses: [{ code: 'cache_mark_dropped', by: 'mei' }] },
    ])
  })

  test('that could never be called are refused when they are made', async () => {
    const run = await relay([
      'account',
      'add',
      'r',
      '--type',
      'openai-chat',
      '--base-url',
      'ftp://host',
      '--without-credential',
    ])
    expect(run.exitCode).toBe(1)
    expect(run.stderr).toContain('only http and https can be called')
  })

  test('are tested with real requests through their own credential', async () => {
    const upstream = await startFakeUpstream(chatAnswer().script)
    const words = [
      'account',
      'add',
      'up',
      '--base-url',
      upstream.url,
      '--models',
      'fast=gpt-5.2',
      '--credential-env',
      'MY_KEY',
    ]
    await relay(words, { environment: { MY_KEY: 'sk-canary-0123456789' } })
    const good = await relay(['account', 'test', 'up', '--json'])
    expect(upstream.requests[0]?.headers['authorization']).toBe('Bearer sk-canary-0123456789')
    expect(upstream.requests[0]?.json).toMatchObject({ model: 'gpt-5.2' })
    expect(JSON.parse(good.stdout)).toMatchObject({
      account: 'up',
      auth: { outcome: 'passed' },
      stream: { outcome: 'passed' },
    })
    expect(good.exitCode).toBe(0)
    upstream.answer(jsonReply({ error: { message: 'bad key sk-canary-0123456789' } }, { status: 401 }))
    const bad = await relay(['account', 'test', 'up'])
    await upstream.close()
    expect(bad.exitCode).toBe(1)
    expect(bad.stdout).toMatch(/failed +credential/)
    for (const run of [good, bad]) expect(run.stdout + run.stderr).not.toContain('canary')
  })

  test('that rest say which model, why and until when', async () => {
    await relay(['account', 'add', 'up', '--base-url', 'https://upstream.example/v1', '--without-credential'])
    const secrets = JSON.parse(readFileSync(join(folder.path, 'secrets.json'), 'utf8'))
    const path = join(folder.path, 'relay.db')
    const store = await openSqliteStore({ path, encryptionKey: secrets.ENCRYPTION_KEY })
    const [account] = await store.listAccounts()
    const id = account?.id ?? ''
    await store.startCooldown({ accountId: id, model: 'big\u{1b}[2J', cause: 'rate-limited', durationMs: 3_600_000 })
    await store.noteRefusedParameter(id, { model: 'big', parameter: 'top_k' })
    await store.close()
    expect((await relay(['account', 'list'])).stdout).toMatch(/cooling down \(rate-limited, big, until 20[-\dT:]+Z\)/)
    expect(JSON.parse((await relay(['account', 'list', '--json'])).stdout)).toMatchObject([
      {
        cooldowns: [{ cause: 'rate-limited', endsAt: expect.any(Number) }],
        refusedParameters: [{ parameter: 'top_k' }],
      },
    ])
  })

  test('are probed, and what was found is written when asked for', async () => {
    const upstream = await startFakeUpstream((request) => {
      const isRefused = request.body.includes('stream_options')
      if (isRefused) return jsonReply({ error: { message: 'stream_options is not known' } }, { status: 400 })
      return chatAnswer().reply(request)
    })
    const address = ['--base-url', upstream.url, '--models', 'm-1=m-1', '--without-credential']
    await relay(['account', 'add', 'up', ...address])
    const shown = await relay(['account', 'probe', 'up'])
    expect(shown.stdout).toContain('profile.dialect.includeUsage: true → false')
    expect(shown.stdout).toContain('--apply')
    const applied = await relay(['account', 'probe', 'up', '--apply', '--json'])
    expect(JSON.parse(applied.stdout)).toMatchObject({ isApplied: true })
    const again = await relay(['account', 'probe', 'up', '--json'])
    expect(JSON.parse(again.stdout).changes).toEqual([])
    upstream.answer({ kind: 'reply', headers: { 'content-type': 'text/html' }, body: '<html>' })
    const vain = await relay(['account', 'probe', 'up', '--apply'])
    expect(vain.stdout).toContain('Nothing was found out: the test failed.')
    const told = JSON.parse((await relay(['account', 'probe', 'up', '--apply', '--json'])).stdout)
    expect(told).toMatchObject({ isApplied: false, changes: [] })
    await upstream.close()
  })

  test('in production an address on this machine has to be listed', async () => {
    const secrets = {
      JWT_SECRET: 'Zt3kQ8vN1xW6yB4mH7pL2sD9fG5jR0cA',
      ENCRYPTION_KEY: 'a9Xe2Mu7Kq4Vw8Tz1Bn6Hd3Pf5Lr0Gs-',
    }
    const environment = { ...secrets, NODE_ENV: 'production' }
    await relay(['account', 'add', 'up', '--base-url', 'http://127.0.0.1:9', '--without-credential'], { environment })
    const run = await relay(['account', 'test', 'up', '--model', 'm'], { environment })
    expect(run.exitCode).toBe(1)
    expect(run.stdout).toContain('RELAY_ALLOW_PRIVATE')
  })
})

describe('relay keys', { timeout: 60_000 }, () => {
  test('show their secret once, on standard output alone, and can be revoked', async () => {
    const made = await relay(['key', 'create', 'ci', '--owner', 'ann', '--team', 'core', '--expires-in-days', '7'])
    expect(made.stdout).toMatch(/^rk-[\w-]{43}\n$/)
    const secret = made.stdout.trim()
    const list = await relay(['key', 'list', '--json'])
    expect(JSON.parse(list.stdout)).toMatchObject([{ name: 'ci', owner: 'ann', team: 'core', status: 'active' }])
    expect(list.stdout).not.toContain(secret)
    expect(readFileSync(join(folder.path, 'relay.db')).includes(secret)).toBe(false)
    const revoked = await relay(['key', 'revoke', 'ci', '--json'])
    expect(JSON.parse(revoked.stdout)).toMatchObject({ name: 'ci', status: 'revoked' })
    expect((await relay(['key', 'list'])).stdout).toContain('no relay key yet')
    expect((await relay(['key', 'list', '--all'])).stdout).toContain('revoked')
    expect((await relay(['key', 'revoke', secret])).stderr).not.toContain(secret)
  })
})

describe('init', { timeout: 60_000 }, () => {
  const environment = {
    DEEPSEEK_API_KEY: 'sk-canary-deepseek-1',
    ANTHROPIC_API_KEY: 'sk-ant-canary-1234',
    MISTRAL_API_KEY: '',
  }

  test('never makes an account of a variable silently', async () => {
    const run = await relay(['init'], { environment })
    expect(run.exitCode).toBe(0)
    expect(run.stderr).toContain('DEEPSEEK_API_KEY is set')
    expect(run.stdout).toMatch(/rk-[\w-]{43}/)
    expect(run.stdout + run.stderr).not.toContain('canary')
    expect(JSON.parse((await relay(['account', 'list', '--json'])).stdout)).toEqual([])
  })

  test('makes them when told so, once, and a relay key once', async () => {
    const first = JSON.parse((await relay(['init', '--yes', '--json'], { environment })).stdout)
    expect(first).toMatchObject({
      accounts: ['anthropic', 'deepseek'],
      offered: ['ANTHROPIC_API_KEY', 'DEEPSEEK_API_KEY'],
    })
    expect(first.relayKey).toMatch(/^rk-/)
    const second = JSON.parse((await relay(['init', '--yes', '--json'], { environment })).stdout)
    expect(second).toMatchObject({ accounts: [], offered: [] })
    expect(second.relayKey).toBeUndefined()
    const accounts = JSON.parse((await relay(['account', 'list', '--json'])).stdout)
    expect(accounts).toMatchObject([{ name: 'anthropic', credentialLastFour: '1234' }, { name: 'deepseek' }])
  })
})

describe('a data set that was not there', { timeout: 60_000 }, () => {
  test('is not made in silence: the folder may be misspelt', async () => {
    const first = await relay(['account', 'list'])
    expect([first.exitCode, first.stderr]).toEqual([0, `A new data set was made in ${folder.path}: there was none.\n`])
    expect((await relay(['account', 'list'])).stderr).toBe('')
  })
})

test('a hint leads into the folder that was named', { timeout: 60_000 }, async () => {
  const inner = join(folder.path, 'inner')
  const made = await relay(['init', '--no', '--data-dir', inner])
  expect(made.stdout).toMatch(
    new RegExp(`Add an account with: .* --data-dir ${inner}\n.* start --data-dir ${inner}\n$`),
  )
  const words = ['account', 'add', 'a', '--base-url', 'https://a.example', '--without-credential', '--data-dir', inner]
  expect((await relay(words)).stdout).toMatch(new RegExp(`account test "a" .*--data-dir ${inner}\n$`))
})

describe('doctor', { timeout: 60_000 }, () => {
  test('changes nothing in a folder that is not there yet', async () => {
    const run = await relay(['doctor', '--json', '--data-dir', join(folder.path, 'inner')])
    expect(run.exitCode).toBe(0)
    expect(JSON.parse(run.stdout)).toMatchObject({ isGood: true })
    expect(() => readFileSync(join(folder.path, 'inner'))).toThrow('ENOENT')
  })

  test('finds a good installation good', async () => {
    await relay(['init', '--no'])
    const run = await relay(['doctor'])
    expect(run.exitCode).toBe(0)
    expect(run.stdout).toMatch(/ok +store .*schema version \d+/)
    expect(run.stdout).toMatch(/warn +accounts/)
  })

  test('tells every mistake: settings, file, key, port', async () => {
    const settings = await relay(['doctor'], { environment: { PORT: 'x', LOG_LEVEL: 'y' } })
    expect(settings.exitCode).toBe(1)
    expect(settings.stdout).toMatch(/fail +settings +PORT[^]*fail +settings +LOG_LEVEL/)
    await relay(['init', '--no'])
    const path = join(folder.path, 'broken.json')
    writeFileSync(path, '{ "accounts": 1 }')
    const taken = await startFakeUpstream(jsonReply({}, { status: 404 }))
    const secrets = {
      JWT_SECRET: 'Zt3kQ8vN1xW6yB4mH7pL2sD9fG5jR0cA',
      ENCRYPTION_KEY: 'a9Xe2Mu7Kq4Vw8Tz1Bn6Hd3Pf5Lr0Gs-',
    }
    const run = await relay(['doctor', '--config', path], { environment: { ...secrets, PORT: String(taken.port) } })
    await taken.close()
    expect(run.exitCode).toBe(1)
    expect(run.stdout).toMatch(/fail +configuration file +accounts: must be a list/)
    expect(run.stdout).toMatch(/fail +store .*another ENCRYPTION_KEY/)
    expect(run.stdout).toMatch(/fail +address .*is taken/)
  })
})

function relay(
  words: readonly string[],
  options: { environment?: Record<string, string>; input?: string } = {},
): Promise<RelayRun> {
  const environment = { DATA_DIR: folder.path, ...options.environment }
  return runRelay(words, { ...options, environment, folder: folder.path })
}

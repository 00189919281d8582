import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

import { hasRedisServer, startRedisServer } from '@relay/account-store/testing'
import { silence, startFakeUpstream } from '@relay/upstreams/testing'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import { eventually } from '../test/harness.ts'
import type { RelayServer, RunningRelay } from '../test/relay-process.ts'
import { findLine, launchRelay, makeFolder, runRelay, startRelay } from '../test/relay-process.ts'

const JWT_SECRET = 'Zt3kQ8vN1xW6yB4mH7pL2sD9fG5jR0cA'
const ENCRYPTION_KEY = 'a9Xe2Mu7Kq4Vw8Tz1Bn6Hd3Pf5Lr0Gs-'

let folder = makeFolder()
const running: RunningRelay[] = []

beforeEach(() => {
  folder = makeFolder()
})
afterEach(async () => {
  for (const server of running.splice(0)) {
    server.signal('SIGKILL')
    await server.ended
  }
  folder.remove()
})

describe('the first start', { timeout: 60_000 }, () => {
  test('prints addresses, a one-time password, a relay key and the demo model', async () => {
    const { welcome, url } = await start()
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
    expect(welcome).toMatchObject({ panelUrl: `${url}/admin-next`, adminName: 'admin', demoModel: 'demo' })
    expect(welcome['relayKey']).toMatch(/^rk-[\w-]{43}$/)
    expect(welcome['adminPassword']).toMatch(/^[\w-]{24}$/)
  })

  test('shows people a curl line that works at once', async () => {
    const run = track(
      launchRelay(['start', '--port', '0'], { environment: { DATA_DIR: folder.path }, folder: folder.path }),
    )
    const { url, key, body } = readCurl(await findLine(run, 'curl'))
    const answer = await fetch(url, {
      method: 'POST',
      headers: { 'x-api-key': key, 'content-type': 'application/json' },
      body,
    })
    expect(answer.status).toBe(200)
    const text = await answer.text()
    expect(text).toContain('event: message_start')
    expect(text).toContain('"name":"get_weather"')
    expect(text).toContain('event: message_stop')
    expect(run.stdout()).toContain('one-time password')
  })

  test('writes no secret into the log', async () => {
    const server = await start({ LOG_LEVEL: 'trace' })
    await (await askDemo(server)).text()
    await stop(server)
    const secrets = JSON.parse(readFileSync(join(folder.path, 'secrets.json'), 'utf8'))
    const log = server
      .stdout()
      .split('\n')
      .filter((line) => !line.includes('"panelUrl"'))
      .join('\n')
    for (const secret of [
      secrets.JWT_SECRET,
      secrets.ENCRYPTION_KEY,
      server.welcome['relayKey'],
      server.welcome['adminPassword'],
    ]) {
      expect(log).not.toContain(secret)
    }
    expect(log).toContain('"type":"access"')
  })

  test('a start that finds its port taken says so, ends with code 4 and makes no secret nobody sees', async () => {
    const other = createServer()
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
    const { port } = other.address() as AddressInfo
    const run = await runRelay(['start', '--port', String(port)], { environment: { DATA_DIR: folder.path } })
    other.close()
    expect(run.exitCode).toBe(4)
    expect(run.stderr).toContain(`port ${port} on 127.0.0.1 is taken`)
    const { welcome } = await start()
    expect(welcome['relayKey']).toBeDefined()
    expect(welcome['adminPassword']).toBeDefined()
  })
})

describe('a later start', { timeout: 60_000 }, () => {
  test('shows no secret, keeps the key working, and finds the demo at its new address', async () => {
    const first = await start()
    await stop(first)
    const second = await start()
    expect(second.welcome['relayKey']).toBeUndefined()
    expect(second.welcome['adminPassword']).toBeUndefined()
    expect(second.stdout()).not.toContain(first.welcome['relayKey'])
    const answer = await askDemo({ ...second, welcome: first.welcome })
    expect(await answer.text()).toContain('message_stop')
  })

  test('a demo that was removed does not come back', async () => {
    await stop(await start())
    const removed = await runRelay(['account', 'remove', 'demo', '--yes'], { environment: { DATA_DIR: folder.path } })
    expect(removed.exitCode).toBe(0)
    const server = await start()
    expect(server.welcome['demoModel']).toBeUndefined()
    const list = await runRelay(['account', 'list', '--json'], { environment: { DATA_DIR: folder.path } })
    expect(JSON.parse(list.stdout)).toEqual([])
  })

  test('in production the demo is off, also one made before', async () => {
    await stop(await start({ JWT_SECRET, ENCRYPTION_KEY }))
    const server = await start({ NODE_ENV: 'production', JWT_SECRET, ENCRYPTION_KEY })
    expect(server.welcome['demoModel']).toBeUndefined()
    const list = await runRelay(['account', 'list', '--json'], {
      environment: { DATA_DIR: folder.path, JWT_SECRET, ENCRYPTION_KEY },
    })
    expect(JSON.parse(list.stdout)).toMatchObject([{ name: 'demo', status: 'disabled' }])
  })
})

describe('a start is refused', { timeout: 60_000 }, () => {
  test('in production without secrets, with every mistake and the way out, and nothing is made', async () => {
    const dataDir = join(folder.path, 'data')
    const run = await runRelay(['start'], { environment: { DATA_DIR: dataDir, NODE_ENV: 'production', PORT: 'x' } })
    expect(run.exitCode).toBe(1)
    expect(run.stderr).toMatch(/3 settings[^]*PORT: "x"[^]*JWT_SECRET: is missing[^]*ENCRYPTION_KEY: is missing/)
    expect(run.stderr).toContain('randomBytes(48)')
    expect(run.stderr).not.toContain('    at ')
    expect(existsSync(dataDir)).toBe(false)
  })

  test('with another key than the data set was made with', async () => {
    await stop(await start())
    rmSync(join(folder.path, 'secrets.json'))
    const before = readFileSync(join(folder.path, 'relay.db'))
    const run = await runRelay(['start', '--port', '0'], {
      environment: { DATA_DIR: folder.path, JWT_SECRET, ENCRYPTION_KEY },
    })
    expect(run.exitCode).toBe(3)
    expect(run.stderr).toContain('another ENCRYPTION_KEY')
    expect(readFileSync(join(folder.path, 'relay.db')).equals(before)).toBe(true)
  })

  test('with a data set that is damaged', async () => {
    await stop(await start())
    const path = join(folder.path, 'relay.db')
    writeFileSync(path, readFileSync(path).subarray(0, 5000))
    for (const suffix of ['-wal', '-shm']) rmSync(`${path}${suffix}`, { force: true })
    const run = await runRelay(['start', '--port', '0'], { environment: { DATA_DIR: folder.path } })
    expect(run.exitCode).toBe(3)
    expect(run.stderr).toContain(path)
    expect(run.stderr).toContain('restore a backup')
  })

  test('with a configuration file that has a mistake, without showing what a variable holds', async () => {
    const path = join(folder.path, 'my.json')
    writeFileSync(
      path,
      '{ "accounts": [ { "name": "a", "type": "openai-chat", "baseUrl": "${URL}", "credential": "${KEY}", "weight": 0 } ] }',
    )
    const environment = { DATA_DIR: folder.path, URL: 'http://127.0.0.1:1', KEY: 'canary credential' }
    const run = await runRelay(['start', '--port', '0', '--config', path], { environment })
    expect(run.exitCode).toBe(1)
    expect(run.stderr).toMatch(/accounts\[0\]\.(?:weight|credential)/)
    expect(run.stderr + run.stdout).not.toContain('canary')
  })

  test.for([{ store: 'the embedded store' }, { store: 'Redis' }])(
    'with a configuration file that has a mistake, before $store is bound to an ENCRYPTION_KEY; nor does doctor bind it',
    async ({ store }, context) => {
      context.skip(store === 'Redis' && process.env['CI'] !== 'true' && !hasRedisServer())
      const redis = store === 'Redis' ? await startRedisServer() : undefined
      context.onTestFinished(async () => redis?.stop())
      const path = join(folder.path, 'my.json')
      writeFileSync(path, '{ "accounts": [ { "name": "a" } ] }')
      const environment = {
        DATA_DIR: folder.path,
        JWT_SECRET,
        ...(redis === undefined ? {} : { REDIS_URL: redis.url }),
      }
      const refused = await runRelay(['start', '--port', '0', '--config', path], {
        environment: { ...environment, ENCRYPTION_KEY: `another-${ENCRYPTION_KEY}` },
      })
      expect(refused.exitCode).toBe(1)
      await runRelay(['doctor'], { environment: { ...environment, ENCRYPTION_KEY: `another-${ENCRYPTION_KEY}` } })
      const server = await start({ ...environment, ENCRYPTION_KEY })
      expect(server.welcome['relayKey']).toBeDefined()
    },
  )

  test('with a data folder that cannot be made', async () => {
    writeFileSync(join(folder.path, 'file'), '')
    const dataDir = join(folder.path, 'file', 'data')
    const run = await runRelay(['start', '--port', '0'], { environment: { DATA_DIR: dataDir } })
    expect(run.exitCode).toBe(1)
    expect(run.stderr).toContain(dataDir)
    expect(run.stderr).toContain('make the folder writable')
  })
})

describe('the configuration file', { timeout: 60_000 }, () => {
  test('is applied at each start: changed objects follow it, gone ones are disabled, others stay', async () => {
    const path = join(folder.path, 'relay.config.json')
    const account = { name: 'main', type: 'openai-chat', baseUrl: 'http://127.0.0.1:1', credential: '${UPSTREAM_KEY}' }
    const keys = [{ name: 'team', secret: '${RELAY_KEY}' }]
    const environment = {
      RELAY_CONFIG: path,
      UPSTREAM_KEY: 'upstream-canary-4711',
      RELAY_KEY: 'relay-canary-4711-4711',
    }
    writeFileSync(path, JSON.stringify({ accounts: [account, { ...account, name: 'gone' }], keys }))
    const first = await start(environment)
    expect(first.welcome['demoModel']).toBeUndefined()
    expect(first.welcome['relayKey']).toBeUndefined()
    expect(await statusForKey(first.url, environment.RELAY_KEY)).toBe(200)
    await stop(first)
    await runRelay(['account', 'add', 'own', '--base-url', 'http://127.0.0.1:2', '--without-credential'], {
      environment: { DATA_DIR: folder.path },
    })

    writeFileSync(path, JSON.stringify({ accounts: [{ ...account, priority: 7 }], keys: [] }))
    const second = await start(environment)
    expect(await statusForKey(second.url, environment.RELAY_KEY)).toBe(401)
    const list = await runRelay(['account', 'list', '--json'], { environment: { DATA_DIR: folder.path } })
    const accounts: { name: string }[] = JSON.parse(list.stdout)
    expect(accounts.toSorted((left, right) => left.name.localeCompare(right.name))).toMatchObject([
      { name: 'gone', managedBy: 'config', status: 'disabled' },
      { name: 'main', priority: 7, managedBy: 'config', status: 'ready' },
      { name: 'own', managedBy: 'operator', status: 'ready' },
    ])
    await stop(second)
    for (const server of [first, second]) expect(server.stdout() + server.stderr()).not.toContain('canary-4711')
  })
})

describe('SIGTERM', { timeout: 60_000 }, () => {
  test('ends an idle server with code 0', async () => {
    const server = await start()
    server.signal('SIGTERM')
    expect((await server.ended).exitCode).toBe(0)
  })

  test('lets a running stream finish, whose record is then written', async () => {
    const server = await start()
    const answer = await askDemo(server)
    const reader = answer.body?.getReader()
    await reader?.read() // the stream has begun
    server.signal('SIGTERM')
    let text = ''
    for (let part = await reader?.read(); part?.value !== undefined; part = await reader?.read()) {
      text += Buffer.from(part.value).toString()
    }
    expect(text).toContain('event: message_stop')
    expect((await server.ended).exitCode).toBe(0)
    const access = server
      .stdout()
      .split('\n')
      .find((line) => line.includes('"type":"access"'))
    expect(JSON.parse(access ?? '{}')).toMatchObject({ reason: 'completed', status: 200 })
  })

  test('takes the server out of readiness at once, and a second one ends it at once', async () => {
    const upstream = await startFakeUpstream(silence())
    const path = join(folder.path, 'relay.config.json')
    const account = { name: 'silent', type: 'openai-chat', baseUrl: upstream.url }
    writeFileSync(
      path,
      JSON.stringify({ accounts: [account], keys: [{ name: 'team', secret: 'a-relay-key-for-this-test' }] }),
    )
    const server = await start()
    const asked = ask(server.url, 'a-relay-key-for-this-test').catch(() => 'cut')
    await upstream.waitForRequest(1)
    server.signal('SIGTERM')
    await findLine(server, '"stopping')
    server.signal('SIGTERM')
    expect((await server.ended).exitCode).toBe(143)
    expect(await asked).toBe('cut')
    await upstream.close()
  })
})

describe('a reader of the output that has gone', { timeout: 60_000 }, () => {
  test('keeps no request from its answer, and no stop from its end', async () => {
    const server = await start()
    server.closeOutput()
    for (let count = 0; count < 3; count++) expect((await askDemo(server)).status).toBe(200)
    await stop(server)
  })

  test('before the welcome keeps no start from serving', async () => {
    const run = track(launchRelay(['start', '--port', '0'], { environment: { DATA_DIR: folder.path } }))
    run.closeOutput()
    await eventually('the first key was not made', () => hasFirstAdmin(folder.path), 30_000)
    run.signal('SIGTERM')
    expect((await run.ended).exitCode).toBe(0)
  })
})

test('the secrets file of the first start is for its owner only', { timeout: 60_000 }, async () => {
  await stop(await start())
  expect(statSync(join(folder.path, 'secrets.json')).mode & 0o777).toBe(0o600)
})

async function start(environment: Record<string, string> = {}): Promise<RelayServer> {
  return track(await startRelay({ environment: { DATA_DIR: folder.path, ...environment }, folder: folder.path }))
}

function track<Run extends RunningRelay>(run: Run): Run {
  running.push(run)
  return run
}

async function stop(server: RunningRelay): Promise<void> {
  server.signal('SIGTERM')
  expect((await server.ended).exitCode).toBe(0)
}

/** The first secrets are what a start makes last, right before the welcome. */
function hasFirstAdmin(dataDir: string): boolean {
  const path = join(dataDir, 'relay.db')
  if (!existsSync(path)) return false
  const database = new DatabaseSync(path, { readOnly: true })
  try {
    return database.prepare('SELECT count(*) AS count FROM admin_users').get()?.['count'] === 1
  } catch {
    return false // it is being made
  } finally {
    database.close()
  }
}

function askDemo({ url, welcome }: Pick<RelayServer, 'url' | 'welcome'>): Promise<Response> {
  return ask(url, welcome['relayKey'] ?? '')
}

function ask(url: string, key: string): Promise<Response> {
  const messages = [{ role: 'user', content: 'Hello' }]
  return fetch(`${url}/v1/messages`, {
    method: 'POST',
    headers: { 'x-api-key': key, 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'demo', max_tokens: 64, stream: true, messages }),
  })
}

async function statusForKey(url: string, key: string): Promise<number> {
  const answer = await fetch(`${url}/v1/relay/key`, { headers: { 'x-api-key': key } })
  await answer.body?.cancel()
  return answer.status
}

function readCurl(line: string): { url: string; key: string; body: string } {
  const groups = /^ *curl -N (?<url>\S+) -H 'x-api-key: (?<key>[^']+)' -H '[^']+' -d '(?<body>[^']+)'$/.exec(
    line,
  )?.groups
  return { url: groups?.['url'] ?? '', key: groups?.['key'] ?? '', body: groups?.['body'] ?? '' }
}

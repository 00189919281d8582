import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'

import { hasRedisServer, startRedisServer } from '@relay/account-store/testing'
import type { RedisServer } from '@relay/account-store/testing'
import { chatAnswer, sseReply, startFakeUpstream } from '@relay/upstreams/testing'
import type { TestContext } from 'vitest'
import { expect, test } from 'vitest'

import { makeFolder, runRelay, startRelay } from './relay-process.ts'
import type { RelayServer } from './relay-process.ts'

const CANARIES = {
  credential: 'sk-canary-credential-71b2',
  secondCredential: 'sk-canary-second-credential-71b3',
  proxyPassword: 'canary-proxy-password-71b4',
  adminPassword: 'canary admin password 71b5',
  otherPassword: 'canary other password 71b6',
  webhookSecret: 'canary-webhook-secret-71b7',
  webhookPath: 'canary-webhook-path-71b8',
  passphrase: 'canary passphrase 71b9 long',
  prompt: 'canary prompt about seventeen penguins',
  answer: 'canary-answer-71ba',
  metricsToken: 'canary-metrics-token-71be',
  wrongKey: 'rk-canary-of-a-key-that-nobody-made-71bb',
  wrongName: 'canary typed into the name field',
  encryptionKey: 'kJ8-canary-of-the-sealing-71bc-x3Zq-w5Rt',
  nextEncryptionKey: 'mD2-canary-of-the-next-sealing-71bd-r6Vy',
  jwtSecret: 'vN2-canary-of-the-sessions-71be-w9Lp-71',
} as const
/** Whoever searches has to find this one, or the search is blind. */
const NO_SECRET = 'an-owner-that-is-no-secret'
const TIMEOUT_MS = 180_000
/** It is the program that people run, so that what its bundler has done is looked at as well. */
const BUILT = { isBuilt: true } as const

test.for([{ backend: 'the embedded store' }, { backend: 'Redis' }])(
  'after a run that touches everything, $backend, no secret is in any log, file, dump or plain export',
  { timeout: TIMEOUT_MS },
  async ({ backend }, context) => {
    context.skip(backend === 'Redis' && process.env['CI'] !== 'true' && !hasRedisServer())
    const redis = backend === 'Redis' ? await openRedis(context) : undefined
    const folder = makeFolder()
    context.onTestFinished(() => folder.remove())
    const config = join(folder.path, 'relay.config.json')
    writeFileSync(config, '{}')
    const environment: Record<string, string> = {
      DATA_DIR: join(folder.path, 'data'),
      RELAY_CONFIG: config,
      ENCRYPTION_KEY: CANARIES.encryptionKey,
      NEXT_KEY: CANARIES.nextEncryptionKey,
      JWT_SECRET: CANARIES.jwtSecret,
      LOG_LEVEL: 'debug',
      METRICS_TOKEN: CANARIES.metricsToken,
      ...(redis === undefined ? {} : { REDIS_URL: redis.url }),
    }
    const server = await startRelay({ ...BUILT, folder: folder.path, environment, limitMs: TIMEOUT_MS })
    context.onTestFinished(() => server.signal('SIGKILL')) // one that ended in order does not notice
    const found = await touchEverything(server, context)
    const says: string[] = []
    for (const words of [
      ['export', '--output', join(folder.path, 'plain.export')],
      ['export', '--output', join(folder.path, 'sealed.export.gz'), '--passphrase-env', 'PASSPHRASE'],
      ['account', 'export', '--output', join(folder.path, 'accounts.json')],
      ['usage', 'export', '--output', join(folder.path, 'usage.csv')],
      ['backup'],
      ['rotate-encryption-key', '--new-key-env', 'NEXT_KEY'],
    ]) {
      const run = await runRelay([...words, '--json'], {
        ...BUILT,
        folder: folder.path,
        environment: { ...environment, PASSPHRASE: CANARIES.passphrase },
      })
      expect([words[0], run.exitCode, run.stderr]).toEqual([words[0], 0, expect.any(String)])
      says.push(run.stdout, run.stderr)
    }
    await redis?.command('SAVE')
    server.signal('SIGTERM')
    expect((await server.ended).exitCode).toBe(0)

    // The one-time password is shown once, in the welcome of the very first start.
    const { oneTimePassword = '', ...others } = found
    const log = server.stdout().replaceAll(oneTimePassword, '') + server.stderr() + says.join('\n')
    const secrets = { ...CANARIES, ...others }
    expect(namesIn(log, secrets)).toEqual([])
    expect(log).toContain('"type":"access"')
    const files = [...filesBelow(folder.path), ...(redis === undefined ? [] : filesBelow(redis.folder))]
    const findings = files.flatMap((path) =>
      namesIn(readAny(path), { ...secrets, oneTimePassword }).map((name) => `${path}: ${name}`),
    )
    expect(findings).toEqual([])
    expect(files.filter((path) => readAny(path).includes(NO_SECRET)).length).toBeGreaterThanOrEqual(3)
  },
)

async function openRedis(context: TestContext): Promise<RedisServer> {
  const redis = await startRedisServer({ config: ['rdbcompression no', 'appendonly yes'] })
  context.onTestFinished(async () => redis.stop())
  return redis
}

type Found = Readonly<Record<string, string>>

/** Uses everything that takes, makes or shows a secret. @returns the secrets that Relay made */
async function touchEverything(server: RelayServer, context: TestContext): Promise<Found> {
  const upstream = await startFakeUpstream(sseReply(chatAnswer({ text: CANARIES.answer }).sse))
  context.onTestFinished(async () => upstream.close())
  const panel = openPanel(server.url)
  const oneTimePassword = String(server.welcome['adminPassword'])
  await panel.refused('POST', '/session', { name: CANARIES.wrongName, password: CANARIES.otherPassword })
  await panel.call('POST', '/session', { name: 'admin', password: oneTimePassword })
  await panel.call('POST', '/session/password', {
    currentPassword: oneTimePassword,
    newPassword: CANARIES.adminPassword,
  })
  await panel.call('POST', '/session', { name: 'admin', password: CANARIES.adminPassword })
  const session = panel.cookie()
  const metrics = await fetch(`${server.url}/metrics`, {
    headers: { authorization: `Bearer ${CANARIES.metricsToken}` },
  })
  expect([metrics.status, await metrics.text()]).toEqual([200, expect.stringContaining('relay_build_info')])

  const account = await panel.call('POST', '/accounts', {
    name: 'main',
    type: 'openai-chat',
    baseUrl: upstream.url,
    credential: CANARIES.credential,
  })
  await panel.call('POST', '/accounts', {
    name: 'far',
    type: 'claude-console',
    baseUrl: 'https://far.example',
    credential: CANARIES.secondCredential,
    proxyUrl: `http://me:${CANARIES.proxyPassword}@proxy.example:8080`,
    enabled: false,
  })
  await panel.call('POST', '/accounts/export', { passphrase: CANARIES.passphrase })
  const issued = await panel.call('POST', '/keys', { name: 'laptop', owner: NO_SECRET, responseTtlMs: 3_600_000 })
  const { id: keyId } = issued['key'] as { readonly id: string } // as the contract says
  const secret = String(issued['secret'])
  await panel.call('PUT', '/holders', { kind: 'owner', name: NO_SECRET, budget: { dayMicroUsd: 90_000_000 } })
  const token = await panel.call('POST', '/tokens', { name: 'ci', scopes: ['keys:read'] })
  const hook = { name: 'alarm', kind: 'json', url: `${upstream.url}/${CANARIES.webhookPath}` }
  await panel.call('POST', '/webhooks', { ...hook, secret: CANARIES.webhookSecret })
  await panel.call('POST', '/captures/capturing', { keyId, minutes: 10, maxCaptures: 100 })
  await panel.call('POST', '/admins', { name: 'other', password: CANARIES.otherPassword, role: 'operator' })

  await askUntilCaptured(panel, server.url, secret)
  const body = { model: 'some-model', input: CANARIES.prompt, store: true, stream: true }
  expect((await ask(server.url, { secret, path: '/v1/responses', body })).status).toBe(200)
  const wrong = { secret: CANARIES.wrongKey, path: '/v1/responses', body }
  expect((await ask(server.url, wrong)).status).toBe(401)
  const rotated = await panel.call('POST', `/keys/${keyId}/rotate`, { overlapMs: 60_000 })
  await panel.call('POST', `/accounts/${String(account['id'])}/test`, { model: 'some-model' })
  return {
    oneTimePassword,
    session,
    relayKey: secret,
    rotatedKey: String(rotated['secret']),
    token: String(token['secret']),
  }
}

interface Panel {
  /** Calls the admin API as the panel does. */
  call(method: string, path: string, body?: object): Promise<Readonly<Record<string, unknown>>>
  /** The same of a call that is refused with 403. */
  refused(method: string, path: string, body: object): Promise<void>
  /** The token of the session that was opened last. */
  cookie(): string
}

function openPanel(url: string): Panel {
  let cookie = ''

  async function send(method: string, path: string, body?: object): Promise<{ status: number; text: string }> {
    const response = await fetch(`${url}/admin/api${path}`, {
      method,
      headers: { 'x-relay-admin': '1', 'sec-fetch-site': 'same-origin', 'content-type': 'application/json', cookie },
      body: body === undefined ? null : JSON.stringify(body),
    })
    cookie = response.headers.get('set-cookie')?.split(';')[0] ?? cookie
    return { status: response.status, text: await response.text() }
  }

  return {
    cookie: () => cookie.split('=')[1] ?? '',
    call: async (method, path, body) => {
      const { status, text } = await send(method, path, body)
      expect([path, status, text.slice(0, 300)]).toEqual([path, 200, expect.any(String)])
      const parsed: unknown = JSON.parse(text)
      return parsed as Readonly<Record<string, unknown>> // the test looks at it freely
    },
    refused: async (method, path, body) => {
      expect((await send(method, path, body)).status).toBe(403)
    },
  }
}

interface Question {
  readonly secret: string
  readonly path: string
  readonly body: object
}

async function ask(url: string, { secret, path, body }: Question): Promise<{ readonly status: number }> {
  const headers = { authorization: `Bearer ${secret}`, 'content-type': 'application/json' }
  const response = await fetch(`${url}${path}`, { method: 'POST', headers, body: JSON.stringify(body) })
  await response.text()
  return { status: response.status }
}

/** A node learns of a capture within a second. */
async function askUntilCaptured(panel: Panel, url: string, secret: string): Promise<void> {
  const body = { model: 'some-model', stream: true, messages: [{ role: 'user', content: CANARIES.prompt }] }
  const captured = async (): Promise<number> => {
    expect((await ask(url, { secret, path: '/v1/chat/completions', body })).status).toBe(200)
    const { captures } = await panel.call('GET', '/captures')
    return Array.isArray(captures) ? captures.length : 0
  }
  await expect.poll(captured, { timeout: 20_000, interval: 100 }).toBeGreaterThan(0)
}

function namesIn(text: string, secrets: Found): readonly string[] {
  return Object.entries(secrets).flatMap(([name, secret]) => (text.includes(secret) ? [name] : []))
}

function filesBelow(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true }).flatMap((entry) =>
    entry.isFile() ? [join(entry.parentPath, entry.name)] : [],
  )
}

/** Bytes as text, of a compressed file what is in it. */
function readAny(path: string): string {
  const bytes = readFileSync(path)
  return (path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('latin1')
}

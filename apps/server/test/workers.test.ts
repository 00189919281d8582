import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { startDemoUpstream } from '@relay/upstreams/demo'
import { expect, onTestFinished, test } from 'vitest'

import { eventually } from './harness.ts'
import { findLine, launchRelay, makeFolder, type RunningRelay, startRelay } from './relay-process.ts'

const KEY = 'rk-key-of-the-worker-tests-000001'
const METRICS_TOKEN = 'metrics-of-the-worker-tests'
const WORKERS = 3
const LIMIT = 20

/** Processes start beside much else on a small machine. */
const START_LIMIT_MS = 30_000

/** A relay of three workers with one account, and one key that may make twenty requests an hour. */
async function startWorkers(extra: Readonly<Record<string, string>> = {}) {
  const upstream = await startDemoUpstream()
  const folder = makeFolder()
  const configFile = join(folder.path, 'relay.config.json')
  const accounts = [{ name: 'demo upstream', type: 'openai-chat', baseUrl: upstream.url, models: { '*': '*' } }]
  const keys = [{ name: 'tests', secret: KEY, rateLimits: [{ counts: 'requests', windowMs: 3_600_000, max: LIMIT }] }]
  writeFileSync(configFile, JSON.stringify({ accounts, keys }))
  const relay = await startRelay({
    isBuilt: true,
    folder: folder.path,
    environment: {
      DATA_DIR: join(folder.path, 'data'),
      RELAY_CONFIG: configFile,
      RELAY_WORKERS: String(WORKERS),
      METRICS_TOKEN,
      ...extra,
    },
  })
  onTestFinished(async () => {
    relay.signal('SIGTERM')
    await relay.ended
    await upstream.close()
    folder.remove()
  })
  return relay
}

async function ask(url: string): Promise<number> {
  // A connection of its own: connections, not requests, are dealt out to the workers.
  const response = await fetch(`${url}/v1/messages`, {
    method: 'POST',
    headers: { 'x-api-key': KEY, 'content-type': 'application/json', connection: 'close' },
    body: JSON.stringify({ model: 'm', max_tokens: 50, messages: [{ role: 'user', content: 'hi' }] }),
  })
  await response.text()
  return response.status
}

async function readMetric(url: string, line: RegExp): Promise<number> {
  const response = await fetch(`${url}/metrics`, { headers: { authorization: `Bearer ${METRICS_TOKEN}` } })
  const text = await response.text()
  return [...text.matchAll(line)].reduce((sum, [, value]) => sum + Number(value), 0)
}

function lines(relay: RunningRelay): readonly Readonly<Record<string, unknown>>[] {
  return relay
    .stdout()
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>) // a line that another one cut fails here
}

/** The processes that serve, in the order in which they began to. */
function serving(relay: RunningRelay): readonly number[] {
  return lines(relay).flatMap(({ pid, message }) => (message === 'a worker serves' ? [Number(pid)] : []))
}

async function allServe(relay: RunningRelay, count: number): Promise<void> {
  await eventually('not all workers serve', () => serving(relay).length === count, START_LIMIT_MS)
}

test('several workers serve one port with one limit, one log and one sum of metrics', async () => {
  const relay = await startWorkers()
  await allServe(relay, WORKERS)

  const statuses = await Promise.all(Array.from({ length: LIMIT * 2 }, () => ask(relay.url)))

  expect(statuses.filter((status) => status === 200)).toHaveLength(LIMIT)
  expect(statuses.filter((status) => status === 429)).toHaveLength(LIMIT)
  expect(await readMetric(relay.url, /^relay_requests_total\{[^}]*status="200"[^}]*\} (\d+)$/gm)).toBe(LIMIT)
  expect(await readMetric(relay.url, /^relay_accounts\{state="ready"\} (\d+)$/gm)).toBe(1)
  await eventually('not every request is in the log', () => {
    return lines(relay).filter(({ type }) => type === 'access').length >= LIMIT * 2
  })
})

test('a worker that dies is replaced while the others serve; a stop ends all of them in order', async () => {
  const relay = await startWorkers()
  await allServe(relay, WORKERS)
  const pids = serving(relay)

  process.kill(pids[0] ?? 0, 'SIGKILL')

  await findLine(relay, 'a worker died')
  expect(await ask(relay.url)).toBe(200)
  await allServe(relay, WORKERS + 1)
  relay.signal('SIGTERM')
  const { exitCode } = await relay.ended
  expect(exitCode).toBe(0)
  for (const pid of serving(relay)) expect(() => process.kill(pid, 0)).toThrow('ESRCH')
})

test('no connection is left behind by a worker that dies before it takes it', async () => {
  const relay = await startWorkers()
  await allServe(relay, WORKERS)
  const [pid = 0] = serving(relay)
  process.kill(pid, 'SIGSTOP') // it can take nothing any more
  const waiting = Array.from({ length: WORKERS * 2 }, () => ask(relay.url).catch(() => 'ended'))
  const answered = waiting.map((each) => each.then(() => true))
  // The other workers serve; what waits after that is on its way to the one that stands still.
  await eventually('nobody serves', async () => (await countTrue(answered)) >= WORKERS * 2 - 1)
  expect(await countTrue(answered)).toBe(WORKERS * 2 - 1)
  process.kill(pid, 'SIGKILL')
  expect((await Promise.all(waiting)).filter((end) => end === 'ended')).toHaveLength(1)
})

/** How many have come true by now. */
async function countTrue(promises: readonly Promise<boolean>[]): Promise<number> {
  const states = await Promise.all(promises.map((each) => Promise.race([each, Promise.resolve(false)])))
  return states.filter(Boolean).length
}

test('a start that the first worker refuses is refused as a whole', async () => {
  const relay = await startWorkers()
  const folder = makeFolder()
  onTestFinished(folder.remove)
  const second = launchRelay(['start', '--workers', '2', '--port', new URL(relay.url).port], {
    folder: folder.path,
    environment: { DATA_DIR: folder.path },
  })

  const { exitCode, stderr } = await second.ended

  expect(exitCode).toBe(4)
  expect(stderr).toMatch(/port \d+ on 127\.0\.0\.1 is taken/)
})

import { setTimeout as wait } from 'node:timers/promises'

import { openSqliteStore } from '@relay/account-store'
import type { Account, AccountInput, AccountStore, RelayKeyInput, UsageRecord } from '@relay/account-store'
import { startFakeUpstream } from '@relay/upstreams/testing'
import type { FakeAnswer, FakeScript, FakeUpstream, RecordedRequest } from '@relay/upstreams/testing'
import type { TestContext } from 'vitest'

import type { Config } from '../src/config/config.ts'
import { createLog } from '../src/observe/log.ts'
import type { StreamRhythm } from '../src/relay/answer/stream-rhythm.ts'
import { startServer } from '../src/server.ts'

/** The formats that a client or an upstream of a test speaks. */
export type Dialect = 'claude' | 'chat' | 'responses'

/** How a relay of a test is set up. */
export interface RelaySetup {
  readonly accounts: readonly AccountInput[]
  readonly key?: Partial<RelayKeyInput>
  readonly rhythm?: Partial<StreamRhythm>
  /** Kept in memory unless a file is named. */
  readonly storeFile?: string
  /** Another store than the embedded one; the relay closes it. */
  readonly store?: AccountStore
  /** Other settings than those of the tests. */
  readonly config?: Partial<Config>
  readonly maxBufferedBytes?: number
}

/** A relay on a real socket, with a real store, and what a test looks at. */
export interface TestRelay {
  /** Without a slash at the end. */
  readonly url: string
  /** Where the metrics are, when they have a port of their own. */
  readonly metricsUrl: string | undefined
  /** The secret of the one relay key. */
  readonly key: string
  readonly store: AccountStore
  /** Every log line so far, as written. */
  readonly log: () => string
  /** Calls the relay with its key. */
  post(path: string, body: unknown, init?: PostInit): Promise<Response>
  /** The usage records, oldest first, once there are this many. */
  records(count: number): Promise<readonly UsageRecord[]>
  /** Waits until no request lives and every slot of the key and of its accounts is back. */
  idle(): Promise<void>
  /** Stops the server as a signal would; the store can still be read. */
  stop(graceMs: number): Promise<void>
}

export interface PostInit {
  readonly headers?: Readonly<Record<string, string>>
  readonly signal?: AbortSignal
}

/** The promise of `reliability` 1.3: how soon a client's leaving has to reach the upstream. */
const ABORT_LIMIT_MS = 2_000

const TICK_MS = 10

const SECRET = 'a secret of the tests, long enough '.repeat(2)

/** What a test opens; everything is closed when the test has finished. */
export interface Stage {
  relay(setup: RelaySetup): Promise<TestRelay>
  /** A fake upstream; the standing answer may come later. */
  upstream(script?: FakeAnswer | FakeScript): Promise<FakeUpstream>
}

/** Opens a stage of a test's own, so that tests may run side by side; takes the context that vitest gives the test. */
export function openStage({ onTestFinished }: Pick<TestContext, 'onTestFinished'>): Stage {
  return {
    relay: async (setup) => {
      const relay = await openRelay(setup)
      onTestFinished(() => relay.close())
      return relay
    },
    upstream: async (script) => {
      const upstream = await startFakeUpstream(script)
      onTestFinished(() => upstream.close())
      return upstream
    },
  }
}

/** A relay that whoever opened it closes. */
export interface OpenedRelay extends TestRelay {
  close(): Promise<void>
}

/** Starts a relay for several tests; most tests open a stage of their own. */
export async function openRelay(setup: RelaySetup): Promise<OpenedRelay> {
  const lines: string[] = []
  const log = createLog({ level: 'debug', destination: { write: (line) => void lines.push(line) } })
  const storeFile = setup.storeFile ?? ':memory:'
  const secrets = { encryptionKey: `encryption ${SECRET}`, sessionSecret: SECRET }
  const store = setup.store ?? (await openSqliteStore({ path: storeFile, ...secrets }))
  const accounts: Account[] = []
  for (const input of setup.accounts) accounts.push(await store.createAccount(input))
  // A limit, so that every request takes a slot that has to come back.
  const { secret, relayKey } = await store.createRelayKey({ name: 'tests', maxConcurrency: 100, ...setup.key })
  const server = await startServer({
    config: testConfig(storeFile, setup.config),
    store,
    log,
    rhythm: setup.rhythm,
    maxBufferedBytes: setup.maxBufferedBytes,
  })

  async function countSlots(): Promise<number> {
    const places = accounts.map(({ id }) => ({ kind: 'account', id }) as const)
    const counts = await Promise.all(places.map((resource) => store.countLeases(resource)))
    const bounds = await store.readBounds(relayKey)
    const admitted = bounds.filter(({ bound }) => bound.type === 'concurrency').map(({ used }) => used)
    return [...counts, ...admitted].reduce((sum, count) => sum + count, server.liveRequests)
  }

  return {
    url: server.url,
    metricsUrl: server.metricsUrl,
    key: secret,
    store,
    log: () => lines.join(''),
    post: (path, body, init) => post(`${server.url}${path}`, { secret, body, init }),
    records: (count) => waitForRecords(store, count),
    idle: () => eventually('a request lives on, or a slot is not back', async () => (await countSlots()) === 0),
    stop: (graceMs) => server.stop({ graceMs }),
    close: async () => {
      await server.stop({ graceMs: 0 })
      await store.close()
    },
  }
}

/** An account for a fake upstream, with a slot limit, so that its slots can be counted. */
export function accountFor(
  upstream: FakeUpstream,
  dialect: Dialect,
  changes: Partial<AccountInput> = {},
): AccountInput {
  const common = { baseUrl: upstream.url, credential: 'upstream-credential-0001', maxConcurrency: 100 }
  return { ...common, name: `${dialect} upstream`, type: ACCOUNT_TYPES[dialect], ...changes }
}

/** A type of account that speaks only this dialect. */
export const ACCOUNT_TYPES = {
  claude: 'claude-console',
  chat: 'openai-chat',
  responses: 'responses',
} as const satisfies Readonly<Record<Dialect, AccountInput['type']>>

/**
 * Waits until a state is reached; names what is missing when it is not.
 *
 * @param limitMs - of the time that this process had: a promise of the relay is none of a machine that stands still
 */
export async function eventually(
  trouble: string,
  isReached: () => boolean | Promise<boolean>,
  limitMs: number = ABORT_LIMIT_MS,
): Promise<void> {
  const clock = { ownMs: 0, isWanted: true }
  void tick(clock)
  try {
    while (!(await isReached())) {
      if (clock.ownMs > limitMs) throw new Error(`${trouble}, ${limitMs} ms later`)
      await wait(TICK_MS)
    }
  } finally {
    clock.isWanted = false
  }
}

/** Adds up the time in which this process was at work or could have been; of a longer pause, as much as two ticks. */
async function tick(clock: { ownMs: number; isWanted: boolean }): Promise<void> {
  while (clock.isWanted) {
    const sinceMs = performance.now()
    await wait(TICK_MS)
    clock.ownMs += Math.min(performance.now() - sinceMs, 2 * TICK_MS)
  }
}

/** How the upstream saw an exchange end; rejects when it is still open after 2 s. */
export async function endOf(request: RecordedRequest): Promise<'answered' | 'aborted'> {
  let hasEnded = false
  void request.closed.then(() => (hasEnded = true))
  await eventually('the upstream request is still open', () => hasEnded)
  return request.closed
}

/** What a record says of its attempts. */
export function attemptsOf(
  record: UsageRecord | undefined,
): readonly { readonly account: string; readonly reason: string; readonly status: number | undefined }[] {
  const attempts = record?.attempts ?? []
  return attempts.map(({ accountName, reason, status }) => ({ account: accountName, reason, status }))
}

async function waitForRecords(store: AccountStore, count: number): Promise<readonly UsageRecord[]> {
  await eventually(`there are not ${count} usage records`, async () => (await store.sumUsage()).requests >= count)
  const { records } = await store.listUsage({ limit: 500 })
  if (records.length !== count) throw new Error(`${records.length} usage records in place of ${count}`)
  return records.toReversed()
}

interface PostFacts {
  readonly secret: string
  readonly body: unknown
  readonly init: PostInit | undefined
}

function post(url: string, { secret, body, init }: PostFacts): Promise<Response> {
  const isReady = typeof body === 'string' || body instanceof Uint8Array
  return fetch(url, {
    method: 'POST',
    headers: { 'x-api-key': secret, 'content-type': 'application/json', ...init?.headers },
    body: isReady ? body : JSON.stringify(body),
    signal: init?.signal ?? null,
  })
}

function testConfig(storeFile: string, changes: Partial<Config> = {}): Config {
  return {
    port: 0,
    host: '127.0.0.1',
    dataDir: '.',
    storeFile,
    redis: undefined,
    redisNamespace: 'relay',
    isStoreStrict: false,
    queueFolder: '.',
    jwtSecret: SECRET,
    encryptionKey: `encryption ${SECRET}`,
    environment: 'test',
    isProduction: false,
    logLevel: 'debug',
    trustProxy: [],
    allowPrivate: [],
    configFile: undefined,
    pricesFile: undefined,
    tagHeaders: ['x-project'],
    workers: 1,
    memoryLimitBytes: 0,
    backupsKept: 0,
    metricsPort: undefined,
    metricsToken: undefined,
    ...changes,
  }
}

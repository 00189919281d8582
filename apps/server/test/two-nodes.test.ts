import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'

import { openRedisStore } from '@relay/account-store'
import type { AccountStore, RelayKeyInput } from '@relay/account-store'
import { hasRedisServer, startRedisServer } from '@relay/account-store/testing'
import type { RedisServer } from '@relay/account-store/testing'
import { claudeErrorReply, sseReply, startFakeUpstream } from '@relay/upstreams/testing'
import type { FakeUpstream } from '@relay/upstreams/testing'
import { Agent, request } from 'undici'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'

import { canned, readStream, STORY } from './dialects.ts'
import { accountFor, eventually } from './harness.ts'
import { makeFolder, startRelay } from './relay-process.ts'
import type { RelayServer } from './relay-process.ts'
import { startTcpBalancer } from './tcp-balancer.ts'
import type { TcpBalancer } from './tcp-balancer.ts'

const ENCRYPTION_KEY = 'kJ8-encryption-of-the-two-node-tests-x3Zq'
const JWT_SECRET = 'vN2-sessions-of-the-two-node-tests-w9Lp-71'
const NODE_LIMIT_MS = 240_000
const TEST_MS = 180_000
/** A change reaches every node within a second (reliability 6.5). */
const PROPAGATION_MS = 1000
/** A dead node's places come back within a minute (reliability 6.2). */
const DEAD_NODE_MS = 61_000

interface Node {
  readonly server: RelayServer
  readonly port: number
  readonly folder: { readonly path: string; remove(): void }
}

/** Two processes of the real server on one Redis, behind a balancer that knows nothing of HTTP. */
describe.skipIf(process.env['CI'] !== 'true' && !hasRedisServer())(
  'two nodes on one Redis',
  { timeout: TEST_MS },
  () => {
    let redis: RedisServer
    let balancer: TcpBalancer
    let store: AccountStore
    let nodes: Node[] = []
    let upstream: FakeUpstream

    beforeAll(async () => {
      redis = await startRedisServer({ config: ['appendonly yes', 'requirepass canary-password'] })
      balancer = await startTcpBalancer()
      const address = { host: '127.0.0.1', port: redis.port }
      const connection = { kind: 'standalone', address, db: 0, password: 'canary-password' } as const
      store = await openRedisStore({ connection, encryptionKey: ENCRYPTION_KEY, sessionSecret: JWT_SECRET })
      nodes = await Promise.all([startNode(redis), startNode(redis)])
      balancer.use(nodes.map(({ port }) => port))
    }, TEST_MS)

    afterAll(async () => {
      await Promise.all(nodes.map(async (node) => stopNode(node)))
      await store.close()
      await balancer.close()
      await redis.stop()
    }, TEST_MS)

    beforeEach(async () => {
      upstream = await startFakeUpstream()
    })

    afterEach(async () => {
      for (const { id } of await store.listAccounts()) await store.removeAccount(id)
      await upstream.close()
    })

    /** An account that both nodes know: what one of them is told reaches the other within a second. */
    async function openAccount(settings: Parameters<typeof accountFor>[2] = {}): Promise<void> {
      upstream.answer(sseReply(canned('claude').sse))
      await store.createAccount(accountFor(upstream, 'claude', settings))
      const secret = await makeKey(store)
      for (const { port } of nodes) {
        const serves = async (): Promise<boolean> => (await ask(`http://127.0.0.1:${port}`, secret)).status === 200
        await eventually('a node does not know the account', serves, 10_000)
      }
      upstream.clear()
    }

    /** A node that was killed while it held all places of a key. */
    let killed: { readonly secret: string; readonly atMs: number } | undefined

    test('a node that is killed holds the places of its requests, and no more than those', async () => {
      await openAccount()
      const third = await startNode(redis)
      const release = Promise.withResolvers<void>()
      upstream.answer(async () => {
        await release.promise
        return sseReply(canned('claude').sse)
      })
      const secret = await makeKey(store, { maxConcurrency: 5 })
      const asked = Array.from({ length: 5 }, async () => ask(third.server.url, secret).catch(() => undefined))
      await upstream.waitForRequest(5)
      third.server.signal('SIGKILL')
      await third.server.ended
      killed = { secret, atMs: performance.now() }
      await Promise.all(asked)
      third.folder.remove()
      release.resolve()
      expect((await ask(balancer.url, secret)).status).toBe(429)
    })

    test('of 200 requests at once on a concurrency of 5 exactly 5 get in, and every slot comes back', async () => {
      await openAccount()
      const release = Promise.withResolvers<void>()
      upstream.answer(async () => {
        await release.promise
        return sseReply(canned('claude').sse)
      })
      const secret = await makeKey(store, { maxConcurrency: 5 })
      const asked = Array.from({ length: 200 }, async () => ask(balancer.url, secret))
      await eventually('not all others were refused', () => refusedSoFar(asked, 195), 60_000)
      expect(upstream.requests).toHaveLength(5)
      release.resolve()
      const answers = await Promise.all(asked)
      const refused = answers.filter(({ status }) => status === 429)
      expect(answers.filter(({ status }) => status === 200)).toHaveLength(5)
      expect(refused).toHaveLength(195)
      await eventually('the slots did not come back', async () => (await askFive(balancer.url, secret)) === 5, 10_000)
    })

    test('of 200 requests at once on a window of 100 exactly 100 get in', async () => {
      await openAccount({ maxConcurrency: 1000 })
      const secret = await makeKey(store, { rateLimits: [{ counts: 'requests', windowMs: 3_600_000, max: 100 }] })
      const answers = await Promise.all(Array.from({ length: 200 }, async () => ask(balancer.url, secret)))
      expect(answers.filter(({ status }) => status === 200)).toHaveLength(100)
      expect(answers.filter(({ status }) => status === 429)).toHaveLength(100)
      expect(upstream.requests).toHaveLength(100)
    })

    test('200 requests at once never pass a cost limit by more than one request', async () => {
      await openAccount({ maxConcurrency: 1000, models: { '*': 'claude-sonnet-4-5' } })
      const limit = 5000
      const { relayKey, secret } = await store.createRelayKey({
        name: crypto.randomUUID(),
        budget: { totalMicroUsd: limit },
      })
      const answers = await Promise.all(Array.from({ length: 200 }, async () => ask(balancer.url, secret)))
      const served = answers.filter(({ status }) => status === 200).length
      expect(served).toBeGreaterThan(0)
      expect(answers.filter(({ status }) => status === 429)).toHaveLength(200 - served)
      const sums = async (): ReturnType<AccountStore['sumUsage']> => store.sumUsage({ keyId: relayKey.id })
      await eventually('a request has no record', async () => (await sums()).requests === served, 10_000)
      const { costMicroUsd } = await sums()
      expect(costMicroUsd).toBeGreaterThan(0)
      expect(costMicroUsd).toBeLessThanOrEqual(limit + costMicroUsd / served)
      const used = async (): Promise<readonly number[]> =>
        (await store.readBounds(relayKey)).map((state) => state.used + state.reserved)
      await eventually('not all is settled', async () => (await used())[0] === costMicroUsd, 10_000)
    })

    test('200 requests at once never pass the daily quota of an account by more than one request', async () => {
      const limitMicroUsd = 40_000
      await openAccount({ dailyQuota: { limitMicroUsd }, models: { '*': 'claude-sonnet-4-5' } })
      upstream.answer(sseReply(canned('claude').sse))
      const accountId = (await store.listAccounts())[0]?.id ?? ''
      const { relayKey, secret } = await store.createRelayKey({ name: crypto.randomUUID() })
      const used = async (): Promise<number> => (await store.getAccount(accountId))?.state.quota?.usedMicroUsd ?? 0
      const burst = async (): Promise<number> => {
        const answers = await Promise.all(Array.from({ length: 200 }, async () => ask(balancer.url, secret)))
        return answers.filter(({ status }) => status === 200).length
      }
      const served = await burst()
      expect(served).toBeGreaterThan(0)
      const isCounted = async (): Promise<boolean> => {
        if ((await store.sumUsage({ keyId: relayKey.id, accountId })).requests !== served) return false
        return (await store.sumUsage({ accountId })).costMicroUsd === (await used())
      }
      await eventually('not all is counted', isCounted, 10_000)
      // Next to nothing is left: whoever is alone may use it up, and then nobody.
      await store.recordAccountCost(accountId, limitMicroUsd - (await used()) - 1)
      await wait(PROPAGATION_MS)
      expect(await burst()).toBe(1)
      expect(await burst()).toBe(0)
    })

    test('an account that failed on one node rests on the other, too', async () => {
      const broken = await startFakeUpstream(claudeErrorReply(503, { type: 'api_error', message: 'down' }))
      upstream.answer(sseReply(canned('claude').sse))
      await store.createAccount(accountFor(broken, 'claude', { name: 'broken', priority: 1 }))
      await store.createAccount(accountFor(upstream, 'claude', { name: 'working', priority: 2 }))
      const secret = await makeKey(store)
      const [one, two] = nodes.map(({ port }) => `http://127.0.0.1:${port}`)
      await eventually('a node does not know the accounts', async () => (await ask(two ?? '', secret)).status === 200)
      await store.clearAccountState((await store.listAccounts())[0]?.id ?? '')
      await eventually('the nodes do not know the accounts', async () => (await ask(one ?? '', secret)).status === 200)
      expect(broken.requests.length).toBeGreaterThan(0)
      await eventually(
        'the other node does not know of the cooldown',
        async () => {
          const before = broken.requests.length
          expect((await ask(two ?? '', secret)).status).toBe(200)
          return broken.requests.length === before
        },
        PROPAGATION_MS,
      )
      await broken.close()
    })

    test('a key that is disabled is refused by both nodes within a second', async () => {
      upstream.answer(sseReply(canned('claude').sse))
      await store.createAccount(accountFor(upstream, 'claude'))
      const { relayKey, secret } = await store.createRelayKey({ name: crypto.randomUUID() })
      const urls = nodes.map(({ port }) => `http://127.0.0.1:${port}`)
      for (const url of urls) await eventually('it is not served', async () => (await ask(url, secret)).status === 200)
      await store.updateRelayKey(relayKey.id, { enabled: false })
      await wait(PROPAGATION_MS)
      const answers = await Promise.all(urls.map(async (url) => ask(url, secret)))
      expect(answers.map(({ status }) => status)).toEqual([401, 401])
    })

    test('both nodes are restarted under load, one after the other, and no request fails', async () => {
      upstream.answer(sseReply(canned('claude').sse, { pieceDelayMs: 5, pieceBytes: 200 }))
      await store.createAccount(accountFor(upstream, 'claude'))
      const secret = await makeKey(store)
      await eventually('it is not served', async () => (await ask(balancer.url, secret)).status === 200, 5000)
      const isOver = new AbortController()
      const clients = Array.from({ length: 6 }, async () => askAgainAndAgain(balancer.url, secret, isOver.signal))
      for (const index of [0, 1]) {
        await wait(500)
        const old = nodes[index]
        const next = await startNode(redis)
        if (old === undefined) throw new Error('there is no such node')
        // The balancer learns of the new node, and of the old one's end only by being refused.
        balancer.use([...nodes.map(({ port }) => port), next.port])
        await stopNode(old)
        nodes[index] = next
        balancer.use(nodes.map(({ port }) => port))
      }
      await wait(500)
      isOver.abort()
      const answers = (await Promise.all(clients)).flat()
      expect(answers.length).toBeGreaterThan(50)
      expect(answers.filter(({ status, text }) => status !== 200 || text !== STORY)).toEqual([])
    })

    test('the places of the killed node are back within 60 s', async () => {
      await openAccount()
      const { secret, atMs } = killed ?? { secret: '', atMs: 0 }
      const leftMs = atMs + DEAD_NODE_MS - performance.now()
      let back = 0
      const isBack = async (): Promise<boolean> => (back = await askFive(balancer.url, secret)) === 5
      await eventually('the places are not back', isBack, Math.max(1000, leftMs))
      expect(back).toBe(5)
    })

    test('the password of Redis is in nothing that a node says', () => {
      for (const { server } of nodes) expect(server.stdout() + server.stderr()).not.toContain('canary-password')
    })
  },
)

async function startNode(redis: RedisServer): Promise<Node> {
  const folder = makeFolder()
  const config = join(folder.path, 'relay.config.json')
  writeFileSync(config, '{}')
  const server = await startRelay({
    limitMs: NODE_LIMIT_MS,
    folder: folder.path,
    environment: {
      DATA_DIR: join(folder.path, 'data'),
      RELAY_CONFIG: config,
      REDIS_URL: `redis://:canary-password@127.0.0.1:${redis.port}/0`,
      NODE_ENV: 'test',
      ENCRYPTION_KEY,
      JWT_SECRET,
    },
  })
  return { server, port: Number(new URL(server.url).port), folder }
}

async function stopNode({ server, folder }: Node): Promise<void> {
  server.signal('SIGTERM')
  const { exitCode, stderr } = await server.ended
  folder.remove()
  if (exitCode !== 0) throw new Error(`a node ended with ${exitCode}: ${stderr}`)
}

async function makeKey(store: AccountStore, input: Partial<RelayKeyInput> = {}): Promise<string> {
  return (await store.createRelayKey({ name: crypto.randomUUID(), ...input })).secret
}

/** As many connections as requests. */
const DISPATCHER = new Agent()

interface Answer {
  readonly status: number
  readonly text: string
}

async function ask(url: string, secret: string, dispatcher = DISPATCHER): Promise<Answer> {
  const { statusCode: status, body } = await request(`${url}/v1/messages`, {
    method: 'POST',
    dispatcher,
    headers: { 'x-api-key': secret, 'content-type': 'application/json' },
    body: JSON.stringify({
      model: 'some-model',
      max_tokens: 500,
      stream: true,
      messages: [{ role: 'user', content: 'Tell me a story.' }],
    }),
  })
  const text = await body.text()
  return { status, text: status === 200 ? readStream('claude', text).text : text }
}

/** A client that keeps its connection, as agents do, and asks anew as soon as it has its answer. */
async function askAgainAndAgain(url: string, secret: string, isOver: AbortSignal): Promise<readonly Answer[]> {
  const agent = new Agent({ connections: 1 })
  const answers: Answer[] = []
  while (!isOver.aborted) {
    answers.push(await ask(url, secret, agent).catch((error: unknown) => ({ status: 0, text: String(error) })))
  }
  await agent.close()
  return answers
}

async function askFive(url: string, secret: string): Promise<number> {
  const answers = await Promise.all(Array.from({ length: 5 }, async () => ask(url, secret)))
  return answers.filter(({ status }) => status === 200).length
}

async function refusedSoFar(asked: readonly Promise<Answer>[], count: number): Promise<boolean> {
  const open = Symbol('open')
  const states = await Promise.all(asked.map(async (answer) => Promise.race([answer, Promise.resolve(open)])))
  return states.filter((state) => typeof state === 'object').length >= count
}

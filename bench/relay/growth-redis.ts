import { type AccountStore, openRedisStore, type RelayKey } from '@relay/account-store'
import { hasRedisServer, type RedisServer, startRedisServer } from '@relay/account-store/testing'

import { compare } from '../measure/interleave.ts'
import type { Result } from '../measure/result.ts'

const LARGE = 20_000
const SMALL = 200
const ADMISSIONS = 500
const ROUNDS = 3
const SECRETS = { encryptionKey: 'e'.repeat(40), sessionSecret: 's'.repeat(40) }

interface Filled {
  readonly server: RedisServer
  readonly store: AccountStore
  readonly keys: readonly RelayKey[]
}

/** Admission on Redis: how many commands it takes, and that this does not grow. Nothing where there is no Redis server. */
export async function runRedisGrowth(): Promise<Result[]> {
  if (!hasRedisServer()) return []
  const [large, small] = [await fill(LARGE), await fill(SMALL)]
  try {
    const commands = await compare(commandsOf(large), commandsOf(small), { rounds: ROUNDS })
    const times = await compare(timeOf(large), timeOf(small), { rounds: ROUNDS })
    return [
      toResult('commands to Redis for a request that is let in', 'commands', commands),
      toResult('a request is let in and settled on Redis', 'µs', times),
    ]
  } finally {
    for (const { store, server } of [large, small]) {
      await store.close()
      await server.stop()
    }
  }
}

function toResult(what: string, unit: string, measured: Awaited<ReturnType<typeof compare>>): Result {
  const { subject, baseline, ratio, spread } = measured
  return {
    what,
    unit,
    goal: { number: 10, goal: 1.5, reach: 1.2, of: 'ratio' },
    subject: { name: `${LARGE} keys`, value: subject },
    baseline: { name: `${SMALL} keys`, value: baseline },
    ratio,
    spread,
  }
}

async function fill(count: number): Promise<Filled> {
  const server = await startRedisServer()
  const connection = { kind: 'standalone', address: { host: '127.0.0.1', port: server.port }, db: 0 } as const
  const store = await openRedisStore({ connection, commandTimeoutMs: 30_000, ...SECRETS })
  await store.applyConfig({
    accounts: [],
    relayKeys: Array.from({ length: count }, (_, index) => ({
      name: `key ${index}`,
      secret: `rk_growth_${String(index).padStart(24, '0')}`,
      maxConcurrency: 100,
      rateLimits: [{ counts: 'requests', windowMs: 3_600_000, max: 1_000_000 } as const],
      budget: { dayMicroUsd: 1_000_000_000 },
    })),
  })
  return { server, store, keys: await store.listRelayKeys() }
}

async function admitOnce({ store, keys }: Filled, turn: number): Promise<void> {
  const key = keys[(turn * 7919) % keys.length]
  if (key === undefined) throw new Error('there are no keys')
  const answer = await store.admit({ key, process: 'bench', ttlMs: 60_000, reserve: { tokens: 100, costMicroUsd: 10 } })
  if (answer.type === 'refused') throw new Error('a request of the benchmark was refused')
  await store.settle(answer.admission, { tokens: 50, costMicroUsd: 5 })
}

/** By what the server itself has counted: scripts that were run. Those few by which a node asks for changes are rounded away. */
function commandsOf(filled: Filled): () => Promise<number> {
  return async () => {
    const before = await scriptsRun(filled.server)
    for (let turn = 0; turn < ADMISSIONS; turn += 1) await admitOnce(filled, turn)
    const run = (await scriptsRun(filled.server)) - before
    return Math.round(run / ADMISSIONS) - 1 // the other one settles
  }
}

async function scriptsRun(server: RedisServer): Promise<number> {
  const calls = /cmdstat_evalsha:calls=(\d+)/.exec(await server.command('INFO', 'commandstats'))?.[1]
  return Number(calls ?? 0)
}

function timeOf(filled: Filled): () => Promise<number> {
  return async () => {
    const begunAt = performance.now()
    for (let turn = 0; turn < ADMISSIONS; turn += 1) await admitOnce(filled, turn)
    return ((performance.now() - begunAt) * 1000) / ADMISSIONS
  }
}

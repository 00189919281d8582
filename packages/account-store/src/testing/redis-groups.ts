import { setTimeout as wait } from 'node:timers/promises'

import type { RedisServer } from './redis-server.ts'
import { startRedisServer } from './redis-server.ts'

/** Several servers that belong together. */
export interface RedisGroup {
  readonly servers: readonly RedisServer[]
  stop(): Promise<void>
}

/** A master, a replica and three Sentinels, which promote the replica when the master is killed. */
export interface SentinelGroup extends RedisGroup {
  readonly master: RedisServer
  readonly replica: RedisServer
  readonly sentinels: readonly RedisServer[]
  readonly masterName: string
  /** `kill -9` of the master, which the Sentinels notice within a second. */
  killMaster(): Promise<void>
}

const READY_MS = 30_000
const SLOTS = 16_384
const MASTER_NAME = 'relay-master'
/** A server that gets no processor for some seconds on a busy machine is not down, and must not be voted out. */
const PATIENCE_MS = 30_000

/** Starts three masters as one Cluster. */
export async function startRedisCluster(): Promise<RedisGroup> {
  const config = ['cluster-enabled yes', 'cluster-config-file nodes.conf', `cluster-node-timeout ${PATIENCE_MS}`]
  const servers = await Promise.all(Array.from({ length: 3 }, async () => startRedisServer({ config })))
  for (const [index, server] of servers.entries()) {
    const first = Math.floor((SLOTS * index) / servers.length)
    const last = Math.floor((SLOTS * (index + 1)) / servers.length) - 1
    await server.command('CLUSTER', 'ADDSLOTSRANGE', String(first), String(last))
    await server.command('CLUSTER', 'SET-CONFIG-EPOCH', String(index + 1))
    if (index > 0) await server.command('CLUSTER', 'MEET', '127.0.0.1', String(servers[0]?.port))
  }
  for (const server of servers) {
    await until(async () => (await server.command('CLUSTER', 'INFO')).includes('cluster_state:ok'))
    await until(async () => (await server.command('CLUSTER', 'INFO')).includes('cluster_known_nodes:3'))
  }
  return { servers, stop: async () => stopAll(servers) }
}

/** Starts a master with a replica, watched by three Sentinels. */
export async function startRedisSentinels(): Promise<SentinelGroup> {
  const master = await startRedisServer({ config: ['repl-diskless-sync-delay 0'] })
  const replica = await startRedisServer({ config: [`replicaof 127.0.0.1 ${master.port}`] })
  await until(async () => (await replica.command('INFO', 'replication')).includes('master_link_status:up'))
  const config = [
    `sentinel monitor ${MASTER_NAME} 127.0.0.1 ${master.port} 2`,
    `sentinel down-after-milliseconds ${MASTER_NAME} ${PATIENCE_MS}`,
    `sentinel failover-timeout ${MASTER_NAME} 5000`,
  ]
  const sentinels = await Promise.all(
    Array.from({ length: 3 }, async () => startRedisServer({ kind: 'sentinel', config })),
  )
  for (const sentinel of sentinels) {
    await until(async () => {
      const facts = await sentinel.command('INFO', 'sentinel')
      return facts.includes('slaves=1') && facts.includes('sentinels=3')
    })
  }
  const servers = [master, replica, ...sentinels]
  return {
    servers,
    master,
    replica,
    sentinels,
    masterName: MASTER_NAME,
    killMaster: async () => {
      for (const sentinel of sentinels) {
        await sentinel.command('SENTINEL', 'SET', MASTER_NAME, 'down-after-milliseconds', '1000')
      }
      await master.kill()
    },
    stop: async () => stopAll(servers),
  }
}

async function stopAll(servers: readonly RedisServer[]): Promise<void> {
  await Promise.all(servers.map(async (server) => server.stop()))
}

async function until(isTrue: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + READY_MS
  while (!(await isTrue())) {
    if (performance.now() > deadline) throw new Error(`the Redis servers were not ready within ${READY_MS} ms`)
    await wait(50)
  }
}

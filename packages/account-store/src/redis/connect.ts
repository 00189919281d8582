import { getCACertificates } from 'node:tls'

import type { Cluster, ClusterOptions, Redis, RedisOptions } from 'ioredis'

import type { RedisConnection, RedisTls } from './redis-connection.ts'

/** A client of one server (also one that Sentinels name) or of a Cluster: both know the same commands. */
export type RedisClient = Redis | Cluster

/** Longest wait for one command unless said otherwise (reliability 9.2); `link.ts` sees to it. */
export const COMMAND_TIMEOUT_MS = 1000
/** A connection on which nothing comes back for as long as so many commands may take is dead; a new one is made. */
const SOCKET_TIMEOUTS = 2.5
/** How long one try to connect may take, in longest waits for a command. */
const CONNECT_TIMEOUTS = 1.5
/** Longest pause between two tries to connect: whatever happens, recovery is noticed within 5 s. */
const LONGEST_PAUSE_MS = 500
/** A server that refuses writes may have become a replica: look for the master again, but not for every write. */
const READONLY_PAUSE_MS = 2000

/**
 * Makes a client that does not connect yet. It holds one connection for each server, however many commands run.
 *
 * The library is loaded here, so that whoever uses the embedded store never pays for it.
 */
export async function createClient(connection: RedisConnection, commandTimeoutMs: number): Promise<RedisClient> {
  const { Cluster, Redis } = await import('./library.ts')
  const common = commonOptions(connection, commandTimeoutMs)
  switch (connection.kind) {
    case 'standalone':
      return new Redis({ ...common, ...pausing(), ...connection.address, db: connection.db })
    case 'sentinel':
      return new Redis({
        ...common,
        ...pausing(),
        sentinels: connection.sentinels.map((address) => ({ ...address })),
        name: connection.masterName,
        db: connection.db,
        sentinelUsername: connection.sentinelUsername,
        sentinelPassword: connection.sentinelPassword,
        sentinelCommandTimeout: commandTimeoutMs,
        sentinelRetryStrategy: pause,
        sentinelTLS: common.tls,
        enableTLSForSentinelMode: common.tls !== undefined,
        // Tells at once when the Sentinels have chosen another master, instead of waiting for the old one to refuse.
        failoverDetector: true,
      })
    case 'cluster':
      return new Cluster(
        connection.nodes.map((address) => ({ ...address })),
        clusterOptions(common, commandTimeoutMs),
      )
  }
}

/** Offline commands are refused: `link.ts` lets a bounded number of them wait. Commands are never sent twice behind our back. */
function commonOptions({ username, password, tls }: RedisConnection, commandTimeoutMs: number): RedisOptions {
  return {
    username,
    password,
    tls: tls === undefined ? undefined : { ca: authorities(tls) },
    connectionName: 'relay',
    disableClientInfo: true,
    connectTimeout: CONNECT_TIMEOUTS * commandTimeoutMs,
    socketTimeout: SOCKET_TIMEOUTS * commandTimeoutMs,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    reconnectOnError: createReconnectRule(),
  }
}

/** An authority of one's own joins those of the system: the library would put it in their place. */
function authorities({ ca }: RedisTls): string[] | undefined {
  return ca === undefined ? undefined : [...getCACertificates('default'), ca]
}

function pausing(): RedisOptions {
  return { lazyConnect: true, enableOfflineQueue: false, retryStrategy: pause }
}

function clusterOptions(common: RedisOptions, commandTimeoutMs: number): ClusterOptions {
  return {
    lazyConnect: true,
    enableOfflineQueue: false,
    clusterRetryStrategy: pause,
    slotsRefreshTimeout: commandTimeoutMs,
    slotsRefreshInterval: 2000,
    redisOptions: common,
  }
}

function pause(times: number): number {
  return Math.min(LONGEST_PAUSE_MS, 25 * 2 ** Math.min(times, 10))
}

function createReconnectRule(): (error: Error) => boolean {
  let lastMs = -Infinity
  return ({ message }) => {
    if (!message.startsWith('READONLY') || performance.now() - lastMs < READONLY_PAUSE_MS) return false
    lastMs = performance.now()
    return true
  }
}

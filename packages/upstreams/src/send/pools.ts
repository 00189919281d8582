import { Agent, Pool } from 'undici'
import type { Dispatcher } from 'undici'

import { createGuardedConnector } from './connector.ts'
import type { ConnectorOptions } from './connector.ts'
import { LineClient } from './line-client.ts'
import type { LineClientOptions, LineHandler } from './line-client.ts'
import { createProxyConnector } from './proxy-connector.ts'
import { readProxyUrl } from './proxy-url.ts'
import { createReadTurns, type ReadTurns } from './read-turns.ts'

/** Settings of all pools of a sender. */
export interface PoolOptions extends Omit<ConnectorOptions, 'connectMs' | 'tlsCa'> {
  /** How long an idle connection is kept when the server does not say, in milliseconds. */
  readonly keepAliveMs: number
  readonly maxHeaderBytes: number
}

interface PoolMaking extends PoolOptions {
  readonly readTurns: ReadTurns
}

/** How connections are made. */
export interface Route {
  readonly connectMs: number
  readonly proxyUrl: string | undefined
  readonly tlsCa: string | undefined
}

/** Where a request goes and which connections may carry it. */
export interface PoolTarget extends Route {
  readonly poolKey: string
  readonly origin: string
}

/** Kept connections, one set for each pool key. */
export interface Pools {
  dispatch(target: PoolTarget, options: Dispatcher.DispatchOptions, handler: LineHandler): void
  /** The same on a connection that nobody used before and nobody will use after. */
  dispatchFresh(target: PoolTarget, options: Dispatcher.DispatchOptions, handler: LineHandler): void
  forget(poolKey: string): void
  close(): Promise<void>
}

interface KeptPool {
  readonly route: Route
  readonly agent: Agent
  readonly clientOptions: LineClientOptions
}

/** Makes the pools of one sender. */
export function createPools(options: PoolOptions): Pools {
  const making: PoolMaking = { ...options, readTurns: createReadTurns() }
  const kept = new Map<string, KeptPool>()
  const closing = new Set<Agent | LineClient>()

  function poolFor(target: PoolTarget): KeptPool {
    const { poolKey } = target
    const known = kept.get(poolKey)
    if (known !== undefined && isSameRoute(known.route, target)) return known
    if (known !== undefined) retire(known.agent)
    const pool = openPool(making, target)
    kept.set(poolKey, pool)
    const look = onceATurn(() => dropIfEmpty(poolKey, pool))
    pool.agent.on('disconnect', look)
    pool.agent.on('connectionError', look)
    return pool
  }

  /** An account without a connection costs nothing, however many accounts there are. */
  function dropIfEmpty(poolKey: string, pool: KeptPool): void {
    if (kept.get(poolKey) !== pool || Object.keys(pool.agent.stats).length > 0) return
    kept.delete(poolKey)
  }

  /** Lets running exchanges finish. */
  function retire(dispatcher: Agent | LineClient): void {
    closing.add(dispatcher)
    void closeGently(dispatcher).finally(() => closing.delete(dispatcher))
  }

  return {
    dispatch: (target, request, handler) => {
      poolFor(target).agent.dispatch({ ...request, origin: target.origin }, handler)
    },
    dispatchFresh: (target, request, handler) => {
      const client = new LineClient(target.origin, poolFor(target).clientOptions)
      client.dispatch(request, handler)
      retire(client)
    },
    forget: (poolKey) => {
      const pool = kept.get(poolKey)
      kept.delete(poolKey)
      if (pool !== undefined) retire(pool.agent)
    },
    close: async () => {
      const all = [...[...kept.values()].map((pool) => pool.agent), ...closing]
      kept.clear()
      await Promise.all(all.map((dispatcher) => dispatcher.destroy()))
    },
  }
}

function isSameRoute(left: Route, right: Route): boolean {
  return left.connectMs === right.connectMs && left.proxyUrl === right.proxyUrl && left.tlsCa === right.tlsCa
}

function openPool(options: PoolMaking, { connectMs, proxyUrl, tlsCa }: Route): KeptPool {
  const connecting = { ...options, connectMs, tlsCa }
  const connect =
    proxyUrl === undefined
      ? createGuardedConnector(connecting)
      : createProxyConnector({ ...connecting, proxy: readProxyUrl(proxyUrl) })
  const clientOptions: LineClientOptions = {
    connect,
    readTurns: options.readTurns,
    allowH2: false, // aborting must close the connection, and one connection must carry one request
    pipelining: 1,
    keepAliveTimeout: options.keepAliveMs,
    maxHeaderSize: options.maxHeaderBytes,
    headersTimeout: 0, // watched by the exchange, with one timer instead of two
    bodyTimeout: 0,
  }
  const agent = new Agent({
    connect,
    factory: (origin) =>
      new Pool(origin, {
        connect,
        factory: (target) => new LineClient(target, clientOptions),
      }),
  })
  return { route: { connectMs, proxyUrl, tlsCa }, agent, clientOptions }
}

/** Many connections may close in one turn of the event loop; looking once is enough. */
function onceATurn(action: () => void): () => void {
  let isDue = false
  return () => {
    if (isDue) return
    isDue = true
    setImmediate(() => {
      isDue = false
      action()
    })
  }
}

async function closeGently(dispatcher: Agent | LineClient): Promise<void> {
  try {
    await dispatcher.close()
  } catch {
    // Destroyed meanwhile, because the sender was closed: that closes it, too.
  }
}

import { existsSync } from 'node:fs'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'

import type { AccountStore } from '@relay/account-store'
import { createNetworkGuard, createSender, type Sender } from '@relay/upstreams'

import type { AppRooms } from './app.ts'
import { createAdmissions } from './auth/admissions.ts'
import { startBackground } from './background.ts'
import { createRecorder } from './capture/recorder.ts'
import type { Config } from './config/config.ts'
import { expectedCostOf } from './diagnose/expected-cost.ts'
import type { ExplainRooms } from './diagnose/explain-request.ts'
import { drain } from './drain.ts'
import { createFrontDoor } from './http/front-door.ts'
import type { GenerateRooms } from './http/generate.ts'
import { inTurn } from './http/in-turn.ts'
import { meetExpectations } from './http/meet-expectation.ts'
import { isAnswering, refuseConnections, refuseRequest } from './http/refuse-connection.ts'
import { createUpstreamModels } from './http/upstream-models.ts'
import { createBudgetWatch } from './meter/budget-watch.ts'
import { createMeter } from './meter/meter.ts'
import { openPriceSettings, type PriceSettings } from './meter/price-settings.ts'
import { createPriceBook, type PriceBook } from './meter/prices/price-book.ts'
import { createRunningNotes } from './meter/running-notes.ts'
import { openNotifier } from './notify/open-notifier.ts'
import type { Log } from './observe/log.ts'
import { createMemoryGauge } from './observe/memory-gauge.ts'
import { createPairTallies } from './observe/pair-tally.ts'
import { openMetrics, withMetrics } from './open-metrics.ts'
import { once } from './program-files.ts'
import { createModelWatch } from './relay/answer/answering-model.ts'
import { createHeartbeat } from './relay/answer/heartbeat.ts'
import { STREAM_RHYTHM, type StreamRhythm } from './relay/answer/stream-rhythm.ts'
import { createAccountPool } from './relay/choose/account-pool.ts'
import { createSessionMemory } from './relay/choose/affinity.ts'
import { createLateReturns } from './relay/choose/late-returns.ts'
import { createLeases } from './relay/choose/leases.ts'
import { createRoutingBook } from './relay/choose/routing-book.ts'
import { createThreadMemory } from './relay/choose/threads.ts'
import type { LiveRequest } from './relay/live-request.ts'
import { createLongWork } from './relay/long-work/long-work.ts'
import { createRuleBook } from './relay/prepare/rule-book.ts'
import { createResponseHolders } from './relay/responses/response-holders.ts'
import { createRetryBudget } from './relay/retry-budget.ts'
import { Roster } from './relay/roster.ts'
import { createBackupDesk } from './upkeep/backup-desk.ts'
import type { DataDesk } from './upkeep/data-desk.ts'
import { createDataDesk } from './upkeep/data-desk.ts'
import { NO_RENEWAL } from './upkeep/renewal.ts'
import { VERSION } from './version.ts'
import type { WorkerPlace } from './workers/worker-place.ts'

/** What a server is built of. */
export interface ServerRooms {
  readonly config: Config
  /** Opened, migrated, with the session secret. */
  readonly store: AccountStore
  readonly log: Log
  /** Its place among several processes on one port. */
  readonly worker?: WorkerPlace | undefined
  /** What the panel does to the data set as a whole; without it nothing of that can be done there. */
  readonly data?: DataDesk | undefined
  /** Other times than the usual ones. */
  readonly rhythm?: Partial<StreamRhythm> | undefined
  /** What all streams may hold for clients that do not read; 256 MB unless given. */
  readonly maxBufferedBytes?: number | undefined
}

export interface StopOptions {
  /** How long running requests may finish, in milliseconds. */
  readonly graceMs: number
}

/** A server that listens. */
export interface RunningServer {
  /** As bound, e.g. `http://127.0.0.1:3000`. */
  readonly url: string
  /** Where the metrics are, when they have a port of their own. */
  readonly metricsUrl: string | undefined
  /** Requests of the model API that are being served now. */
  readonly liveRequests: number
  /** Takes no more requests, lets the running ones finish within the grace, ends the rest with an error of their own. */
  stop(options: StopOptions): Promise<void>
}

/** Limits of a request's head (`reliability` 7.2). */
const MAX_HEADER_BYTES = 64 * 1024
const HEADERS_TIMEOUT_MS = 15_000
/** Head and body; the body's own limit is 120 s. */
const REQUEST_TIMEOUT_MS = 140_000
/** Longer than the idle time of common proxies, so that they and not we close a kept connection. */
const KEEP_ALIVE_MS = 75_000
/** Whoever asks sooner brings it sooner. */
const ROUTER_AFTER_MS = 1000

/** Builds the rooms, listens, and returns once connections are accepted. */
export async function startServer({ config, log, ...rooms }: ServerRooms): Promise<RunningServer> {
  let isStopping = false
  const live = new Roster<LiveRequest>()
  const measured = await openMetrics({ config, store: rooms.store, live, worker: rooms.worker })
  const { store, metrics } = measured ?? { store: rooms.store, metrics: undefined }
  const sender = openSender(config)
  const { leases, pool, admissions, closeSlots } = openSlots(store, log)
  const longWork = createLongWork()
  const rules = createRuleBook(store, log)
  const routing = createRoutingBook(store, log)
  const { prices, priceSettings } = await openPrices(config, { store, log })
  const running = createRunningNotes({ store, prices, log })
  const recorder = createRecorder(store, log)
  const pairs = createPairTallies()
  const { events, webhooks, errors } = openNotifier({ store, sender, log })
  const budgets = createBudgetWatch({ store, events, log })
  const background = startBackground({ store, events, leases, log })
  const work = [background, webhooks, priceSettings, running, recorder, budgets, longWork]
  const conversations = openConversations({ store, log })
  const appRooms: AppRooms = {
    store,
    log,
    live,
    sender,
    longWork,
    admissions,
    trustedProxies: config.trustProxy,
    pool,
    meter: withMetrics(createMeter({ store, prices, log, errors, budgets, settle: admissions.settle }), {
      metrics,
      pairs,
    }),
    prices,
    refreshPrices: priceSettings.refresh,
    pairs,
    running,
    tagHeaders: config.tagHeaders,
    metrics: config.metricsPort === undefined ? metrics : undefined,
    metricsToken: config.metricsToken,
    ...processRooms(config, { ...rooms, store, log }),
    ...conversations,
    recorder,
    routing,
    rules,
    explain: explainRooms({ longWork, pool, rules, routing, prices, ...conversations }),
    upstreamModels: createUpstreamModels({ sender, pool, prices }),
    webhooks,
    ...settingsRooms({ config, store, data: rooms.data }),
    panelDirectory: findPanel(),
    isStopping: () => isStopping,
  }
  const server = createNodeServer(appRooms)
  const url = await listen(server, config)
  log.info({ url, metrics: measured?.url, version: VERSION }, 'listening')

  return {
    url,
    metricsUrl: measured?.url,
    get liveRequests() {
      return live.size
    },
    stop: async ({ graceMs }) => {
      isStopping = true
      await drain(server, { live, graceMs })
      closeSlots()
      for (const { stop } of work) stop()
      await sender.close()
      measured?.close()
    },
  }
}

function openSender({ allowPrivate: allow, isProduction }: Config): Sender {
  return createSender({ guard: createNetworkGuard({ allow, allowLoopback: !isProduction }) })
}

/** What requests take of the store and give back. */
function openSlots(store: AccountStore, log: Log) {
  const returns = createLateReturns()
  const leases = createLeases({ store, returns, log })
  const pool = createAccountPool({ store, leases, log })
  const admissions = createAdmissions({ store, leases, returns, log })
  const closeSlots = (): void => {
    for (const room of [leases, admissions, returns]) room.close()
  }
  return { leases, pool, admissions, closeSlots }
}

/** What the settings of the panel show of this node. */
function settingsRooms({
  config,
  store,
  data = createDataDesk({ config, environment: {}, renewal: NO_RENEWAL }),
}: Pick<ServerRooms, 'config' | 'store' | 'data'>): Pick<AppRooms, 'network' | 'backups' | 'data' | 'version'> {
  const { allowPrivate, isProduction } = config
  const network = { allowPrivate, allowLoopback: !isProduction }
  return { network, backups: createBackupDesk(config, store), data, version: VERSION }
}

/** Where conversations go on, and what Responses requests build on. */
function openConversations(
  rooms: Pick<ServerRooms, 'store' | 'log'>,
): Pick<AppRooms, 'responses' | 'threads' | 'sessions'> {
  return {
    responses: { ...rooms, holders: createResponseHolders(rooms) },
    threads: createThreadMemory(rooms),
    sessions: createSessionMemory(rooms),
  }
}

/** What this process alone knows. */
function processRooms(
  { memoryLimitBytes, workers }: Config,
  { rhythm, maxBufferedBytes, ...rooms }: Pick<ServerRooms, 'rhythm' | 'maxBufferedBytes' | 'store' | 'log'>,
): Pick<AppRooms, 'heartbeat' | 'memory' | 'models' | 'rhythm' | 'retries'> {
  return {
    heartbeat: createHeartbeat(maxBufferedBytes),
    memory: createMemoryGauge({ limitBytes: memoryLimitBytes, processes: workers }),
    models: createModelWatch(rooms.log),
    rhythm: { ...STREAM_RHYTHM, ...rhythm },
    retries: createRetryBudget(),
  }
}

/** The prices, and who keeps them as the operator wants them. */
async function openPrices(
  { pricesFile }: Config,
  { store, log }: Pick<ServerRooms, 'store' | 'log'>,
): Promise<{ readonly prices: PriceBook; readonly priceSettings: PriceSettings }> {
  const prices = createPriceBook()
  return { prices, priceSettings: await openPriceSettings({ book: prices, store, file: pricesFile, log }) }
}

/** What explaining looks at. */
function explainRooms({ pool, prices, ...books }: ExplainParts): ExplainRooms {
  const { list, inFlight, lastUsedAt, refusedParameters } = pool
  const known = { expectedCost: expectedCostOf(prices), factsOf: prices.modelFacts, refusedParameters }
  return { listAccounts: list, inFlight, lastUsedAt, ...books, ...known }
}

type ExplainParts = Pick<
  GenerateRooms,
  'longWork' | 'pool' | 'rules' | 'routing' | 'prices' | 'responses' | 'threads' | 'sessions'
>

function createNodeServer(rooms: AppRooms): Server {
  const door = inTurn(createFrontDoor(rooms, openRouter(rooms)))
  const server = createServer(
    {
      maxHeaderSize: MAX_HEADER_BYTES,
      requireHostHeader: false, // the front door refuses those in words
      headersTimeout: HEADERS_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      keepAliveTimeout: KEEP_ALIVE_MS,
      connectionsCheckingInterval: 1_000,
      noDelay: true,
      // an offer of HTTP/2 (`h2c`, as Java's client makes) may be passed over; a WebSocket client has to be told
      shouldUpgradeCallback: ({ headers, socket }) =>
        headers.upgrade?.toLowerCase() === 'websocket' && !isAnswering(socket),
    },
    door,
  )
  meetExpectations(server, door)
  refuseConnections(server, rooms.live)
  return server
}

/**
 * Most requests go straight past the router, so it is read when one first needs it, or when the start is over: a start is
 * sooner there without.
 */
function openRouter(rooms: AppRooms): RequestListener {
  const open = once(() => import('./app.ts').then(({ createRouter }) => createRouter(rooms)))
  setTimeout(() => void open().catch(() => undefined), ROUTER_AFTER_MS).unref() // whoever asks for it is told
  return (incoming, outgoing) => {
    // A program whose files were taken away under it still answers, and says so.
    open().then(
      (route) => route(incoming, outgoing),
      (error: unknown) => refuseRequest(incoming, outgoing, error),
    )
  }
}

async function listen(server: Server, { port, host }: Config): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  server.once('error', reject)
  server.listen(port, host, resolve)
  await promise
  server.off('error', reject)
  const address = server.address() as AddressInfo // a listening TCP server has one
  const name = address.family === 'IPv6' ? `[${address.address}]` : address.address
  return `http://${name}:${address.port}`
}

/** Beside the bundle in a build, beside the sources while developing. */
function findPanel(): string | undefined {
  const places = ['./admin', '../../admin/build'].map((place) => fileURLToPath(new URL(place, import.meta.url)))
  return places.find((place) => existsSync(place))
}

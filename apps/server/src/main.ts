import type { AccountStore } from '@relay/account-store'
import type { DemoUpstream } from '@relay/upstreams/demo'
import { startDemoUpstream } from '@relay/upstreams/demo'
import * as z from 'zod'

import { applyConfigFile, readFileOfStart } from './apply-config-file.ts'
import { closeAll } from './close-all.ts'
import type { Closable } from './close-all.ts'
import type { Config } from './config/config.ts'
import { readConfig } from './config/config.ts'
import type { Environment } from './config/environment.ts'
import { EXIT_CODES, ExitError } from './exit-error.ts'
import type { ExitCode } from './exit-error.ts'
import { decideDemo, disableDemoAccount, settleDemoAccount } from './first-run/demo-account.ts'
import { makeFirstAdmin, makeFirstRelayKey } from './first-run/first-secrets.ts'
import type { Welcome } from './first-run/welcome.ts'
import { openableUrl } from './first-run/welcome.ts'
import type { Log } from './observe/log.ts'
import { createLog } from './observe/log.ts'
import { openStore } from './open-store.ts'
import type { RunningServer } from './server.ts'
import { startServer } from './server.ts'
import type { StopSignals } from './stop-signals.ts'
import { watchStopSignals } from './stop-signals.ts'
import { tuneEngine } from './tune-engine.ts'
import { startDailyBackup } from './upkeep/daily-backup.ts'
import type { DataDesk } from './upkeep/data-desk.ts'
import { createDataDesk } from './upkeep/data-desk.ts'
import type { RenewalObstacle, RenewalWatch, Replacement } from './upkeep/renewal.ts'
import { createRenewal } from './upkeep/renewal.ts'
import { watchCrashes } from './watch-crashes.ts'
import type { CrashWatch } from './watch-crashes.ts'
import { findWorkerPlace } from './workers/worker-place.ts'
import type { WorkerPlace } from './workers/worker-place.ts'

/** What a start is given. */
export interface StartOptions {
  readonly environment: Environment
  /** The path given with `--config`. */
  readonly configFile: string | undefined
  /** How the `relay` command is called on this machine. */
  readonly command: string
  /** Called once, when the server answers. */
  readonly welcome: (welcome: Welcome) => void
}

/** How long running requests may take to finish after a signal (`reliability` 10.1). */
const STOP_GRACE_MS = 30_000
/** Beyond the grace: ending what is left and writing records is a matter of moments. */
const STOP_LIMIT_MS = STOP_GRACE_MS + 10_000

/**
 * Runs the relay until a signal asks it to stop: configuration → log → configuration file → store → server → demo →
 * first secrets. Where the panel puts another data set in the place of this one, all of it is done again. With several
 * workers each of them is such a run, and this process only looks after them.
 *
 * @returns the exit code of an orderly stop
 * @throws ConfigError, StoreError, ExitError for what the operator has to mend
 */
export async function runRelay(options: StartOptions): Promise<number> {
  tuneEngine([...process.execArgv, options.environment['NODE_OPTIONS'] ?? ''])
  // Schemas check settings, not requests: compiling one into code takes longer than all its checks.
  z.config({ jitless: true })
  const config = readConfig(options.environment)
  const log = createConfiguredLog(config)
  const worker = findWorkerPlace(options.environment)
  if (config.workers > 1 && worker === undefined) return lookAfterWorkers(config, log)
  const ends = { signals: worker?.signals ?? watchStopSignals(), crash: watchCrashes(log) }
  const renewal = createRenewal(findObstacle(config, worker))
  try {
    for (;;) {
      const end = await serve({ log, worker, renewal, ...ends }, options)
      if (typeof end === 'number') return end
      // The key may be another one than at the beginning.
      await renewal.replace(end, { config: readConfig(options.environment), log })
    }
  } finally {
    ends.signals.release()
    ends.crash.release()
    await log.flush()
  }
}

/** What outlives a change of the data set. */
interface ProcessRooms {
  readonly log: Log
  readonly worker: WorkerPlace | undefined
  readonly renewal: RenewalWatch
  readonly signals: StopSignals
  readonly crash: CrashWatch
}

/** Opens everything, serves, and closes everything. @returns why: the exit code, or the data set that is wanted in place of this one */
async function serve(rooms: ProcessRooms, options: StartOptions): Promise<ExitCode | Replacement> {
  const { log, worker, renewal, signals, crash } = rooms
  const config = readConfig(options.environment)
  /** What has to be closed, last things first; running requests still need the demo. */
  const open: Closable[] = []
  try {
    const isFirst = worker?.isFirst ?? true
    const file = isFirst ? readFileOfStart(config, options) : undefined
    const store = await openStore(config, { onDelay: (message) => log.warn({}, message), keepsQueue: true })
    open.push({ name: 'store', close: () => store.close() })
    await renewal.noteDone(store)
    if (isFirst) await applyConfigFile({ store, log }, file)
    const data = createDataDesk({ config, environment: options.environment, renewal })
    const keeper = data.lookAfter()
    open.push({ name: 'errands', close: async () => keeper.stop() })
    // First the address: a start that cannot have it must neither make secrets nor turn the demo of a running one away.
    const server = await listen({ config, store, log, worker, data })
    open.push({ name: 'server', close: () => server.stop({ graceMs: STOP_GRACE_MS }) })
    if (isFirst) await doOnce({ config, store, log, server, open, worker, renewal }, options)
    worker?.noteReady()
    const stopped = signals.first.then((signal) => noteStop(log, signal))
    return await Promise.race([stopped, crash.first, renewal.asked()])
  } finally {
    await closeAll(open, { log, limitMs: STOP_LIMIT_MS })
  }
}

/** Only where this process alone has the data set open can it be changed for another one. */
function findObstacle({ redis }: Config, worker: WorkerPlace | undefined): RenewalObstacle | undefined {
  if (redis !== undefined) return 'shared-store'
  return worker === undefined ? undefined : 'workers'
}

/** What one process of a start does, however many of them serve. */
async function doOnce({ server, open, worker, renewal, ...rooms }: OnceRooms, options: StartOptions): Promise<void> {
  const backups = startDailyBackup({ ...rooms, environment: options.environment })
  open.push({ name: 'daily backup', close: async () => backups.stop() })
  const demo = await startDemo(rooms)
  if (demo !== undefined) open.unshift({ name: 'demo', close: () => demo.close() })
  const welcome = await prepareWelcome({ store: rooms.store, server, demo, command: options.command })
  const isAgain = worker?.isAgain === true || renewal.last !== undefined
  if (!isAgain || welcome.relayKey !== undefined || welcome.adminPassword !== undefined) options.welcome(welcome)
}

async function lookAfterWorkers({ workers: count }: Config, log: Log): Promise<number> {
  const signals = watchStopSignals()
  try {
    // The module is read only where there are several: it makes this process the first of a cluster.
    const { runWorkers } = await import('./workers/run-workers.ts')
    return await runWorkers({ count, log, signals })
  } finally {
    signals.release()
    await log.flush()
  }
}

interface OnceRooms extends Rooms {
  readonly server: RunningServer
  readonly open: Closable[]
  readonly worker: WorkerPlace | undefined
  readonly renewal: RenewalWatch
}

interface Rooms {
  readonly config: Config
  readonly store: AccountStore
  readonly log: Log
}

function createConfiguredLog(config: Config): Log {
  const log = createLog({ level: config.logLevel })
  const { redis } = config
  const sentinelPassword = redis?.kind === 'sentinel' ? redis.sentinelPassword : undefined
  const known = [config.jwtSecret, config.encryptionKey, config.metricsToken, redis?.password, sentinelPassword]
  for (const secret of known) {
    if (secret !== undefined) log.hideSecret(secret)
  }
  return log
}

async function startDemo({ config, store, log }: Rooms): Promise<DemoUpstream | undefined> {
  const { account, isWanted } = await decideDemo(store, config.isProduction)
  if (!isWanted) {
    if (config.isProduction && account !== undefined) await disableDemoAccount(store, account)
    return undefined
  }
  const demo = await startDemoUpstream()
  await settleDemoAccount(store, account, demo.url)
  log.debug({ url: demo.url }, 'demo upstream started')
  return demo
}

async function listen(rooms: Rooms & Pick<OnceRooms, 'worker'> & { readonly data: DataDesk }): Promise<RunningServer> {
  try {
    return await startServer(rooms)
  } catch (error) {
    const { port, host } = rooms.config
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (code === 'EADDRINUSE') {
      throw addressError(
        `port ${port} on ${host} is taken; stop what listens there, or choose another one with PORT`,
        error,
      )
    }
    if (code === 'EACCES') throw addressError(`port ${port} needs more rights; choose one above 1023 with PORT`, error)
    if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') {
      throw addressError(`${host} is no address of this machine; set HOST, for instance to 127.0.0.1 or 0.0.0.0`, error)
    }
    throw error
  }
}

function addressError(message: string, cause: unknown): ExitError {
  return new ExitError(EXIT_CODES.address, message, { cause })
}

interface WelcomeFacts {
  readonly store: AccountStore
  readonly server: RunningServer
  readonly demo: DemoUpstream | undefined
  readonly command: string
}

async function prepareWelcome({ store, server, demo, command }: WelcomeFacts): Promise<Welcome> {
  const accounts = await store.listAccounts()
  return {
    url: openableUrl(server.url),
    command,
    relayKey: await makeFirstRelayKey(store),
    adminPassword: await makeFirstAdmin(store),
    hasDemo: demo !== undefined,
    hasOwnAccount: accounts.some(({ isDemo }) => !isDemo),
  }
}

function noteStop(log: Log, signal: NodeJS.Signals): ExitCode {
  log.info({ signal, graceMs: STOP_GRACE_MS }, 'stopping; running requests may finish, a second signal ends at once')
  return EXIT_CODES.ok
}

import { randomBytes } from 'node:crypto'

import { type AccountInput, type AccountStore, openSqliteStore, type RelayKeyInput } from '@relay/account-store'

import type { Config } from '../config/config.ts'
import { createLog } from '../observe/log.ts'
import { startServer } from '../server.ts'

/** A relay for one run of a client. */
export interface RunRelay {
  /** Without a slash at the end. */
  readonly url: string
  /** Of a key that is good for this run only. */
  readonly key: string
  /** Whether this process serves it. */
  readonly isOwn: boolean
  close(): Promise<void>
}

/** A run on the data that is there. */
export interface StoredRun {
  readonly config: Config
  readonly store: AccountStore
  /** The one account that may be used; `undefined` = all. */
  readonly accountId: string | undefined
  readonly client: string
}

/** A key outlives its run only where the process was killed. */
const KEY_LIFE_MS = 24 * 3_600_000
const STOP_GRACE_MS = 5_000
const LOOK_MS = 1_500

/** A relay on the store: the one that runs, or one in this process. */
export async function openStoredRelay({ config, store, accountId, client }: StoredRun): Promise<RunRelay> {
  const { relayKey, secret } = await store.createRelayKey(keyFor(client, accountId))
  const dropKey = async (): Promise<void> => void (await store.revokeRelayKey(relayKey.id))
  const running = await findRunning(config, secret)
  if (running !== undefined) return { url: running, key: secret, isOwn: false, close: dropKey }
  return openOwn({ config, store, secret, after: dropKey })
}

/** A relay with one account, in memory; nothing is written. */
export async function openThrowAwayRelay(config: Config, account: AccountInput, client: string): Promise<RunRelay> {
  const { encryptionKey, jwtSecret } = config
  const store = await openSqliteStore({ path: ':memory:', encryptionKey, sessionSecret: jwtSecret })
  const { id } = await store.createAccount(account)
  const { secret } = await store.createRelayKey(keyFor(client, id))
  return openOwn({ config, store, secret, after: () => store.close() })
}

function keyFor(client: string, accountId: string | undefined): RelayKeyInput {
  return {
    name: `run ${client} ${randomBytes(4).toString('hex')}`,
    expiresAt: Date.now() + KEY_LIFE_MS,
    ...(accountId === undefined ? {} : { permissions: { accounts: [accountId] } }),
  }
}

interface OwnRelay {
  readonly config: Config
  readonly store: AccountStore
  readonly secret: string
  /** Once it serves nobody, also where it could not begin. */
  readonly after: () => Promise<void>
}

/** The terminal is the client's: this relay says nothing on it. */
async function openOwn({ config, store, secret, after }: OwnRelay): Promise<RunRelay> {
  const own = { ...config, host: '127.0.0.1', port: 0, metricsPort: undefined, metricsToken: undefined }
  try {
    const server = await startServer({ config: own, store, log: createLog({ level: 'silent' }) })
    return {
      url: server.url,
      key: secret,
      isOwn: true,
      close: async () => {
        await server.stop({ graceMs: STOP_GRACE_MS })
        await after()
      },
    }
  } catch (error) {
    await after()
    throw error
  }
}

/** A relay that knows a key made a moment ago serves the same store. */
async function findRunning({ host, port }: Config, secret: string): Promise<string | undefined> {
  const isAnyHost = host === '0.0.0.0' || host === '::'
  const name = host.includes(':') && !isAnyHost ? `[${host}]` : host
  const url = `http://${isAnyHost ? '127.0.0.1' : name}:${port}`
  try {
    const response = await fetch(`${url}/v1/relay/key`, {
      headers: { authorization: `Bearer ${secret}` },
      redirect: 'error',
      signal: AbortSignal.timeout(LOOK_MS),
    })
    await response.body?.cancel()
    return response.status === 200 ? url : undefined
  } catch {
    return undefined // nobody listens there, or somebody who is no relay
  }
}

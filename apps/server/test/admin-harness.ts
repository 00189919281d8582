import { openSqliteStore } from '@relay/account-store'
import type { AccountStore, AdminRole } from '@relay/account-store'
import { createNetworkGuard, createSender } from '@relay/upstreams'
import { Hono } from 'hono'

import { createAdminApi } from '../src/admin-api/admin-api.ts'
import type { AdminRooms } from '../src/admin-api/admin-rooms.ts'
import { ADMIN_API_PATH } from '../src/admin-api/contract/index.ts'
import { readConfig } from '../src/config/config.ts'
import { createPriceBook } from '../src/meter/prices/price-book.ts'
import { createPairTallies } from '../src/observe/pair-tally.ts'
import { createBackupDesk } from '../src/upkeep/backup-desk.ts'
import type { DataDesk } from '../src/upkeep/data-desk.ts'
import { createDataDesk } from '../src/upkeep/data-desk.ts'
import { NO_RENEWAL } from '../src/upkeep/renewal.ts'
import { openWebhookDesk } from './webhook-stage.ts'

export const ONE_TIME_PASSWORD = 'one-time-password-1'
export const PASSWORD = 'correct horse battery'
/** Of a store in memory: no backup was ever made of it. */
export const NO_DATA = {
  dataDir: '/nonexistent',
  storeFile: ':memory:',
  redis: undefined,
  encryptionKey: 'e'.repeat(40),
  backupsKept: 7,
}
/** The desk of a server that the command does not run. */
export function noDataDesk(): DataDesk {
  const environment = {
    DATA_DIR: NO_DATA.dataDir,
    ENCRYPTION_KEY: 'uH4-of-a-desk-without-a-store-x2Rb-91-kq',
    JWT_SECRET: 'pT9-of-a-desk-without-sessions-c6Ym-27-z',
  }
  return createDataDesk({ config: readConfig(environment), environment, renewal: NO_RENEWAL })
}
const ORIGIN = 'http://relay.test:3000'

/** An admin API over a real store in memory, with a clock that only moves when told to. */
export interface AdminHarness {
  readonly store: AccountStore
  readonly app: Hono
  readonly log: string[]
  /** Moves the store's clock. */
  advance(ms: number): void
  /** Calls as the panel does: from its own origin, with the proof header and the cookie that was set last. */
  call(method: string, path: string, options?: CallOptions): Promise<Answer>
}

export interface CallOptions {
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string | undefined>>
  readonly address?: string
}

export interface Answer {
  readonly status: number
  readonly headers: Headers
  /** Whatever JSON came; the test looks at it freely. */
  readonly body: ReturnType<JSON['parse']>
  readonly cookie: string | undefined
}

async function openAdminHarness(): Promise<AdminHarness> {
  let now = Date.now()
  let address = '192.0.2.1'
  let cookie: string | undefined
  const log: string[] = []
  const store = await openSqliteStore({
    path: ':memory:',
    encryptionKey: 'e'.repeat(40),
    sessionSecret: 's'.repeat(40),
    now: () => now,
  })
  const note = (fields: object, message: string): void => void log.push(JSON.stringify({ ...fields, message }))
  const rooms: AdminRooms = {
    store,
    sender: createSender({ guard: createNetworkGuard({ allow: [], allowLoopback: true }) }),
    inFlight: () => 0,
    prices: createPriceBook(),
    refreshPrices: async () => undefined, // nothing is priced here
    pairs: createPairTallies(),
    version: '1.2.3',
    log: { info: note, warn: note, error: note },
    webhooks: openWebhookDesk(store),
    network: { allowPrivate: ['10.1.0.0/16'], allowLoopback: true },
    backups: createBackupDesk(NO_DATA, store),
    data: noDataDesk(),
    clientAddress: () => address,
  }
  const app = new Hono().route(ADMIN_API_PATH, createAdminApi(rooms))

  async function call(method: string, path: string, options: CallOptions = {}): Promise<Answer> {
    address = options.address ?? '192.0.2.1'
    const headers = new Headers()
    const given = { origin: ORIGIN, host: new URL(ORIGIN).host, 'x-relay-admin': '1', cookie, ...options.headers }
    for (const [name, value] of Object.entries(given)) if (value !== undefined) headers.set(name, value)
    const response = await app.request(`${ADMIN_API_PATH}${path}`, { method, headers, body: writeBody(options.body) })
    const set = response.headers.get('set-cookie') ?? undefined
    if (set !== undefined) cookie = /max-age=0/i.test(set) ? undefined : set.split(';')[0]
    const text = await response.text()
    return {
      status: response.status,
      headers: response.headers,
      body: text === '' ? undefined : JSON.parse(text),
      cookie: set,
    }
  }

  return { store, app, log, call, advance: (ms) => void (now += ms) }
}

/** Text is sent as it is, so that it need not be JSON. */
function writeBody(body: unknown): string | null {
  if (body === undefined) return null
  return typeof body === 'string' ? body : JSON.stringify(body)
}

/** A harness with the admin user of a first start. */
export async function openFirstStart(): Promise<AdminHarness> {
  const harness = await openAdminHarness()
  await harness.store.createAdminUser({ name: 'admin', password: ONE_TIME_PASSWORD, mustChangePassword: true })
  return harness
}

/** Adds someone of a role to a harness and signs them in, in place of whoever was. */
export async function signInAs(harness: AdminHarness, role: AdminRole): Promise<void> {
  const name = `some-${role}`
  await harness.store.createAdminUser({ name, password: PASSWORD, mustChangePassword: false, role })
  const { status } = await harness.call('POST', '/session', { body: { name, password: PASSWORD } })
  if (status !== 200) throw new Error(`${name} could not sign in`)
}

/** A harness with someone signed in who has set a password. */
export async function openSignedIn(): Promise<AdminHarness> {
  const harness = await openAdminHarness()
  await harness.store.createAdminUser({ name: 'admin', password: PASSWORD, mustChangePassword: false })
  await harness.call('POST', '/session', { body: { name: 'admin', password: PASSWORD } })
  return harness
}

import type { HttpBindings } from '@hono/node-server'
import type { AccountStore, FoundSession } from '@relay/account-store'
import type { Sender } from '@relay/upstreams'
import type { Context, Hono } from 'hono'

import type { PriceBook } from '../meter/prices/price-book.ts'
import type { WebhookDesk } from '../notify/webhook-desk.ts'
import type { PairTallies } from '../observe/pair-tally.ts'
import type { BackupDesk } from '../upkeep/backup-desk.ts'
import type { DataDesk } from '../upkeep/data-desk.ts'
import type { Caller } from './caller.ts'

/** The part of the logger that the admin API uses; pino fits. */
export interface AdminLog {
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}

/** What the admin API needs, built once at start. */
export interface AdminRooms {
  /** Opened with the session secret. */
  readonly store: AccountStore
  readonly log: AdminLog
  readonly prices: PriceBook
  /** Puts what was just written about prices in force here; the other nodes read it within a second. */
  readonly refreshPrices: () => Promise<void>
  /** What converting took, per pair of formats. */
  readonly pairs: PairTallies
  /** For tests of accounts. */
  readonly sender: Sender
  /** Requests of this process at an account now. */
  readonly inFlight: (accountId: string) => number
  /** Who is told of events. */
  readonly webhooks: WebhookDesk
  /** What the network guard lets through. */
  readonly network: { readonly allowPrivate: readonly string[]; readonly allowLoopback: boolean }
  readonly backups: BackupDesk
  readonly data: DataDesk
  /** Version of the relay, for the about answer. */
  readonly version: string
  /** The address a try to sign in is counted under; the socket's unless said otherwise (for instance behind a trusted proxy). */
  readonly clientAddress?: ((context: Context) => string | undefined) | undefined
}

/** What handlers find in Hono's context. */
export interface AdminEnv {
  Bindings: Partial<HttpBindings>
  Variables: {
    /** The live session of the caller; explicitly `undefined` where there is none. */
    session: FoundSession | undefined
    /** Who was let in; `undefined` on public routes for those who are nobody yet. */
    caller: Caller | undefined
  }
}

export type AdminContext = Context<AdminEnv>
export type AdminApp = Hono<AdminEnv>

/** The address of the caller as the server counts it; empty where nothing is known. */
export function readAddress(rooms: AdminRooms, context: AdminContext): string {
  return rooms.clientAddress?.(context) ?? context.env?.incoming?.socket.remoteAddress ?? ''
}

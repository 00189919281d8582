import type { HttpBindings } from '@hono/node-server'
import { type Context, Hono } from 'hono'

import { createAdminApi } from '../admin-api/admin-api.ts'
import type { AdminRooms } from '../admin-api/admin-rooms.ts'
import { ADMIN_API_PATH, PANEL_PATH } from '../admin-api/contract/index.ts'
import { clientAddress } from '../auth/client-address.ts'
import { createPanel } from './panel.ts'

/** What the panel and its API are made of. */
export interface AdminSiteRooms extends Omit<AdminRooms, 'clientAddress'> {
  /** Where the built panel lies; `undefined` when it was not built. */
  readonly panelDirectory: string | undefined
  readonly trustedProxies: readonly string[]
}

/** The panel and the admin API, each under its path. Its errors are for whoever asks it. */
export function createAdminSite(rooms: AdminSiteRooms): Hono<{ Bindings: HttpBindings }> {
  const site = new Hono<{ Bindings: HttpBindings }>()
  site.route(ADMIN_API_PATH, createAdminApi({ ...rooms, clientAddress: (context) => addressOf(rooms, context) }))
  site.route(PANEL_PATH, createPanel({ directory: rooms.panelDirectory }))
  site.onError((error) => {
    throw error
  })
  return site
}

/** The caller of the admin API as the limits of sign-ins and the log of actions know them. */
function addressOf({ trustedProxies }: AdminSiteRooms, { env }: Context): string | undefined {
  const { incoming } = env as Partial<HttpBindings> // absent only where no socket is behind the request
  return incoming === undefined ? undefined : clientAddress(incoming, trustedProxies)
}

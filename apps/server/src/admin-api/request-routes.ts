import { Hono } from 'hono'

import { readQuery, refuse } from './admin-answer.ts'
import type { AdminApp, AdminContext, AdminEnv, AdminRooms } from './admin-rooms.ts'
import { requestQuerySchema } from './contract.ts'
import type { NameList, RequestPage } from './contract.ts'
import { describeRequest, summariseRequest } from './request-view.ts'

/** The latest requests, one of them, and what they can be filtered by. */
export function createRequestRoutes(rooms: AdminRooms): AdminApp {
  const routes = new Hono<AdminEnv>()
  routes.get('/requests', (context) => listRequests(rooms, context))
  routes.get('/requests/:id', (context) => showRequest(rooms, context))
  routes.get('/names', (context) => listNames(rooms, context))
  return routes
}

async function listRequests({ store }: AdminRooms, context: AdminContext): Promise<Response> {
  const query = readQuery(context, requestQuerySchema)
  if (!query.ok) return query.answer
  const { records, nextCursor } = await store.listUsage(query.value)
  return context.json({ requests: records.map(summariseRequest), nextCursor } satisfies RequestPage)
}

async function showRequest({ store }: AdminRooms, context: AdminContext): Promise<Response> {
  const record = await store.getUsage(context.req.param('id') ?? '')
  if (record === undefined)
    return refuse(context, { code: 'not-found', message: 'There is no record of this request.' })
  return context.json(describeRequest(record))
}

async function listNames({ store }: AdminRooms, context: AdminContext): Promise<Response> {
  // Revoked keys too: their requests are still in the list.
  const [keys, accounts] = await Promise.all([store.listRelayKeys({ includeRevoked: true }), store.listAccounts()])
  return context.json({ keys: keys.map(toNameEntry), accounts: accounts.map(toNameEntry) } satisfies NameList)
}

function toNameEntry({ id, name }: { readonly id: string; readonly name: string }): { id: string; name: string } {
  return { id, name }
}

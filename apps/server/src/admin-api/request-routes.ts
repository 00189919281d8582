import { fitsPattern } from '@relay/account-store'
import type { Account } from '@relay/account-store'
import { Hono } from 'hono'

import { readQuery, refuse } from './admin-answer.ts'
import type { AdminApp, AdminContext, AdminEnv, AdminRooms } from './admin-rooms.ts'
import { requestQuerySchema } from './contract/index.ts'
import type { NameList, RequestPage } from './contract/index.ts'
import { describeRequest, summariseRequest } from './request-view.ts'

/** For a first request; most accounts pass every model through or map this one. */
const WELL_KNOWN_MODEL = 'claude-sonnet-4-5'

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
  return context.json({
    keys: keys.map(toNameEntry),
    accounts: accounts.map(toNameEntry),
    exampleModel: findExampleModel(accounts),
  } satisfies NameList)
}

/** The well-known model where an enabled account takes it, else one that an account names in full. */
function findExampleModel(accounts: readonly Account[]): string | undefined {
  const patterns = accounts
    .filter(({ enabled }) => enabled)
    .flatMap(({ models }) => (models === undefined ? ['*'] : Object.keys(models)))
  if (patterns.some((pattern) => fitsPattern(pattern, WELL_KNOWN_MODEL))) return WELL_KNOWN_MODEL
  return patterns.find((pattern) => !pattern.includes('*'))
}

function toNameEntry({ id, name }: { readonly id: string; readonly name: string }): { id: string; name: string } {
  return { id, name }
}

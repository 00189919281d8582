import type { IncomingHttpHeaders } from 'node:http'

import type { Account, RelayKey } from '@relay/account-store'
import { exactModelNames, resolveModel } from '@relay/upstreams'
import type { Context } from 'hono'

import { authenticate, mayUseModel } from '../auth/authenticate.ts'
import type { AccountPool } from '../relay/account-pool.ts'
import { ServerError } from '../server-error.ts'
import { canonicalPath } from './canonical-path.ts'
import { lookUp, type LookupRooms } from './look-up.ts'
import type { UpstreamModels } from './upstream-models.ts'

export interface ModelRooms extends LookupRooms {
  readonly pool: AccountPool
  readonly upstreamModels: UpstreamModels
}

/** `GET /v1/models`: what the key can reach, in the caller's dialect. */
export function createModelListHandler(rooms: ModelRooms): (context: Context) => Promise<Response> {
  return (context) =>
    lookUp(context, async (headers) => {
      const key = await authenticate(rooms.store, headers)
      const names = await reachableModels(rooms, key)
      return isAnthropic(headers)
        ? anthropicList(names, context.req.query('limit'))
        : { object: 'list', data: names.map(openaiModel) }
    })
}

/** `GET /v1/models/{id}`; ids may hold slashes. */
export function createModelHandler(rooms: ModelRooms): (context: Context) => Promise<Response> {
  return (context) =>
    lookUp(context, async (headers) => {
      const key = await authenticate(rooms.store, headers)
      const id = modelIdOf(context)
      const accounts = usableAccounts(await rooms.pool.list(), key)
      const isServed =
        mayUseModel(key, id) && accounts.some((account) => resolveModel(account.models, id) !== undefined)
      if (!isServed)
        throw new ServerError('not_found', `model ${JSON.stringify(id.slice(0, 100))} is not served to this relay key`)
      return isAnthropic(headers) ? anthropicModel(id) : openaiModel(id)
    })
}

/** The id as the path spells it, decoded once; one that cannot be decoded names no model. */
function modelIdOf(context: Context): string {
  const id = canonicalPath(new URL(context.req.url).pathname).slice('/v1/models/'.length)
  try {
    return decodeURIComponent(id)
  } catch {
    return id
  }
}

/** Exact names of the model maps, and what upstreams list where names pass through. */
async function reachableModels(rooms: ModelRooms, key: RelayKey): Promise<readonly string[]> {
  const accounts = usableAccounts(await rooms.pool.list(), key)
  const lists = await Promise.all(accounts.map((account) => modelsOf(rooms, account)))
  return [...new Set(lists.flat())].filter((name) => mayUseModel(key, name)).toSorted()
}

async function modelsOf({ upstreamModels }: ModelRooms, account: Account): Promise<readonly string[]> {
  const exact = exactModelNames(account.models)
  const passesNames = account.models === undefined || Object.values(account.models).includes('*')
  if (!passesNames || account.isDemo) return exact
  const own = await upstreamModels.list(account)
  return [...exact, ...own.filter((name) => resolveModel(account.models, name) === name)]
}

function usableAccounts(accounts: readonly Account[], key: RelayKey): readonly Account[] {
  const allowed = key.permissions.accounts
  return accounts.filter(
    ({ enabled, schedulable, id }) => enabled && schedulable && (allowed === undefined || allowed.includes(id)),
  )
}

function isAnthropic(headers: IncomingHttpHeaders): boolean {
  return headers['anthropic-version'] !== undefined
}

function anthropicList(names: readonly string[], limit: string | undefined): object {
  const count = limit !== undefined && /^\d{1,4}$/.test(limit) ? Math.max(1, Number(limit)) : names.length
  const data = names.slice(0, count).map(anthropicModel)
  return { data, has_more: count < names.length, first_id: data[0]?.id ?? null, last_id: data.at(-1)?.id ?? null }
}

/** The vendor's own spelling for "the release date is not known". */
const UNKNOWN_DATE = '1970-01-01T00:00:00Z'

interface AnthropicModel {
  readonly type: 'model'
  readonly id: string
  readonly display_name: string
  readonly created_at: string
}

function anthropicModel(id: string): AnthropicModel {
  return { type: 'model', id, display_name: id, created_at: UNKNOWN_DATE }
}

function openaiModel(id: string): object {
  return { id, object: 'model', created: 0, owned_by: 'relay' }
}

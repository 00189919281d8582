import type { IncomingHttpHeaders } from 'node:http'

import { type Account, fitsPattern, mayServe, type RelayKey } from '@relay/account-store'
import { exactModelNames, resolveModel } from '@relay/upstreams'

import { authenticate, mayUseModel } from '../auth/authenticate.ts'
import { modelsFor } from '../config/routing-settings.ts'
import type { ModelFacts } from '../meter/prices/model-price.ts'
import type { PriceBook } from '../meter/prices/price-book.ts'
import type { AccountPool } from '../relay/choose/account-pool.ts'
import type { RoutingBook } from '../relay/choose/routing-book.ts'
import { ServerError } from '../server-error.ts'
import { canonicalPath } from './canonical-path.ts'
import { type HttpContext, lookUp, type LookupRooms } from './look-up.ts'
import type { UpstreamModels } from './upstream-models.ts'

export interface ModelRooms extends LookupRooms {
  readonly pool: AccountPool
  readonly upstreamModels: UpstreamModels
  readonly prices: PriceBook
  readonly routing: RoutingBook
}

/** A model of the list, with what is known of it. */
interface ServedModel {
  readonly id: string
  readonly facts: ModelFacts
}

/** `GET /v1/models`: what the key can reach, in the caller's dialect. */
export function createModelListHandler(rooms: ModelRooms): (context: HttpContext) => Promise<Response> {
  return (context) =>
    lookUp(context, async (incoming) => {
      const key = await authenticate(rooms, incoming)
      const models = await reachableModels(rooms, key)
      return isAnthropic(incoming.headers)
        ? anthropicList(models, context.req.query())
        : { object: 'list', data: models.map(openaiModel) }
    })
}

/** `GET /v1/models/{id}`; ids may hold slashes. */
export function createModelHandler(rooms: ModelRooms): (context: HttpContext) => Promise<Response> {
  return (context) =>
    lookUp(context, async (incoming) => {
      const key = await authenticate(rooms, incoming)
      const id = modelIdOf(context)
      const accounts = usableAccounts(await rooms.pool.list(), key)
      const [meant] = modelsFor(await rooms.routing.read(), id)
      const isServed = mayUseModel(key, id) && accounts.some((account) => sentFor(account, meant) !== undefined)
      if (!isServed)
        throw new ServerError('not_found', `model ${JSON.stringify(id.slice(0, 100))} is not served to this relay key`)
      const model = { id, facts: factsOf(rooms, accounts, meant) }
      return isAnthropic(incoming.headers) ? anthropicModel(model) : openaiModel(model)
    })
}

/** The id as the path spells it, decoded once; one that cannot be decoded names no model. */
function modelIdOf(context: HttpContext): string {
  const id = canonicalPath(new URL(context.req.url).pathname).slice('/v1/models/'.length)
  try {
    return decodeURIComponent(id)
  } catch {
    return id
  }
}

/** Exact names of the model maps, what upstreams list where names pass through, and the aliases that lead to any of these. */
async function reachableModels(rooms: ModelRooms, key: RelayKey): Promise<readonly ServedModel[]> {
  const accounts = usableAccounts(await rooms.pool.list(), key)
  const routing = await rooms.routing.read()
  const lists = await Promise.all(accounts.map((account) => modelsOf(rooms, account)))
  const names = [...new Set([...lists.flat(), ...exactModelNames(routing.aliases)])]
  const models = names.map((id) => ({ id, meant: modelsFor(routing, id)[0] }))
  const served = models.filter(({ meant }) => accounts.some((account) => sentFor(account, meant) !== undefined))
  const reachable = served.filter(({ id }) => mayUseModel(key, id))
  return reachable
    .toSorted((left, right) => (left.id < right.id ? -1 : 1))
    .map(({ id, meant }) => ({ id, facts: factsOf(rooms, accounts, meant) }))
}

/** The name under which an account asks for a model; `undefined` when it does not serve it. */
function sentFor({ models, allowedModels }: Account, model: string): string | undefined {
  const isAllowed = allowedModels === undefined || allowedModels.some((pattern) => fitsPattern(pattern, model))
  return isAllowed ? resolveModel(models, model) : undefined
}

/** The facts of what the name leads to at the first account that serves it, within what that account allows. */
function factsOf({ prices }: ModelRooms, accounts: readonly Account[], id: string): ModelFacts {
  for (const account of accounts) {
    const sent = sentFor(account, id)
    if (sent === undefined) continue
    const facts = prices.modelFacts(account, sent)
    const clamp = account.maxOutputTokens === 0 ? Infinity : account.maxOutputTokens
    const most = Math.min(facts.maxOutputTokens ?? Infinity, clamp)
    return { ...facts, maxOutputTokens: Number.isFinite(most) ? most : undefined }
  }
  return prices.modelFacts(undefined, id)
}

async function modelsOf({ upstreamModels }: ModelRooms, account: Account): Promise<readonly string[]> {
  const exact = [...exactModelNames(account.models), ...ownNames(account)]
  const passesNames = account.models === undefined || Object.values(account.models).includes('*')
  if (!passesNames || account.isDemo) return exact
  const own = await upstreamModels.list(account)
  return [...exact, ...own.filter((name) => resolveModel(account.models, name) === name)]
}

/** Names that are certain beside those of the map: of models that are allowed by name, and what a pattern leads to that leads to itself. */
function ownNames({ models, allowedModels = [] }: Account): readonly string[] {
  const targets = Object.values(models ?? {}).filter((target) => resolveModel(models, target) === target)
  return [...targets, ...allowedModels].filter((name) => !name.includes('*'))
}

function usableAccounts(accounts: readonly Account[], { permissions }: RelayKey): readonly Account[] {
  return accounts.filter((account) => isInUse(account) && mayServe(account, permissions))
}

function isInUse({ enabled, schedulable, expiresAt = Infinity }: Account): boolean {
  return enabled && schedulable && expiresAt > Date.now()
}

function isAnthropic(headers: IncomingHttpHeaders): boolean {
  return headers['anthropic-version'] !== undefined
}

/**
 * One page of the list, as the SDKs turn pages: `limit` models after or before an id, which need not be among them any
 * more. Without a limit everything is one page.
 */
function anthropicList(models: readonly ServedModel[], query: Readonly<Record<string, string>>): object {
  const { limit = '', after_id: after, before_id: before } = query
  const count = /^\d{1,4}$/.test(limit) ? Math.max(1, Number(limit)) : models.length
  const rest = models.filter(({ id }) => (after === undefined || id > after) && (before === undefined || id < before))
  const isBackwards = before !== undefined && after === undefined
  const data = (isBackwards ? rest.slice(-count) : rest.slice(0, count)).map(anthropicModel)
  return { data, has_more: data.length < rest.length, first_id: data[0]?.id ?? null, last_id: data.at(-1)?.id ?? null }
}

/** The vendor's own spelling for "the release date is not known". */
const UNKNOWN_DATE = '1970-01-01T00:00:00Z'

interface AnthropicModel {
  readonly type: 'model'
  readonly id: string
  readonly display_name: string
  readonly created_at: string
  readonly max_input_tokens?: number | undefined
  readonly max_tokens?: number | undefined
}

function anthropicModel({ id, facts }: ServedModel): AnthropicModel {
  return {
    type: 'model',
    id,
    display_name: id,
    created_at: UNKNOWN_DATE,
    max_input_tokens: facts.contextWindow,
    max_tokens: facts.maxOutputTokens,
  }
}

/** The facts go by the names that OpenAI-compatible servers have for them. */
function openaiModel({ id, facts }: ServedModel): object {
  return {
    id,
    object: 'model',
    created: 0,
    owned_by: 'relay',
    context_window: facts.contextWindow,
    max_output_tokens: facts.maxOutputTokens,
    input_modalities: facts.inputs,
  }
}

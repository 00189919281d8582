import { type Candidate, isNative, type Ranking } from '@relay/account-store'

import type { RoutingSettings } from '../../config/routing-settings.ts'
import type { PriceBook } from '../../meter/prices/price-book.ts'
import { ServerError } from '../../server-error.ts'
import type { MaybeLongWork } from '../long-work/aside.ts'
import { type Passage, passageChoice } from '../passage/passage.ts'
import type { ConversationRequest } from '../request/session-name.ts'
import type { ResponseState } from '../responses/response-state.ts'
import type { Tries } from '../tries.ts'
import type { AccountMemory } from './account-memory.ts'
import type { AccountPool } from './account-pool.ts'
import { preferConversationAccount } from './affinity.ts'
import { type Fit, fitAccounts } from './fit-accounts.ts'
import { servingLater } from './no-account-left.ts'
import { rankAccounts } from './rank-accounts.ts'
import { previousMessageId, readThread, threadNotFound } from './threads.ts'

export interface ChoiceRooms {
  readonly longWork: MaybeLongWork
  readonly pool: Pick<AccountPool, 'list' | 'inFlight' | 'lastUsedAt'>
  readonly threads: AccountMemory
  readonly sessions: AccountMemory
  readonly prices: Pick<PriceBook, 'modelFacts'>
}

/** A request for which an account is chosen. */
export interface ChoosingRequest extends ConversationRequest {
  /** See `sessionName`; a request that passes as it is has none. */
  readonly session: string | undefined
  /** What the request of a Responses client builds on. */
  readonly state: Pick<ResponseState, 'choose'> | undefined
  /** A path below the endpoint, which only an upstream of the client's own format has. */
  readonly nativePath?: '/compact' | undefined
  readonly passage?: Passage | undefined
  readonly routing: RoutingSettings
  readonly tries: Pick<Tries, 'tried' | 'countAt' | 'model' | 'fallbacks'>
}

/** The accounts that may serve the request now. What an upstream keeps can go on only where it is. */
export async function chooseAccounts(rooms: ChoiceRooms, request: ChoosingRequest): Promise<Fit> {
  const { live, envelope, key, state } = request
  const { tried, countAt, model } = request.tries
  const thread = readThread(rooms.threads, envelope)
  const { routing } = request
  const { permissions } = key
  const ranking = rankAccounts(rooms.pool, {
    accounts: await rooms.pool.list(),
    permissions,
    format: live.format,
    model,
    routing,
    triedAccounts: tried,
    failedAccounts: countAt,
    isSession: request.session !== undefined,
  })
  if (request.passage !== undefined) return { ranking: withEndpoint(ranking, request), isSearchInVain: false }
  if (thread.type === 'continue') {
    const holder = ranking.candidates.filter(({ account }) => account.id === thread.accountId)
    if (holder.length === 0 && tried.size === 0) throw threadNotFound()
    const spare = ranking.candidates.filter(({ account }) => account.id !== thread.accountId)
    return { ranking: { ...ranking, candidates: holder }, isSearchInVain: false, spare }
  }
  const fit = await fitAccounts(nativeOnly(ranking, request), {
    longWork: rooms.longWork,
    envelope,
    clientFormat: live.format,
    factsOf: rooms.prices.modelFacts,
  })
  const preferred = preferConversationAccount(fit.ranking, rooms.sessions, request)
  return { ranking: state?.choose(preferred) ?? preferred, isSearchInVain: fit.isSearchInVain }
}

/**
 * Looks for what other nodes know of where the request goes on, before accounts are chosen.
 *
 * @returns what has to be waited for
 */
export function recallAccount(
  rooms: Pick<ChoiceRooms, 'threads' | 'sessions'>,
  { passage, envelope, session }: Pick<ChoosingRequest, 'passage' | 'envelope' | 'session'>,
): Promise<void> | undefined {
  if (passage !== undefined) return undefined
  const previous = previousMessageId(envelope)
  if (previous !== undefined) return rooms.threads.recall(previous)
  if (envelope.member('previous_response_id') !== undefined) return undefined // goes on where that response is
  return session === undefined ? undefined : rooms.sessions.recall(session)
}

/** Only an upstream of the client's own format has paths below the endpoint. */
function nativeOnly(ranking: Ranking, request: ChoosingRequest): Ranking {
  const { live, envelope, nativePath } = request
  if (nativePath === undefined) return ranking
  const native = only(ranking, ({ account }) => isNative(account, live.format))
  if (isHopeful(native, ranking, request)) return native
  const message = `no upstream of ${JSON.stringify(envelope.model.slice(0, 100))} has ${live.path}; use ordinary requests`
  throw new ServerError('invalid_request', message, { status: 404 })
}

/** Only an upstream that speaks OpenAI's API has the endpoints that pass as they are. */
function withEndpoint(ranking: Ranking, request: ChoosingRequest): Ranking {
  const { live, envelope } = request
  const having = only(ranking, ({ account }) => passageChoice(account) !== undefined)
  if (isHopeful(having, ranking, request)) return having
  const model = JSON.stringify(envelope.model.slice(0, 100))
  throw new ServerError('not_found', `no upstream of ${model} has ${live.path}`, { param: '/model' })
}

/** As if the other accounts were not there: what they could serve, or later could, is no help. */
function only({ candidates, rejected }: Ranking, has: (entry: Pick<Candidate, 'account'>) => boolean): Ranking {
  return { candidates: candidates.filter(has), rejected: rejected.filter(has) }
}

/** Whether one that has the endpoint serves the model now or later, or may serve one to fall back on; else nobody ever will. */
function isHopeful(having: Ranking, all: Ranking, { tries }: ChoosingRequest): boolean {
  const isServed = having.candidates.length > 0 || servingLater(having).length > 0
  return isServed || all.candidates.length === 0 || tries.fallbacks.length > 0
}

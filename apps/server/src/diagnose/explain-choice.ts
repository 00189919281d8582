import type { Account, Candidate, Ranking, RelayKey } from '@relay/account-store'
import type { FormatName } from '@relay/format-converter'

import { modelsFor, type RoutingSettings, USUAL_ROUTING } from '../config/routing-settings.ts'
import type { AccountMemory } from '../relay/choose/account-memory.ts'
import {
  chooseAccounts,
  type ChoiceRooms,
  type ChoosingRequest,
  recallAccount,
} from '../relay/choose/choose-accounts.ts'
import { rankAccounts } from '../relay/choose/rank-accounts.ts'
import { sessionName } from '../relay/request/session-name.ts'
import { ServerError } from '../server-error.ts'
import type { ExplainQuestion, ExplainRooms } from './explain-request.ts'

/** The accounts that could take a request for one model of its chain. */
export interface ExplainedChoice {
  readonly model: string
  /** With those that are left out for the conversation's sake among the rejected. */
  readonly ranking: Ranking
  /** The request is nothing but a search, which none of them can make. */
  readonly isSearchInVain: boolean
  /** Why none of them is asked, although they could be. */
  readonly trouble: ServerError | undefined
  /** What is left once these accounts have been tried, by their ids: one that takes less may be asked then. */
  readonly without: (tried: ReadonlySet<string>) => Promise<ExplainedChoice>
}

/** A request as the choice looks at it. */
export interface ExplainedRequest extends Pick<ChoosingRequest, 'live' | 'envelope' | 'state'> {
  readonly question: ExplainQuestion
}

/**
 * Sorts the accounts out as for a request that is sent: by the model and those it falls back on, by what the request
 * contains, by where its conversation is, and by what the key may use. Only what is remembered is read.
 *
 * @returns one choice for each model of the chain, the one that is meant first
 * @throws ServerError when there is no account of the name that was asked for
 */
export async function explainChoices(
  rooms: ExplainRooms,
  request: ExplainedRequest,
): Promise<readonly [ExplainedChoice, ...ExplainedChoice[]]> {
  const accounts = await wantedAccounts(rooms, request.question)
  const { inFlight, lastUsedAt = () => 0 } = rooms
  const asking = { ...request, key: request.question.key ?? NOBODY }
  const asked: AskedChoice = {
    rooms: {
      pool: { list: () => Promise.resolve(accounts), inFlight, lastUsedAt },
      longWork: rooms.longWork,
      prices: { modelFacts: rooms.factsOf },
      threads: rooms.threads ?? NOTHING,
      sessions: rooms.sessions ?? NOTHING,
    },
    request: { ...asking, session: sessionName(asking) },
    routing: (await rooms.routing?.read()) ?? USUAL_ROUTING,
  }
  await recallAccount(asked.rooms, asked.request)
  const [model, ...fallbacks] = modelsFor(asked.routing, request.envelope.model)
  const others: ExplainedChoice[] = []
  for (const [index, fallback] of fallbacks.entries())
    others.push(await choose(asked, fallback, fallbacks.slice(index + 1)))
  return [await choose(asked, model, fallbacks), ...others]
}

/** Without a key nothing is limited, and no session is known. */
const NOBODY: Pick<RelayKey, 'id' | 'permissions'> = { id: '', permissions: {} }

const NOTHING: AccountMemory = {
  remember: () => {},
  recall: () => Promise.resolve(),
  find: () => undefined,
  forget: () => {},
}

interface AskedChoice {
  readonly rooms: ChoiceRooms
  readonly request: ExplainedRequest &
    Pick<ChoosingRequest, 'session'> & { readonly key: Pick<RelayKey, 'id' | 'permissions'> }
  readonly routing: RoutingSettings
}

async function choose(asked: AskedChoice, model: string, fallbacks: string[]): Promise<ExplainedChoice> {
  return chooseWithout(asked, { model, fallbacks, tried: new Set(), countAt: new Map() })
}

async function chooseWithout(asked: AskedChoice, tries: ChoosingRequest['tries']): Promise<ExplainedChoice> {
  const { rooms, request, routing } = asked
  const { model } = tries
  const { key, live } = request
  const without: ExplainedChoice['without'] = (tried) => chooseWithout(asked, { ...tries, tried: new Set(tried) })
  const format: FormatName = live.format
  const accounts = await rooms.pool.list()
  const all = rankAccounts(rooms.pool, { accounts, permissions: key.permissions, format, model, routing })
  try {
    const { ranking, isSearchInVain } = await chooseAccounts(rooms, { ...request, routing, tries })
    return { model, ranking: withElsewhere(ranking, all), isSearchInVain, trouble: undefined, without }
  } catch (error) {
    if (!ServerError.is(error)) throw error
    return { model, ranking: withElsewhere(NOBODY_LEFT, all), isSearchInVain: false, trouble: error, without }
  }
}

const NOBODY_LEFT: Ranking = { candidates: [], rejected: [] }

/** Those that could serve the model, were the conversation not kept at another account, and all that could not anyway. */
function withElsewhere({ candidates, rejected }: Ranking, all: Ranking): Ranking {
  const named = new Set([...candidates, ...rejected].map(({ account }) => account.id))
  const isLeftOut = ({ account }: Pick<Candidate, 'account'>): boolean => !named.has(account.id)
  const elsewhere = all.candidates
    .filter(isLeftOut)
    .map(({ account }) => ({ account, reason: 'elsewhere', until: undefined }) as const)
  return { candidates, rejected: [...rejected, ...elsewhere, ...all.rejected.filter(isLeftOut)] }
}

async function wantedAccounts(rooms: ExplainRooms, { account: wanted }: ExplainQuestion): Promise<readonly Account[]> {
  const accounts = await rooms.listAccounts()
  if (wanted === undefined) return accounts
  const chosen = accounts.filter(({ id, name }) => id === wanted || name === wanted)
  if (chosen.length > 0) return chosen
  throw new ServerError('invalid_request', `there is no account ${JSON.stringify(wanted.slice(0, 100))}`, {
    param: '/account',
  })
}

import type { Account, Ranking } from '@relay/account-store'

import { modelsFor, USUAL_ROUTING } from '../config/routing-settings.ts'
import type { Envelope } from '../relay/envelope.ts'
import { fitAccounts } from '../relay/fit-accounts.ts'
import { type RankRequest, rankAccounts } from '../relay/rank-accounts.ts'
import { ServerError } from '../server-error.ts'
import type { ExplainQuestion, ExplainRooms } from './explain-request.ts'

/** The accounts that could take a request, and the model of the chain that they were looked for with. */
interface ExplainedChoice {
  readonly ranking: Ranking
  readonly model: string
}

/**
 * Sorts the accounts out as for a request that is sent: by the model and those it falls back on, by what the request
 * contains, and by what the key may use. Sessions are left aside: nothing is remembered of a request that nobody sends.
 *
 * @throws ServerError when there is no account of the name that was asked for
 */
export async function explainChoice(
  rooms: ExplainRooms,
  question: ExplainQuestion,
  envelope: Envelope,
): Promise<ExplainedChoice> {
  const { format, key } = question
  const accounts = await wantedAccounts(rooms, question)
  const pool = { list: () => Promise.resolve(accounts), inFlight: rooms.inFlight, lastUsedAt: () => 0 }
  const routing = (await rooms.routing?.read()) ?? USUAL_ROUTING
  const request = { permissions: key?.permissions ?? {}, format, routing }
  const choose = async (model: string): Promise<ExplainedChoice> => {
    const ranking = fitting(rooms, await rankAccounts(pool, { ...request, model }), { ...request, envelope })
    return { ranking, model }
  }
  const [model, ...fallbacks] = modelsFor(routing, envelope.model)
  const first = await choose(model)
  if (first.ranking.candidates.length > 0) return first
  for (const fallback of fallbacks) {
    const choice = await choose(fallback)
    if (choice.ranking.candidates.length > 0) return choice
  }
  return first
}

interface FittingRequest extends Pick<RankRequest, 'format'> {
  readonly envelope: Envelope
}

function fitting({ factsOf }: ExplainRooms, ranking: Ranking, { format, envelope }: FittingRequest): Ranking {
  if (factsOf === undefined) return ranking
  return fitAccounts(ranking, { envelope, clientFormat: format, factsOf }).ranking
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

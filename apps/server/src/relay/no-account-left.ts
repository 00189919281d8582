import type { Ranking, Rejection } from '@relay/account-store'

import { ServerError } from '../server-error.ts'

/** Reasons for which an account is out only for a while. */
const PASSING = new Set<Rejection['reason']>(['cooling-down', 'at-capacity', 'needs-attention', 'tried'])

/** Why no account can take a request, in words that tell the client whether to wait. */
export function noAccountLeft({ rejected }: Ranking, model: string): ServerError {
  const serving = rejected.filter(({ reason }) => PASSING.has(reason))
  const name = JSON.stringify(model.slice(0, 100))
  if (serving.length === 0) {
    const isKnown = rejected.some(({ reason }) => reason === 'not-allowed')
    const way = isKnown
      ? 'no account that this relay key may use serves it'
      : 'no account serves it; GET /v1/models lists what is served'
    return new ServerError('not_found', `model ${name}: ${way}`, { param: '/model' })
  }
  const ends = serving.map(({ until }) => until).filter((until) => until !== undefined)
  const retryAfterMs = ends.length === 0 ? 5_000 : Math.max(1_000, Math.min(...ends) - Date.now())
  const isAllLimited = serving.every(isRateLimited)
  const message = `model ${name}: every account that serves it is out for now; try again in ${Math.ceil(retryAfterMs / 1000)} s`
  return new ServerError(isAllLimited ? 'rate_limit' : 'overloaded', message, { retryAfterMs })
}

function isRateLimited({ account, reason }: Rejection): boolean {
  return reason === 'cooling-down' && account.state.cooldowns.some(({ cause }) => cause === 'rate-limited')
}

import type { Ranking, Rejection } from '@relay/account-store'

import { ServerError } from '../../server-error.ts'
import { isFinalWait, waitingError } from './final-wait.ts'

/** How long accounts are usually out for a reason that has no end of its own, in milliseconds. */
const USUAL_WAITS: Partial<Readonly<Record<Rejection['reason'], number>>> = {
  'cooling-down': 1_000,
  'quota-used-up': 60_000,
  tried: 1_000, // in use by others, or on trial
  'at-capacity': 2_000,
  'needs-attention': 30_000,
}

/**
 * Why no account can take a request, in words that tell the client whether to wait.
 *
 * @param whenOut - what is said where those that could are out for a while; that of every account, unless given
 */
export function noAccountLeft(ranking: Ranking, model: string, whenOut?: string): ServerError {
  const serving = servingLater(ranking)
  const name = JSON.stringify(model.slice(0, 100))
  if (serving.length === 0) {
    const isKnown = ranking.rejected.some(({ reason }) => reason === 'not-allowed')
    const way = isKnown
      ? 'no account that this relay key may use serves it'
      : 'no account serves it; GET /v1/models lists what is served'
    return new ServerError('not_found', `model ${name}: ${way}`, { param: '/model' })
  }
  const retryAfterMs = Math.max(1_000, Math.min(...serving.map(waitOf)))
  const message = whenOut ?? `model ${name}: every account that serves it is out for now`
  const kind = isOutOfQuota(waiting(serving), retryAfterMs) ? 'rate_limit' : 'overloaded'
  return waitingError({ kind, message, retryAfterMs })
}

/** A model to fall back on that nobody serves says nothing of those before it, which may be back soon. */
export function ofAllModels(rankings: readonly Ranking[]): Ranking {
  return { candidates: [], rejected: rankings.flatMap(({ rejected }) => rejected) }
}

/** A quota of ours that comes back soon is no client's business; one that is used up until tomorrow is. */
function isOutOfQuota(serving: readonly Rejection[], retryAfterMs: number): boolean {
  if (serving.every(isRateLimited)) return true
  return isFinalWait(retryAfterMs) && serving.every((each) => isRateLimited(each) || each.reason === 'quota-used-up')
}

/** Accounts that are out only for a while. */
export function servingLater({ rejected }: Ranking): readonly Rejection[] {
  return rejected.filter(({ reason }) => USUAL_WAITS[reason] !== undefined)
}

/** Those that come back by themselves; all of them where none does. */
export function waiting(serving: readonly Rejection[]): readonly Rejection[] {
  const alone = serving.filter(({ reason }) => reason !== 'needs-attention')
  return alone.length === 0 ? serving : alone
}

/** Of all its rests, that of another model or an earlier one tells nothing: the one that keeps it out counts. */
export function isRateLimited({ account, reason, until }: Rejection): boolean {
  if (reason !== 'cooling-down') return false
  return account.state.cooldowns.some(({ cause, endsAt }) => cause === 'rate-limited' && endsAt === until)
}

/** How long until an account may serve again, in milliseconds; a guess where nobody knows. */
export function waitOf({ reason, until }: Rejection): number {
  return until === undefined ? (USUAL_WAITS[reason] ?? 0) : until - Date.now()
}

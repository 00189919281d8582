import type { Ranking } from '@relay/account-store'
import type { ErrorKind, Failure } from '@relay/format-converter'

import type { ServerError } from '../server-error.ts'
import type { FailedAttempt } from './attempt.ts'
import { waitingError } from './choose/final-wait.ts'
import { isRateLimited, noAccountLeft, ofAllModels, servingLater, waiting, waitOf } from './choose/no-account-left.ts'
import type { Tries } from './tries.ts'

/**
 * What a client is told when no try has answered it: the failure that says most, and the soonest time to come back.
 *
 * @param ranking - the last one; `undefined` when the tries ended before the accounts did
 */
export function noWayLeft(tries: Tries, ranking: Ranking | undefined): ServerError {
  const { asked, passedOver } = tries
  const told = mostTelling(tries.failures)
  if (told === undefined)
    return noAccountLeft(ofAllModels(ranking === undefined ? passedOver : [...passedOver, ranking]), asked)
  const { failure, status } = told.told ?? { failure: told.failure, status: undefined }
  const others = ranking === undefined ? [] : servingLater(ranking).filter(({ reason }) => reason !== 'tried')
  if (failure.kind === 'rate_limit' && ranking !== undefined && !waiting(others).every(isRateLimited))
    return noAccountLeft({ candidates: [], rejected: others }, asked)
  const rests = [...tries.restsUntil.values()].map((until) => Math.max(0, until - Date.now()))
  const waits = [...rests, ...others.filter(({ reason }) => reason !== 'needs-attention').map(waitOf)]
  return waitingError(withSoonest(failure, waits), status)
}

/** Words that say more about a request come before those that say it of an account. */
const TELLING: readonly (readonly ErrorKind[])[] = [
  ['not_found', 'unsupported_feature'],
  ['upstream_auth', 'upstream_quota', 'authentication', 'permission', 'billing'],
  ['rate_limit'],
]

function mostTelling(failures: readonly FailedAttempt[]): FailedAttempt | undefined {
  const highest = Math.max(...failures.map(rankOf))
  return failures.findLast((failed) => rankOf(failed) === highest)
}

function rankOf({ failure }: FailedAttempt): number {
  const found = TELLING.findIndex((kinds) => kinds.includes(failure.kind))
  return found === -1 ? TELLING.length : found
}

/** The soonest of several waits counts. */
function withSoonest(failure: Failure, waits: readonly number[]): Failure {
  const isWaiting = failure.kind === 'rate_limit' || failure.kind === 'overloaded'
  return isWaiting && waits.length > 1 ? { ...failure, retryAfterMs: Math.min(...waits) } : failure
}

import type { Ranking } from '@relay/account-store'
import type { ErrorKind, Failure } from '@relay/format-converter'

import { ServerError } from '../server-error.ts'
import type { FailedAttempt } from './attempt.ts'
import { isRateLimited, noAccountLeft, servingLater, waiting } from './no-account-left.ts'
import type { Tries } from './tries.ts'

/** Longer waits than this are never asked of a client, so they are said in words (reliability 2.5). */
const LONGEST_TOLD_MS = 60_000

/**
 * What a client is told when no try has answered it: the failure that says most, and the soonest time to come back.
 *
 * @param ranking - the last one; `undefined` when the tries ended before the accounts did
 */
export function noWayLeft(tries: Tries, ranking: Ranking | undefined): ServerError {
  const { model } = tries
  const told = mostTelling(tries.failures)
  if (told === undefined) return noAccountLeft(ranking ?? { candidates: [], rejected: [] }, model)
  const { failure, status } = told.told ?? { failure: told.failure, status: undefined }
  const others = ranking === undefined ? [] : servingLater(ranking).filter(({ reason }) => reason !== 'tried')
  if (failure.kind === 'rate_limit' && ranking !== undefined && !waiting(others).every(isRateLimited))
    return noAccountLeft({ candidates: [], rejected: others }, model)
  const ends = [...tries.restsUntil.values(), ...others.map(({ until }) => until ?? 0)]
  const { kind, message, ...more } = withSoonest(failure, ends)
  return new ServerError(kind, message, { ...more, status })
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

/** The soonest of several waits counts; one that is longer than clients are told stands in the message. */
function withSoonest(failure: Failure, ends: readonly number[]): Failure {
  if (failure.kind !== 'rate_limit' && failure.kind !== 'overloaded') return failure
  const waits = ends.map((until) => Math.max(0, until - Date.now()))
  const retryAfterMs = waits.length > 1 ? Math.min(...waits) : failure.retryAfterMs
  if (retryAfterMs === undefined) return failure
  const isLong = retryAfterMs > LONGEST_TOLD_MS
  const message = isLong ? `${failure.message} (free again in ${Math.ceil(retryAfterMs / 1000)} s)` : failure.message
  return { ...failure, message, retryAfterMs }
}

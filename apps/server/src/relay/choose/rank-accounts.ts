import { type Account, pickAccounts, type PickRequest, type Ranking, type Rejection } from '@relay/account-store'
import type { FormatName } from '@relay/format-converter'
import { resolveModel } from '@relay/upstreams'

import type { RoutingSettings } from '../../config/routing-settings.ts'
import type { AccountPool } from './account-pool.ts'
import { isRateLimited } from './no-account-left.ts'

/** What accounts are ranked for. */
export interface RankRequest {
  readonly accounts: readonly Account[]
  /** What the relay key may use. */
  readonly permissions: PickRequest['permissions']
  readonly format: FormatName
  /** The model that is looked for, after aliases. */
  readonly model: string
  readonly routing: RoutingSettings
  readonly triedAccounts?: ReadonlySet<string>
  /** Those of them that have failed; the others were busy. */
  readonly failedAccounts?: Pick<ReadonlyMap<string, unknown>, 'has'>
  readonly isSession?: boolean | undefined
}

/** All accounts, sorted out for a request as they are now. */
export function rankAccounts(pool: Pick<AccountPool, 'inFlight' | 'lastUsedAt'>, request: RankRequest): Ranking {
  const { accounts, permissions, format, model, routing } = request
  const ranking = pickAccounts({
    accounts,
    upstreamModel: (account) => resolveModel(account.models, model),
    model,
    clientFormat: format,
    permissions,
    triedAccounts: request.triedAccounts ?? NOBODY,
    strategy: routing.strategy,
    isSession: request.isSession,
    inFlight: pool.inFlight,
    lastUsedAt: pool.lastUsedAt,
    random: Math.random,
    nowMs: Date.now(),
  })
  return ranking.candidates.length > 0 ? ranking : withLastResort(ranking, request)
}

const NOBODY: ReadonlySet<string> = new Set()

/**
 * Where nobody else is left, accounts that rest after failures are asked all the same (reliability 4.4): they were not the
 * last ones when their rest began, or are so for this relay key only.
 */
function withLastResort({ rejected }: Ranking, { model, failedAccounts }: RankRequest): Ranking {
  const isBusy = ({ account, reason }: Rejection): boolean =>
    reason === 'at-capacity' || (reason === 'tried' && failedAccounts?.has(account.id) !== true)
  const resting = rejected.some(isBusy) ? [] : rejected.filter(restsAfterFailure)
  const candidates = resting
    .toSorted((left, right) => (left.until ?? 0) - (right.until ?? 0))
    .map(({ account, until }) => ({
      account,
      upstreamModel: resolveModel(account.models, model) ?? model,
      awaitsProbe: false,
      restsUntil: until,
    }))
  return { candidates, rejected: rejected.filter((each) => !resting.includes(each)) }
}

/** A rate limit is kept to. */
export function restsAfterFailure(rejection: Rejection): boolean {
  return rejection.reason === 'cooling-down' && !isRateLimited(rejection)
}

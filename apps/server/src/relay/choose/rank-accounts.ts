import { pickAccounts, type PickRequest, type Ranking } from '@relay/account-store'
import type { FormatName } from '@relay/format-converter'
import { resolveModel } from '@relay/upstreams'

import type { RoutingSettings } from '../../config/routing-settings.ts'
import type { AccountPool } from './account-pool.ts'

/** What accounts are ranked for. */
export interface RankRequest {
  /** What the relay key may use. */
  readonly permissions: PickRequest['permissions']
  readonly format: FormatName
  /** The model that is looked for, after aliases. */
  readonly model: string
  readonly routing: RoutingSettings
  readonly triedAccounts?: ReadonlySet<string>
  readonly isSession?: boolean | undefined
}

/** All accounts, sorted out for a request as they are now. */
export async function rankAccounts(
  pool: Pick<AccountPool, 'list' | 'inFlight' | 'lastUsedAt'>,
  request: RankRequest,
): Promise<Ranking> {
  const { permissions, format, model, routing } = request
  return pickAccounts({
    accounts: await pool.list(),
    upstreamModel: (account) => resolveModel(account.models, model),
    model,
    clientFormat: format,
    permissions,
    triedAccounts: request.triedAccounts ?? new Set(),
    strategy: routing.strategy,
    isSession: request.isSession,
    inFlight: pool.inFlight,
    lastUsedAt: pool.lastUsedAt,
    random: Math.random,
    nowMs: Date.now(),
  })
}

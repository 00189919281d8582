import type { ReservedUse } from '@relay/account-store'

import { modelsFor } from '../config/routing-settings.ts'
import type { PriceBook } from '../meter/prices/price-book.ts'
import type { AccountPool } from '../relay/choose/account-pool.ts'
import { estimateCost, estimateInput, outputLimit } from '../relay/choose/estimate-cost.ts'
import { rankAccounts } from '../relay/choose/rank-accounts.ts'
import type { RoutingBook } from '../relay/choose/routing-book.ts'
import type { LiveRequest } from '../relay/live-request.ts'
import type { Envelope } from '../relay/request/envelope.ts'

/** What an estimate is made with. */
export interface EstimateRooms {
  readonly pool: AccountPool
  readonly prices: Pick<PriceBook, 'estimateCost'>
  readonly routing: Pick<RoutingBook, 'read'>
}

interface EstimatedRequest {
  readonly live: LiveRequest
  readonly envelope: Envelope
  readonly permissions: Parameters<typeof rankAccounts>[1]['permissions']
}

/** What is assumed where the client does not say it. */
const ASSUMED_OUTPUT_TOKENS = 4096
/** Accounts whose prices are looked at: those that come first serve the request. */
const MAX_ACCOUNTS = 20

/** An upper estimate of what a request will use: its whole body as input, and all the output that it allows. */
export async function estimateUse(
  { pool, prices, routing }: EstimateRooms,
  { live, envelope, permissions }: EstimatedRequest,
): Promise<ReservedUse> {
  const settings = await routing.read()
  const [model] = modelsFor(settings, envelope.model)
  const accounts = await pool.list()
  const ranking = rankAccounts(pool, { accounts, permissions, format: live.format, model, routing: settings })
  const candidates = ranking.candidates.slice(0, MAX_ACCOUNTS)
  return {
    tokens: estimateInput(envelope) + (outputLimit(envelope) ?? ASSUMED_OUTPUT_TOKENS),
    costMicroUsd: estimateCost(prices, { live, envelope, candidates }),
  }
}

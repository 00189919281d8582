import type { ReservedUse } from '@relay/account-store'
import { resolveModel } from '@relay/upstreams'

import { modelsFor } from '../config/routing-settings.ts'
import type { PriceBook } from '../meter/prices/price-book.ts'
import type { AccountPool } from '../relay/account-pool.ts'
import type { Envelope } from '../relay/envelope.ts'
import type { LiveRequest } from '../relay/live-request.ts'
import { rankAccounts } from '../relay/rank-accounts.ts'
import type { RoutingBook } from '../relay/routing-book.ts'

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

/** Where clients say how long an answer may be. */
const OUTPUT_LIMITS = ['max_completion_tokens', 'max_tokens', 'max_output_tokens'] as const
/** What is assumed where the client does not say it. */
const ASSUMED_OUTPUT_TOKENS = 4096
/** Accounts whose prices are looked at: those that come first serve the request. */
const MAX_ACCOUNTS = 20
/** Bytes of a body for one token of input: JSON around the text makes this an upper estimate. */
const BYTES_PER_TOKEN = 4

/** An upper estimate of what a request will use: its whole body as input, and all the output that it allows. */
export async function estimateUse(
  { pool, prices, routing }: EstimateRooms,
  { live, envelope, permissions }: EstimatedRequest,
): Promise<ReservedUse> {
  const settings = await routing.read()
  const [model] = modelsFor(settings, envelope.model)
  const ranking = await rankAccounts(pool, { permissions, format: live.format, model, routing: settings })
  const candidates = ranking.candidates.slice(0, MAX_ACCOUNTS)
  const inputTokens = Math.ceil(envelope.bytes.length / BYTES_PER_TOKEN)
  const maxOutputTokens = outputLimit(envelope)
  const costMicroUsd = prices.estimateCost({
    accounts: candidates.map(({ account }) => account),
    modelAt: (account) => {
      const found = candidates.find((candidate) => candidate.account.name === account.name)
      return found?.upstreamModel ?? resolveModel(undefined, model)
    },
    inputTokens,
    maxOutputTokens,
    at: live.startedAt,
  })
  return { tokens: inputTokens + (maxOutputTokens ?? ASSUMED_OUTPUT_TOKENS), costMicroUsd }
}

function outputLimit(envelope: Envelope): number | undefined {
  const limits = OUTPUT_LIMITS.map((name) => envelope.member(name))
  return limits.find((limit) => typeof limit === 'number' && Number.isSafeInteger(limit) && limit > 0) as
    | number
    | undefined // the check is in the line above
}
